"""From Slack: *Less*, *Pause*, *Stop* and what follows them, the modal *What you get*, and `/customer quiet`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.edge import Edge
from bot.features.members import asking, blocks, manners, service, showing, wish_blocks, wishes
from bot.features.members.rules import DAILY, WEEKLY
from bot.features.members.seams import RefreshHome, Reply, Unnamed
from bot.features.members.service import Action, Person
from bot.features.members.until import parse_until
from bot.slack.kit import Message
from bot.slack.listening import readable
from bot.slack.payloads import Press, SlashCommand, Submission, Who, press, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

OFF = frozenset({"off", "end", "resume", "aus", "fim", "fin", "desligar"})
FOR_GOOD = frozenset({"stop", "always"})
Answer = Callable[["AsyncSession", Person, Words], Awaitable[Message]]


@dataclass(frozen=True, kw_only=True)
class Wishing:
    edge: Edge
    refresh_home: RefreshHome | None = None
    on_unnamed: Sequence[Unnamed] = ()

    def register(self, app: AsyncApp) -> None:
        app.action(blocks.LESS)(readable(self.on_less))
        app.action(blocks.PAUSE)(readable(self.on_pause))
        app.action(blocks.STOP)(readable(self.on_stop))
        app.action(wish_blocks.DAILY_AGAIN)(readable(self.on_daily))
        app.action(wish_blocks.RESUME)(readable(self.on_resume))
        app.action(wish_blocks.CHANGE)(readable(self.on_change))
        app.view(wish_blocks.SAVE)(readable(self.on_save))

    async def on_less(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._pressed(ack, body, self._less)

    async def on_daily(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._pressed(ack, body, self._daily)

    async def on_pause(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._pressed(ack, body, self.pause)

    async def on_stop(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._pressed(ack, body, self.stop)

    async def on_resume(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._pressed(ack, body, self.resume)

    async def _pressed(self, ack: AsyncAck, body: dict[str, Any], answer: Answer) -> None:
        """Each press says what shall be, never "the other way round": a repeat changes nothing."""
        pressed = press(body)
        message = await self.edge.sessions.run(lambda session: self.answered(session, pressed.who, answer))
        await ack()
        self.edge.receipts.send(pressed.response_url, message)

    async def answered(self, session: AsyncSession, who: Who, answer: Answer) -> Message:
        person = await service.get(session, who.workspace_id, who.user_id)
        words = words_of(person)
        if not await self._may(session, who):
            return blocks.not_for_you(words)
        message = await answer(session, person, words)
        await self._show_home(session, person)
        return message

    async def _may(self, session: AsyncSession, who: Who) -> bool:
        return await asking.may(self.edge, session, who, Action.CHANGE_OWN)

    async def _show_home(self, session: AsyncSession, person: Person) -> None:
        if self.refresh_home is not None:
            now = self.edge.clock.now()
            await self.refresh_home(session, now=now, ws=person.workspace_id, users=[person.user_id])

    async def _less(self, session: AsyncSession, person: Person, words: Words) -> Message:
        now = self.edge.clock.now()
        kept = await manners.how_often(session, person.workspace_id, person.user_id, WEEKLY, now)
        return wish_blocks.less_said(words) if kept else wish_blocks.not_known_yet(words)

    async def _daily(self, session: AsyncSession, person: Person, words: Words) -> Message:
        now = self.edge.clock.now()
        kept = await manners.how_often(session, person.workspace_id, person.user_id, DAILY, now)
        return wish_blocks.daily_said(words) if kept else wish_blocks.not_known_yet(words)

    async def pause(self, session: AsyncSession, person: Person, words: Words) -> Message:
        """For two weeks; a longer pause stays."""
        now = self.edge.clock.now()
        until = max(now + manners.A_PAUSE, person.paused_until or now)
        kept = await manners.pause(session, person.workspace_id, person.user_id, until, now)
        return wish_blocks.paused_said(words, until) if kept else wish_blocks.not_known_yet(words)

    async def stop(self, session: AsyncSession, person: Person, words: Words) -> Message:
        kept = await manners.stop(session, person.workspace_id, person.user_id, self.edge.clock.now())
        return wish_blocks.stopped_said(words) if kept else wish_blocks.not_known_yet(words)

    async def resume(self, session: AsyncSession, person: Person, words: Words) -> Message:
        now = self.edge.clock.now()
        if not await manners.resume(session, person.workspace_id, person.user_id, now):
            return wish_blocks.not_known_yet(words)
        again = await service.get(session, person.workspace_id, person.user_id)
        return wish_blocks.resumed_said(words, again, now)

    async def on_change(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        person, allowed = await self.edge.sessions.run(lambda session: self._asking(session, pressed))
        words = words_of(person)
        if not allowed:
            self.edge.receipts.send(pressed.response_url, blocks.not_for_you(words))
        else:
            view = wish_blocks.form(words, person, self.edge.clock.now())
            await showing.show(self.edge, body, pressed, view, words)
        await ack()

    async def _asking(self, session: AsyncSession, pressed: Press) -> tuple[Person, bool]:
        person = await service.get(session, pressed.who.workspace_id, pressed.who.user_id)
        return person, await self._may(session, pressed.who)

    async def on_save(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)
        wrong = await self.edge.sessions.run(lambda session: self._save(session, given))
        await (ack(response_action="errors", errors=wrong) if wrong else ack())

    async def _save(self, session: AsyncSession, submitted: Submission) -> dict[str, str]:
        """Refused input is not remembered: it may be mended in the same window."""
        ws, user, now = submitted.who.workspace_id, submitted.who.user_id, self.edge.clock.now()
        person = await service.get(session, ws, user)
        words = words_of(person)
        if not await self._may(session, submitted.who):
            return {wish_blocks.OFTEN: blocks.not_for_you(words).text}
        given = wish_blocks.read_form(submitted.values)
        wrong = wishes.problems(given, person, now=now, languages=wish_blocks.languages())
        if wrong:
            return wish_blocks.errors(words, wrong)
        if await service.known(session, ws, user) is None:
            return {wish_blocks.OFTEN: wish_blocks.not_known_yet(words).text}
        if not await seen.first_time(session, workspace_id=ws, key=submitted.key, now=now):
            return {}
        await manners.keep_wishes(session, ws, user, wishes.columns(given, person, now=now), now)
        if person.shows_name and not given.name:
            for unnamed in self.on_unnamed:
                await unnamed(session, ws, user, now=now)
        await self._show_home(session, person)
        return {}


@dataclass(frozen=True, kw_only=True)
class QuietCommand:
    """`/customer quiet`: the modal; `quiet until friday`, `quiet 2 weeks`, `quiet off`."""

    wishing: Wishing
    command: str = "/customer"
    word: str = "quiet"

    def help(self, words: Words) -> str:
        return words.say("`quiet`: when and how often I may write to you; `quiet until friday`, `quiet off`")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        return await self.wishing.edge.sessions.run(lambda session: self._reply(session, invoked, rest, words))

    async def _reply(self, session: AsyncSession, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        person = await service.get(session, invoked.who.workspace_id, invoked.who.user_id)
        now, typed = self.wishing.edge.clock.now(), rest.strip()
        if typed.casefold() in OFF:
            return Reply(message=await self.wishing.answered(session, invoked.who, self.wishing.resume))
        if typed.casefold() in FOR_GOOD:
            return Reply(message=await self.wishing.answered(session, invoked.who, self.wishing.stop))
        if typed.casefold() == "on":
            return Reply(message=await self.wishing.answered(session, invoked.who, self.wishing.pause))
        until = parse_until(typed, now=now, zone=person.zone, weekdays=wish_blocks.weekday_names(words))
        if until is None:
            return Reply(view=wish_blocks.form(words, person, now, not_understood=typed))

        async def pause(session: AsyncSession, person: Person, words: Words) -> Message:
            kept = await manners.pause(session, person.workspace_id, person.user_id, until, now)
            return wish_blocks.paused_said(words, until) if kept else wish_blocks.not_known_yet(words)

        return Reply(message=await self.wishing.answered(session, invoked.who, pause))
