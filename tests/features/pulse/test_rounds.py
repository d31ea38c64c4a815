"""Rounds from the clock: opened, answered, closed; and that nothing tells who answered what."""

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables import Base
from bot.db.tables.channels import Channel as ChannelRow
from bot.db.tables.channels import Occurrence
from bot.db.tables.delivery import Delivery
from bot.db.tables.pulse import PulseRound, PulseTotals, PulseVoices
from bot.delivery.queue import as_owed
from bot.delivery.rendering import Skip
from bot.features.channels import service as channels
from bot.features.edge import Edge
from bot.features.members import service as members
from bot.features.pulse import owed, results, service, staggering, store
from bot.features.pulse.jobs import AskWhatIsDue
from bot.features.pulse.rules import Defaults, Outcome
from bot.slack.kit import Message
from tests.doubles import CountingIds
from tests.features.channels.kinds import ADMIN, LINE2, TUESDAY, WS, channel, company, wish
from tests.features.members.people import NOW, user

SECRET = b"out of the settings"
PEOPLE = tuple(f"U0PERSON{number}" for number in range(8))
FIRST_POST = NOW + timedelta(days=7, hours=1)  # next Tuesday at 10:00
LEAD_BEGINS = FIRST_POST - timedelta(days=3)  # Saturday at 10:00


async def line_2(sessions: Sessions, new_id: NewId, **changes: Any) -> None:
    async with sessions.begin() as session:
        await company(session)
        people = [{**user(one, name=one, tz="UTC", locale="en-GB"), "team_id": WS} for one in PEOPLE]
        await members.save(session, WS, people, NOW)
        # set up after today's 10:00, so that the first post is a week away
        setup = wish(LINE2, (TUESDAY, time(10)), **changes)
        await channel(session, new_id, setup, people=(*PEOPLE, "U0GUEST"), now=NOW + timedelta(hours=2))


async def tick(edge: Edge, now: datetime) -> int:
    return await AskWhatIsDue(edge, Defaults())(now)


async def the_round(sessions: Sessions) -> PulseRound:
    async with sessions.begin() as session:
        found = (await session.scalars(select(PulseRound).order_by(PulseRound.number))).all()
    assert found
    return found[-1]


async def answer(sessions: Sessions, person: str, now: datetime = LEAD_BEGINS, **answers: int) -> Outcome:
    return await send(sessions, person, answers, now)


async def send(sessions: Sessions, person: str, answers: Mapping[str, int], now: datetime = LEAD_BEGINS) -> Outcome:
    one = await the_round(sessions)
    async with sessions.begin() as session:
        return await service.answer(session, WS, one.id, person, answers, secret=SECRET, now=now)


async def everything(sessions: Sessions) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order in which the database keeps them."""
    async with sessions.begin() as session:
        return {
            table.name: [tuple(row) for row in await session.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }


# -- opening ----------------------------------------------------------------------------------------------------------


async def test_a_channels_people_are_asked_once_three_days_before_its_first_post(
    sessions: Sessions, edge: Edge, new_id: NewId
) -> None:
    await line_2(sessions, new_id)
    assert await tick(edge, LEAD_BEGINS - timedelta(seconds=1)) == 0
    assert await tick(edge, LEAD_BEGINS) == 1
    assert await tick(edge, LEAD_BEGINS + timedelta(minutes=1)) == 0
    one = await the_round(sessions)
    assert (one.number, one.before_posts, one.closes_at) == (1, True, FIRST_POST)
    async with sessions.begin() as session:
        (asked,) = await session.scalars(select(Delivery).where(Delivery.kind == "pulse.ask"))
        assert (asked.method, asked.target, asked.late_after) == ("post", LINE2, FIRST_POST)


@pytest.mark.parametrize("against", ["channel", "workspace", "paused", "stopped", "outsiders", "quiet date", "posted"])
async def test_nobody_is_asked_where_that_is_not_wanted(
    sessions: Sessions, edge: Edge, new_id: NewId, against: str
) -> None:
    await line_2(sessions, new_id, pulse_off=against == "channel")
    async with sessions.begin() as session:
        if against == "workspace":
            assert await service.set_off(session, WS, True, by=ADMIN, new_id=new_id, now=NOW)
            assert not await service.set_off(session, WS, True, by=ADMIN, new_id=new_id, now=NOW)
        elif against == "paused":
            await channels.pause(session, WS, LINE2, by=ADMIN, new_id=new_id, now=NOW)
        elif against == "stopped":
            await channels.set_stopped(session, WS, True, by=ADMIN, new_id=new_id, now=NOW)
        elif against == "outsiders":
            await session.execute(update(ChannelRow).values(outsiders=True))
        elif against == "quiet date":
            days = {LEAD_BEGINS.date(): "Works outing"}
            await channels.set_quiet_dates(session, WS, days, by=ADMIN, new_id=new_id, now=NOW)
        elif against == "posted":
            session.add(occurrence(NOW))
    assert await tick(edge, LEAD_BEGINS) == 0
    if against == "quiet date":
        assert await tick(edge, LEAD_BEGINS + timedelta(days=1)) == 1


def occurrence(due_at: datetime) -> Occurrence:
    return Occurrence(
        id=f"o{due_at.timestamp()}",
        workspace_id=WS,
        slot_id=None,
        channel_id=LINE2,
        kind="story",
        due_at=due_at,
        local_day=due_at.date(),
        state="filled",
        decided_at=due_at,
    )


async def test_a_quarter_later_they_are_asked_again(sessions: Sessions, edge: Edge, new_id: NewId) -> None:
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    async with sessions.begin() as session:
        session.add(occurrence(FIRST_POST))
    assert await tick(edge, LEAD_BEGINS + timedelta(days=91)) == 1  # the first one closes, and
    assert await tick(edge, LEAD_BEGINS + timedelta(days=91)) == 1  # the next one opens
    one = await the_round(sessions)
    assert (one.number, one.before_posts) == (2, False)
    assert one.closes_at - one.opened_at == timedelta(days=7)


async def test_on_an_admins_word_they_are_asked_at_once_but_never_twice(
    sessions: Sessions, edge: Edge, new_id: NewId
) -> None:
    await line_2(sessions, new_id)

    async def ask() -> str | None:
        async with sessions.begin() as session:
            place = await channels.get(session, WS, LINE2)
            assert place is not None
            return await service.ask_now(
                session, place, by=ADMIN, key="k1", defaults=Defaults(), new_id=new_id, now=NOW
            )

    assert await ask() is None
    assert await ask() == "open"
    async with sessions.begin() as session:
        await service.set_off(session, WS, True, by=ADMIN, new_id=new_id, now=NOW)
    assert await ask() == "off"


# -- answering --------------------------------------------------------------------------------------------------------


async def test_each_answers_once_whatever_they_send_again(sessions: Sessions, edge: Edge, new_id: NewId) -> None:
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    assert await answer(sessions, PEOPLE[0]) is Outcome.NOTHING
    assert await answer(sessions, PEOPLE[0], who=2) is Outcome.COUNTED
    assert await answer(sessions, PEOPLE[0], who=2) is Outcome.ALREADY
    assert await answer(sessions, PEOPLE[0], who=5, why=5) is Outcome.ALREADY
    assert await answer(sessions, "U0AMARA", who=5) is Outcome.NOT_THERE  # not in this channel
    assert await answer(sessions, "U0GUEST", who=5) is Outcome.NOT_THERE
    assert await answer(sessions, PEOPLE[1], now=FIRST_POST, who=5) is Outcome.CLOSED
    one = await the_round(sessions)
    async with sessions.begin() as session:
        assert await service.answer(session, "T0ELSE", one.id, PEOPLE[1], {"who": 1}, secret=SECRET, now=NOW) is (
            Outcome.CLOSED
        )
        totals = (await store.totals(session, {one.id}))[one.id]
    assert (totals["who"].answers, totals["who"].points, totals["why"].answers) == (1, 2, 0)


async def test_guests_answer_where_the_channel_lets_them(sessions: Sessions, edge: Edge, new_id: NewId) -> None:
    await line_2(sessions, new_id, guests_answer=True)
    await tick(edge, LEAD_BEGINS)
    assert await answer(sessions, "U0GUEST", who=5) is Outcome.COUNTED


async def test_an_answer_changes_nothing_but_one_row_of_totals_and_one_of_marks(
    sessions: Sessions, edge: Edge, new_id: NewId, caplog: pytest.LogCaptureFixture
) -> None:
    """No view, no press, no time, no audit, no log."""
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    for person in PEOPLE[:3]:
        with caplog.at_level(logging.DEBUG, logger="bot"):
            before = await everything(sessions)
            await answer(sessions, person, who=3, what=1)
            after = await everything(sessions)
        changed = {name for name, rows in after.items() if rows != before[name]}
        assert changed == {"pulse_totals", "pulse_voices"}
        assert len(after["pulse_totals"]) == len(after["pulse_voices"]) == 1
        for name in changed:
            assert person not in str(after[name])
    assert not any(person in caplog.text for person in PEOPLE)


async def test_the_database_is_the_same_in_whatever_order_people_answered(
    sessions: Sessions, edge: Edge, new_id: NewId
) -> None:
    """So no order, in rows or values, ties an answer to a person."""
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    one = await the_round(sessions)
    answers = {PEOPLE[0]: {"who": 1}, PEOPLE[1]: {"who": 5, "why": 2}, PEOPLE[2]: {"why": 4, "what": 3}}
    found = []
    for order in permutations(answers):
        for person in order:
            assert await send(sessions, person, answers[person]) is Outcome.COUNTED
        found.append(await everything(sessions))
        async with sessions.begin() as session:
            await store.set_totals(session, one.id, {})
            await store.set_marks(session, one.id, b"")
    assert all(one == found[0] for one in found)


# -- closing ----------------------------------------------------------------------------------------------------------


async def close(sessions: Sessions, edge: Edge) -> None:
    assert await tick(edge, FIRST_POST) == 1


async def test_closing_destroys_who_answered_and_keeps_the_averages(
    sessions: Sessions, edge: Edge, new_id: NewId
) -> None:
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    for number, person in enumerate(PEOPLE[:6]):
        await send(sessions, person, {"who": 4, "why": 2} if number < 4 else {"who": 4})
    await close(sessions, edge)
    one = await the_round(sessions)
    assert (one.key, one.closed_at) == (None, FIRST_POST)
    async with sessions.begin() as session:
        assert list(await session.scalars(select(PulseVoices))) == []
        (kept,) = await session.scalars(select(PulseTotals))
        assert kept.totals == {"who": [6, 24]}  # four answers to the second question: not even kept
        (last,) = await session.scalars(select(Delivery).where(Delivery.method == "update"))
        assert last.ref == {"round": one.id}
        assert await service.answered(session, await _get(session, one.id)) == 6
    assert await answer(sessions, PEOPLE[7], who=5) is Outcome.CLOSED
    assert await tick(edge, FIRST_POST) == 0


async def _get(session: Any, round_id: str) -> service.Round:
    found = await service.get(session, WS, round_id)
    assert found is not None
    return found


async def test_of_four_answers_nothing_is_left(sessions: Sessions, edge: Edge, new_id: NewId) -> None:
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    for person in PEOPLE[:4]:
        await answer(sessions, person, who=1, why=1, what=1)
    await close(sessions, edge)
    async with sessions.begin() as session:
        assert list(await session.scalars(select(PulseTotals))) == []
        place = await channels.get(session, WS, LINE2)
        assert place is not None
        (result,) = await results.of(session, WS, [place])
        assert (result.latest, result.too_few) == (None, True)


async def test_nothing_is_shown_of_a_round_that_is_open(sessions: Sessions, edge: Edge, new_id: NewId) -> None:
    """From totals before and after the fifth answer the fifth person's could be worked out."""
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    one = await the_round(sessions)
    for person in PEOPLE[:7]:
        await answer(sessions, person, who=5)
        async with sessions.begin() as session:
            place = await channels.get(session, WS, LINE2)
            assert place is not None
            (result,) = await results.of(session, WS, [place])
            assert await service.answered(session, await _get(session, one.id)) == 0
        assert (result.latest, result.too_few, result.open_until) == (None, False, FIRST_POST)
    await close(sessions, edge)
    async with sessions.begin() as session:
        place = await channels.get(session, WS, LINE2)
        assert place is not None
        (result,) = await results.of(session, WS, [place])
    assert result.latest is not None
    assert result.latest.totals["who"].average == 5.0
    assert result.is_baseline


# -- the message in the channel ---------------------------------------------------------------------------------------


async def rendered(sessions: Sessions, new_id: NewId, method: str = "post") -> Any:
    async with sessions.begin() as session:
        row = await session.scalar(select(Delivery).where(Delivery.kind == "pulse.ask", Delivery.method == method))
        assert row is not None
        return await owed.Ask(new_id=new_id).render(session, as_owed(row))


async def test_the_message_says_how_it_is_kept_and_is_not_sent_to_a_paused_channel(
    sessions: Sessions, edge: Edge, new_id: NewId
) -> None:
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    async with sessions.begin() as session:  # the database's own time decides
        await session.execute(update(PulseRound).values(closes_at=await db_now(session) + timedelta(days=1)))
    message = await rendered(sessions, new_id)
    assert isinstance(message, Message)
    assert "Anonymous" in message.text
    async with sessions.begin() as session:
        await channels.pause(session, WS, LINE2, by=ADMIN, new_id=new_id, now=NOW)
    assert await rendered(sessions, new_id) == Skip(reason="paused")
    async with sessions.begin() as session:
        await session.execute(update(PulseRound).values(closes_at=await db_now(session)))
    assert await rendered(sessions, new_id) == Skip(reason="closed")


async def test_a_message_that_was_held_back_asks_again_when_the_channel_goes_on(
    sessions: Sessions, edge: Edge, new_id: NewId
) -> None:
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    async with sessions.begin() as session:
        row = await session.scalar(select(Delivery).where(Delivery.kind == "pulse.ask"))
        assert row is not None
        await owed.Ask(new_id=new_id).on_skipped(session, as_owed(row), reason="paused", now=NOW)
        assert list(await session.scalars(select(PulseRound))) == []
    assert await tick(edge, LEAD_BEGINS + timedelta(hours=1)) == 1


@pytest.mark.parametrize(
    ("error", "again", "state"), [("is_archived", True, "paused"), ("invalid_blocks", False, "active")]
)
async def test_a_message_that_failed_is_not_tried_every_minute(
    sessions: Sessions, edge: Edge, new_id: NewId, error: str, again: bool, state: str
) -> None:
    await line_2(sessions, new_id)
    await tick(edge, LEAD_BEGINS)
    async with sessions.begin() as session:
        row = await session.scalar(select(Delivery).where(Delivery.kind == "pulse.ask"))
        assert row is not None
        await owed.Ask(new_id=new_id).on_failed(session, as_owed(row), error=error, now=NOW)
        assert bool(list(await session.scalars(select(PulseRound)))) is not again
        place = await channels.get(session, WS, LINE2)
        assert place is not None
        assert place.state == state
    assert await tick(edge, LEAD_BEGINS + timedelta(minutes=1)) == 0


# -- channels that start one after the other --------------------------------------------------------------------------


async def test_drawn_channels_begin_on_their_day_and_are_asked_together(
    sessions: Sessions, edge: Edge, new_id: CountingIds
) -> None:
    ids = ["C0LINE2", "C0LINE3", "C0LINE4"]
    await line_2(sessions, new_id)
    async with sessions.begin() as session:
        for one in ids[1:]:
            await channel(session, new_id, wish(one), people=PEOPLE, now=NOW + timedelta(hours=2))
        made = await staggering.draw(
            session, WS, ids, weeks=12, lead=timedelta(days=3), seed="s", by=ADMIN, new_id=new_id, now=NOW
        )
        found = {one.channel_id: one for one in await channels.all(session, WS)}
    assert made.first_day == date(2026, 11, 30)
    assert sorted(made.drawn.values()) == [date(2026, 11, 30), date(2026, 12, 28), date(2027, 1, 25)]
    assert staggering.again(made) == made.drawn
    for one, day in made.drawn.items():
        begins = datetime.combine(day, time(0), tzinfo=UTC)
        assert found[one].starts_at == begins
        assert all(slot.starts_at == begins for slot in found[one].slots)
    assert await tick(edge, datetime(2026, 11, 27, 10, tzinfo=UTC)) == 3
    last = max(made.drawn, key=made.drawn.__getitem__)
    async with sessions.begin() as session:
        assert await store.same_draw(session, WS, last) == set(ids) - {last}
        # a time that is added later does not come before the drawn day either
        setup = wish(last, (TUESDAY, time(10)), (4, time(9)))
        changed = await channels.add(session, WS, setup, by=ADMIN, new_id=new_id, now=NOW + timedelta(days=2))
        assert {slot.starts_at for slot in changed.slots} == {datetime(2027, 1, 25, tzinfo=UTC)}
        kept = await staggering.find(session, WS, made.id)
        assert kept == made
        assert await staggering.find(session, "T0ELSE", made.id) is None


async def test_only_channels_without_a_post_can_be_drawn(sessions: Sessions, edge: Edge, new_id: NewId) -> None:
    await line_2(sessions, new_id)
    async with sessions.begin() as session:
        assert [one.channel_id for one in await staggering.waiting(session, WS)] == [LINE2]
        session.add(occurrence(NOW))
        await session.flush()
        assert await staggering.waiting(session, WS) == []


async def test_a_channel_with_another_id_takes_its_rounds_along(sessions: Sessions, edge: Edge, new_id: NewId) -> None:
    from bot.features.channels import store as channels_store

    await line_2(sessions, new_id, owners=frozenset({PEOPLE[0]}))
    await tick(edge, LEAD_BEGINS)
    async with sessions.begin() as session:
        assert await channels_store.change_id(session, WS, LINE2, "C0NEWID")
    assert (await the_round(sessions)).channel_id == "C0NEWID"
    async with sessions.begin() as session:
        assert await channels.owns(session, WS, "C0NEWID", PEOPLE[0])
