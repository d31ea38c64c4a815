"""Which workspace, channel and customer a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.core.errors import UserMistakeError
from bot.db.tables.workspaces import Workspace
from bot.features.channels import service as channels
from bot.features.channels.service import Channel
from bot.features.members import service as members
from bot.features.members.rules import is_user_id
from bot.wiring import Parts

if TYPE_CHECKING:
    from bot.erasure.customer import Which

COMMAND_LINE = "command line"


async def workspace_of(parts: Parts, given: str | None) -> str:
    """The one that was named, or the only one."""
    async with parts.sessions.begin() as session:
        known = list(await session.scalars(select(Workspace.id).order_by(Workspace.added_at, Workspace.id)))
    if given is not None:
        if given not in known:
            raise UserMistakeError(f"there is no workspace {given} here", f"known: {', '.join(known) or 'none'}")
        return given
    if not known:
        raise UserMistakeError(
            "no workspace is installed yet", "start `canteen run` once with SLACK_BOT_TOKEN, or `canteen workspace add`"
        )
    if len(known) > 1:
        raise UserMistakeError("there are several workspaces", f"say which: --workspace {' | '.join(known)}")
    return known[0]


async def channel_of(parts: Parts, workspace_id: str, given: str) -> Channel:
    """By id or name, with or without the #."""
    async with parts.sessions.begin() as session:
        found = await channels.by_name(session, workspace_id, given.lstrip("#"))
        known = await channels.all(session, workspace_id)
    if found is None:
        names = ", ".join(f"#{channel.name}" for channel in known)
        raise UserMistakeError(
            f"{given} is not set up", f"known: {names}" if names else "`canteen channels add` sets it up"
        )
    return found


async def customer_of(parts: Parts, workspace_id: str, given: str) -> Which:
    """By its id in the files, or its name."""
    from bot.erasure.customer import which

    async with parts.sessions.begin() as session:
        found = await which(session, workspace_id, given)
    if not found:
        raise UserMistakeError(f"there is no customer {given}", "write its id or its name as in your files")
    if len(found) > 1:
        ids = ", ".join(one.external_id for one in found)
        raise UserMistakeError(f"{len(found)} customers are called {given}", f"write one's id: {ids}")
    return found[0]


async def asked_by(parts: Parts, workspace_id: str, by: str) -> str:
    """The id of whoever asked for something: the audit trail takes no e-mails."""
    if by == COMMAND_LINE or is_user_id(by):
        return by
    async with parts.sessions.begin() as session:
        known = await members.by_email(session, workspace_id, by.casefold())
    if known is None:
        raise UserMistakeError(f"nobody is known as {by}", "--by takes a Slack id, or an e-mail as Slack has it")
    return known.user_id
