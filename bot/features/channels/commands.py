"""`/customer-admin`: the same menu as on Home, as a message, and words for its parts."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels import answers, blocks, form, owed, service
from bot.features.channels.desk import Desk
from bot.features.channels.setup import SetUp
from bot.features.members import service as members
from bot.features.members.asking import Asker
from bot.features.members.seams import Command, Reply
from bot.features.members.service import Action
from bot.slack.payloads import SlashCommand
from bot.slack.words import Words

ADMIN = "/customer-admin"


def commands(desk: Desk) -> list[Command]:
    return [
        MenuCommand(desk=desk, word=""),
        MenuCommand(desk=desk, word="channels"),
        AddCommand(desk=desk),
        NextCommand(desk=desk),
        StopCommand(desk=desk, word="stop", stopped=False),
        StopCommand(desk=desk, word="start", stopped=True),
        QuietCommand(desk=desk),
    ]


@dataclass(frozen=True, kw_only=True)
class MenuCommand:
    desk: Desk
    word: str
    command: str = ADMIN

    def help(self, words: Words) -> str:
        return words.say("`channels`: your channels, what comes next, and what you can change")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        return await self.desk.edge.sessions.run(lambda session: self._reply(session, invoked, words))

    async def _reply(self, session: AsyncSession, invoked: SlashCommand, words: Words) -> Reply:
        desk = self.desk
        workspace_id, user, now = invoked.who.workspace_id, invoked.who.user_id, desk.edge.clock.now()
        own = await service.owned_by(session, workspace_id, user)
        asker = await desk.asker(session, invoked.who, Action.SEE_NEXT_POSTS, channel=own[0] if own else None)
        if asker.refusal:
            return Reply(message=asker.refusal)
        offer = owed.offer_of(partial(members.able, asker.person))
        made, total, stopped = await owed.menu(
            session, workspace_id, desk.kinds, desk.defaults, words, now, offer=offer, own=own if offer.own else None
        )
        return Reply(message=blocks.menu_message(words, made, total=total, stopped=stopped))


@dataclass(frozen=True, kw_only=True)
class AddCommand:
    desk: Desk
    word: str = "add"
    command: str = ADMIN

    def help(self, words: Words) -> str:
        return words.say("`add`: set up a channel")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        asker = await self.desk.edge.sessions.run(
            lambda session: self.desk.asker(session, invoked.who, Action.SET_UP_CHANNEL)
        )
        if asker.refusal:
            return Reply(message=asker.refusal)
        return Reply(view=form.view(words, SetUp(desk=self.desk).offered(words)))


@dataclass(frozen=True, kw_only=True)
class NextCommand:
    desk: Desk
    word: str = "next"
    command: str = ADMIN

    def help(self, words: Words) -> str:
        return words.say("`next [#channel]`: the next five posts of a channel (of this one if you name none)")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        return await self.desk.edge.sessions.run(lambda session: self._reply(session, invoked, rest, words))

    async def _reply(self, session: AsyncSession, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        channel = await service.by_name(session, invoked.who.workspace_id, rest or invoked.channel)
        asker = await self.desk.asker(session, invoked.who, Action.SEE_NEXT_POSTS, channel=channel)
        if asker.refusal:
            return Reply(message=asker.refusal)
        if channel is None:
            return Reply(message=answers.nothing_here(words))
        return Reply(view=await SetUp(desk=self.desk).next_view(session, channel, words))


@dataclass(frozen=True, kw_only=True)
class StopCommand:
    """Typing is the first press; the button, which asks again, is the second."""

    desk: Desk
    word: str
    stopped: bool
    command: str = ADMIN

    def help(self, words: Words) -> str:
        if self.stopped:
            return words.say("`start`: start posting again after a stop")
        return words.say("`stop`: stop all posting at once")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        async def work(session: AsyncSession) -> tuple[Asker, bool]:
            asker = await self.desk.asker(session, invoked.who, Action.STOP_POSTING)
            return asker, await service.is_stopped(session, invoked.who.workspace_id)

        asker, stopped = await self.desk.edge.sessions.run(work)
        if asker.refusal:
            return Reply(message=asker.refusal)
        return Reply(message=answers.asked_to_stop(words, stopped=stopped, start=self.stopped))


@dataclass(frozen=True, kw_only=True)
class QuietCommand:
    desk: Desk
    word: str = "quiet-dates"
    command: str = ADMIN

    def help(self, words: Words) -> str:
        return words.say("`quiet-dates`: days on which no channel gets a post")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        async def work(session: AsyncSession) -> tuple[Asker, dict[date, str]]:
            asker = await self.desk.asker(session, invoked.who, Action.SET_UP_CHANNEL)
            return asker, await service.quiet_dates(session, invoked.who.workspace_id)

        asker, dates = await self.desk.edge.sessions.run(work)
        return Reply(message=asker.refusal) if asker.refusal else Reply(view=blocks.quiet_view(words, dates))
