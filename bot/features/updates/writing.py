"""Writing, changing and taking back an update, inside the caller's transaction. Refusals are values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue
from bot.features.adoptions import service as adoptions
from bot.features.channels import service as channels
from bot.features.channels.service import Channel
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.home import service as home
from bot.features.inbox import service as inbox
from bot.features.members import service as members
from bot.features.members.service import Action, Person, Standing
from bot.features.updates import holding, owing, pictures, receipts, relaying, rules, store
from bot.features.updates.reminders import service as reminding
from bot.features.updates.rules import Barred, Form, Problem, Update

POST_LATENESS = timedelta(days=2)  # a post in a channel that could not go out by then is no news
CHANNEL = customers.Viewer(in_channel=True)


class Refusal(Enum):
    NOT_FOR_GUESTS = "not_for_guests"
    NOT_FOUND = "not_found"
    NOT_YOURS = "not_yours"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """Exactly one of `customer` and `refusal`. `named`: the customer where only its account manager stands in the
    way, whose name is `manager` ("" where nobody looks after it)."""

    customer: CustomerCard | None = None
    refusal: Refusal | None = None
    named: CustomerCard | None = None
    manager: str = ""
    for_another: bool = False

    @property
    def concerns(self) -> str | None:
        """The customer, as far as it is there, whoever asks."""
        found = self.customer or self.named
        return found.id if found is not None else None


@dataclass(frozen=True, kw_only=True)
class Written:
    """What became of a form; one of `problems` (and `barred` channels), `allowed.refusal`, `nobody` and `update`."""

    allowed: Allowed
    problems: Mapping[str, Problem] = field(default_factory=dict)
    barred: Mapping[str, Barred] = field(default_factory=dict)
    nobody: bool = False
    update: Update | None = None


def could_write(person: Person) -> bool:
    """If they looked after the customer."""
    return members.allowed(Action.WRITE_UPDATE, Standing(person=person, manages_customer=True))


async def may_write(
    session: AsyncSession, person: Person, customer_id: str, *, outsider: bool, now: datetime
) -> Allowed:
    if outsider or not could_write(person):
        return Allowed(refusal=Refusal.NOT_FOR_GUESTS)
    ws = person.workspace_id
    customer = await customers.get(session, ws, customer_id)
    if customer is None or not customers.visible(customer, customers.viewer_of(person, outsider=outsider)):
        return Allowed(refusal=Refusal.NOT_FOUND)
    manages = await customers.manages(session, ws, customer.id, person.user_id, now=now)
    if await members.may(session, ws, person.user_id, Action.WRITE_UPDATE, manages_customer=manages):
        return Allowed(customer=customer, for_another=not manages)
    found = await customers.managers(session, ws, customer.id, now=now)
    manager = found.manager or found.acting
    return Allowed(refusal=Refusal.NOT_YOURS, named=customer, manager=manager.name if manager else "")


async def write(
    session: AsyncSession,
    person: Person,
    form: Form,
    *,
    outsider: bool,
    request: str,
    for_nobody: bool,
    now: datetime,
    new_id: NewId,
) -> Written:
    """Store it and owe it to every adopter. The same `request` again gives what it made. `for_nobody`: the author
    knows that nobody has the customer."""
    before = await store.by_request(session, person.workspace_id, request)
    allowed = await may_write(session, person, form.customer_id, outsider=outsider, now=now)
    if before is not None:
        return Written(allowed=allowed, update=before)
    problems = rules.problems(form, now=now)
    if problems:
        return Written(allowed=Allowed(), problems=problems)
    if allowed.customer is None:
        await audit_refusal(session, person, allowed, now=now, new_id=new_id)
        return Written(allowed=allowed)
    barred = await _barred_for(session, person, allowed.customer, form.channels)
    if barred:
        return Written(allowed=allowed, barred=barred)
    if not (for_nobody or form.channels or await _anybody(session, person, allowed.customer)):
        return Written(allowed=allowed, nobody=True)
    update = await _store(session, person, form, request=request, now=now, new_id=new_id)
    await _owe(session, update, allowed, now=now, new_id=new_id)
    return Written(allowed=allowed, update=update)


async def audit_refusal(
    session: AsyncSession, person: Person, allowed: Allowed, *, now: datetime, new_id: NewId
) -> None:
    """At the command, at a press and at submit; not of a customer that is not there."""
    if allowed.refusal in {Refusal.NOT_YOURS, Refusal.NOT_FOR_GUESTS}:
        ws, user, about = person.workspace_id, person.user_id, [allowed.concerns]
        await members.refused(session, ws, user, Action.WRITE_UPDATE, about=about, now=now, new_id=new_id)


async def _anybody(session: AsyncSession, person: Person, customer: CustomerCard) -> bool:
    found = await adoptions.adopters(session, customer.workspace_id, customer.id)
    return any(one.user_id != person.user_id for one in found)


async def places(session: AsyncSession, person: Person) -> list[Channel]:
    """Configured channels that this person may know of: private ones only where they are in them."""
    ws = person.workspace_id
    mine = {one.channel_id for one in await channels.my_channels(session, ws, person.user_id)}
    return [one for one in await channels.all(session, ws) if not one.private or one.channel_id in mine]


async def _barred_for(
    session: AsyncSession, person: Person, customer: CustomerCard, channel_ids: Sequence[str]
) -> dict[str, Barred]:
    known = {one.channel_id for one in await places(session, person)} if channel_ids else set()
    unknown = {one: Barred.REMOVED for one in channel_ids if one not in known}
    return {**await barred_channels(session, customer, channel_ids), **unknown}


async def barred_channels(
    session: AsyncSession, customer: CustomerCard, channel_ids: Sequence[str]
) -> dict[str, Barred]:
    """Those that must not get an update about this customer. What an account manager writes has no public consent."""
    found: dict[str, Barred] = {}
    for channel_id in channel_ids:
        audience = await channels.audience(session, customer.workspace_id, channel_id)
        if audience is None:
            found[channel_id] = Barred.REMOVED
        elif audience.outsiders:
            found[channel_id] = Barred.OUTSIDERS
        elif customer.confidential:
            found[channel_id] = Barred.CONFIDENTIAL
        elif not customers.visible(customer, CHANNEL):
            found[channel_id] = Barred.NOT_NAMED
        elif audience.has_guests and not audience.guests_see_internal:
            found[channel_id] = Barred.GUESTS
    return found


async def _store(
    session: AsyncSession, person: Person, form: Form, *, request: str, now: datetime, new_id: NewId
) -> Update:
    ws, update_id = person.workspace_id, new_id()
    await store.add_update(
        session,
        {
            "id": update_id,
            "workspace_id": ws,
            "request": request,
            "customer_id": form.customer_id,
            "author": person.user_id,
            "kind": form.kind,
            "headline": form.headline.strip() or None,
            "text": form.text.strip(),
            "link": form.link.strip() or None,
            "picture": form.picture[0] if form.picture else None,
            "channels": list(form.channels),
            "offered": form.offer,
            "embargo_until": form.embargo,
            "at": now,
        },
    )
    if form.picture:
        await pictures.want(session, ws, [form.picture], update_id=update_id, now=now)
    stored = await store.by_request(session, ws, request)
    if stored is None:
        raise AssertionError("an update that was just stored is there")
    return stored


async def _owe(session: AsyncSession, update: Update, allowed: Allowed, *, now: datetime, new_id: NewId) -> None:
    ws = update.workspace_id
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=update.author,
        action="update.for_another" if allowed.for_another else "update.sent", subject=update.customer_id,
        detail={"update": update.id}, about=update.channels, manages=not allowed.for_another,
    )  # fmt: skip
    await receipts.owe(session, update, now=now)
    await relaying.to_adopters(session, update, now=now, new_id=new_id)
    for channel_id in update.channels:
        due = max(now, update.embargo_until or now)
        await queue.enqueue(
            session,
            now=now,
            workspace_id=ws,
            kind=owing.POST,
            key=owing.post_key(update.id, channel_id),
            method="post",
            target=channel_id,
            ref={"update": update.id, "channel": channel_id},
            due=due,
            late_after=due + POST_LATENESS,
        )
    await offer_if_ready(session, update, now=now, new_id=new_id)
    await reminding.written_about(session, ws, update.customer_id, now=now)
    await home.owe_if_open_today(session, now=now, ws=ws, users=[update.author])


async def offer_if_ready(session: AsyncSession, update: Update, *, now: datetime, new_id: NewId) -> None:
    """Into the editors' inbox with the author's name, once its embargo is over and its picture is here."""
    ws = update.workspace_id
    if not update.offered or update.draft_id or update.withdrawn or update.embargoed(now):
        return
    if await holding.hold_back(session, update, now=now, new_id=new_id):
        return
    if update.picture and await pictures.settling(session, ws, [update.picture]):
        return
    if not await members.may(session, ws, update.author, Action.SUGGEST):
        return
    author = await members.get(session, ws, update.author, now=now)
    draft_id = await inbox.offer(
        session,
        ws=ws,
        kind="story",
        author=update.author,
        headline=update.headline or "",
        text=update.text,
        customer_id=update.customer_id,
        origin={"what": "update", "id": update.id},
        picture=await pictures.hash_of(session, ws, update.picture),
        language=author.locale,
        request=f"update:{update.id}",
        now=now,
        new_id=new_id,
        credit=True,
    )
    await store.change(session, ws, update.id, draft_id=draft_id)


# -- afterwards -------------------------------------------------------------------------------------------------------


async def own(
    session: AsyncSession, person: Person, update_id: str, *, outsider: bool, now: datetime, new_id: NewId
) -> tuple[Update | None, Refusal | None]:
    """The update, where this person may change it: its author while they may write about the customer, or an admin."""
    update = await store.locked(session, person.workspace_id, update_id)
    if update is None:
        return None, Refusal.NOT_FOUND
    allowed = await may_write(session, person, update.customer_id, outsider=outsider, now=now)
    if allowed.customer is None or (update.author != person.user_id and not allowed.for_another):
        ws, user, about = person.workspace_id, person.user_id, [update.customer_id]
        await members.refused(session, ws, user, Action.WRITE_UPDATE, about=about, now=now, new_id=new_id)
        return None, Refusal.NOT_YOURS
    if update.withdrawn:
        return None, Refusal.TAKEN_BACK
    if update.author != person.user_id:
        await members.audit(
            session, new_id=new_id, now=now, ws=update.workspace_id, actor=person.user_id,
            action="update.changed_for_another", subject=update.id, about=[update.customer_id, *update.channels],
        )  # fmt: skip
    return update, None


async def edit(session: AsyncSession, update: Update, form: Form, *, now: datetime) -> Mapping[str, Problem]:
    """By whom `own` let through. What has gone out follows."""
    problems = rules.problems(form, now=now)
    if problems:
        return problems
    ws = update.workspace_id
    await store.change(
        session,
        ws,
        update.id,
        kind=form.kind,
        headline=form.headline.strip() or None,
        text=form.text.strip(),
        link=form.link.strip() or None,
        edited_at=now,
    )
    if update.draft_id is not None:
        await inbox.reword(session, ws, update.draft_id, headline=form.headline, text=form.text, now=now)
    await relaying.show_again(session, ws, update.id, now=now)
    for channel_id in update.channels:
        await owing.show_post_again(session, ws, update.id, channel_id, now=now)
    await receipts.refresh(session, ws, update.id, now=now, at_once=True)
    return {}


async def withdraw(session: AsyncSession, update: Update, *, by: str, now: datetime) -> bool:
    """Adopters see that it was taken back; its posts in channels are deleted; what has not gone out never does. Whether
    the editors have made a story of it, which stays: that is recalled as all posts are."""
    ws = update.workspace_id
    await store.change(session, ws, update.id, withdrawn_at=now, withdrawn_by=by)
    await store.change_undelivered(session, ws, update.id, state=rules.LEFT_OUT, why="withdrawn")
    await relaying.show_again(session, ws, update.id, now=now)
    for channel_id in update.channels:
        await owing.take_back_post(session, ws, update.id, channel_id, now=now)
    stays = update.draft_id is not None and await inbox.was_taken(session, ws, update.draft_id)
    if update.draft_id is not None:
        await inbox.drop(session, ws, update.draft_id, by=by, now=now)
    await receipts.refresh(session, ws, update.id, now=now, at_once=True)
    await home.owe_if_open_today(session, now=now, ws=ws, users=[update.author])
    return stays


async def audit_recall(
    session: AsyncSession, update: Update, channel_ids: Sequence[str], *, by: str, now: datetime, new_id: NewId
) -> None:
    await members.audit(
        session, new_id=new_id, now=now, ws=update.workspace_id, actor=by, action="update.recall", subject=update.id,
        detail={"channels": list(channel_ids)}, about=[update.customer_id, *channel_ids],
    )  # fmt: skip


async def relayed_to(session: AsyncSession, update: Update, *, now: datetime) -> int:
    """How many adopters it was owed to; while it is embargoed, how many would get it now."""
    if update.embargoed(now):
        return len(await relaying.recipients(session, update))
    return len(await store.relays_of(session, update.workspace_id, update.id))
