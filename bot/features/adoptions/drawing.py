"""From Slack: a hat draw is opened for a channel, people join it or not, and it may be cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.core.strings import why_unusable
from bot.features.adoptions import blocks, hat_blocks, hat_store, hat_window, hats
from bot.features.adoptions.desk import Desk, at_field, close_with
from bot.features.adoptions.hat_window import Form, Place
from bot.features.adoptions.rules import Filters, Hat, HatAnswer, HatProblem
from bot.features.customers import service as customers
from bot.features.members import asking
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack import kit
from bot.slack.errors import SlackFault
from bot.slack.kit import View
from bot.slack.listening import readable
from bot.slack.payloads import Press, Submission, UnreadableError, Who, press, search, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

MOST_OPTIONS = 50
FIELDS: Mapping[HatProblem, str] = {
    HatProblem.TOO_SOON: hat_window.DAY,
    HatProblem.TOO_LATE: hat_window.DAY,
    HatProblem.NO_CUSTOMERS: hat_window.PRODUCT,
    HatProblem.ONE_IS_OPEN: hat_window.CHANNEL,
    HatProblem.OUTSIDERS: hat_window.CHANNEL,
    HatProblem.NOT_FOUND: hat_window.CHANNEL,
    HatProblem.NOT_ALLOWED: hat_window.CHANNEL,
}


def register(app: AsyncApp, desk: Desk) -> None:
    opening, joining = Opening(desk=desk), Joining(desk=desk)
    app.action(hat_blocks.IN)(readable(joining.on_answer))
    app.action(hat_blocks.OUT)(readable(joining.on_answer))
    app.action(f"{hat_blocks.NAME_ME}_yes")(readable(joining.on_answer))
    app.action(f"{hat_blocks.NAME_ME}_no")(readable(joining.on_answer))
    app.action(hat_blocks.OPEN_HAT)(readable(opening.on_open))
    for action in (hat_window.CHANNEL, hat_window.PRODUCT, hat_window.INDUSTRY, hat_window.COUNTRY):
        app.action(action)(readable(opening.on_change))
    app.options(hat_window.PRODUCT)(opening.on_products)
    app.view(hat_window.OPENED)(readable(opening.on_opened))
    app.action(hat_blocks.CANCEL)(readable(opening.on_cancel))


async def _may_open_any(session: AsyncSession, who: Who) -> bool:
    return not who.outsider and await hats.may_open_any(session, who.workspace_id, who.user_id)


async def form_for(session: AsyncSession, ws: str, user: str, *, now: datetime, channel: str = "") -> Form:
    """The window as it opens. `channel`: where the person is, chosen if they may open a hat there."""
    found = await hats.may_open_in(session, ws, user)
    places = [Place(channel_id=one.channel_id, name=one.name, zone=one.zone) for one in found]
    here = next((one for one in places if one.channel_id == channel), places[0] if places else None)
    industries, countries = await hat_store.choices(session, ws)
    zone = here.zone if here else "UTC"
    return Form(
        places=places,
        industries=industries,
        countries=countries,
        count=await hats.count(session, ws, Filters()),
        zone=zone,
        channel=here.channel_id if here else "",
        day=hat_window.default_day(now, zone),
    )


async def opened_window(
    session: AsyncSession, who: Who, words: Words, *, now: datetime, desk: Desk, channel: str = ""
) -> View:
    """For people of other companies, and where there is no channel to choose, the window says so."""
    if who.outsider:
        form = Form(places=(), industries=(), countries=(), count=0, zone="UTC")
    else:
        form = await form_for(session, who.workspace_id, who.user_id, now=now, channel=channel)
    if not form.places and not await _may_open_any(session, who):
        await asking.refused(desk.edge, session, who, Action.OPEN_HAT)
    return hat_window.window(words, form)


@dataclass(frozen=True, kw_only=True)
class Opening:
    desk: Desk

    async def on_open(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        async with self.desk.edge.sessions.begin() as session:
            words = words_of(await members.get(session, pressed.who.workspace_id, pressed.who.user_id))
            now = self.desk.edge.clock.now()
            view = await opened_window(session, pressed.who, words, now=now, desk=self.desk, channel=pressed.channel)
        await self.desk.show(body, pressed, view, words)
        await ack()

    async def on_change(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Another channel or filter: the count and the zone follow."""
        pressed = press(body)
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        async with self.desk.edge.sessions.begin() as session:
            words = words_of(await members.get(session, ws, user))
            found = await hats.may_open_in(session, ws, user) if not pressed.who.outsider else []
            if not found and not await _may_open_any(session, pressed.who):
                await asking.refused(self.desk.edge, session, pressed.who, Action.OPEN_HAT)
            industries, countries = await hat_store.choices(session, ws)
            chosen = hat_window.read(pressed.values, industries, countries)
            here = next((one for one in found if one.channel_id == chosen.channel), None)
            count = await hats.count(session, ws, chosen.filters) if found else 0
        await ack()
        form = Form(
            places=[Place(channel_id=one.channel_id, name=one.name, zone=one.zone) for one in found],
            industries=industries,
            countries=countries,
            count=count,
            zone=here.zone if here else "UTC",
            channel=chosen.channel,
            day=chosen.day,
            at=chosen.at or hat_window.DEFAULT_AT,
        )
        view = hat_window.window(words, form)
        self.desk.edge.receipts.run(self._update(pressed, view))

    async def _update(self, pressed: Press, view: View) -> None:
        """Where the person has changed something meanwhile, that change shows the count."""
        try:
            await self.desk.edge.gateway.update_view(
                pressed.who.workspace_id, pressed.view_id, view, hash=pressed.view_hash
            )
        except SlackFault as fault:
            if fault.code != "hash_conflict":
                raise

    async def on_products(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            typed = search(body)
        except UnreadableError:
            await ack(options=[])
            return
        async with self.desk.edge.sessions.begin() as session:
            ws, key = typed.who.workspace_id, customers.name_key(typed.query)
            allowed = await _may_open_any(session, typed.who) and not why_unusable(typed.query)
            found = await hat_store.products_used(session, ws, key, MOST_OPTIONS) if allowed else []
        await ack(options=[kit.option(name, product) for product, name in found])

    async def on_opened(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """What is refused at a field has changed nothing, and everything chosen stays."""
        submitted = submission(body)
        words = await self.desk.words(submitted)
        outcome = await self.desk.edge.sessions.run(lambda session: self._open(session, submitted))
        if isinstance(outcome, HatProblem):
            await at_field(ack, FIELDS.get(outcome, hat_window.CHANNEL), hat_blocks.hat_problem(words, outcome))
            return
        text = words.say(
            "The hat is open, and its message is on its way to the channel. Draw: {when}.",
            when=blocks.moment(words, outcome.draw_at),
        )
        await close_with(ack, words, text)

    async def _open(self, session: AsyncSession, submitted: Submission) -> Hat | HatProblem:
        ws, user = submitted.who.workspace_id, submitted.who.user_id
        industries, countries = await hat_store.choices(session, ws)
        chosen = hat_window.read(submitted.values, industries, countries)
        found = [] if submitted.who.outsider else await hats.may_open_in(session, ws, user)
        here = next((one for one in found if one.channel_id == chosen.channel), None)
        draw_at = hat_window.draw_at(chosen, here.zone if here else "UTC")
        if submitted.who.outsider:
            await asking.refused(self.desk.edge, session, submitted.who, Action.OPEN_HAT)
            return HatProblem.NOT_ALLOWED
        if draw_at is None:
            return HatProblem.TOO_SOON
        return await hats.open_hat(
            session,
            ws,
            user,
            chosen.channel,
            chosen.filters,
            draw_at,
            request=submitted.key[:128],
            now=self.desk.edge.clock.now(),
            new_id=self.desk.edge.new_id,
        )

    async def on_cancel(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        outcome = await self.desk.once(pressed, lambda session: self._cancel(session, pressed))
        if outcome != "cancelled":
            words = await self.desk.words(pressed)
            problem = HatProblem(outcome or HatProblem.NOT_FOUND.value)
            await self.desk.tell(body, pressed, words, blocks.told(hat_blocks.hat_problem(words, problem)))
        await ack()

    async def _cancel(self, session: AsyncSession, pressed: Press) -> str:
        now, new_id = self.desk.edge.clock.now(), self.desk.edge.new_id
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        if pressed.who.outsider:
            await members.refused(session, ws, user, Action.CANCEL_HAT, now=now, new_id=new_id)
            return HatProblem.NOT_ALLOWED.value
        done = await hats.cancel(session, ws, user, pressed.value, now=now, new_id=new_id)
        return done.value if isinstance(done, HatProblem) else "cancelled"


@dataclass(frozen=True, kw_only=True)
class Joining:
    """*I'm in*, *Not me*, and whether the result may say one's name: each answered privately, at once."""

    desk: Desk

    async def on_answer(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        is_in = {hat_blocks.IN: True, hat_blocks.OUT: False}.get(pressed.action)
        named = {f"{hat_blocks.NAME_ME}_yes": True, f"{hat_blocks.NAME_ME}_no": False}.get(pressed.action)
        ws, user = pressed.who.workspace_id, pressed.who.user_id

        async def work(session: AsyncSession) -> tuple[Words, HatAnswer, Hat | None, bool]:
            words = words_of(await members.get(session, ws, user))
            told, hat = await hats.answer(
                session,
                ws,
                user,
                pressed.value,
                is_in=is_in,
                named=named,
                acted_at=pressed.acted_at,
                outsider=pressed.who.outsider,
                now=self.desk.edge.clock.now(),
                new_id=self.desk.edge.new_id,
            )
            entry = await hat_store.entry(session, hat.id, user) if hat else None
            return words, told, hat, entry is not None and entry[0].named

        words, told, hat, is_named = await self.desk.edge.sessions.run(work)
        await self.desk.tell(body, pressed, words, hat_blocks.hat_answer(words, told, hat, named=is_named))
        await ack()
