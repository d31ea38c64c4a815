"""Every query about people, their roles and look-ups; `trail_store` has those about the audit trail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.groups import groups
from bot.db.tables.customers import GivenTeam, Team
from bot.db.tables.delivery import Pace
from bot.db.tables.members import DmTurn, LookUp, Member, Role
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import insert_new, upsert
from bot.features.members.rules import ADMIN, DAILY, MEMBER, DoNotDisturb, Person


def as_person(row: Member, roles: Collection[str]) -> Person:
    return Person(
        workspace_id=row.workspace_id,
        user_id=row.user_id,
        name=row.name,
        kind=row.kind,
        zone=row.zone,
        locale=row.own_locale or row.locale,
        team_id=row.team_id,
        email=row.email,
        roles=frozenset(roles),
        dm_channel=row.dm_channel,
        paused_until=row.paused_until,
        stopped_at=row.stopped_at,
        dm_every=row.dm_every or DAILY,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        quiet_days=frozenset(int(day) for day in row.quiet_days or ""),
        own_locale=row.own_locale,
        shows_name=row.shows_name,
        absent_from=row.absent_from,
        absent_until=row.absent_until,
        dnd=_dnd(row),
        team_asked_at=row.team_asked_at,
        home_opened_at=row.home_opened_at,
        refreshed_at=row.refreshed_at,
    )


def _dnd(row: Member) -> DoNotDisturb | None:
    if row.dnd_read_at is None:
        return None
    return DoNotDisturb(read_at=row.dnd_read_at, begins=row.dnd_from, ends=row.dnd_until)


async def person(session: AsyncSession, ws: str, user: str) -> Person | None:
    row = await session.get(Member, (ws, user), populate_existing=True)
    return None if row is None else as_person(row, await roles_of(session, ws, user))


async def roles_of(session: AsyncSession, ws: str, user: str) -> set[str]:
    return set(await session.scalars(select(Role.role).where(Role.workspace_id == ws, Role.user_id == user)))


async def people_where(session: AsyncSession, ws: str, *conditions: ColumnElement[bool]) -> list[Person]:
    """In the order of their names, then ids."""
    rows = await session.scalars(
        select(Member)
        .where(Member.workspace_id == ws, *conditions)
        .order_by(Member.name, Member.user_id)
        .execution_options(populate_existing=True)
    )
    found = list(rows)
    held = await roles_among(session, ws, [row.user_id for row in found])
    return [as_person(row, held.get(row.user_id, ())) for row in found]


async def lock(session: AsyncSession, ws: str, user: str) -> None:
    await session.execute(
        select(Member.user_id).where(Member.workspace_id == ws, Member.user_id == user).with_for_update()
    )


async def roles_among(session: AsyncSession, ws: str, users: Collection[str]) -> dict[str, set[str]]:
    held: dict[str, set[str]] = {}
    for group in groups(users):
        found = await session.execute(
            select(Role.user_id, Role.role).where(Role.workspace_id == ws, Role.user_id.in_(group))
        )
        for user, role in found:
            held.setdefault(user, set()).add(role)
    return held


async def people(session: AsyncSession, ws: str, users: Collection[str]) -> list[Person]:
    found: list[Person] = []
    for group in groups(users):
        found += await people_where(session, ws, Member.user_id.in_(group))
    return found


async def by_email(session: AsyncSession, ws: str, email: str) -> list[Person]:
    return await people_where(session, ws, Member.email == email)


async def in_team(session: AsyncSession, ws: str, team_id: str) -> list[Person]:
    return await people_where(session, ws, Member.team_id == team_id)


async def with_role(session: AsyncSession, ws: str, role: str) -> list[Person]:
    holders = select(Role.user_id).where(Role.workspace_id == ws, Role.role == role)
    return await people_where(session, ws, Member.user_id.in_(holders))


async def kinds(session: AsyncSession, ws: str, users: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in groups(users):
        rows = await session.execute(
            select(Member.user_id, Member.kind).where(Member.workspace_id == ws, Member.user_id.in_(group))
        )
        found.update((user, kind) for user, kind in rows)
    return found


async def locale_of(session: AsyncSession, ws: str) -> str:
    return await session.scalar(select(Workspace.locale).where(Workspace.id == ws)) or "en"


async def write(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """All with the same columns; those not given keep what they hold."""
    await upsert(session, Member, rows, key=("workspace_id", "user_id"))


async def change(session: AsyncSession, ws: str, user: str, **values: Any) -> bool:
    """False where the person is not known."""
    done = await session.execute(
        update(Member)
        .where(Member.workspace_id == ws, Member.user_id == user)
        .values(**values)
        .returning(Member.user_id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


async def set_teams(session: AsyncSession, ws: str, teams: Mapping[str, str], now: datetime) -> None:
    table = Member.__table__
    same = (table.c.workspace_id == ws, table.c.user_id == bindparam("user"))
    rows = [{"user": user, "team": team_id} for user, team_id in teams.items()]
    if rows:
        statement = update(Member).where(*same).values(team_id=bindparam("team"), team_asked_at=now)
        await (await session.connection()).execute(statement, rows)


async def given_teams(session: AsyncSession, ws: str, keys: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in groups(keys):
        rows = await session.execute(
            select(GivenTeam.person, GivenTeam.team_id).where(GivenTeam.workspace_id == ws, GivenTeam.person.in_(group))
        )
        found.update((key, team) for key, team in rows)
    return found


async def give_team(session: AsyncSession, ws: str, key: str, team_id: str) -> None:
    row = {"workspace_id": ws, "person": key, "team_id": team_id}
    await upsert(session, GivenTeam, [row], key=("workspace_id", "person"))


async def team_exists(session: AsyncSession, ws: str, team_id: str) -> bool:
    return await session.scalar(select(Team.id).where(Team.workspace_id == ws, Team.id == team_id)) is not None


async def look_up(session: AsyncSession, ws: str, users: Collection[str], due: datetime) -> None:
    """Whoever waits already keeps their place."""
    rows = [{"workspace_id": ws, "user_id": user, "due_at": due} for user in sorted(set(users))]
    await upsert(session, LookUp, rows, key=("workspace_id", "user_id"), update=())


async def waiting(session: AsyncSession, ws: str, now: datetime, limit: int) -> list[str]:
    return list(
        await session.scalars(
            select(LookUp.user_id)
            .where(LookUp.workspace_id == ws, LookUp.due_at <= now)
            .order_by(LookUp.due_at, LookUp.user_id)
            .limit(limit)
        )
    )


async def looked_up(session: AsyncSession, ws: str, users: Collection[str]) -> None:
    for group in groups(sorted(users)):
        await session.execute(delete(LookUp).where(LookUp.workspace_id == ws, LookUp.user_id.in_(group)))


async def add_role(session: AsyncSession, ws: str, user: str, role: str, now: datetime) -> bool:
    row = {"workspace_id": ws, "user_id": user, "role": role, "given_at": now}
    return await insert_new(session, Role, row, key=("workspace_id", "user_id", "role"))


async def drop_role(session: AsyncSession, ws: str, user: str, role: str) -> None:
    await session.execute(delete(Role).where(Role.workspace_id == ws, Role.user_id == user, Role.role == role))


async def lock_admins(session: AsyncSession, ws: str) -> frozenset[str]:
    """Ids of admins who can act, held until the transaction ends: two who remove each other must not both succeed."""
    held = select(Role.user_id).where(Role.workspace_id == ws, Role.role == ADMIN).with_for_update()
    users = list(await session.scalars(held))
    alive = await kinds(session, ws, users)
    return frozenset(user for user in users if alive.get(user) == MEMBER)


async def by_id_or_email(session: AsyncSession, ws: str, given: Collection[str]) -> list[Person]:
    emails = {one.casefold() for one in given}
    return await people_where(session, ws, or_(Member.user_id.in_(set(given)), Member.email.in_(emails)))


async def workspaces(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(Workspace.id).where(Workspace.state == "active").order_by(Workspace.id)))


async def end_installation(session: AsyncSession, ws: str, bot_user: str | None, at: datetime | None) -> None:
    """`bot_user` None: whoever it is. `at`: when Slack ended it; what was installed after that lives on."""
    whose = [Workspace.bot_user_id == bot_user] if bot_user is not None else []
    if at is not None:
        whose.append(or_(Workspace.installed_at.is_(None), Workspace.installed_at <= at))
    await session.execute(update(Workspace).where(Workspace.id == ws, *whose).values(state="dead"))


async def reading(session: AsyncSession, ws: str) -> tuple[str | None, datetime | None]:
    """Where the reading of all people goes on (None: not begun), and when it last came to its end."""
    row = (
        await session.execute(select(Workspace.people_cursor, Workspace.people_read_at).where(Workspace.id == ws))
    ).first()
    return (None, None) if row is None else (row[0], row[1])


async def move_reading(
    session: AsyncSession, ws: str, *, before: str | None, cursor: str | None, read_at: datetime | None = None
) -> bool:
    """False where another process has moved on from `before`."""
    values: dict[str, Any] = {"people_cursor": cursor}
    if read_at is not None:
        values["people_read_at"] = read_at
    same = Workspace.people_cursor.is_(None) if before is None else Workspace.people_cursor == before
    moved = await session.execute(
        update(Workspace)
        .where(Workspace.id == ws, same)
        .values(**values)
        .returning(Workspace.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


async def take_turn(session: AsyncSession, ws: str, api: str, now: datetime, *, gap: timedelta) -> bool:
    """Whether this process may call `api` for the workspace now; the next turn, of any process, is after `gap`."""
    row = {"workspace_id": ws, "method": api, "channel": "", "next_free_at": now}
    await upsert(session, Pace, [row], key=("workspace_id", "method", "channel"), update=())
    taken = await session.execute(
        update(Pace)
        .where(Pace.workspace_id == ws, Pace.method == api, Pace.channel == "", Pace.next_free_at <= now)
        .values(next_free_at=now + gap)
        .returning(Pace.method)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


async def turns_since(session: AsyncSession, ws: str, user: str, day: date) -> list[tuple[date, str]]:
    """Days and the keys that took them, the latest first."""
    rows = await session.execute(
        select(DmTurn.day, DmTurn.key)
        .where(DmTurn.workspace_id == ws, DmTurn.user_id == user, DmTurn.day >= day)
        .order_by(DmTurn.day.desc())
    )
    return [(taken, key) for taken, key in rows]


async def add_turn(session: AsyncSession, ws: str, user: str, day: date, key: str) -> bool:
    """False where the day's turn is taken. What is too old to matter goes."""
    old = (DmTurn.workspace_id == ws, DmTurn.user_id == user, DmTurn.day < day - timedelta(days=8))
    await session.execute(delete(DmTurn).where(*old))
    row = {"workspace_id": ws, "user_id": user, "day": day, "key": key[:255]}
    return await insert_new(session, DmTurn, row, key=("workspace_id", "user_id", "day"))


async def scopes(session: AsyncSession, ws: str) -> list[str]:
    """What the installation may do, by Slack's names."""
    return await session.scalar(select(Workspace.scopes).where(Workspace.id == ws)) or []


async def want_dnd(
    session: AsyncSession, ws: str, user: str, now: datetime, *, again_before: datetime
) -> datetime | None:
    """Since when a message waits for do-not-disturb to be read; a wait from before `again_before` begins anew. None for
    somebody not known."""
    forgotten = or_(Member.dnd_wanted_at.is_(None), Member.dnd_wanted_at < again_before)
    await session.execute(
        update(Member)
        .where(Member.workspace_id == ws, Member.user_id == user, forgotten)
        .values(dnd_wanted_at=now)
        .execution_options(synchronize_session=False)
    )
    return await session.scalar(select(Member.dnd_wanted_at).where(Member.workspace_id == ws, Member.user_id == user))


async def dnd_wanted(session: AsyncSession, ws: str, limit: int) -> list[str]:
    return list(
        await session.scalars(
            select(Member.user_id)
            .where(Member.workspace_id == ws, Member.dnd_wanted_at.is_not(None))
            .order_by(Member.dnd_wanted_at, Member.user_id)
            .limit(limit)
        )
    )
