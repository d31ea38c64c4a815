"""Occurrences: made once, filled in time, left out with a reason, on both databases."""

import asyncio
import threading
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables.channels import Occurrence, WeeklyTotal
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.features.channels import occurrences as occurrences_of
from bot.features.channels import posting, quiet, service, store
from bot.features.channels.jobs import PostWhatIsDue
from bot.features.channels.rules import Defaults, occurrence_id
from bot.features.edge import Edge
from tests.doubles import FixedClock
from tests.features.channels.kinds import ADMIN, LINE2, WS, FakeKind, channel, company, wish
from tests.features.members.people import NOW

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
DAILY = [(day, time(10)) for day in range(7)]


def job(edge: Edge, kind: FakeKind) -> PostWhatIsDue:
    return PostWhatIsDue(edge, {kind.name: kind}, Defaults())


async def occurrences(sessions: Sessions) -> list[tuple[datetime, str, str | None]]:
    async with sessions.begin() as session:
        rows = await session.execute(
            select(Occurrence.due_at, Occurrence.state, Occurrence.reason).order_by(Occurrence.due_at, Occurrence.id)
        )
        return [(due_at, state, reason) for due_at, state, reason in rows]


async def owed(sessions: Sessions, kind: str) -> int:
    async with sessions.begin() as session:
        query = select(func.count()).select_from(Delivery).where(Delivery.kind == kind)
        return int((await session.execute(query)).scalar_one())


@pytest.fixture
async def ready(sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        await company(session)
        await channel(session, new_id, wish(LINE2, *DAILY), now=NOW)


@pytest.mark.usefixtures("ready")
async def test_a_slot_gets_its_post_when_it_falls_due_and_not_before(edge: Edge, sessions: Sessions) -> None:
    tick = job(edge, FakeKind())
    assert await tick(TEN - timedelta(seconds=1)) == 0
    assert await tick(TEN) == 1
    assert await tick(TEN + timedelta(seconds=3)) == 0
    assert await occurrences(sessions) == [(TEN, "filled", None)]


@pytest.mark.usefixtures("ready")
async def test_holidays_are_read_off_the_loop_before_the_first_look(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(quiet, "load", lambda: threads.append(threading.current_thread()))
    tick = job(edge, FakeKind())
    await tick(TEN)
    await tick(TEN)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


@pytest.mark.usefixtures("ready")
async def test_any_number_of_processes_give_one_post(edge: Edge, sessions: Sessions) -> None:
    """A12 in small: each has its own watermark, and all look at the same moment."""
    kind = FakeKind()
    ticks = [job(edge, kind) for _ in range(5)]
    done = await asyncio.gather(*(tick(TEN) for tick in ticks))
    assert sum(done) == 1
    assert await owed(sessions, "stories.post") == 1
    assert [state for _, state, _ in await occurrences(sessions)] == ["filled"]


async def test_preview_names_the_occurrence_that_comes(edge: Edge, sessions: Sessions, new_id: NewId) -> None:
    kind = FakeKind()
    async with sessions.begin() as session:
        await company(session)
        await channel(session, new_id, now=NOW)
        found = await service.get(session, WS, LINE2)
        assert found is not None
        coming = (await service.next_due(session, found, NOW, 1))[0]
    await job(edge, kind)(TEN)
    expected = occurrence_id(coming.slot_id, coming.due_at)
    assert kind.filled[0][1].occurrence_id == expected


@pytest.mark.row("B5")
@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("down", "posts", "missed"),
    [
        (timedelta(seconds=10), 1, 0),
        (timedelta(hours=1), 1, 0),
        (timedelta(days=3, hours=1), 1, 3),  # the fourth day's time was an hour ago
        (timedelta(days=3, hours=5), 0, 4),
    ],
)
async def test_downtime_gives_at_most_one_post_and_records_each_miss(
    edge: Edge, sessions: Sessions, down: timedelta, posts: int, missed: int
) -> None:
    """B5."""
    assert await job(edge, FakeKind())(TEN + down) == posts
    found = await occurrences(sessions)
    assert sum(state == "filled" for _, state, _ in found) == posts
    assert sum(reason in {"missed", "late"} for _, _, reason in found) == missed
    assert await owed(sessions, "channels.missed") == (1 if missed else 0)


@pytest.mark.usefixtures("ready")
async def test_quiet_dates_are_left_out_and_recorded(edge: Edge, sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        await service.set_quiet_dates(session, WS, {TEN.date(): "Stocktaking"}, by=ADMIN, new_id=new_id, now=NOW)
    tick = job(edge, FakeKind())
    assert await tick(TEN) == 0
    assert await occurrences(sessions) == [(TEN, "skipped", "quiet_date")]
    assert await tick(TEN + timedelta(days=1)) == 1
    assert await owed(sessions, "channels.missed") == 0


async def test_the_countrys_holidays_count_in_the_channels_own_day(
    edge: Edge, sessions: Sessions, new_id: NewId
) -> None:
    """1 December is a holiday in Portugal; in Auckland that day begins eleven hours earlier in UTC."""
    async with sessions.begin() as session:
        await company(session)
        there = wish("C0FAR", *DAILY, zone="Pacific/Auckland", holidays_of="PT")
        await channel(session, new_id, there, now=NOW)
    tick = job(edge, FakeKind())
    await tick(datetime(2026, 11, 30, 21, 0, tzinfo=UTC))  # 10:00 on 1 December there
    assert (await occurrences(sessions))[-1] == (datetime(2026, 11, 30, 21, 0, tzinfo=UTC), "skipped", "quiet_date")


@pytest.mark.usefixtures("ready")
async def test_paused_stopped_and_shared_channels_get_nothing_and_say_why(
    edge: Edge, sessions: Sessions, new_id: NewId
) -> None:
    tick = job(edge, FakeKind())
    async with sessions.begin() as session:
        await service.pause(session, WS, LINE2, by=ADMIN, new_id=new_id, now=NOW)
    await tick(TEN)
    async with sessions.begin() as session:
        await service.resume(session, WS, LINE2, by=ADMIN, new_id=new_id, now=NOW)
        await service.set_stopped(session, WS, True, by=ADMIN, new_id=new_id, now=NOW)
    await tick(TEN + timedelta(days=1))
    async with sessions.begin() as session:
        await service.set_stopped(session, WS, False, by=ADMIN, new_id=new_id, now=NOW)
        await store.set_channel(session, WS, LINE2, outsiders=True)
    await tick(TEN + timedelta(days=2))
    async with sessions.begin() as session:
        await store.set_channel(session, WS, LINE2, outsiders=False)
    assert await tick(TEN + timedelta(days=3)) == 1
    reasons = [reason for _, _, reason in await occurrences(sessions)]
    assert reasons == ["paused", "stopped", "outsiders", None]


@pytest.mark.usefixtures("ready")
async def test_one_failing_channel_stops_no_other_and_is_tried_again(
    edge: Edge, sessions: Sessions, new_id: NewId
) -> None:
    async with sessions.begin() as session:
        await channel(session, new_id, wish("C0FINE", *DAILY), now=NOW)
    kind = FakeKind(fails={LINE2})
    tick = job(edge, kind)
    assert await tick(TEN) == 1
    assert len(await occurrences(sessions)) == 1  # the failed one was rolled back with its occurrence
    kind.fails.clear()
    assert await tick(TEN + timedelta(seconds=3)) == 0  # not hammered
    assert await tick(TEN + timedelta(seconds=9)) == 1
    assert [state for _, state, _ in await occurrences(sessions)] == ["filled", "filled"]


@pytest.mark.usefixtures("ready")
async def test_a_tick_that_takes_long_leaves_the_rest_to_the_next(
    edge: Edge, sessions: Sessions, new_id: NewId
) -> None:
    """Each look at the stopwatch is 4 s after the one before: the fourth post would begin after 12 s."""
    async with sessions.begin() as session:
        for number in range(4):
            await channel(session, new_id, wish(f"C0MORE{number}", *DAILY), now=NOW)
    passed = count(step=4)
    kind = FakeKind()
    tick = PostWhatIsDue(edge, {kind.name: kind}, Defaults(), ticks=lambda: float(next(passed)))
    assert await tick(TEN) == 3
    assert await tick(TEN + timedelta(minutes=30)) == 2
    assert [state for _, state, _ in await occurrences(sessions)] == ["filled"] * 5
    assert len({audience.channel_id for audience, _ in kind.filled}) == 5


@pytest.mark.usefixtures("ready")
async def test_however_slow_each_tick_fills_one(edge: Edge, sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        await channel(session, new_id, wish("C0MORE", *DAILY), now=NOW)
    passed = count(step=60)
    kind = FakeKind()
    tick = PostWhatIsDue(edge, {kind.name: kind}, Defaults(), ticks=lambda: float(next(passed)))
    assert [await tick(TEN), await tick(TEN), await tick(TEN)] == [1, 1, 0]


@pytest.mark.usefixtures("ready")
async def test_what_goes_on_failing_is_late_in_the_end(edge: Edge, sessions: Sessions) -> None:
    tick = job(edge, FakeKind(fails={LINE2}))
    await tick(TEN)
    await tick(TEN + timedelta(hours=4, seconds=1))
    assert await occurrences(sessions) == [(TEN, "skipped", "late")]
    assert await owed(sessions, "channels.missed") == 1


@pytest.mark.usefixtures("ready")
async def test_a_dead_token_waits_for_the_reinstall_within_the_lateness(edge: Edge, sessions: Sessions) -> None:
    tick = job(edge, FakeKind())

    async def state(value: str) -> None:
        async with sessions.begin() as session:
            await session.execute(update(Workspace).where(Workspace.id == WS).values(state=value))

    await state("dead")
    assert await tick(TEN) == 0
    assert await tick(TEN + timedelta(hours=2)) == 0
    assert await occurrences(sessions) == []
    await state("active")
    assert await tick(TEN + timedelta(hours=3)) == 1


@pytest.mark.usefixtures("ready")
async def test_what_waits_for_a_token_does_not_make_ticks_look_further_back(
    edge: Edge, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[timedelta] = []
    ticking = occurrences_of.ticking

    async def watched(session: AsyncSession, since: datetime, until: datetime) -> list[occurrences_of.Ticking]:
        looked.append(until - since)
        return await ticking(session, since, until)

    monkeypatch.setattr(occurrences_of, "ticking", watched)
    async with sessions.begin() as session:
        await session.execute(update(Workspace).where(Workspace.id == WS).values(state="dead"))
    tick = job(edge, FakeKind())
    await tick(TEN)
    await tick(TEN + timedelta(hours=2))
    await tick(TEN + timedelta(hours=2, seconds=3))
    assert looked[-2:] == [timedelta(hours=2, minutes=1), timedelta(seconds=63)]
    async with sessions.begin() as session:
        await session.execute(update(Workspace).where(Workspace.id == WS).values(state="active"))
    assert await tick(TEN + timedelta(hours=2, seconds=6)) == 1
    assert await tick(TEN + timedelta(hours=2, seconds=9)) == 0
    assert await occurrences(sessions) == [(TEN, "filled", None)]


@pytest.mark.usefixtures("ready")
async def test_nothing_left_is_recorded_with_the_kinds_reason(edge: Edge, sessions: Sessions) -> None:
    assert await job(edge, FakeKind(items=0))(TEN) == 0
    assert await occurrences(sessions) == [(TEN, "skipped", "nothing_left")]


async def test_a_new_slot_has_no_past(edge: Edge, sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        await company(session)
        await channel(session, new_id, wish(LINE2, *DAILY), now=TEN + timedelta(minutes=1))
    await job(edge, FakeKind())(TEN + timedelta(minutes=2))
    assert await occurrences(sessions) == []


@pytest.mark.usefixtures("ready")
async def test_another_zone_or_a_channel_that_comes_back_has_no_past_either(
    edge: Edge, sessions: Sessions, new_id: NewId
) -> None:
    """A process that starts now looks 14 days back: it must not post 10:00 in Berlin after 10:00 in UTC was posted."""
    assert await job(edge, FakeKind())(TEN) == 1
    later = TEN + timedelta(minutes=30)
    async with sessions.begin() as session:
        there = wish(LINE2, *DAILY, zone="Europe/Berlin")
        await service.add(session, WS, there, by=ADMIN, new_id=new_id, now=later)
    assert await job(edge, FakeKind())(later + timedelta(minutes=1)) == 0
    async with sessions.begin() as session:
        await service.remove(session, WS, LINE2, by=ADMIN, new_id=new_id, now=later + timedelta(hours=1))
    comeback = TEN + timedelta(days=3)
    async with sessions.begin() as session:
        await service.add(session, WS, there, by=ADMIN, new_id=new_id, now=comeback)
    assert await job(edge, FakeKind())(comeback) == 0
    assert await occurrences(sessions) == [(TEN, "filled", None)]
    assert await job(edge, FakeKind())(TEN + timedelta(days=3, hours=23)) == 1


@pytest.mark.usefixtures("ready")
async def test_a_stop_pressed_after_the_slots_were_read_still_counts(sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        slot = next(one for one in await occurrences_of.ticking(session, TEN, TEN))
        await service.set_stopped(session, WS, True, by=ADMIN, new_id=new_id, now=NOW)
    async with sessions.begin() as session:
        reason = await posting.fill_slot(session, {"story": FakeKind()}, slot, TEN, now=TEN)
    assert reason == "stopped"
    assert await occurrences(sessions) == [(TEN, "skipped", "stopped")]


@pytest.mark.usefixtures("ready")
async def test_post_now_has_its_effect_once_per_request(sessions: Sessions, new_id: NewId) -> None:
    kind = FakeKind(items=1)

    async def post(request: str) -> str | None:
        async with sessions.begin() as session:
            return await posting.post_now(
                session, WS, LINE2, "story", request=request, by=ADMIN, kinds={"story": kind}, new_id=new_id, now=NOW
            )

    assert [await post("r1"), await post("r1"), await post("r2"), await post("r2")] == [
        None,
        None,
        "nothing_left",
        "nothing_left",
    ]
    assert len(kind.filled) == 1
    async with sessions.begin() as session:
        assert (
            await posting.post_now(
                session, WS, "C0NONE", "story", request="r3", by=ADMIN, kinds={"story": kind}, new_id=new_id, now=NOW
            )
            == "removed"
        )


@pytest.mark.usefixtures("ready")
async def test_what_is_filled_is_not_yet_counted_as_posted(edge: Edge, sessions: Sessions) -> None:
    assert await job(edge, FakeKind())(TEN) == 1
    async with sessions.begin() as session:
        assert await store.totals(session, WS, LINE2) == {}


@pytest.mark.usefixtures("ready")
async def test_totals_are_by_week_without_persons(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await service.count(session, WS, LINE2, "post", TEN)
        await service.count(session, WS, LINE2, "post", TEN + timedelta(days=1))
        await service.count(session, WS, LINE2, "open", TEN + timedelta(days=7))
        totals = await store.totals(session, WS, LINE2)
        assert {column.name for column in WeeklyTotal.__table__.columns} == {
            "workspace_id",
            "channel_id",
            "week",
            "what",
            "count",
        }
    assert totals == {(date(2026, 11, 23), "post"): 2, (date(2026, 11, 30), "open"): 1}


async def test_a_tick_when_nothing_is_due_asks_for_zones_and_for_slots(
    edge: Edge, sessions: Sessions, new_id: NewId, clock: FixedClock
) -> None:
    async with sessions.begin() as session:
        await company(session)
        for number in range(30):
            await channel(session, new_id, wish(f"C0N{number:03d}", *DAILY), now=NOW)
    tick = job(edge, FakeKind())
    await tick(NOW + timedelta(minutes=1))
    asked: list[str] = []

    def remember(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(sessions.engine.sync_engine, "before_cursor_execute", remember)
    await tick(NOW + timedelta(minutes=2))
    event.remove(sessions.engine.sync_engine, "before_cursor_execute", remember)
    assert len([one for one in asked if one.startswith("SELECT slots")]) == 1
    assert len(asked) <= 3  # SQLite's BEGIN is one of them
