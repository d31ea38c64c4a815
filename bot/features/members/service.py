"""Who is who, for every other feature. Everything runs in the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.moment import db_now
from bot.features.members import pressing, rights, rules, store
from bot.features.members.auditing import audit, refused, refused_once, role_of
from bot.features.members.manners import absent_among, is_absent, take_turn, when_awake, when_to_write
from bot.features.members.rights import Action, Standing, able, allowed
from bot.features.members.rules import ADMIN, EDITOR, MEMBER, Person, RoleChange, Voter, zone_of
from bot.features.members.waking import earliest, next_waking

__all__ = [
    "ADMIN",
    "EDITOR",
    "MEMBER",
    "Action",
    "Person",
    "RoleChange",
    "Standing",
    "able",
    "absent_among",
    "allowed",
    "audit",
    "earliest",
    "is_absent",
    "next_waking",
    "refused",
    "refused_once",
    "role_of",
    "take_turn",
    "when_awake",
    "when_to_write",
    "zone_of",
]


async def get(session: AsyncSession, ws: str, user: str, *, now: datetime | None = None) -> Person:
    """Someone not known yet is a member in UTC with the workspace's language. They, and whoever was not read for a
    day, are queued to be looked up in Slack. What is no id of a person's is nobody here."""
    if not rules.is_user_id(user):
        return Person(workspace_id=ws, user_id=user, name="", kind=rules.EXTERNAL)
    found = await store.person(session, ws, user)
    moment = now or await db_now(session)
    if found is None:
        await store.look_up(session, ws, [user], moment)
        return Person(
            workspace_id=ws,
            user_id=user,
            name="",
            locale=await store.locale_of(session, ws),
            roles=frozenset(await store.roles_of(session, ws, user)),
        )
    if found.refreshed_at is None or moment - found.refreshed_at > rules.STALE:
        await store.look_up(session, ws, [user], moment)
    return found


async def known(session: AsyncSession, ws: str, user: str) -> Person | None:
    return await store.person(session, ws, user)


async def lock(session: AsyncSession, ws: str, user: str) -> None:
    """What is decided about this person goes one after the other until the transaction ends."""
    await store.lock(session, ws, user)


async def by_email(session: AsyncSession, ws: str, email: str) -> Person | None:
    """Someone who can be written to, rather than someone who has left with the same address."""
    found = await store.by_email(session, ws, email.strip().casefold())
    return next((person for person in found if person.is_person), found[0] if found else None)


async def with_role(session: AsyncSession, ws: str, role: str) -> list[Person]:
    """Those who can act in it, in the order of their names: no guests, nobody who has left."""
    return [person for person in await store.with_role(session, ws, role) if person.kind == MEMBER]


async def people(session: AsyncSession, ws: str, user_ids: Collection[str]) -> dict[str, Person]:
    """Those known, by id."""
    return {person.user_id: person for person in await store.people(session, ws, user_ids)}


async def voters(session: AsyncSession, ws: str, user_ids: Collection[str]) -> dict[str, Voter]:
    """Those known, by id, for presses that come in thousands."""
    return await pressing.voters(session, ws, user_ids)


async def in_team(session: AsyncSession, ws: str, team_id: str) -> list[Person]:
    """Those who can be written to, in the order of their names."""
    return [person for person in await store.in_team(session, ws, team_id) if person.is_person]


async def guests_among(session: AsyncSession, ws: str, user_ids: Collection[str]) -> set[str]:
    """Guests and people of other companies. Ids not known yet count as guests until they are looked up, which is
    queued here: what has no public consent must not slip through."""
    kinds = await store.kinds(session, ws, user_ids)
    unknown = set(user_ids) - kinds.keys()
    askable = {user for user in unknown if rules.is_user_id(user)}
    if askable:
        await store.look_up(session, ws, askable, await db_now(session))
    outside = rules.GUESTS | {rules.EXTERNAL}
    return unknown | {user for user, kind in kinds.items() if kind in outside}


async def set_team(session: AsyncSession, ws: str, user: str, team_id: str | None, now: datetime) -> bool:
    """False, and nothing changed, where the workspace has no such team. For someone not known yet it is kept until they
    are."""
    if team_id is not None and not (team_id.isprintable() and await store.team_exists(session, ws, team_id)):
        return False
    if not await store.change(session, ws, user, team_id=team_id, team_asked_at=now) and team_id is not None:
        await store.give_team(session, ws, user.casefold(), team_id)
    return True


async def set_teams(session: AsyncSession, ws: str, teams: Mapping[str, str], now: datetime) -> None:
    """By Slack id, of people who are known."""
    await store.set_teams(session, ws, teams, now)


async def team_asked(session: AsyncSession, ws: str, user: str, now: datetime) -> None:
    await store.change(session, ws, user, team_asked_at=now)


async def home_opened(session: AsyncSession, ws: str, user: str, now: datetime) -> None:
    await store.change(session, ws, user, home_opened_at=now)


async def may(
    session: AsyncSession,
    ws: str,
    user: str,
    action: Action,
    *,
    manages_customer: bool = False,
    owns_channel: bool = False,
    manager_reachable: bool = True,
    own: bool = False,
    approved: bool = False,
    in_audience: bool = False,
    guests_allowed: bool = False,
    only_editor: bool = False,
) -> bool:
    """Read at press, at submit and at send. What the caller knows about the thing in question goes in (see
    `rights.Standing`); the decision is in `rights`."""
    standing = Standing(
        person=await get(session, ws, user),
        manages_customer=manages_customer,
        owns_channel=owns_channel,
        manager_reachable=manager_reachable,
        own=own,
        approved=approved,
        in_audience=in_audience,
        guests_allowed=guests_allowed,
        only_editor=only_editor,
    )
    return rights.allowed(action, standing)


async def permitted(
    session: AsyncSession,
    ws: str,
    user: str,
    action: Action,
    *,
    own: bool = False,
    manages_customer: bool = False,
    about: Collection[str | None] = (),
    now: datetime,
    new_id: NewId,
) -> bool:
    """As `may`; what is refused stays in the audit trail. `about`: as `audit` takes it."""
    if await may(session, ws, user, action, own=own, manages_customer=manages_customer):
        return True
    await refused(session, ws, user, action, about=about, now=now, new_id=new_id)
    return False


async def save(session: AsyncSession, ws: str, users: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Slack's user objects (users.list, users.info, team_join) as they are now; how many could be read.

    What an object leaves out stays as it was. Whoever has no team gets the one an import gave them.
    """
    profiles = {
        profile.user_id: profile for user in users if (profile := rules.read_user(user, workspace_id=ws)) is not None
    }
    if not profiles:
        return 0
    before = await people(session, ws, profiles.keys())
    locale = await store.locale_of(session, ws)
    rows = []
    for user_id, profile in sorted(profiles.items()):
        old = before.get(user_id) or Person(workspace_id=ws, user_id=user_id, name=user_id, locale=locale)
        rows.append(_row(old, profile, now))
    await _apply_given_teams(session, ws, rows)
    await store.write(session, rows)
    await store.looked_up(session, ws, profiles.keys())
    return len(rows)


def _row(old: Person, profile: rules.Profile, now: datetime) -> dict[str, Any]:
    return {
        "workspace_id": old.workspace_id,
        "user_id": old.user_id,
        "name": profile.name or old.name,
        "email": profile.email or old.email,
        "kind": profile.kind,
        "zone": profile.zone or old.zone,
        "locale": profile.locale or old.locale,
        "team_id": old.team_id,
        "refreshed_at": now,
    }


async def _apply_given_teams(session: AsyncSession, ws: str, rows: Sequence[dict[str, Any]]) -> None:
    without = [row for row in rows if row["team_id"] is None and row["kind"] not in (rules.BOT, rules.EXTERNAL)]
    keys = {row["user_id"].casefold() for row in without} | {row["email"] for row in without if row["email"]}
    given = await store.given_teams(session, ws, keys)
    for row in without:
        row["team_id"] = given.get(row["user_id"].casefold()) or given.get(row["email"] or "")


async def bootstrap_admins(session: AsyncSession, ws: str, admins: Collection[str], now: datetime) -> None:
    """`admins`: Slack ids or e-mails out of the settings. Repeated whenever people have been read, since an e-mail says
    nothing before. Ids not known yet get the role, which counts once they prove to be members."""
    given = {one.strip() for one in admins if one.strip()}
    found = await store.by_id_or_email(session, ws, given) if given else []
    users = {person.user_id for person in found if person.kind == MEMBER}
    users |= {one for one in given if "@" not in one} - {person.user_id for person in found}
    for user in sorted(users):
        await store.add_role(session, ws, user, ADMIN, now)


async def change_role(
    session: AsyncSession, ws: str, user: str, role: str, *, give: bool, by: str, now: datetime, new_id: NewId
) -> RoleChange:
    """Whether `by` may do so is the caller's question. What changes is audited; one admin remains."""
    admins = await store.lock_admins(session, ws)
    decided = rules.role_change(await get(session, ws, user, now=now), role, give=give, admins=admins)
    if decided is not RoleChange.DONE:
        return decided
    acting = await role_of(session, ws, by)
    if give:
        await store.add_role(session, ws, user, role, now)
    else:
        await store.drop_role(session, ws, user, role)
    await _audit_role(session, ws, user, role, give=give, by=by, acting=acting, now=now, new_id=new_id)
    return decided


async def set_roles(
    session: AsyncSession, ws: str, wanted: Mapping[str, Collection[str]], *, by: str, now: datetime, new_id: NewId
) -> dict[str, RoleChange]:
    """Make the holders of each role in `wanted` exactly those ids. What stands in the way, by role; then nothing has
    changed. Whether `by` may do so is the caller's question."""
    await store.lock_admins(session, ws)
    known_people = await people(session, ws, {user for users in wanted.values() for user in users})
    wrong = {
        role: problem
        for role, users in wanted.items()
        if (problem := rules.holders_problem(role, [known_people.get(user) for user in users])) is not None
    }
    if wrong:
        return wrong
    acting = await role_of(session, ws, by)  # before any is taken: somebody may take their own
    for role, users in sorted(wanted.items()):
        held = {person.user_id for person in await store.with_role(session, ws, role)}
        for user in sorted(set(users) ^ held):
            give = user not in held
            await (store.add_role(session, ws, user, role, now) if give else store.drop_role(session, ws, user, role))
            await _audit_role(session, ws, user, role, give=give, by=by, acting=acting, now=now, new_id=new_id)
    return {}


async def _audit_role(
    session: AsyncSession,
    ws: str,
    user: str,
    role: str,
    *,
    give: bool,
    by: str,
    acting: str,
    now: datetime,
    new_id: NewId,
) -> None:
    action, detail = "role.given" if give else "role.taken", {"role": role}
    await audit(
        session, new_id=new_id, now=now, ws=ws, actor=by, action=action, subject=user, detail=detail, role=acting
    )


@dataclass(frozen=True, kw_only=True)
class Page:
    """The page of users.list to read next; `cursor` None is the first."""

    cursor: str | None


async def workspaces(session: AsyncSession) -> list[str]:
    """Those whose token works."""
    return await store.workspaces(session)


async def installation_ended(
    session: AsyncSession, ws: str, *, revoked: Collection[str] | None = None, at: datetime | None = None
) -> None:
    """Slack takes our token no longer: nothing is sent until it is renewed. `revoked`: the bot users whose tokens were
    taken back, where Slack named them; others' concern us not. `at`: when, in whole seconds as Slack says it; an event
    that arrives after a new install is about the token before. (If it was not, the next call finds out.)"""
    for bot_user in [None] if revoked is None else sorted(set(revoked)):
        await store.end_installation(session, ws, bot_user, at)


async def next_page(session: AsyncSession, ws: str, now: datetime, *, gap: timedelta) -> Page | None:
    """None where everybody has been read, or it is not yet time for the next call."""
    cursor, read_at = await store.reading(session, ws)
    if cursor is None and not rules.reading_due(read_at, now):
        return None
    return Page(cursor=cursor) if await store.take_turn(session, ws, "users.list", now, gap=gap) else None


async def page_read(session: AsyncSession, ws: str, page: Page, *, following: str | None, now: datetime) -> bool:
    """True where this was the last page. `following` is Slack's next cursor; the same again would never end."""
    last = not following or following == page.cursor
    if last:
        return await store.move_reading(session, ws, before=page.cursor, cursor=None, read_at=now)
    await store.move_reading(session, ws, before=page.cursor, cursor=following)
    return False


async def begin_again(session: AsyncSession, ws: str, page: Page) -> None:
    """Slack no longer takes the cursor."""
    await store.move_reading(session, ws, before=page.cursor, cursor=None)


async def to_look_up(session: AsyncSession, ws: str, now: datetime, *, limit: int, gap: timedelta) -> list[str]:
    """Ids for users.info, the longest waiting first; `gap` is what one call costs."""
    waiting = await store.waiting(session, ws, now, limit)
    if waiting and await store.take_turn(session, ws, "users.info", now, gap=gap * len(waiting)):
        return waiting
    return []


async def not_found(session: AsyncSession, ws: str, users: Collection[str], now: datetime) -> None:
    """Slack knows nothing about them: not asked again until they are seen, or for a day."""
    await store.looked_up(session, ws, users)
    for user in sorted(users):
        await store.change(session, ws, user, refreshed_at=now)
