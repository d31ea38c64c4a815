"""The Bolt app: listeners run before the answer (`process_before_response`), authorisation asks our own table only."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.gateway import FindInstallation

log = logging.getLogger(__name__)
BOLTS_OWN = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SCOPES")


def make_app(*, api_url: str, session: aiohttp.ClientSession, find: FindInstallation) -> AsyncApp:
    """Requests come in already verified (`http.py`) or over a socket that needs no signature.

    `find` raises on an infrastructure fault, so that Slack retries: Bolt would otherwise answer 200 and drop the event.
    """

    async def authorize(team_id: str | None, enterprise_id: str | None, **_ignored: Any) -> AuthorizeResult:
        installation = await find(team_id) if team_id else None
        if installation is None:
            raise UnknownWorkspaceError(team_id or "none")
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=installation.bot_user_id,
            bot_id=installation.bot_id,
            bot_token=installation.bot_token,
        )

    client = AsyncWebClient(base_url=api_url, session=session, retry_handlers=[])
    with _environment_hidden():
        app = AsyncApp(
            name="canteen",  # else Bolt reads the source of every caller to find one
            client=client,
            logger=_silent(),
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,  # `http.py` answers this and url_verification
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
            raise_error_for_unhandled_request=False,
        )
    app.error(_pass_on)
    return app


def _silent() -> logging.Logger:
    """Bolt quotes whole payloads in warnings (an event nobody listens to) and errors; `Intake` says and counts what
    matters, without them."""
    logger = logging.getLogger("slack_bolt.silent")
    logger.disabled = True
    return logger


async def _pass_on(error: Exception) -> None:
    """To `Intake`, which decides between 200, 500 and 503. Bolt would log the text of it and answer 500."""
    raise error


@contextmanager
def _environment_hidden() -> Iterator[None]:
    """Bolt reads these itself: a client id would switch OAuth on, a token would bypass our own table."""
    hidden = {name: os.environ.pop(name) for name in BOLTS_OWN if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


class UnknownWorkspaceError(Exception):
    """An event for a workspace that is not installed here."""


def kind_of(body: Mapping[str, Any]) -> str:
    """A name for metrics: of ours only, never anything a sender could make up."""
    kind = body.get("type") or ("command" if "command" in body else "unknown")
    return kind if kind in KINDS else "other"


KINDS: Sequence[str] = (
    "event_callback",
    "block_actions",
    "view_submission",
    "view_closed",
    "block_suggestion",
    "shortcut",
    "message_action",
    "command",
    "url_verification",
)
