"""What the menu's buttons do: next posts, test, pause, resume, remove, quiet dates, stop and start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.strings import why_unusable
from bot.db import seen
from bot.features.channels import answers, blocks, posting, service
from bot.features.channels.desk import ChannelButton, Desk
from bot.features.channels.reading import refresh
from bot.features.channels.rules import Channel
from bot.features.channels.setup import SetUp
from bot.features.members.asking import Asker
from bot.features.members.service import Action
from bot.slack import kit
from bot.slack.kit import Message, View
from bot.slack.payloads import Press, Submission, press, submission
from bot.slack.words import Words

NEEDS: Mapping[str, Action] = {
    "next": Action.SEE_NEXT_POSTS,
    "show": Action.SEE_NEXT_POSTS,
    "test": Action.SEE_NEXT_POSTS,
    "more": Action.SEE_NEXT_POSTS,
    "edit": Action.CHANGE_SLOT,
    "pause": Action.PAUSE_CHANNEL,
    "resume": Action.PAUSE_CHANNEL,
    "remove": Action.SET_UP_CHANNEL,
}
MOST_QUIET_DATES = 200


@dataclass(frozen=True, kw_only=True)
class Menu:
    """`others` are other features' buttons in a channel's *More…*: each takes the words and the channel's id."""

    desk: Desk
    set_up: SetUp
    others: Sequence[ChannelButton] = ()

    async def on_menu(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A channel's overflow menu: the verb and the channel's id. What is unknown is answered like "removed"."""
        pressed = press(body)
        verb, _, channel_id = (pressed.chosen[0] if pressed.chosen else "").partition(":")
        await self._act(ack, body, pressed, verb if verb in blocks.VERBS else "show", channel_id)

    async def on_find(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        await self._act(ack, body, pressed, "show", pressed.chosen[0] if pressed.chosen else "")

    async def _act(self, ack: AsyncAck, body: dict[str, Any], pressed: Press, verb: str, channel_id: str) -> None:
        async def work(session: AsyncSession) -> tuple[Channel | None, Words, View | Message]:
            channel = await service.get(session, pressed.who.workspace_id, channel_id)
            asker = await self.desk.asker(session, pressed.who, NEEDS[verb], channel=channel)
            return channel, asker.words, await self._answer(session, asker, pressed, verb, channel)

        channel, words, answer = await self.desk.edge.sessions.run(work)
        if isinstance(answer, View):
            await self.desk.show(body, pressed, answer, words)
        await ack()
        if isinstance(answer, Message):
            self.desk.edge.receipts.send(pressed.response_url, answer)
        if verb == "resume" and isinstance(answer, Message) and channel is not None:
            self.desk.edge.receipts.run(refresh(self.desk.edge, channel.workspace_id, channel.channel_id))

    async def _answer(
        self, session: AsyncSession, asker: Asker, pressed: Press, verb: str, channel: Channel | None
    ) -> View | Message:
        words = asker.words
        if asker.refusal:
            return blocks.refused(words, asker.refusal)
        if channel is None:
            return blocks.note(words, words.say("Channel"), answers.not_set_up(words))
        if verb == "next":
            return await self.set_up.next_view(session, channel, words)
        if verb == "test":
            return await self._test(session, pressed, channel, words)
        if verb == "edit":
            return await self.set_up.edit_view(session, channel, asker)
        if verb == "remove":
            return blocks.remove_view(words, channel)
        if verb == "more":
            return await self._more(session, asker, channel)
        if verb in {"pause", "resume"}:
            return await self._pause(session, pressed, channel, words, pause=verb == "pause")
        row = await self.set_up.row(session, channel, words)
        return blocks.channel_view(words, row, warn_below=self.desk.defaults.warn_below_weeks)

    async def _test(self, session: AsyncSession, pressed: Press, channel: Channel, words: Words) -> View:
        """The kind that comes next and has something left. The request's key makes a repeat harmless."""
        now, place = self.desk.edge.clock.now(), await service.audience_of(session, channel)
        coming = await service.next_due(session, channel, now, 20)
        order = dict.fromkeys([one.kind for one in coming] + list(channel.kinds) + list(self.desk.kinds))
        found = False
        for name in order:
            kind = self.desk.kinds.get(name)
            if kind and await kind.test_post(session, place, to_user=pressed.who.user_id, request=pressed.key, now=now):
                found = True
                break
        return blocks.note(words, words.say("Post a test to me"), answers.test_sent(words, found))

    async def _pause(
        self, session: AsyncSession, pressed: Press, channel: Channel, words: Words, *, pause: bool
    ) -> Message:
        workspace_id, user = pressed.who.workspace_id, pressed.who.user_id
        change = service.pause if pause else service.resume
        now = self.desk.edge.clock.now()
        if await seen.first_time(session, workspace_id=workspace_id, key=pressed.key, now=now):  # as for a stop
            await change(session, workspace_id, channel.channel_id, by=user, new_id=self.desk.edge.new_id, now=now)
            await self.desk.refresh_home(session, workspace_id, user)
        return answers.paused(words, channel) if pause else answers.resumed(words, channel)

    async def _more(self, session: AsyncSession, asker: Asker, channel: Channel) -> View:
        words, may = asker.words, self.desk.may
        labels = {name: kind.label(words) for name, kind in self.desk.kinds.items()}
        postable = await may(session, asker.person, Action.POST_NOW, channel=channel)
        return blocks.more_view(
            words,
            await self.set_up.row(session, channel, words),
            warn_below=self.desk.defaults.warn_below_weeks,
            kinds=labels if postable else {},
            others=[button(words, channel.channel_id) for button in self.others],
            removable=await may(session, asker.person, Action.SET_UP_CHANNEL, channel=channel),
        )

    async def on_ask_remove(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        await self._act(ack, body, pressed, "remove", pressed.value)

    async def on_post_now(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Slack's confirm dialog was the first of the two presses; the press's key makes a repeat harmless."""
        pressed = press(body)
        kind, _, channel_id = (pressed.chosen[0] if pressed.chosen else "").partition(":")
        view, words = await self.desk.edge.sessions.run(
            lambda session: self._post_now(session, pressed, kind, channel_id)
        )
        await self.desk.show(body, pressed, view, words)
        await ack()

    async def _post_now(self, session: AsyncSession, pressed: Press, kind: str, channel_id: str) -> tuple[View, Words]:
        workspace_id, user = pressed.who.workspace_id, pressed.who.user_id
        channel = await service.get(session, workspace_id, channel_id)
        asker = await self.desk.asker(session, pressed.who, Action.POST_NOW, channel=channel)
        words = asker.words
        if asker.refusal:
            return blocks.refused(words, asker.refusal), words
        if channel is None:
            return blocks.note(words, words.say("Channel"), answers.not_set_up(words)), words
        why = await posting.post_now(
            session,
            workspace_id,
            channel_id,
            kind,
            request=pressed.key,
            by=user,
            kinds=self.desk.kinds,
            new_id=self.desk.edge.new_id,
            now=self.desk.edge.clock.now(),
        )
        return blocks.note(words, words.say("Post now"), answers.posted_now(words, channel, why)), words

    async def on_remove(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)
        asker = await self.desk.edge.sessions.run(lambda session: self._remove(session, given))
        if asker.refusal:
            await ack(response_action="update", view=blocks.refused(asker.words, asker.refusal).payload())
        else:
            await ack(response_action="clear")

    async def _remove(self, session: AsyncSession, given: Submission) -> Asker:
        workspace_id, user, now = given.who.workspace_id, given.who.user_id, self.desk.edge.clock.now()
        channel = await service.get(session, workspace_id, given.private)
        asker = await self.desk.asker(session, given.who, Action.SET_UP_CHANNEL, channel=channel)
        # A repeat of an old submission must not remove what has been set up anew since.
        if not asker.refusal and await seen.first_time(session, workspace_id=workspace_id, key=given.key, now=now):
            await service.remove(session, workspace_id, given.private, by=user, new_id=self.desk.edge.new_id, now=now)
            await self.desk.refresh_home(session, workspace_id, user)
        return asker

    async def on_stop(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._set_stopped(ack, body, stopped=True)

    async def on_start(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._set_stopped(ack, body, stopped=False)

    async def _set_stopped(self, ack: AsyncAck, body: dict[str, Any], *, stopped: bool) -> None:
        """Slack's confirm dialog was the first of the two presses."""
        pressed = press(body)
        workspace_id, user = pressed.who.workspace_id, pressed.who.user_id
        now, new_id = self.desk.edge.clock.now(), self.desk.edge.new_id

        async def work(session: AsyncSession) -> Asker:
            asker = await self.desk.asker(session, pressed.who, Action.STOP_POSTING)
            # A repeat of an old press must not undo what was decided since.
            if not asker.refusal and await seen.first_time(
                session, workspace_id=workspace_id, key=pressed.key, now=now
            ):
                await service.set_stopped(session, workspace_id, stopped, by=user, new_id=new_id, now=now)
                await self.desk.refresh_home(session, workspace_id, user)
            return asker

        asker = await self.desk.edge.sessions.run(work)
        if asker.refusal:
            await self.desk.show(body, pressed, blocks.refused(asker.words, asker.refusal), asker.words)
        await ack()
        if not asker.refusal:
            told = answers.posting_stopped if stopped else answers.posting_started
            self.desk.edge.receipts.send(pressed.response_url, told(asker.words))

    async def on_quiet(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Asker, dict[date, str]]:
            asker = await self.desk.asker(session, pressed.who, Action.SET_UP_CHANNEL)
            return asker, await service.quiet_dates(session, pressed.who.workspace_id)

        asker, dates = await self.desk.edge.sessions.run(work)
        refusal, words = asker.refusal, asker.words
        await self.desk.show(
            body, pressed, blocks.refused(words, refusal) if refusal else blocks.quiet_view(words, dates), words
        )
        await ack()

    async def on_quiet_save(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)
        asker, wrong = await self.desk.edge.sessions.run(lambda session: self._quiet(session, given))
        if asker.refusal:
            await ack(response_action="update", view=blocks.refused(asker.words, asker.refusal).payload())
        elif wrong:
            await ack(response_action="errors", errors={blocks.QUIET_BLOCK: wrong})
        else:
            await ack()

    async def _quiet(self, session: AsyncSession, given: Submission) -> tuple[Asker, str]:
        """With what is wrong with the dates."""
        workspace_id, user, now = given.who.workspace_id, given.who.user_id, self.desk.edge.clock.now()
        asker = await self.desk.asker(session, given.who, Action.SET_UP_CHANNEL)
        dates, wrong = read_dates(given.typed(blocks.QUIET_BLOCK), asker.words)
        if (
            not asker.refusal
            and not wrong
            and await seen.first_time(session, workspace_id=workspace_id, key=given.key, now=now)
        ):
            await service.set_quiet_dates(session, workspace_id, dates, by=user, new_id=self.desk.edge.new_id, now=now)
        return asker, wrong


def read_dates(lines: str, words: Words) -> tuple[dict[date, str], str]:
    """The dates with their names, or what is wrong with which line."""
    found: dict[date, str] = {}
    if why_unusable(lines):
        return {}, words.say("There are characters in it that cannot be sent. Please write it again.")
    for number, line in enumerate(lines.splitlines(), start=1):
        given, _, name = line.strip().partition(" ")
        if not given:
            continue
        try:
            found[date.fromisoformat(given)] = name.strip()[:100]
        except ValueError:
            shown = kit.shorten(given, 30)
            return {}, words.say(
                "Line {number}: “{date}” is not a date. Write it like 2026-12-24.", number=number, date=shown
            )
    if len(found) > MOST_QUIET_DATES:
        return {}, words.say_n("At most {n} date, please.", "At most {n} dates, please.", MOST_QUIET_DATES)
    return found, ""
