"""How fast each of Slack's methods may be called, kept in rows that all processes share.

https://docs.slack.dev/apis/web-api/rate-limits: limits are per method, workspace and app; posting also one a second per
channel. The figures stay a little below Slack's, since nobody knows how its windows are cut.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, bindparam, case, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.delivery import Pace
from bot.db.upsert import upsert


@dataclass(frozen=True, kw_only=True)
class Speed:
    """The least time between two calls: of one workspace, and into one channel (zero: no such limit)."""

    api: str
    workspace: timedelta
    channel: timedelta = timedelta(0)


SPEEDS: Mapping[str, Speed] = {
    "post": Speed(api="chat.postMessage", workspace=timedelta(milliseconds=200), channel=timedelta(seconds=1)),
    "update": Speed(api="chat.update", workspace=timedelta(milliseconds=1200)),
    "delete": Speed(api="chat.delete", workspace=timedelta(milliseconds=1200)),
    "publish": Speed(api="views.publish", workspace=timedelta(milliseconds=600)),
    "react": Speed(api="reactions.add", workspace=timedelta(milliseconds=1200)),
    "delete_file": Speed(api="files.delete", workspace=timedelta(milliseconds=1200)),
    "upload": Speed(api="files.getUploadURLExternal", workspace=timedelta(milliseconds=600)),
    "share": Speed(api="files.completeUploadExternal", workspace=timedelta(milliseconds=600)),
}

# So much of what a workspace's pace allowed while nobody looked (a busy machine) follows at once; never of a channel's.
CATCH_UP = timedelta(seconds=1)
LONG_FREE = timedelta(minutes=30)  # a channel to which nothing went yet

Key = tuple[str, str, str]  # workspace, API method, channel ("" for the whole workspace)


def keys_of(workspace_id: str, method: str, target: str) -> tuple[Key, Key] | tuple[Key]:
    speed = SPEEDS[method]
    whole = (workspace_id, speed.api, "")
    return (whole, (workspace_id, speed.api, target)) if speed.channel else (whole,)


class Lanes:
    """The locked pace rows of one claim: gives out slots, and says what to write back.

    A channel's lane is free one interval after the slot given out. The workspace's lane only counts: each call uses up
    one interval of it, whenever within the next second it is made, so that a call that waits for its channel does not
    keep the workspace's lane closed to the others.
    """

    def __init__(self, free: dict[Key, datetime], *, now: datetime) -> None:
        self._found = free
        self._free = {key: max(moment, now if key[2] else now - CATCH_UP) for key, moment in free.items()}
        self.granted: dict[Key, datetime] = {}

    def free(self, workspace_id: str, method: str, target: str) -> datetime:
        """Since when, or from when, the channel's lane is (the workspace's, where channels have none), as it was found:
        whoever has had nothing for longest has the earliest."""
        return self._found[keys_of(workspace_id, method, target)[-1]]

    def slot(self, workspace_id: str, method: str, target: str, *, earliest: datetime, within: datetime) -> datetime:
        """When this one may go: granted if that is not after `within`, else only a time to look again."""
        keys = keys_of(workspace_id, method, target)
        moment = max(earliest, *(self._free[key] for key in keys))
        granted = moment <= within
        speed = SPEEDS[method]
        for key in keys:
            if key[2]:
                self._free[key] = moment + speed.channel
            elif granted or self._free[key] == moment:
                self._free[key] += speed.workspace
        if granted:
            self.granted.update((key, self._free[key]) for key in keys)
        return moment


async def lock(session: AsyncSession, keys: Iterable[Key], *, now: datetime) -> Lanes:
    """Two claims of one workspace wait for each other here, so that together they keep the pace."""
    wanted = sorted(set(keys))
    if session.get_bind().dialect.name == "postgresql":
        workspaces, methods, channels = (list(part) for part in zip(*wanted, strict=True))
        given = {"workspaces": workspaces, "methods": methods, "channels": channels}
        await session.execute(NEW_LANES, {**given, "now": now, "long_free": now - LONG_FREE})
        return _lanes(await session.execute(LANES, given), now=now)
    rows = [
        {
            "workspace_id": workspace,
            "method": api,
            "channel": channel,
            "next_free_at": now - LONG_FREE if channel else now,
        }
        for workspace, api, channel in wanted
    ]
    await upsert(session, Pace, rows, key=("workspace_id", "method", "channel"), update=())
    columns = tuple_(Pace.workspace_id, Pace.method, Pace.channel)
    found = await session.execute(
        select(Pace.workspace_id, Pace.method, Pace.channel, Pace.next_free_at)
        .where(columns.in_(wanted))
        .order_by(Pace.workspace_id, Pace.method, Pace.channel)
        .with_for_update()
    )
    return _lanes(found, now=now)


def _lanes(found: Iterable[Any], *, now: datetime) -> Lanes:
    return Lanes({(row[0], row[1], row[2]): row[3] for row in found}, now=now)


# PostgreSQL takes long to be asked 200 times, and to be asked for 200 by name.
_table: Any = Pace.__table__  # of the model SQLAlchemy takes the values of each row for named columns
_texts = ARRAY(String)
_wanted = (
    func.unnest(
        bindparam("workspaces", type_=_texts), bindparam("methods", type_=_texts), bindparam("channels", type_=_texts)
    )
    .table_valued("workspace_id", "method", "channel")
    .render_derived(name="wanted")
)
NEW_LANES = (
    postgresql.insert(_table)
    .from_select(
        ["workspace_id", "method", "channel", "next_free_at"],
        select(
            _wanted.c.workspace_id,
            _wanted.c.method,
            _wanted.c.channel,
            case(
                (_wanted.c.channel == "", bindparam("now", type_=Pace.next_free_at.type)),
                else_=bindparam("long_free", type_=Pace.next_free_at.type),
            ),
        ),
    )
    .on_conflict_do_nothing(index_elements=["workspace_id", "method", "channel"])
)
LANES = (
    select(Pace.workspace_id, Pace.method, Pace.channel, Pace.next_free_at)
    .join(
        _wanted,
        (Pace.workspace_id == _wanted.c.workspace_id)
        & (Pace.method == _wanted.c.method)
        & (Pace.channel == _wanted.c.channel),
    )
    .order_by(Pace.workspace_id, Pace.method, Pace.channel)
    .with_for_update(of=Pace)
)


async def write_back(session: AsyncSession, lanes: Lanes) -> None:
    rows = [
        {"workspace_id": key[0], "method": key[1], "channel": key[2], "next_free_at": moment}
        for key, moment in sorted(lanes.granted.items())
    ]
    await upsert(session, Pace, rows, key=("workspace_id", "method", "channel"), update=("next_free_at",))


async def limited(session: AsyncSession, workspace_id: str, api: str, *, until: datetime) -> None:
    """A 429: Slack blocks the method for the whole workspace. Never shortens a wait that another call was told."""
    row = {"workspace_id": workspace_id, "method": api, "channel": "", "next_free_at": until, "limited_until": until}
    await upsert(session, Pace, [row], key=("workspace_id", "method", "channel"), update=())
    await session.execute(
        update(Pace)
        .where(Pace.workspace_id == workspace_id, Pace.method == api, Pace.channel == "", Pace.next_free_at < until)
        .values(next_free_at=until, limited_until=until)
    )


LIMITS = select(Pace.workspace_id, Pace.method, Pace.limited_until).where(
    Pace.workspace_id.in_(bindparam("ids", expanding=True)), Pace.channel == "", Pace.limited_until.is_not(None)
)


async def limits(session: AsyncSession, workspace_ids: Sequence[str]) -> Mapping[tuple[str, str], datetime]:
    """Until when Slack asked for quiet, by workspace and API method; also what is long over."""
    found = await session.execute(LIMITS, {"ids": list(workspace_ids)})
    return {(row[0], row[1]): row[2] for row in found if row[2] is not None}


async def tidy(session: AsyncSession, *, before: datetime) -> None:
    """Lanes of channels and people that nothing has gone to for a while."""
    await session.execute(delete(Pace).where(Pace.next_free_at < before, Pace.channel != ""))
