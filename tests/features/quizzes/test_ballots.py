"""Presses in crowds: grouped, raced, broken, and around the closing. Cast directly, on both databases."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.db.tables.members import LookUp
from bot.features.quizzes import ballots, counting
from bot.features.quizzes.ballots import Ballots, Outcome
from bot.features.quizzes.rules import Click, Told
from tests.features.quizzes.conftest import DAY, SECOND, Works, users
from tests.features.stories.given import AMARA, SAM
from tests.races import first_one_loses


async def all_of(casting: Ballots, clicks: Sequence[Click]) -> list[Outcome]:
    return list(await asyncio.gather(*(casting.cast(click) for click in clicks)))


async def test_what_queues_during_a_commit_is_the_next_batch(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    await works.bank()
    people = users(200)
    await works.people(*people)
    await works.ask()
    sizes: list[int] = []
    really = ballots.count

    async def counted(session: AsyncSession, clicks: Sequence[Click], **more: Any) -> list[Outcome]:
        sizes.append(len(clicks))
        return await really(session, clicks, **more)

    monkeypatch.setattr(ballots, "count", counted)
    outcomes = await all_of(works.ballots, [await works.click(user, 0) for user in people])
    assert {one.told for one in outcomes} == {Told.COUNTED}
    assert sum(sizes) == 200
    assert len(sizes) < 5
    assert len(await works.answers()) == 200


@pytest.mark.row("C3")
async def test_two_devices_at_once_leave_one_row_each_with_the_later_press(works: Works) -> None:
    """C3: a thousand people, each on two devices in the same millisecond, over two processes."""
    await works.bank()
    people = users(1000)
    await works.people(*people)
    await works.ask()
    presses: list[tuple[Click, int]] = []
    for number, user in enumerate(people):
        at = 1_000_000_000 + number * 1_000
        presses += [(await works.click(user, 1, acted_at=at), 0), (await works.click(user, 2, acted_at=at + 1), 1)]
    Random(7).shuffle(presses)
    other = Ballots(sessions=works.sessions)
    both = (works.ballots, other)
    outcomes = await asyncio.gather(*(both[device].cast(click) for click, device in presses))
    assert {one.told for one in outcomes} == {Told.COUNTED}
    assert Counter((await works.answers()).values()) == {2: 1000}


@pytest.mark.row("C10")
async def test_ten_thousand_votes_on_one_option(works: Works) -> None:
    """C10."""
    await works.bank()
    people = users(10_000, "U0X")
    await works.people(*people)
    await works.ask()
    await works.send()
    first = await works.click(people[0], 3)
    clicks = [
        Click(**{**{name: getattr(first, name) for name in Click.__dataclass_fields__}, "user_id": user})
        for user in people
    ]
    outcomes = await all_of(works.ballots, clicks)
    assert Counter(one.told for one in outcomes) == {Told.COUNTED: 10_000}
    works.pass_time(DAY + SECOND)
    await works.reveal()
    await works.send()
    quiz, _ = await works.round()
    assert quiz.result is not None
    assert quiz.result["counts"] == [0, 0, 0, 10_000]
    assert "10,000 have answered" in str(works.posted()[0]["blocks"])


@pytest.mark.row("G12")
async def test_one_person_pressing_ten_thousand_times_is_one_answer(works: Works) -> None:
    """G12."""
    await works.bank()
    await works.ask()
    first = await works.click(AMARA, 0)
    base = {name: getattr(first, name) for name in Click.__dataclass_fields__}
    clicks = [Click(**{**base, "acted_at": number}) for number in range(10_000)]
    other = await works.click(SAM, 1, acted_at=5)
    outcomes = await all_of(works.ballots, [*clicks[:5000], other, *clicks[5000:]])
    assert {one.told for one in outcomes} == {Told.COUNTED}
    assert await works.answers() == {AMARA: 0, SAM: 1}


@pytest.mark.row("C5")
@pytest.mark.parametrize("ahead_ms", [40, 10, 0, -10])
async def test_every_press_around_the_closing_is_counted_or_told_that_it_is_closed(works: Works, ahead_ms: int) -> None:
    """C5: presses from two processes within 50 ms of the closing, with reveals running against them."""
    await works.bank()
    people = users(250)
    await works.people(*people)
    await works.ask()
    clicks = [await works.click(user, number % 4) for number, user in enumerate(people)]
    _, post = await works.round()
    async with works.sessions.begin() as session:
        now = await db_now(session)
    works.pass_time(post.closes_at - now - SECOND * (ahead_ms / 1000))
    both = (works.ballots, Ballots(sessions=works.sessions))
    told: dict[str, Told] = {}

    async def press(number: int, click: Click) -> None:
        told[click.user_id] = (await both[number % 2].cast(click)).told

    async def reveal() -> None:
        while not await works.reveal():
            await asyncio.sleep(0)

    waves = [asyncio.create_task(reveal())]
    for start in range(0, 250, 50):
        waves += [asyncio.create_task(press(n, clicks[n])) for n in range(start, start + 50)]
        await asyncio.sleep(0)
    await asyncio.gather(*waves)
    quiz, _ = await works.round()
    assert quiz.result is not None
    counted = {user for user, one in told.items() if one is Told.COUNTED}
    assert set(told.values()) <= {Told.COUNTED, Told.CLOSED, Told.REVEALED}
    assert counted == set(await works.answers())
    assert sum(quiz.result["counts"]) == len(counted)


async def test_a_lost_race_is_run_again_and_counts_once(works: Works) -> None:
    await works.bank()
    await works.ask()
    click = await works.click(AMARA, 2)
    with first_one_loses() as ends:
        outcome = await works.ballots.cast(click)
    assert (outcome.told, ends) == (Told.COUNTED, ["lost", "committed"])
    assert await works.answers() == {AMARA: 2}


async def test_a_broken_batch_fails_its_own_waiters_and_no_others(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C2: nobody is told that an answer counts whose commit did not happen."""
    await works.bank()
    await works.ask()
    really, broken = counting.write, [True]

    async def write(session: AsyncSession, rows: Sequence[counting.Row]) -> dict[counting.Key, int]:
        stands = await really(session, rows)
        if broken:
            broken.clear()
            raise DBAPIError("INSERT", {}, Exception("the disk is full"))
        return stands

    monkeypatch.setattr(counting, "write", write)
    first = await asyncio.gather(works.ballots.cast(await works.click(AMARA, 0)), return_exceptions=True)
    assert isinstance(first[0], DBAPIError)
    assert await works.answers() == {}
    assert (await works.press(SAM, 1)).told is Told.COUNTED
    assert await works.answers() == {SAM: 1}


async def test_whoever_has_gone_away_does_not_stop_the_batch(works: Works) -> None:
    await works.bank()
    await works.ask()
    gone = asyncio.create_task(works.ballots.cast(await works.click(AMARA, 0)))
    stays = asyncio.create_task(works.ballots.cast(await works.click(SAM, 1)))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays).told is Told.COUNTED
    assert await works.answers() == {AMARA: 0, SAM: 1}


async def test_draining_waits_for_what_was_cast(works: Works) -> None:
    await works.bank()
    await works.ask()
    cast = asyncio.create_task(works.ballots.cast(await works.click(AMARA, 0)))
    await asyncio.sleep(0)
    await works.ballots.drain(10)
    assert await works.answers() == {AMARA: 0}
    assert (await cast).told is Told.COUNTED


async def test_a_crowd_reads_people_once_for_the_batch(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    await works.bank()
    people = users(300)
    await works.people(*people)
    await works.ask()
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    clicks = [await works.click(user, 0) for user in people]
    event.listen(works.sessions.engine.sync_engine, "before_cursor_execute", note)
    await all_of(works.ballots, clicks)
    event.remove(works.sessions.engine.sync_engine, "before_cursor_execute", note)
    assert len(statements) < 30  # for 300 presses in a few batches


async def test_a_crowd_that_nobody_has_seen_costs_little_more_and_is_looked_up(works: Works) -> None:
    await works.bank()
    await works.ask()
    people = users(300, "U0NEW")
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    clicks = [await works.click(user, 0) for user in [*people, "not-an-id"]]
    event.listen(works.sessions.engine.sync_engine, "before_cursor_execute", note)
    outcomes = await all_of(works.ballots, clicks)
    event.remove(works.sessions.engine.sync_engine, "before_cursor_execute", note)
    assert Counter(one.told for one in outcomes) == {Told.COUNTED: 300, Told.NOT_A_PERSON: 1}
    assert len(statements) < 60
    async with works.sessions.begin() as session:
        assert set(people) <= set(await session.scalars(select(LookUp.user_id)))
