"""Every query about rounds, totals, marks and draws of the pulse."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Subquery, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.channels import Channel, ChannelPerson, Occurrence
from bot.db.tables.pulse import PulseDraw, PulseRound, PulseSetting, PulseStart, PulseTotals, PulseVoices
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import insert_new, upsert
from bot.features.pulse.rules import Draw, Round, Tally, Totals

JUST_POSTED = timedelta(hours=1)  # the first post may have gone out before the job saw the channel


async def is_off(session: AsyncSession, workspace_id: str) -> bool:
    found = await session.scalar(select(PulseSetting.off).where(PulseSetting.workspace_id == workspace_id))
    return bool(found)


async def set_off(session: AsyncSession, workspace_id: str, off: bool) -> None:
    row = {"workspace_id": workspace_id, "off": off}
    await upsert(session, PulseSetting, [row], key=("workspace_id",))


# -- rounds -----------------------------------------------------------------------------------------------------------


def _round(row: PulseRound) -> Round:
    return Round(
        id=row.id,
        workspace_id=row.workspace_id,
        channel_id=row.channel_id,
        number=row.number,
        before_posts=row.before_posts,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        key=row.key,
    )


async def get(session: AsyncSession, workspace_id: str, round_id: str, *, lock: bool = False) -> Round | None:
    """`lock`: answers to one round go one after the other until the transaction ends."""
    query = select(PulseRound).where(PulseRound.id == round_id, PulseRound.workspace_id == workspace_id)
    row = await session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    return None if row is None else _round(row)


async def open_round(session: AsyncSession, one: Round) -> bool:
    """True for the one caller whose round it is."""
    values = {
        "id": one.id,
        "workspace_id": one.workspace_id,
        "channel_id": one.channel_id,
        "number": one.number,
        "before_posts": one.before_posts,
        "opened_at": one.opened_at,
        "closes_at": one.closes_at,
        "closed_at": None,
        "key": one.key,
    }
    if not await insert_new(session, PulseRound, values, key=("workspace_id", "channel_id", "number")):
        return False
    session.add(PulseTotals(round_id=one.id, totals={}))
    session.add(PulseVoices(round_id=one.id, marks=b""))
    await session.flush()
    return True


async def drop(session: AsyncSession, round_id: str) -> None:
    """As if it had never been opened."""
    for table, column in ((PulseTotals, PulseTotals.round_id), (PulseVoices, PulseVoices.round_id)):
        await session.execute(delete(table).where(column == round_id))
    await session.execute(delete(PulseRound).where(PulseRound.id == round_id))


async def close(session: AsyncSession, round_id: str, now: datetime) -> None:
    """The marks go, and the key that made them."""
    await session.execute(update(PulseRound).where(PulseRound.id == round_id).values(closed_at=now, key=None))
    await session.execute(delete(PulseVoices).where(PulseVoices.round_id == round_id))


async def to_close(session: AsyncSession, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(workspace, round) whose time is over."""
    rows = await session.execute(
        select(PulseRound.workspace_id, PulseRound.id)
        .where(PulseRound.closed_at.is_(None), PulseRound.closes_at <= now)
        .order_by(PulseRound.closes_at, PulseRound.id)
        .limit(limit)
    )
    return [(workspace, one) for workspace, one in rows]


async def rounds(session: AsyncSession, workspace_id: str, channel_ids: Collection[str]) -> dict[str, list[Round]]:
    """By channel, the first one first."""
    found: dict[str, list[Round]] = {}
    rows = await session.scalars(
        select(PulseRound)
        .where(PulseRound.workspace_id == workspace_id, PulseRound.channel_id.in_(sorted(channel_ids)))
        .order_by(PulseRound.number)
    )
    for row in rows:
        found.setdefault(row.channel_id, []).append(_round(row))
    return found


async def totals(session: AsyncSession, round_ids: Collection[str]) -> dict[str, Totals]:
    rows = await session.scalars(select(PulseTotals).where(PulseTotals.round_id.in_(sorted(round_ids))))
    return {row.round_id: _totals(row.totals) for row in rows}


def _totals(stored: Mapping[str, Any]) -> dict[str, Tally]:
    return {question: Tally(answers=answers, points=points) for question, (answers, points) in stored.items()}


async def set_totals(session: AsyncSession, round_id: str, those: Totals) -> None:
    stored = {question: [tally.answers, tally.points] for question, tally in sorted(those.items())}
    await session.execute(update(PulseTotals).where(PulseTotals.round_id == round_id).values(totals=stored))


async def drop_totals(session: AsyncSession, round_id: str) -> None:
    await session.execute(delete(PulseTotals).where(PulseTotals.round_id == round_id))


async def marks(session: AsyncSession, round_id: str) -> bytes:
    found = await session.scalar(select(PulseVoices.marks).where(PulseVoices.round_id == round_id))
    return found or b""


async def set_marks(session: AsyncSession, round_id: str, those: bytes) -> None:
    await session.execute(update(PulseVoices).where(PulseVoices.round_id == round_id).values(marks=those))


async def is_inside(session: AsyncSession, workspace_id: str, channel_id: str, user_id: str) -> bool:
    found = await session.scalar(
        select(ChannelPerson.user_id).where(
            ChannelPerson.workspace_id == workspace_id,
            ChannelPerson.channel_id == channel_id,
            ChannelPerson.user_id == user_id,
        )
    )
    return found is not None


# -- whom to ask ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Candidate:
    workspace_id: str
    channel_id: str
    posted: bool
    last: datetime | None
    number: int
    together: date | None


def _last_rounds() -> Subquery:
    """Of each channel: when it was asked last, that round's number, and how many rounds are open."""
    return (
        select(
            PulseRound.workspace_id.label("ws"),
            PulseRound.channel_id.label("channel"),
            func.max(PulseRound.opened_at).label("last"),
            func.max(PulseRound.number).label("number"),
            func.count().filter(PulseRound.closed_at.is_(None)).label("open"),
        )
        .group_by(PulseRound.workspace_id, PulseRound.channel_id)
        .subquery()
    )


async def candidates(
    session: AsyncSession, *, now: datetime, asked_before: datetime, start_gap: datetime
) -> list[Candidate]:
    """Channels that may be due to be asked: never asked and without a post; asked before `asked_before`; or asked
    before `start_gap` and not yet begun. One query for all workspaces."""
    last = _last_rounds()
    posted = exists().where(
        Occurrence.workspace_id == Channel.workspace_id,
        Occurrence.channel_id == Channel.channel_id,
        Occurrence.state == "filled",
        Occurrence.due_at < now - JUST_POSTED,
    )
    rows = await session.execute(
        select(Channel.workspace_id, Channel.channel_id, posted, last.c.last, last.c.number, PulseDraw.first_day)
        .join(Workspace, Workspace.id == Channel.workspace_id)
        .outerjoin(last, and_(last.c.ws == Channel.workspace_id, last.c.channel == Channel.channel_id))
        .outerjoin(PulseSetting, PulseSetting.workspace_id == Channel.workspace_id)
        .outerjoin(
            PulseStart,
            and_(PulseStart.workspace_id == Channel.workspace_id, PulseStart.channel_id == Channel.channel_id),
        )
        .outerjoin(PulseDraw, PulseDraw.id == PulseStart.draw_id)
        .where(
            Channel.state == "active",
            Channel.outsiders.is_(False),
            Channel.pulse_off.is_(False),
            Workspace.state == "active",
            Workspace.posting_stopped_at.is_(None),
            or_(PulseSetting.off.is_(None), PulseSetting.off.is_(False)),
            or_(last.c.open.is_(None), last.c.open == 0),
            or_(
                and_(last.c.last.is_(None), ~posted),
                last.c.last <= asked_before,
                and_(last.c.last <= start_gap, ~posted),
            ),
        )
        .order_by(Channel.workspace_id, Channel.channel_id)
    )
    return [
        Candidate(workspace_id=ws, channel_id=channel, posted=had, last=at, number=number or 0, together=together)
        for ws, channel, had, at, number, together in rows
    ]


async def has_posts(session: AsyncSession, workspace_id: str, channel_ids: Collection[str]) -> set[str]:
    """Those of the channels that have had a post."""
    rows = await session.scalars(
        select(Occurrence.channel_id)
        .where(
            Occurrence.workspace_id == workspace_id,
            Occurrence.channel_id.in_(sorted(channel_ids)),
            Occurrence.state == "filled",
        )
        .distinct()
    )
    return set(rows)


# -- draws ------------------------------------------------------------------------------------------------------------


async def keep_draw(session: AsyncSession, workspace_id: str, draw: Draw) -> None:
    session.add(
        PulseDraw(
            id=draw.id,
            workspace_id=workspace_id,
            seed=draw.seed,
            first_day=draw.first_day,
            weeks=draw.weeks,
            channels=list(draw.channels),
            drawn={channel: day.isoformat() for channel, day in draw.drawn.items()},
            drawn_at=draw.drawn_at,
            drawn_by=draw.drawn_by,
        )
    )
    await session.flush()
    rows = [{"workspace_id": workspace_id, "channel_id": one, "draw_id": draw.id} for one in draw.channels]
    await upsert(session, PulseStart, rows, key=("workspace_id", "channel_id"))


async def draws(session: AsyncSession, workspace_id: str, draw_id: str | None = None) -> list[Draw]:
    """The newest first; only that one where its id is given."""
    query = select(PulseDraw).where(PulseDraw.workspace_id == workspace_id)
    if draw_id is not None:
        query = query.where(PulseDraw.id == draw_id)
    rows = await session.scalars(query.order_by(PulseDraw.drawn_at.desc(), PulseDraw.id))
    return [
        Draw(
            id=row.id,
            seed=row.seed,
            first_day=row.first_day,
            weeks=row.weeks,
            channels=tuple(row.channels),
            drawn={channel: date.fromisoformat(day) for channel, day in row.drawn.items()},
            drawn_at=row.drawn_at,
            drawn_by=row.drawn_by,
        )
        for row in rows
    ]


async def same_draw(session: AsyncSession, workspace_id: str, channel_id: str) -> set[str]:
    """The other channels of the channel's draw."""
    draw = select(PulseStart.draw_id).where(
        PulseStart.workspace_id == workspace_id, PulseStart.channel_id == channel_id
    )
    rows = await session.scalars(
        select(PulseStart.channel_id).where(
            PulseStart.workspace_id == workspace_id, PulseStart.draw_id.in_(draw), PulseStart.channel_id != channel_id
        )
    )
    return set(rows)
