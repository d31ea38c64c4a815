"""Where a workspace's people open Slack: what addresses of messages begin with."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.delivery.installations import check_token


@dataclass(frozen=True, kw_only=True)
class Slack:
    """Says of every token the same."""

    url: str

    async def call_with(self, token: str, method: str) -> dict[str, Any]:
        return {"team_id": "T0", "bot_id": "B0", "user_id": "U0", "url": self.url}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://north.slack.com/", "https://north.slack.com/"),
        ("http://127.0.0.1:8010/", "http://127.0.0.1:8010/"),
        ("https://north.slack.com/|<!here>", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
async def test_only_a_plain_address_is_kept(said: str, kept: str | None) -> None:
    checked = await check_token(Slack(url=said), "xoxb-1")  # type: ignore[arg-type]
    assert checked.url == kept
