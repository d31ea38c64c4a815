"""Counting presses, many to a transaction: the hot path. Each caller waits for the batch that holds its own press.

Commits are grouped without added delay: whatever has come in during the last commit, and what stands in the sockets by
then, is the next batch. Measured, this is three to ten times the presses a second of one commit each, and on SQLite the
difference between 2.5 ms and 357 ms.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.clock import ticks
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.features.channels import service as channels
from bot.features.members import service as members
from bot.features.members.rights import Action, may_vote
from bot.features.members.rules import MEMBER, Voter, is_user_id
from bot.features.quizzes import counting, rules
from bot.features.quizzes.counting import Asked, Key, Row
from bot.features.quizzes.rules import USUAL, Click, Limits, Post, Quiz, Told

QUIET = 4  # turns of the loop that bring no press: a press takes three from its socket to here
GATHER = 0.01  # s
MOST = 1_000  # presses in one batch: some 20 ms of work


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a press. `option` is what is stored for the person now: a newer press may have been faster."""

    told: Told
    person: Voter
    quiz: Quiz | None = None
    post: Post | None = None
    option: int | None = None
    named: bool = True  # whether the person is told what they chose: an admin may have turned receipts off


@dataclass
class Ballots:
    """`cast` may be called from any number of tasks of one loop; one of them at a time counts."""

    sessions: Sessions
    limits: Limits = USUAL
    _waiting: list[tuple[Click, asyncio.Future[Outcome]]] = field(default_factory=list)
    _loop: asyncio.Task[None] | None = None

    async def cast(self, click: Click) -> Outcome:
        """After the commit that holds it. Raises what the database raised: then nothing of the batch is stored, or, as
        after any broken commit, nobody knows, and Slack tells the person to press again."""
        waiter: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((click, waiter))
        if self._loop is None or self._loop.done():
            self._loop = asyncio.get_running_loop().create_task(self._count())
        return await waiter

    async def drain(self, seconds: float) -> None:
        """Everything that was cast is counted, or the time is up."""
        if self._loop is not None and not self._loop.done():
            await asyncio.wait({self._loop}, timeout=seconds)

    async def _count(self) -> None:
        while self._waiting:
            await self._gathered()
            batch = self._waiting[:MOST]
            del self._waiting[:MOST]
            try:
                outcomes = await self.sessions.run_in_one_step(
                    partial(count, clicks=[click for click, _ in batch], limits=self.limits)
                )
            except Exception as error:
                for _, waiter in batch:
                    if not waiter.done():
                        waiter.set_exception(error)
                        waiter.exception()  # a caller that has gone away is no reason for a warning
            else:
                for (_, waiter), outcome in zip(batch, outcomes, strict=True):
                    if not waiter.done():
                        waiter.set_result(outcome)

    async def _gathered(self) -> None:
        """What has reached us already shares the commit: turns of the loop that bring nothing take microseconds."""
        quiet, before, end = 0, 0, ticks() + GATHER
        while quiet < QUIET and before < MOST and ticks() < end:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == before else 0
            before = len(self._waiting)


async def count(session: AsyncSession, clicks: Sequence[Click], *, limits: Limits = USUAL) -> list[Outcome]:
    """One batch, in the caller's transaction; an outcome for each press, in order."""
    found = await counting.rounds(session, {click.post_id for click in clicks})
    now = await db_now(session)  # after the rounds are held: whoever was counted was in time when the reveal counted
    people = await _people(session, clicks, now)
    guests_at = await _guests_allowed(session, clicks, people)
    decided = [
        _decide(click, found.get(click.post_id), people[_who(click)], guests=click.channel_id in guests_at, now=now)
        for click in clicks
    ]
    await _note_refused(session, clicks, decided, found, now=now)
    stored = await _write(session, clicks, decided)
    outcome = partial(_outcome, found=found, people=people, stored=stored, limits=limits)
    return [outcome(click, decision) for click, decision in zip(clicks, decided, strict=True)]


@dataclass(frozen=True, kw_only=True)
class _Decision:
    told: Told
    quiz_id: str = ""
    option: int = -1


def _who(click: Click) -> Key:
    return click.workspace_id, click.user_id


async def _people(session: AsyncSession, clicks: Sequence[Click], now: datetime) -> Mapping[Key, Voter]:
    """One read for the batch, and a few more where some were never seen: these are queued to be looked up in Slack."""
    wanted: dict[str, set[str]] = {}
    for click in clicks:
        wanted.setdefault(click.workspace_id, set()).add(click.user_id)
    found: dict[Key, Voter] = {}
    for ws, users in sorted(wanted.items()):
        known = await members.voters(session, ws, users)
        found.update(((ws, user), person) for user, person in known.items())
        found.update(((ws, user), person) for user, person in await _new(session, ws, users - known.keys(), now))
    return found


async def _new(session: AsyncSession, ws: str, users: Collection[str], now: datetime) -> list[tuple[str, Voter]]:
    """As `members.get` has them, but for a crowd at the cost of one."""
    if not users:
        return []
    await members.guests_among(session, ws, users)  # queues who can be looked up
    first: Voter | None = None
    found = []
    for user in sorted(users):
        if first is None or not is_user_id(user):
            person = await members.get(session, ws, user, now=now)
            one = Voter(kind=person.kind, zone=person.zone, locale=person.locale)
            first = one if one.kind == MEMBER else first
        else:
            one = first
        found.append((user, one))
    return found


async def _guests_allowed(session: AsyncSession, clicks: Sequence[Click], people: Mapping[Key, Voter]) -> set[str]:
    """The channels, of those where guests pressed, that let guests answer."""
    asked: dict[str, set[str]] = {}
    for click in clicks:
        if people[_who(click)].is_guest:
            asked.setdefault(click.workspace_id, set()).add(click.channel_id)
    return {
        channel.channel_id
        for ws, ids in sorted(asked.items())
        for channel in await channels.some(session, ws, ids)
        if channel.guests_answer
    }


def _decide(click: Click, found: Asked | None, person: Voter, *, guests: bool, now: datetime) -> _Decision:
    if click.outsider:
        return _Decision(told=Told.OUTSIDER)
    if found is None or found.quiz.workspace_id != click.workspace_id:
        return _Decision(told=Told.UNKNOWN)
    quiz, post = found.quiz, found.post
    option = rules.option_of(quiz.secret, quiz.content.size, click.option_id)
    refused = rules.refused_press(click, quiz, post, now=now)
    if refused is not None or option is None:
        return _Decision(told=refused or Told.UNKNOWN)
    wrote, approved = quiz.knew(click.user_id)
    saw = click.user_id in found.shown_to
    if not may_vote(person.kind, own=wrote, approved=approved, saw_answer=saw, guests_allowed=guests):
        return _Decision(told=_why_not(person, knew=wrote or approved or saw))
    return _Decision(told=Told.COUNTED, quiz_id=quiz.id, option=option)


REFUSED = frozenset({Told.KNEW, Told.GUEST, Told.NOT_A_PERSON, Told.OUTSIDER})


async def _note_refused(
    session: AsyncSession,
    clicks: Sequence[Click],
    decided: Sequence[_Decision],
    found: Mapping[str, Asked],
    *,
    now: datetime,
) -> None:
    """Once for each person and message: whoever goes on pressing does not fill the audit trail. Not about the
    customer: that may be the answer, and the round is open."""
    refused = {
        (click.workspace_id, click.user_id, click.post_id)
        for click, decision in zip(clicks, decided, strict=True)
        if decision.told in REFUSED and is_user_id(click.user_id)
    }
    for ws, user, post in sorted(refused):
        asked = found.get(post)
        about = [asked.post.channel_id] if asked is not None and asked.quiz.workspace_id == ws else []
        await members.refused_once(session, ws, user, Action.ANSWER_QUIZ, thing=post, about=about, now=now)


def _why_not(person: Voter, *, knew: bool) -> Told:
    if knew:
        return Told.KNEW
    return Told.GUEST if person.is_guest else Told.NOT_A_PERSON


async def _write(session: AsyncSession, clicks: Sequence[Click], decided: Sequence[_Decision]) -> Mapping[Key, int]:
    """The option that stands for each person who was counted."""
    pressed: dict[Key, list[tuple[Click, int]]] = {}
    for click, decision in zip(clicks, decided, strict=True):
        if decision.told is Told.COUNTED:
            pressed.setdefault((decision.quiz_id, click.user_id), []).append((click, decision.option))
    rows = []
    for (quiz_id, user_id), presses in sorted(pressed.items()):
        last = rules.newest([click for click, _ in presses])
        rows.append(
            Row(
                quiz_id=quiz_id,
                user_id=user_id,
                workspace_id=last.workspace_id,
                option=next(option for click, option in presses if click is last),
                acted_at=last.acted_at,
                channel_id=last.channel_id,
            )
        )
    return await counting.write(session, rows) if rows else {}


def _outcome(
    click: Click,
    decision: _Decision,
    *,
    found: Mapping[str, Asked],
    people: Mapping[Key, Voter],
    stored: Mapping[Key, int],
    limits: Limits,
) -> Outcome:
    person, asked = people[_who(click)], found.get(click.post_id)
    if asked is None or decision.told in {Told.UNKNOWN, Told.OUTSIDER}:
        return Outcome(told=decision.told, person=person)
    return Outcome(
        told=decision.told,
        person=person,
        quiz=asked.quiz,
        post=asked.post,
        option=stored.get((decision.quiz_id, click.user_id)),
        named=limits.scores if asked.scores is None else asked.scores,
    )
