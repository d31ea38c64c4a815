"""`/customer-admin`: the same menu as on Home, as a message, and words for its parts."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels import blocks, form, owed, service
from bot.features.channels.desk import Asker, Desk
from bot.features.channels.setup import SetUp
from bot.features.members.seams import Command, Reply
from bot.features.members.service import Action
from bot.slack import kit
from bot.slack.kit import Message
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
        asker = await desk.asker(session, invoked.who, Action.SEE_NEXT_POSTS)
        if asker.refusal:
            return Reply(message=asker.refusal)
        made, total, stopped = await owed.menu(
            session, invoked.who.workspace_id, desk.kinds, desk.defaults, words, desk.edge.clock.now()
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
            text = words.say("This channel gets nothing from Canteen. `/customer-admin channels` shows those that do.")
            return Reply(message=Message(text=text, blocks=[kit.section(text)]))
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
        if stopped:
            text = words.say("All posting is stopped.")
        elif self.stopped:
            text = words.say("Posting is not stopped.")
        else:
            text = words.say("Press the button to stop all posting in every channel.")
        shown = [kit.section(text)]
        if stopped or not self.stopped:
            shown.append(kit.actions(blocks.stop_button(words, stopped=stopped)))
        return Reply(message=Message(text=text, blocks=shown))


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
