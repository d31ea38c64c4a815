"""Asking slack_sdk's client and looking at what Slack refused."""

from collections.abc import Awaitable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse


async def refused(call: Awaitable[AsyncSlackResponse], code: str) -> dict[str, Any]:
    """The body of an `ok: false` answer that carries exactly this error."""
    with pytest.raises(SlackApiError) as caught:
        await call
    body: dict[str, Any] = caught.value.response.data
    assert body["error"] == code, body
    return body
