"""From Slack: asking, answering, passing on, and every direct message that people write to Canteen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.delivery import queue
from bot.features.customers import service as customers
from bot.features.edge import Edge
from bot.features.members import asking as members_asking
from bot.features.members import service as members
from bot.features.members import showing
from bot.features.questions import blocks, service, threads, windows
from bot.features.questions.rules import Gone, Heard, Refusal, read_files
from bot.features.questions.seams import ChannelOfPost, DropOwner, ThreadOwner
from bot.slack import kit
from bot.slack.listening import readable
from bot.slack.payloads import DirectMessage, Press, Submission, direct_message, picked, press, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def register(
    app: AsyncApp,
    edge: Edge,
    *,
    channel_of_post: ChannelOfPost,
    thread_owners: Sequence[ThreadOwner] = (),
    drop_owners: Sequence[DropOwner] = (),
) -> None:
    """`thread_owners`: of other features' direct messages, `drop_owners`: of files outside them. They hear of both from
    here because Bolt runs only the first listener that matches."""
    own = threads.QuestionThreads(new_id=edge.new_id)
    asking = Asking(edge=edge, channel_of_post=channel_of_post)
    answering = Answering(edge=edge)
    owners = {kind: owner for owner in (own, *thread_owners) for kind in owner.kinds}
    direct = Direct(edge=edge, owners=owners, drops=drop_owners)
    app.event("message")(direct.on_message)
    app.action(blocks.ASK)(readable(asking.on_ask))
    app.view(windows.ASKED)(readable(asking.on_asked))
    app.action(blocks.ANSWER_IT)(readable(answering.on_answer))
    app.view(windows.ANSWERED)(readable(answering.on_answered))
    app.action(blocks.PASS_ON)(readable(answering.on_pass))
    app.action(blocks.WHICH)(direct.on_which)
    app.action(blocks.CHOSEN)(readable(direct.on_chosen))


tell = partial(showing.tell, notice=windows.notice)


async def refuse_or_close(ack: AsyncAck, words: Words, text: str, *, field: bool) -> None:
    """`field`: the person can mend it in the window."""
    if field:
        await ack(response_action="errors", errors={windows.TEXT: text})
    else:
        await ack(response_action="update", view=windows.notice(words, text).payload())


FIELD = frozenset({Refusal.EMPTY, Refusal.TOO_LONG, Refusal.UNUSABLE})


@dataclass(frozen=True, kw_only=True)
class Asking:
    edge: Edge
    channel_of_post: ChannelOfPost

    async def on_ask(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        customer_id, _, post_id = pressed.value.partition(":")
        async with self.edge.sessions.begin() as session:
            person = await members.get(session, pressed.who.workspace_id, pressed.who.user_id)
            form = await service.ask_form(session, person, customer_id, outsider=pressed.who.outsider)
            if form.refusal is Refusal.NOT_FOR_GUESTS:
                customer = await customers.get(session, person.workspace_id, customer_id)
                about = [customer.id] if customer is not None else []
                await members_asking.refused(self.edge, session, pressed.who, members.Action.ASK, about=about)
        words = words_of(person)
        if form.customer is None:
            await tell(self.edge, pressed, body, words, windows.refused(words, form.refusal or Refusal.NOT_FOUND))
        else:
            view = windows.ask_window(
                words, form.customer, post_id=post_id[:64], manager=form.manager, before=form.before
            )
            await showing.show(self.edge, body, pressed, view, words)
        await ack()

    async def on_asked(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)

        async def work(session: AsyncSession) -> tuple[Words, str]:
            return await self._ask(session, submitted)

        words, outcome = await self.edge.sessions.run(work)
        field = outcome in {refusal.value for refusal in FIELD}
        said = await self._said(submitted, words, outcome)
        await refuse_or_close(ack, words, said, field=field)

    async def _ask(self, session: AsyncSession, submitted: Submission) -> tuple[Words, str]:
        """The outcome as a code, which a repeat of the same submission is given again."""
        ws, now = submitted.who.workspace_id, self.edge.clock.now()
        person = await members.get(session, ws, submitted.who.user_id, now=now)
        problem = service.text_problem(submitted.typed(windows.TEXT))
        if problem is not None:
            return words_of(person), problem.value
        if not await seen.first_time(session, workspace_id=ws, key=submitted.key, now=now):
            return words_of(person), await seen.outcome_of(session, workspace_id=ws, key=submitted.key) or ""
        customer_id, _, post_id = submitted.private.partition(":")
        asked = await service.ask(
            session,
            person,
            customer_id,
            submitted.typed(windows.TEXT),
            request=submitted.key[:128],
            outsider=submitted.who.outsider,
            now=now,
            new_id=self.edge.new_id,
            channel_id=await self.channel_of_post(session, ws, post_id) if post_id else None,
        )
        outcome = asked.refusal.value if asked.refusal else f"gone:{asked.gone.value}"
        await seen.remember_outcome(session, workspace_id=ws, key=submitted.key, outcome=outcome)
        return words_of(person), outcome

    async def _said(self, submitted: Submission, words: Words, outcome: str) -> str:
        if not outcome.startswith("gone:"):
            return windows.refused(words, Refusal(outcome or Refusal.NOT_FOUND.value))
        customer_id = submitted.private.partition(":")[0]
        async with self.edge.sessions.begin() as session:
            return await went(session, words, submitted.who.workspace_id, customer_id, Gone(outcome[5:]))


async def went(session: AsyncSession, words: Words, ws: str, customer_id: str, gone: Gone) -> str:
    customer = await customers.get(session, ws, customer_id)
    manager = await customers.account_manager_of(session, ws, customer_id)
    return windows.went(
        words, gone, manager=manager.name if manager else "", customer=customer.name if customer else ""
    )


@dataclass(frozen=True, kw_only=True)
class Answering:
    edge: Edge

    async def on_answer(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        async with self.edge.sessions.begin() as session:
            reader = await members.get(session, ws, user)
            words = words_of(reader)
            question, refusal = await service.answerable(session, ws, pressed.value, user)
            if question is None:
                await self._audit(session, ws, user, pressed.value, refusal)
            else:
                asker = await members.get(session, ws, question.asker)
                customer = await customers.get(session, ws, question.customer_id)
        if question is None:
            await tell(self.edge, pressed, body, words, windows.refused(words, refusal or Refusal.NOT_FOUND))
        else:
            view = windows.answer_window(
                words,
                question,
                asker=blocks.somebody(words, asker.name),
                customer=customer.name if customer else "",
            )
            await showing.show(self.edge, body, pressed, view, words)
        await ack()

    async def _audit(
        self, session: AsyncSession, ws: str, user: str, question_id: str, refusal: Refusal | None
    ) -> None:
        if refusal is Refusal.NOT_YOURS:
            question = await service.get(session, ws, question_id)
            about = [question.customer_id] if question is not None else []
            now, new_id = self.edge.clock.now(), self.edge.new_id
            await members.refused(session, ws, user, members.Action.ANSWER, about=about, now=now, new_id=new_id)

    async def on_answered(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)

        async def work(session: AsyncSession) -> tuple[Words, str]:
            return await self._answer(session, submitted)

        words, outcome = await self.edge.sessions.run(work)
        if outcome == "answered":
            await refuse_or_close(ack, words, words.say("Your answer is on its way."), field=False)
            return
        refusal = Refusal(outcome or Refusal.NOT_FOUND.value)
        await refuse_or_close(ack, words, windows.refused(words, refusal), field=refusal in FIELD)

    async def _answer(self, session: AsyncSession, submitted: Submission) -> tuple[Words, str]:
        ws, user, now = submitted.who.workspace_id, submitted.who.user_id, self.edge.clock.now()
        words = words_of(await members.get(session, ws, user, now=now))
        text = submitted.typed(windows.TEXT)
        problem = service.text_problem(text)
        if problem is not None:
            return words, problem.value
        if not await seen.first_time(session, workspace_id=ws, key=submitted.key, now=now):
            return words, await seen.outcome_of(session, workspace_id=ws, key=submitted.key) or ""
        question, refusal = await service.answerable(session, ws, submitted.private, user)
        if question is None:
            await self._audit(session, ws, user, submitted.private, refusal)
            outcome = (refusal or Refusal.NOT_FOUND).value
        else:
            await service.answer(
                session, question, user, text, request=submitted.key[:128], now=now, new_id=self.edge.new_id
            )
            outcome = "answered"
        await seen.remember_outcome(session, workspace_id=ws, key=submitted.key, outcome=outcome)
        return words, outcome

    async def on_pass(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, str]:
            return await self._pass(session, pressed)

        words, outcome = await self.edge.sessions.run(work)
        passed = outcome == "passed"
        said = blocks.passed_to_editors(words) if passed else windows.refused(words, Refusal(outcome))
        await tell(self.edge, pressed, body, words, said)
        await ack()

    async def _pass(self, session: AsyncSession, pressed: Press) -> tuple[Words, str]:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
        words = words_of(await members.get(session, ws, user, now=now))
        if not await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
            return words, await seen.outcome_of(session, workspace_id=ws, key=pressed.key) or Refusal.NOT_FOUND.value
        _, refusal = await service.pass_on(session, ws, pressed.value, user, now=now)
        await self._audit(session, ws, user, pressed.value, refusal)
        outcome = refusal.value if refusal else "passed"
        await seen.remember_outcome(session, workspace_id=ws, key=pressed.key, outcome=outcome)
        return words, outcome


@dataclass(frozen=True, kw_only=True)
class Direct:
    edge: Edge
    owners: Mapping[str, ThreadOwner]
    drops: Sequence[DropOwner] = ()

    async def on_message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The event's id and its effect are one transaction: a failure answers 500, and Slack sends it again."""
        event = body.get("event")
        written = direct_message(body) if isinstance(event, Mapping) and event.get("channel_type") == "im" else None
        if written is not None and written.event_id and written.channel and written.ts:
            heard = _heard(written)

            async def work(session: AsyncSession) -> None:
                now = self.edge.clock.now()
                ws = heard.workspace_id
                if await seen.first_time(session, workspace_id=ws, key=written.key, now=now):
                    await self._hear(session, await threads.in_plain_words(session, heard))

            await self.edge.sessions.run(work)
        await ack()

    async def _hear(self, session: AsyncSession, heard: Heard) -> None:
        now, owed = self.edge.clock.now(), None
        if heard.thread_ts:
            owed = await queue.by_message(
                session, workspace_id=heard.workspace_id, channel=heard.channel, ts=heard.thread_ts
            )
        owner = self.owners.get(owed.kind) if owed is not None else None
        if owner is not None and owed is not None:
            await owner.on_message(session, heard, owed, now=now)
        elif not await self._dropped(session, heard, now=now):
            await threads.outside(session, heard, now=now, new_id=self.edge.new_id)

    async def _dropped(self, session: AsyncSession, heard: Heard, *, now: datetime) -> bool:
        if heard.thread_ts or not (heard.files or heard.change != "new"):
            return False
        for drop in self.drops:
            if await drop.takes(session, heard, now=now):
                return True
        return False

    async def on_which(self, ack: AsyncAck) -> None:
        """Chosen, not yet asked: the button beside it does that."""
        await ack()

    async def on_chosen(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, str]:
            return await self._choose(session, pressed)

        _, said = await self.edge.sessions.run(work)
        await ack()
        self.edge.receipts.send(pressed.response_url, kit.told(said))

    async def _choose(self, session: AsyncSession, pressed: Press) -> tuple[Words, str]:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
        words = words_of(await members.get(session, ws, user, now=now))
        customer_id = _picked(pressed)
        if not customer_id:
            return words, windows.refused(words, Refusal.NO_CUSTOMER)
        if not await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
            return words, await seen.outcome_of(session, workspace_id=ws, key=pressed.key) or ""
        asked = await threads.chosen(
            session,
            ws,
            user,
            pressed.value,
            customer_id,
            outsider=pressed.who.outsider,
            now=now,
            new_id=self.edge.new_id,
        )
        if asked.question is None:
            said = windows.refused(words, asked.refusal or Refusal.NOT_FOUND)
        else:
            said = await went(session, words, ws, customer_id, asked.gone)
        await seen.remember_outcome(session, workspace_id=ws, key=pressed.key, outcome=said)
        return words, said


def _heard(written: DirectMessage) -> Heard:
    return Heard(
        workspace_id=written.who.workspace_id,
        user_id=written.who.user_id,
        channel=written.channel,
        ts=written.ts,
        thread_ts=written.thread_ts if written.thread_ts != written.ts else "",
        change=written.change,
        text=written.text,
        files=read_files(written.files),
        outsider=written.who.outsider,
    )


def _picked(pressed: Press) -> str:
    """What stands in the menu beside the button."""
    return next(iter(picked(pressed.values, blocks.WHICH)), "")
