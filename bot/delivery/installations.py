"""Whom we may speak for: our own table, with a short memory, so that no event costs a call or a query."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.clock import ticks
from bot.core.errors import UserMistakeError
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import upsert
from bot.delivery.together import Together
from bot.slack.errors import SlackFault
from bot.slack.gateway import Gateway, Installation

WORKSPACE_URL = re.compile(r"https?://[A-Za-z0-9.:-]+/?")
THESE = select(Workspace).where(Workspace.id.in_(bindparam("ids", expanding=True)))
MEMORY = 10.0  # seconds; a revoked or renewed token is noticed within these in every process


@dataclass(kw_only=True)
class Installations:
    """Raises what the database raises, so that Slack sends the event again."""

    sessions: Sessions
    _known: dict[str, tuple[float, Installation | None]] = field(default_factory=dict)
    _reading: Together[str, Installation | None] = field(init=False)

    def __post_init__(self) -> None:
        self._reading = Together(work=self._read, lanes=2)

    async def find(self, workspace_id: str) -> Installation | None:
        until, found = self._known.get(workspace_id, (0.0, None))
        if ticks() < until:
            return found
        found = await self._reading.do(workspace_id)
        self._known[workspace_id] = (ticks() + MEMORY, found)
        return found

    async def _read(self, ids: Sequence[str]) -> list[Installation | None]:
        async def work(session: AsyncSession) -> dict[str, Installation]:
            rows = await session.scalars(THESE, {"ids": sorted(set(ids))})
            return {row.id: _installation(row) for row in rows}

        found = await self.sessions.run(work)  # a race lost here would leave a post that is marked in doubt
        return [found.get(one) for one in ids]

    def forget(self, workspace_id: str) -> None:
        self._known.pop(workspace_id, None)


def _installation(row: Workspace) -> Installation:
    return Installation(
        workspace_id=row.id,
        bot_token=row.bot_token,
        bot_id=row.bot_id,
        bot_user_id=row.bot_user_id,
        dead=row.state != "active",
    )


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What auth.test says of a token. `scopes` from the answer's X-OAuth-Scopes header. `url`: the workspace's own;
    None where it says none that can stand in a message."""

    workspace_id: str
    name: str
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]
    date: str | None
    url: str | None = None


async def check_token(gateway: Gateway, token: str) -> Checked:
    """Raises `UserMistakeError` where Slack does not know the token, `SlackFault` where it cannot be asked."""
    try:
        answer = await gateway.call_with(token, "auth.test")
    except SlackFault as fault:
        if fault.code in {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}:
            raise UserMistakeError(
                f"Slack does not take the bot token ({fault.code})", "reinstall the app and copy its token again"
            ) from None
        raise
    if not answer.get("bot_id"):
        raise UserMistakeError("this is not a bot token", "copy the Bot User OAuth Token, which begins with xoxb-")
    headers: Mapping[str, str] = {str(name).lower(): value for name, value in answer.get("_headers", {}).items()}
    scopes = headers.get("x-oauth-scopes", "")
    return Checked(
        workspace_id=str(answer["team_id"]),
        name=str(answer.get("team", "")),
        bot_id=str(answer["bot_id"]),
        bot_user_id=str(answer["user_id"]),
        scopes=tuple(sorted(filter(None, (scope.strip() for scope in scopes.split(","))))),
        date=headers.get("date"),
        url=url if WORKSPACE_URL.fullmatch(url := str(answer.get("url", ""))) else None,
    )


async def is_stored(session: AsyncSession, token: str) -> bool:
    """Whether Slack has said yes to this very token before, and not taken it back since."""
    return token in await session.scalars(select(Workspace.bot_token).where(Workspace.state == "active"))


async def others_are_active(session: AsyncSession, token: str) -> bool:
    """Whether Canteen is at work in a workspace with another token than this one."""
    active = await session.scalars(select(Workspace.bot_token).where(Workspace.state == "active"))
    return any(other != token for other in active)


async def store_workspace(session: AsyncSession, *, token: str, checked: Checked) -> None:
    """New, or renewed: a dead workspace lives again, and what is owed to it goes on."""
    now = await db_now(session)
    old = await session.get(Workspace, checked.workspace_id, populate_existing=True)
    same = old is not None and old.bot_token == token and old.state == "active"
    row = {
        "id": checked.workspace_id,
        "name": checked.name,
        "url": checked.url,
        "bot_token": token,
        "bot_id": checked.bot_id,
        "bot_user_id": checked.bot_user_id,
        "scopes": list(checked.scopes),
        "state": "active",
        "locale": "en",
        "added_at": now,
        "installed_at": now,
    }
    keep = ["name", "url", "bot_token", "bot_id", "bot_user_id", "scopes", "state", *([] if same else ["installed_at"])]
    await upsert(session, Workspace, [row], key=("id",), update=keep)
