"""A hat of customers for a channel: opened, joined, drawn at its time, cancelled. Inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.moment import db_now
from bot.features.adoptions import hat_store, owing, rules, service, store
from bot.features.adoptions.draw import Drawer, Inputs, Place, adoption_id, draw, inputs_of
from bot.features.adoptions.hat_store import Adoptable
from bot.features.adoptions.rules import (
    CANCELLED,
    DRAWN,
    MOST_OF_ONE,
    NOT_GIVEN_AGAIN,
    OPEN,
    Entry,
    Filters,
    Hat,
    HatAnswer,
    HatProblem,
)
from bot.features.channels import service as channels
from bot.features.channels.service import Channel
from bot.features.customers import service as customers
from bot.features.home import service as home
from bot.features.members import service as members
from bot.features.members.service import Action, Standing

NO_PLACE, WAS_AWAY = "no_place", "was_away"
AT_ONCE = 25  # messages owed in one transaction: on SQLite everybody else waits for it


async def may_open(session: AsyncSession, ws: str, user: str, channel_id: str) -> bool:
    owns = await channels.owns(session, ws, channel_id, user)
    return await members.may(session, ws, user, Action.OPEN_HAT, owns_channel=owns)


async def may_open_in(session: AsyncSession, ws: str, user: str) -> list[Channel]:
    """Configured channels that take posts and where this person may open a hat, by name."""
    person = await members.get(session, ws, user)
    anywhere = members.allowed(Action.OPEN_HAT, Standing(person=person))
    found = await channels.all(session, ws) if anywhere else await channels.owned_by(session, ws, user)
    if not members.allowed(Action.OPEN_HAT, Standing(person=person, owns_channel=True)):
        return []
    return [one for one in found if one.state == "active" and not one.outsiders]


async def may_open_any(session: AsyncSession, ws: str, user: str) -> bool:
    """In some channel at least, whether or not it takes posts now."""
    owns = bool(await channels.owned_by(session, ws, user))
    return await members.may(session, ws, user, Action.OPEN_HAT, owns_channel=owns)


async def count(session: AsyncSession, ws: str, filters: Filters) -> int:
    """How many customers would be in the hat now."""
    return await hat_store.count_in_hat(session, ws, filters)


async def open_hat(
    session: AsyncSession,
    ws: str,
    user: str,
    channel_id: str,
    filters: Filters,
    draw_at: datetime,
    *,
    request: str,
    now: datetime,
    new_id: NewId,
) -> Hat | HatProblem:
    """The same `request` again gives the hat it made."""
    made = await hat_store.by_request(session, ws, request)
    if made is not None:
        return made
    channel = await channels.get(session, ws, channel_id)
    if channel is None:
        return HatProblem.NOT_FOUND
    if not await may_open(session, ws, user, channel_id):
        await members.refused(session, ws, user, Action.OPEN_HAT, about=[channel_id], now=now, new_id=new_id)
        return HatProblem.NOT_ALLOWED
    if channel.outsiders:
        return HatProblem.OUTSIDERS
    problem = rules.when_problem(draw_at, await db_now(session))
    if problem is not None:
        return problem
    await hat_store.lock_opening(session, ws)
    if await hat_store.open_in(session, ws, channel_id) is not None:
        return HatProblem.ONE_IS_OPEN
    if not await hat_store.count_in_hat(session, ws, filters):
        return HatProblem.NO_CUSTOMERS
    return await _write(session, ws, user, channel_id, filters, draw_at, request=request, now=now, new_id=new_id)


async def _write(
    session: AsyncSession,
    ws: str,
    user: str,
    channel_id: str,
    filters: Filters,
    draw_at: datetime,
    *,
    request: str,
    now: datetime,
    new_id: NewId,
) -> Hat:
    values: dict[str, Any] = {
        "id": new_id(),
        "workspace_id": ws,
        "request": request,
        "channel_id": channel_id,
        "opened_by": user,
        "opened_at": now,
        "filters": filters.as_json(),
        "draw_at": draw_at,
        "state": OPEN,
        "seed": new_id(),
        "inputs": {},
        "result": {},
    }
    await hat_store.add(session, values)
    hat = await hat_store.by_request(session, ws, request)
    if hat is None:
        raise LookupError("a hat that was just written")
    await owing.hat(session, hat, now=now)
    await _audit(session, hat, user, "hat.opened", now=now, new_id=new_id)
    await home.owe_if_open_today(session, now=now, ws=ws, users=[user])
    return hat


async def _audit(session: AsyncSession, hat: Hat, actor: str, action: str, *, now: datetime, new_id: NewId) -> None:
    detail = {"channel": hat.channel_id, "draw_at": hat.draw_at.isoformat()}
    about = [hat.channel_id, *hat.result.get("drawn", {}).values()]
    await members.audit(
        session, new_id=new_id, now=now, ws=hat.workspace_id, actor=actor, action=action, subject=hat.id, detail=detail,
        about=about,
    )  # fmt: skip


def _place(hat: Hat | None) -> list[str]:
    return [hat.channel_id] if hat is not None else []


async def cancel(
    session: AsyncSession, ws: str, user: str, hat_id: str, *, now: datetime, new_id: NewId
) -> Hat | HatProblem:
    """By whoever opened it, or an admin."""
    hat = await hat_store.hat(session, ws, hat_id, lock=True)
    if hat is None:
        return HatProblem.NOT_FOUND
    own = user == hat.opened_by
    if not await members.permitted(
        session, ws, user, Action.CANCEL_HAT, own=own, about=_place(hat), now=now, new_id=new_id
    ):
        return HatProblem.NOT_ALLOWED
    if hat.state != OPEN:
        return HatProblem.OVER
    await hat_store.change(session, hat.id, state=CANCELLED, ended_at=now)
    await _audit(session, hat, user, "hat.cancelled", now=now, new_id=new_id)
    cancelled = await hat_store.hat(session, ws, hat_id) or hat
    await owing.hat_again(session, cancelled, now=now, at_once=True)
    await home.owe_if_open_today(session, now=now, ws=ws, users=[user, hat.opened_by])
    return cancelled


# -- joining ----------------------------------------------------------------------------------------------------------


async def answer(
    session: AsyncSession,
    ws: str,
    user: str,
    hat_id: str,
    *,
    is_in: bool | None = None,
    named: bool | None = None,
    acted_at: str,
    outsider: bool,
    now: datetime,
    new_id: NewId,
) -> tuple[HatAnswer, Hat | None]:
    """*I'm in*, *Not me*, or whether one's name may stand in the result. Changeable until the draw; the newer press
    counts, in whatever order they arrive."""
    hat = await hat_store.hat(session, ws, hat_id)
    person = await members.get(session, ws, user, now=now)
    if outsider or not members.allowed(Action.ADOPT, Standing(person=person)):
        await members.refused(session, ws, user, Action.ADOPT, about=_place(hat), now=now, new_id=new_id)
        return HatAnswer.NOT_FOR_GUESTS, None
    if hat is None:
        return HatAnswer.NOT_FOUND, None
    await members.lock(session, ws, user)
    hat = await hat_store.hat(session, ws, hat_id, lock=True) or hat
    if hat.state != OPEN or await db_now(session) >= hat.draw_at:
        return HatAnswer.CANCELLED if hat.state == CANCELLED else HatAnswer.OVER, hat
    before = await hat_store.entry(session, hat_id, user)
    if before is not None and before[1] > acted_at:
        return _told(before[0]), hat
    old = before[0] if before else Entry(user_id=user, is_in=False, named=person.shows_name)
    new = Entry(
        user_id=user,
        is_in=old.is_in if is_in is None else is_in,
        named=old.named if named is None else named,
    )
    values = {
        "workspace_id": ws,
        "draw_id": hat_id,
        "user_id": user,
        "is_in": new.is_in,
        "named": new.named and new.is_in,
        "acted_at": acted_at,
        "at": now,
    }
    await hat_store.put_entry(session, values)
    if new.is_in != old.is_in:
        await owing.hat_again(session, hat, now=now)
    if named is not None and new.is_in:
        return HatAnswer.NAMED if named else HatAnswer.NOT_NAMED, hat
    return _told(new), hat


def _told(entry: Entry) -> HatAnswer:
    if entry.is_in and entry.named:
        return HatAnswer.NAMED
    return HatAnswer.IN if entry.is_in else HatAnswer.OUT


async def unnamed(session: AsyncSession, ws: str, user: str, *, now: datetime) -> None:  # noqa: ARG001
    """A `members.seams.Unnamed`: no result that is still to come names them. What a channel has read stays."""
    await hat_store.unname(session, ws, user)


# -- drawing ----------------------------------------------------------------------------------------------------------


async def draw_due(session: AsyncSession, ws: str, hat_id: str, *, new_id: NewId) -> Hat | None:
    """Once, when its time has come by the database's clock; None where it is over or not yet due. What it is made from
    and every adoption are written at once or not at all, in a few statements however many draw: nobody who presses
    something meanwhile waits long. Who is to hear of it is owed afterwards, by `tell`.

    Its seed is as old as the hat, and what is made and owed has names made from it. So after a restore from a backup
    the same people draw the same, and what they have read already is found instead of sent again."""
    now = await db_now(session)
    hat = await hat_store.hat(session, ws, hat_id, lock=True)
    if hat is None or hat.state != OPEN or hat.draw_at > now:
        return None
    entries = await hat_store.entries(session, hat_id)
    inputs, names, away = await _gather(session, hat, entries, now=now)
    drawn = draw(inputs, hat.seed)
    result = {"drawn": drawn, "names": names, "away": away, "in": len(entries)}
    await hat_store.change(session, hat.id, state=DRAWN, ended_at=now, inputs=inputs.as_json(), result=result)
    done = await hat_store.hat(session, ws, hat_id) or hat
    rows = [
        service.row(
            ws,
            user,
            customer_id,
            via=rules.HAT,
            request=f"hat:{hat.id}:{user}",
            now=now,
            adoption_id=adoption_id(hat.seed, user, customer_id),
            draw_id=hat.id,
        )
        for user, customer_id in sorted(drawn.items())
    ]
    await store.add_all(session, rows)
    await owing.hat_again(session, done, now=now, at_once=True)
    await owing.hat_result(session, done, now=now)
    await _audit(session, done, "canteen", "hat.drawn", now=now, new_id=new_id)
    return done


async def _gather(
    session: AsyncSession, hat: Hat, entries: Sequence[Entry], *, now: datetime
) -> tuple[Inputs, list[str], list[str]]:
    """Who draws and what is in the hat, who of them may be named, and who is away. Those, and whoever has left or
    became a guest, do not draw."""
    ws = hat.workspace_id
    in_hat = await hat_store.in_hat(session, ws, hat.filters)
    await store.lock_customers(session, ws, [one.customer_id for one in in_hat])
    in_hat = await hat_store.in_hat(session, ws, hat.filters)
    people = await members.people(session, ws, [one.user_id for one in entries])
    absent = await members.absent_among(session, ws, people, now=now)
    able = [one for one in entries if one.user_id in people and members.able(people[one.user_id], Action.ADOPT)]
    here = [one for one in able if one.user_id not in absent]
    users = [one.user_id for one in here]
    held = await store.of_members(session, ws, users)
    ended = await store.ended_since(session, ws, users, now - NOT_GIVEN_AGAIN)
    had: dict[str, set[str]] = {user: set() for user in users}
    counts = dict.fromkeys(users, 0)
    for one in held:
        counts[one.user_id] += 1
    for one in (*held, *ended):
        had[one.user_id].add(one.customer_id)
    drawers = tuple(
        Drawer(user_id=user, held=counts[user], barred=frozenset(_barred(user, in_hat, had[user], counts[user])))
        for user in users
    )
    places = tuple(
        Place(
            customer_id=one.customer_id,
            adopters=one.adopters,
            room=None if one.limit is None else max(0, one.limit - one.adopters),
        )
        for one in in_hat
    )
    away = [one.user_id for one in able if one.user_id in absent]
    return Inputs(drawers=drawers, places=places), [one.user_id for one in here if one.named], away


def _barred(user: str, in_hat: Sequence[Adoptable], had: set[str], held: int) -> set[str]:
    """Every customer, for whoever has as many as one can follow: they are told like others without a place."""
    full = held >= MOST_OF_ONE
    return {one.customer_id for one in in_hat if full or user in one.managers or one.customer_id in had}


async def introduce(session: AsyncSession, ws: str, hat_id: str, after: str, *, now: datetime) -> str:
    """Owe the introductions of the next few who drew, by adoption id after `after`; the last of these, "" at the end.
    Done again after a crash, it changes nothing."""
    hat = await hat_store.hat(session, ws, hat_id)
    if hat is None:
        return ""
    found = sorted(await store.of_draw(session, ws, hat_id), key=lambda one: one.id)
    some = [one for one in found if one.id > after][:AT_ONCE]
    for adoption in some:
        await owing.intro(session, adoption, now=now, due=hat.draw_at)
    await home.owe_if_open_today(session, now=now, ws=ws, users=[one.user_id for one in some])
    return some[-1].id if some else ""


async def tell(session: AsyncSession, ws: str, hat_id: str, *, now: datetime) -> None:
    """The account managers, one message each, and whoever found no place or was away."""
    hat = await hat_store.hat(session, ws, hat_id, lock=True)
    if hat is None or hat.state != DRAWN:
        return
    drawn: dict[str, str] = hat.result.get("drawn", {})
    managers = set()
    for customer_id in sorted(set(drawn.values())):
        acting = await service.acting_manager(session, ws, customer_id, now=now)
        if acting is not None:
            managers.add(acting.user_id)
    for manager in sorted(managers):
        await owing.adopters_of_draw(session, ws, manager, hat, now=now)
    unlucky = dict.fromkeys({one.user_id for one in inputs_of(hat.inputs).drawers} - drawn.keys(), NO_PLACE)
    for user, what in sorted({**unlucky, **dict.fromkeys(hat.result.get("away", ()), WAS_AWAY)}.items()):
        once = f"{hat.id}:{user}"
        await owing.told(session, ws, user, what, once=once, now=now, ref={"hat": hat.id}, due=hat.draw_at)
    await home.owe_if_open_today(session, now=now, ws=ws, users=[hat.opened_by, *sorted(managers)])
    await hat_store.change(session, hat.id, told_at=now)


# -- looking ----------------------------------------------------------------------------------------------------------


async def get(session: AsyncSession, ws: str | None, hat_id: str) -> Hat | None:
    return await hat_store.hat(session, ws, hat_id)


async def listed(session: AsyncSession, ws: str, *, limit: int = 50) -> list[Hat]:
    """The newest first."""
    return await hat_store.hats(session, ws, limit=limit)


async def due(session: AsyncSession) -> list[tuple[str, str]]:
    """To be drawn by the database's clock: workspace and id."""
    return await hat_store.due(session, await db_now(session))


async def untold(session: AsyncSession) -> list[tuple[str, str]]:
    """Drawn, and not everybody has been owed their message: workspace and id."""
    return await hat_store.untold(session)


@dataclass(frozen=True, kw_only=True)
class Verified:
    """`again`: what the recorded seed and inputs give now; `same`: whether that is what was recorded."""

    hat: Hat
    again: dict[str, str]
    same: bool


def verify(hat: Hat) -> Verified | None:
    """None where nothing was drawn."""
    if hat.state != DRAWN:
        return None
    again = draw(inputs_of(hat.inputs), hat.seed)
    return Verified(hat=hat, again=again, same=again == dict(hat.result.get("drawn", {})))


async def drawn_customers(session: AsyncSession, hat: Hat) -> list[customers.CustomerCard]:
    """Those that somebody drew, by name."""
    drawn = set(hat.result.get("drawn", {}).values())
    cards = await customers.customers(session, hat.workspace_id, sorted(drawn))
    return sorted(cards.values(), key=lambda card: card.name.casefold())
