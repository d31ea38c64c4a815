"""Several `canteen run` on one PostgreSQL: clocks that disagree, a ticker that dies, restarts, and one that sleeps."""

import asyncio
import random
import signal
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.tables.adoptions import Adoption, HatDraw
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import Member
from bot.features.customers import service as customers
from bot.features.stories import service as stories
from bot.features.updates.owing import REMINDER
from bot.wiring import Parts
from tests.faults.crowd import NOWHERE, Crowd
from tests.faults.ground import Ground, Replica, ground
from tests.faults.proof import Proof
from tests.faults.test_database_away import AHEAD, becomes, slots, trickle
from tests.faults.test_votes_under_fire import close_in, counts
from tests.flows import owing, voting
from tests.flows.company import ADMIN, MAKER, OTHER
from tests.postgres import Server

pytestmark = pytest.mark.postgres
SKEWS = ("0s", "-20s", "15s", "3s", "-4s")
SECONDS = 10
AT_ONCE = 15  # granted ahead, caught up with, or made later, each within a second


@pytest.mark.row("A12", waits=True)
@pytest.mark.parametrize("processes", [3, 2, 5])
@pytest.mark.timeout(240)
async def test_every_occurrence_is_posted_once_at_its_time(
    tmp_path: Path, postgres_server: Server, proof: Proof, processes: int
) -> None:
    """Their clocks are up to 35 s apart, and the database's counts. Together they keep Slack's pace."""
    if proof.size == "small" and processes != 3:
        pytest.skip("at full size only; with three it is the same in small")
    places, each = proof.at(small=(10, 3), full=(20, 50))
    async with ground(tmp_path, server=postgres_server, transport="socket", channels=places) as it, it.parts() as parts:
        await it.install(stories=each + 2)
        await it.replicas(processes, skews=SKEWS)
        first = datetime.now(UTC) + timedelta(seconds=proof.at(small=12, full=45))
        await owing.set_up(it, owing.lines(places), *slots(first, each, every=timedelta(seconds=1)))
        await owing.all_sent_once(it, parts, places * each, within=600)
        assert await owing.count(parts, "heartbeats", "true") == processes
        early = await earliest(parts)
        calls = [one for one in await owing.calls(it, "chat.postMessage") if one["ok"]]
        in_all, in_one = most(calls)
    assert early >= 0, "a clock that is ahead posts too early"
    assert in_all <= SECONDS * 5 + AT_ONCE
    assert in_one <= SECONDS + AT_ONCE // 5
    proof.found(
        f"{processes} processes: {places * each} messages, none twice, none before its time; in any {SECONDS} s at most "
        f"{in_all} of the workspace and {in_one} in one channel",
        injected="2, 3, 5 processes on PostgreSQL whose clocks are up to 35 s apart, 1,000 occurrences",
    )


async def earliest(parts: Parts) -> float:
    """Seconds from the wanted time to the message, of the one for which they are fewest."""
    async with parts.sessions.begin() as session:
        rows = await session.execute(select(Delivery.wanted_at, Delivery.ts).where(Delivery.kind == stories.POST))
        return min(float(ts) - wanted.timestamp() for wanted, ts in rows if ts is not None)


def most(calls: list[dict[str, Any]]) -> tuple[int, int]:
    """Calls within any `SECONDS`, as Slack saw them: of the workspace, and into one channel."""
    places: dict[str, list[float]] = defaultdict(list)
    for one in calls:
        places[one["args"]["channel"]].append(one["at"])
    return within([one["at"] for one in calls]), max(map(within, places.values()))


def within(moments: list[float]) -> int:
    return max(sum(1 for later in moments if at <= later < at + SECONDS) for at in moments)


@pytest.mark.row("A12")
async def test_a_reveal_and_a_draw_happen_once(tmp_path: Path, postgres_server: Server, proof: Proof) -> None:
    """Three replicas whose clocks disagree all find the same round closed and the same hat due."""
    people = proof.at(small=20, full=200)
    async with ground(tmp_path, server=postgres_server, channels=1) as it, it.parts() as parts:
        await voting.set_up(it, people=people)
        await it.replicas(3, skews=SKEWS)
        crowd = Crowd(it.port, await voting.open_quiz(it, people=people, respond_to=NOWHERE))
        await crowd.at_once(range(people))
        await it.act(ADMIN, "command", channel="C0LINE0", text="/customer hat")
        await it.act(ADMIN, "submit")
        await it.act(ADMIN, "close", all=True)
        (hat,) = await it.until(partial(it_says, it, "are in the hat"))
        for who in (MAKER, OTHER):
            await it.act(who, "press", action="I'm in", **{"in": {"channel": "C0LINE0", "ts": hat["ts"]}})
        async with parts.sessions.begin() as session:
            await session.execute(update(HatDraw).values(draw_at=datetime.now(UTC)))
        await close_in(it, timedelta())
        for words in ("drew a customer", "The answer is out"):
            await it.until(partial(it_says, it, words))
            assert len(await it_says(it, words)) == 1
        made = await owing.made(it)
        assert sum(await counts(it) or []) == people
        assert await owing.count(parts, "adoptions", "via = 'hat'") == 2
    assert set(made.values()) == {1}
    proof.found(f"3 processes: one reveal of {people} answers and one draw; {len(made)} messages, none twice")


@pytest.mark.row("A12")
async def test_an_account_manager_is_reminded_once(tmp_path: Path, postgres_server: Server, proof: Proof) -> None:
    """Three replicas start at a time of the week at which Orion's news is overdue, and all of them find that it is."""
    async with ground(tmp_path, server=postgres_server, transport="socket") as it:
        await it.install()
        it.env["CANTEEN_CLOCK_OFFSET"] = f"{int((at_work() - datetime.now(UTC)).total_seconds())}s"
        async with it.parts() as parts:
            await adopted_long_ago(parts, MAKER)
            replicas = await it.replicas(3, skews=SKEWS)
            for one in replicas:
                await becomes(partial(has_looked, one, "news reminders"), within=60)
            await it.until(partial(it_says, it, "would like to hear how it is doing", None))
            assert await owing.count(parts, "deliveries", f"kind = '{REMINDER}'") == 1
            assert len(await it_says(it, "would like to hear how it is doing", None)) == 1
    proof.found("3 processes: one reminder of news")


def at_work() -> datetime:
    """A Tuesday to come, about eleven in the morning in São Paulo, where the account manager is."""
    now = datetime.now(UTC)
    return now.replace(hour=14, minute=0, second=0) + timedelta(days=7 + (1 - now.weekday()) % 7)


async def adopted_long_ago(parts: Parts, who: str) -> None:
    now = parts.clock.now()
    awake = {"quiet_from": day_time(0), "quiet_until": day_time(0), "dnd_read_at": now}
    async with parts.sessions.begin() as session:
        await session.execute(update(Member).values(**awake))
        orion = (await customers.find_by_name(session, "T0FLOW", "Orion")).customer
        assert orion is not None
        session.add(
            Adoption(
                id="long-ago", workspace_id="T0FLOW", request="long ago", customer_id=orion.id, user_id=who,
                via="press", since=now - timedelta(days=200),
            )
        )  # fmt: skip


async def has_looked(replica: Replica, job: str) -> bool:
    return f'canteen_ticks_total{{name="{job}",outcome="ok"}}' in (await replica.asks("/metrics"))[1]


async def it_says(it: Ground, words: str, channel: str | None = "C0LINE0") -> list[dict[str, Any]]:
    return [one for one in await it.posts(channel) if words in str(one)]


# -- one that dies inside ----------------------------------------------------------------------------------------------


@pytest.mark.row("A14", waits=True)
@pytest.mark.parametrize("way", ["broken_ticks", "dead_scheduler"])
async def test_a_dead_ticker_turns_health_red_and_another_replica_carries_on(
    tmp_path: Path, postgres_server: Server, proof: Proof, way: str
) -> None:
    """In small the limit of 25 s is shortened too, which is the only difference."""
    limit = proof.at(small="3", full="")
    async with ground(tmp_path, server=postgres_server, transport="socket", channels=2) as it, it.parts() as parts:
        await it.install(stories=4)
        broken = it.replica()
        await broken.start((f"tests.faults.preludes:{way}", {"after": "1", "limit": limit}))
        started = time.monotonic()
        assert (await broken.asks("/healthz"))[0] == 200
        await becomes(partial(answers, broken, "/healthz", 503), within=40)
        red_after = time.monotonic() - started
        assert (await broken.asks("/healthz"))[1].strip() == "the ticker stands still"
        await it.replicas(1)
        await owing.set_up(it, owing.lines(2), *slots(datetime.now(UTC) + timedelta(seconds=10), 1, every=timedelta()))
        await owing.all_sent_once(it, parts, 2, within=30)
        assert (await broken.asks("/healthz"))[0] == 503
    assert red_after <= float(limit or 25) + 5
    proof.found(f"{way.replace('_', ' ')}: red after {red_after:.1f} s, the other replica posts on time")


async def answers(replica: Replica, path: str, status: int) -> bool:
    return (await replica.asks(path))[0] == status


# -- restarts ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("A15")
async def test_rolling_restarts_of_one_process_on_sqlite(tmp_path: Path, proof: Proof) -> None:
    restarts, places, each = proof.at(small=(3, 8, 3), full=(20, 20, 10))
    async with ground(tmp_path, transport="socket", channels=places) as it, it.parts() as parts:
        await it.install(stories=each + 2)
        await owing.set_up(it, owing.lines(places))
        await owing.owe(it, owing.lines(places), each=each)
        one = it.replica()
        for restart in range(1, restarts + 1):
            await one.start()
            await owing.until(it, partial(so_many, it, restart * 4))
            assert await one.stop() == 0
            found = await owing.states(parts)
            assert found["claimed"] + found["sending"] + found["unresolved"] == 0, "SIGTERM left something in flight"
        await one.start()
        await owing.all_sent_once(it, parts, places * each, within=120)
    proof.found(f"one process on SQLite: {restarts} restarts, {places * each} posts made once")


@pytest.mark.row("A15", waits=True)
@pytest.mark.timeout(200)
async def test_rolling_restarts_of_two_replicas_under_load(
    tmp_path: Path, postgres_server: Server, proof: Proof
) -> None:
    """One after the other is told to stop and started again, while people press and posts fall due."""
    restarts, pause = proof.at(small=(2, 0.5), full=(20, 28.0))
    places, each, people = proof.at(small=(3, 2, 300), full=(12, 10, 6_000))
    async with ground(tmp_path, server=postgres_server, channels=places + 1) as it:
        await voting.set_up(it, people=people, stories=each + 2)
        replicas = await it.replicas(2)
        crowd = Crowd(it.port, await voting.open_quiz(it, people=people, respond_to=NOWHERE))
        every = restarts * (pause + 2) / (places * each)
        posts = await trickle(it, owing.lines(places + 1)[1:], each=each, every=every, ahead=AHEAD)
        async with crowd.pressing(rate=8):
            for restart in range(restarts):
                await asyncio.sleep(pause)  # not a wait: how they are spread over the time
                assert await replicas[restart % 2].stop() == 0
                await replicas[restart % 2].start()
        async with it.parts() as parts:
            await owing.all_sent_once(it, parts, posts, within=120)
        stored = await crowd.none_lost(it)
        logged = it.log()
    refused = [one.status for one in crowd.pressed if one.status != 200]
    assert crowd.acknowledged
    assert all(status in {0, 503} for status in refused), "a press was answered with a failure while one stopped"
    assert "Traceback" not in logged
    proof.found(
        f"two replicas on PostgreSQL: {restarts} restarts, {posts} posts made once; {len(crowd.acknowledged)} presses "
        f"acknowledged, {stored} stored, none lost; {len(refused)} met one that was going"
    )


async def so_many(it: Ground, number: int) -> bool:
    return len(await it.posts()) >= number


@pytest.mark.row("D4")
@pytest.mark.timeout(200)
async def test_an_event_whose_receivers_die_before_they_commit_has_one_effect(
    tmp_path: Path, postgres_server: Server, proof: Proof
) -> None:
    """Slack sends it again, first to another that dies as well, then to one that lives."""
    events = proof.at(small=1, full=10)
    async with ground(tmp_path, server=postgres_server) as it:
        await it.install()
        dying = [it.replica(), it.replica()]
        (living,) = await it.replicas(1)
        for number in range(events):
            words = f"Do they like number {number}?"
            it.balancer.members = dying
            it.balancer.end()  # the local Slack keeps its connections open, and so would go on with the one that lives
            for one in dying:
                await one.start(("tests.faults.preludes:dies_before_the_commit", {"words": words}))
            await it.act(MAKER, "type", channel="U0CANTEEN", text=words)
            await becomes(partial(are_dead, dying), within=20)
            it.balancer.members = [living]
            await it.until(partial(asks_which, it, number + 1))
        assert await asks_which(it, events)
        assert set((await owing.made(it)).values()) == {1}
    proof.found(f"{events} events: two receivers of each killed before their commit, one effect of each")


async def are_dead(replicas: list[Replica]) -> bool:
    return not any(one.running for one in replicas)


async def asks_which(it: Ground, times: int) -> bool:
    return len([one for one in await it.posts() if "Which customer is this about?" in str(one)]) == times


# -- one that sleeps ---------------------------------------------------------------------------------------------------


@pytest.mark.row("A12", waits=True)
@pytest.mark.parametrize("where", ["before the call", "anywhere"])
async def test_a_replica_that_wakes_up_after_its_lease_writes_nothing(
    tmp_path: Path, postgres_server: Server, proof: Proof, where: str
) -> None:
    """SIGSTOP, until another has sent what it had claimed. *Before the call*: the process freezes just before it calls
    Slack, with the post marked as being sent. In small leases are shorter, which is the only difference."""
    places, each, freezes = proof.at(small=(5, 2, 1), full=(20, 5, 6))
    short = {"short": proof.at(small="yes", full="")}
    chance = random.Random(2028)
    async with ground(tmp_path, server=postgres_server, transport="socket", channels=places) as it, it.parts() as parts:
        await it.install(stories=each * freezes + 2)
        await owing.set_up(it, owing.lines(places))
        sleeper, other = it.replica(), it.replica()
        for freeze in range(freezes):
            await owing.owe(it, owing.lines(places), each=each, batch=str(freeze))
            if where == "before the call":
                await sleeper.start(("tests.faults.preludes:sleeps_before_a_call", {"call": "3", **short}))
            else:
                await sleeper.start(("tests.faults.preludes:short_leases", short))
                await asyncio.sleep(chance.uniform(0.0, 1.0))  # not a wait: the instant is what is tried out
                sleeper.send_signal(signal.SIGSTOP)
            await becomes(partial(sleeps, sleeper), within=30)
            held = await owing.states(parts)
            assert where == "anywhere" or held["sending"] > 0
            await other.start(("tests.faults.preludes:short_leases", short))
            await becomes(partial(all_sent, parts, places * each * (freeze + 1)), within=120)
            sleeper.send_signal(signal.SIGCONT)
            await becomes(partial(answers, sleeper, "/readyz", 200), within=30)
            assert await sleeper.stop() == 0  # what it had in hand is done, or let go
            assert await other.stop() == 0
        await owing.all_sent_once(it, parts, places * each * freezes, within=30)
        made = await owing.made(it)
    assert set(made.values()) == {1}
    proof.found(f"frozen {where}, {freezes} times: {sum(made.values())} messages, none twice after waking up")


async def sleeps(replica: Replica) -> bool:
    assert replica.process is not None
    state = await asyncio.to_thread(Path(f"/proc/{replica.process.pid}/stat").read_text)
    return state.rpartition(")")[2].split()[0] == "T"


async def all_sent(parts: Parts, expected: int) -> bool:
    return (await owing.states(parts))["sent"] == expected
