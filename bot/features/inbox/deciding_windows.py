"""From Slack: *Approve* and *Reject*, each a window of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.db import seen
from bot.features.channels import service as channels
from bot.features.inbox import deciding, fields, store, windows
from bot.features.inbox.deciding import Decision
from bot.features.inbox.desk import Desk
from bot.features.inbox.rules import SPOTTED, Draft, Refusal
from bot.features.inbox.seams import Plan
from bot.features.members import service as members
from bot.slack.kit import View
from bot.slack.payloads import Press, Submission, press, submission
from bot.slack.words import Words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

FIELDS = {Refusal.PLACE: "channels", Refusal.PAST: "at", Refusal.REASON: "reason"}
Errors = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Deciding:
    desk: Desk

    async def on_approve(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._open(ack, body, approving=True)

    async def on_reject(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._open(ack, body, approving=False)

    async def _open(self, ack: AsyncAck, body: dict[str, Any], *, approving: bool) -> None:
        pressed = press(body)

        async def work(session: "AsyncSession") -> tuple[Words, View]:
            return await self._window(session, pressed, approving=approving)

        words, view = await self.desk.edge.sessions.run(work)
        await self.desk.show(body, pressed, view, words)
        await ack()

    async def _window(self, session: "AsyncSession", pressed: Press, *, approving: bool) -> tuple[Words, View]:
        who = pressed.who
        _, words = await self.desk.person(session, who)
        draft_id, _, revision = pressed.value.partition(":")
        draft = await store.get(session, who.workspace_id, draft_id)
        refusal = await self._against(session, draft, pressed, revision, approving=approving)
        if draft is None or refusal is not None:
            decider = await self.desk.decider(session, draft)
            return words, windows.notice(words, windows.refused(words, refusal or Refusal.NOT_FOUND, draft, decider))
        author = await members.get(session, who.workspace_id, draft.author)
        if not approving:
            return words, windows.rejecting(words, draft, "" if draft.author == who.user_id else author.name)
        kind = self.desk.kinds.get(draft.kind)
        found = [one for one in await channels.all(session, who.workspace_id) if one.state == "active"]
        suggested = [one.channel_id for one in found if draft.came_as == SPOTTED and author.team_id in one.team_ids]
        can_plan = kind is not None and kind.can_schedule
        knows = await deciding.may_see_answer(session, draft, who.user_id)
        told = kind.for_approver(draft, words) if kind is not None and knows else ""
        note = await kind.opened(session, draft, words, by=who.user_id) if kind is not None and told else ""
        return words, windows.approving(
            words, draft, found, suggested=suggested, can_plan=can_plan, told=told, note=note
        )

    async def _against(
        self, session: "AsyncSession", draft: Draft | None, pressed: Press, revision: str, *, approving: bool
    ) -> Refusal | None:
        if draft is None:
            return Refusal.NOT_FOUND
        user, now, new_id = pressed.who.user_id, self.desk.edge.clock.now(), self.desk.edge.new_id
        editor = await members.may(session, draft.workspace_id, user, members.Action.EDIT_DRAFT)
        may = editor if not approving else await deciding.may_approve(session, draft, user)
        if pressed.who.outsider or not may:
            about, approve = [draft.concerns], members.Action.APPROVE
            await members.refused(session, draft.workspace_id, user, approve, about=about, now=now, new_id=new_id)
            return Refusal.OWN_DRAFT if editor and not pressed.who.outsider else Refusal.NOT_AN_EDITOR
        if not draft.is_waiting:
            return Refusal.ALREADY
        return Refusal.CHANGED if approving and revision != str(draft.revision) else None

    async def on_take_back(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """On Home, which is drawn anew; where it is too late, a window says so."""
        pressed = press(body)

        async def work(session: "AsyncSession") -> tuple[Words, str]:
            _, words = await self.desk.person(session, pressed.who)
            decision = await deciding.take_back(
                session,
                pressed.who.workspace_id,
                pressed.value,
                by=pressed.who.user_id,
                now=self.desk.edge.clock.now(),
                new_id=self.desk.edge.new_id,
            )
            decider = await self.desk.decider(session, decision.draft)
            refusal = decision.refusal
            return words, windows.refused(words, refusal, decision.draft, decider) if refusal else ""

        words, said = await self.desk.edge.sessions.run(work)
        if said:
            await self.desk.show(body, pressed, windows.notice(words, said), words)
        await ack()

    async def on_approving(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)
        draft_id, _, revision = given.private.partition(":")

        async def decide(session: "AsyncSession", words: Words) -> tuple[Decision, str]:
            plan, wrong = _plan(given, words, self.desk.edge.clock.now())
            for field, why in wrong.items():
                refusal = Refusal.PAST if field == "at" else Refusal.PLACE
                return Decision(draft=None, refusal=refusal, why=why), ""
            decision = await deciding.approve(
                session,
                self.desk.kinds,
                given.who.workspace_id,
                draft_id,
                plan,
                revision=int(revision) if revision.isdecimal() else 0,
                by=given.who.user_id,
                words=words,
                now=self.desk.edge.clock.now(),
                new_id=self.desk.edge.new_id,
            )
            names = [one.name for one in await channels.some(session, given.who.workspace_id, plan.channel_ids)]
            return decision, windows.approved(words, plan.at, names)

        await self._decide(ack, given, decide)

    async def on_rejecting(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)

        async def decide(session: "AsyncSession", words: Words) -> tuple[Decision, str]:
            decision = await deciding.reject(
                session,
                given.who.workspace_id,
                given.private,
                given.typed("reason"),
                by=given.who.user_id,
                now=self.desk.edge.clock.now(),
                new_id=self.desk.edge.new_id,
            )
            return decision, words.say("Rejected. Its author is told why.")

        await self._decide(ack, given, decide)

    async def _decide(self, ack: AsyncAck, given: Submission, decide: Callable[..., Any]) -> None:
        async def work(session: "AsyncSession") -> tuple[Words, str, Errors]:
            return await self._once(session, given, decide)

        words, said, errors = await self.desk.edge.sessions.run(work)
        if errors:
            await ack(response_action="errors", errors=errors)
        else:
            await ack(response_action="update", view=windows.notice(words, said).payload())

    async def _once(
        self, session: "AsyncSession", given: Submission, decide: Callable[..., Any]
    ) -> tuple[Words, str, Errors]:
        """A repeat is told the first outcome. What can be mended in the window is not remembered."""
        ws, now = given.who.workspace_id, self.desk.edge.clock.now()
        _, words = await self.desk.person(session, given.who)
        before = await seen.outcome_of(session, workspace_id=ws, key=given.key)
        if before is not None:
            return words, before, {}
        if not await self.desk.may(session, given.who, members.Action.EDIT_DRAFT):
            return words, windows.refused(words, Refusal.NOT_AN_EDITOR), {}
        decision, said = await decide(session, words)
        if decision.refusal is Refusal.ALREADY:  # the same submission, a moment ago
            before = await seen.outcome_of(session, workspace_id=ws, key=given.key)
            if before is not None:
                return words, before, {}
        if decision.refusal is not None:
            decider = await self.desk.decider(session, decision.draft)
            said = decision.why or windows.refused(words, decision.refusal, decision.draft, decider)
            if field := FIELDS.get(decision.refusal):
                return words, "", {field: said}
        await seen.first_time(session, workspace_id=ws, key=given.key, now=now)
        await seen.remember_outcome(session, workspace_id=ws, key=given.key, outcome=said)
        return words, said, {}


def _plan(given: Submission, words: Words, now: datetime) -> tuple[Plan, Errors]:
    """Left to the chooser, at once, or at a time: the last two need channels."""
    when, chosen, at = (given.picked("when") or (windows.CHOOSER,))[0], given.picked("channels"), None
    if when == windows.CHOOSER:
        return Plan(), {}
    if not chosen:
        return Plan(), {"channels": words.say("Please choose the channels, or leave it to the chooser.")}
    at = now if when == windows.AT_ONCE else fields.moment(given, "at")
    if at is None:
        return Plan(), {"at": words.say("Please choose the date and time.")}
    return Plan(channel_ids=chosen, at=at), {}
