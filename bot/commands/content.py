"""What `canteen doctor` finds out about channels, what they could still get, and questions nobody has answered."""

from collections.abc import AsyncIterator

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands.findings import Finding
from bot.db.tables.questions import Question
from bot.db.tables.workspaces import Workspace
from bot.defaults import load_defaults
from bot.features.channels import service as channels
from bot.features.channels.service import Channel, Kinds
from bot.features.customers import service as customers
from bot.registry import content_kinds
from bot.wiring import Parts

SHOWN = 5


async def content(parts: Parts) -> AsyncIterator[Finding]:
    kinds = content_kinds(parts.settings, load_defaults())
    async with parts.sessions.begin() as session:
        for ws in list(await session.scalars(select(Workspace.id))):
            if await channels.is_stopped(session, ws):
                yield Finding(level="note", what=f"{ws}: all posting is stopped", cure="`canteen start`")
            for channel in await channels.all(session, ws):
                async for finding in _channel(session, parts, channel, kinds):
                    yield finding
            async for finding in _questions(session, ws):
                yield finding


async def _channel(session: AsyncSession, parts: Parts, channel: Channel, kinds: Kinds) -> AsyncIterator[Finding]:
    name = f"#{channel.name}"
    if not await channels.has_owner(session, channel):
        yield Finding(
            level="note",
            what=f"{name} has no owner any more: whoever owned it has left",
            cure="name one in its menu on Home, or with `canteen channels add ... --owner`",
        )
    if channel.state == "paused":
        why = (channel.state_reason or "asked").replace("_", " ")
        yield Finding(level="note", what=f"{name} is paused ({why})", cure="`canteen channels resume`")
        return
    place = await channels.audience_of(session, channel)
    left = await channels.left_of(session, channel, place, kinds, now=parts.clock.now())
    few = load_defaults().channels.warn_below_weeks
    short = [kind for kind in channel.kinds if left.get(kind, 0) < few * channel.a_week(kind)]
    counted = ", ".join(f"{left.get(kind, 0)} {kind}" for kind in channel.kinds)
    if short:
        what = f"{name} runs out of {' and '.join(short)} within {few} weeks: it has {counted} left"
        yield Finding(level="note", what=what, cure="import more, or let an editor write some")
    elif counted:
        yield Finding(level="fine", what=f"{name} has {counted} left")


async def _questions(session: AsyncSession, ws: str) -> AsyncIterator[Finding]:
    waiting = await session.scalar(
        select(func.count()).select_from(Question).where(Question.workspace_id == ws, Question.state == "waiting")
    )
    if waiting:
        oldest = await session.scalar(
            select(func.min(Question.asked_at)).where(Question.workspace_id == ws, Question.state == "waiting")
        )
        since = f" (the oldest since {oldest.date().isoformat()})" if oldest else ""
        yield Finding(
            level="note",
            what=f"questions that wait for an answer from the editors: {waiting}{since}",
            cure="editors answer them on their Home tab",
        )
    alone = await customers.without_reachable_manager(session, ws)
    if alone:
        names = ", ".join(customer.name for customer in alone[:SHOWN])
        yield Finding(
            level="note",
            what=f"{len(alone)} customers have no account manager who can be asked: {names}",
            cure="their questions go to the editors; name one in the customers' import",
        )
