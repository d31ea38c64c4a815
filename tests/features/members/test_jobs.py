"""Reading people from Slack: pages, pace, waits and look-ups, on both databases."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.tables.delivery import Pace
from bot.db.tables.members import LookUp
from bot.db.tables.workspaces import Workspace
from bot.features.edge import Edge
from bot.features.members import service
from bot.features.members.jobs import ReadPeople
from bot.features.members.service import ADMIN
from bot.slack.errors import Fault, SlackFault
from tests.doubles import FixedClock, RecordingGateway
from tests.features.members.people import WS, user, workspace

MINUTE = timedelta(minutes=1)


class Directory:
    """users.list and users.info over some people, in pages as asked; `faults` are raised first, one a call."""

    def __init__(self, *people: Mapping[str, Any]) -> None:
        self.people = list(people)
        self.faults: list[SlackFault] = []
        self.calls: list[tuple[str, Any]] = []

    def list(self, *, limit: int, cursor: str | None, include_locale: bool) -> Mapping[str, Any]:
        self.calls.append(("users.list", cursor))
        self._fault()
        assert include_locale
        start = int(cursor or 0)
        following = str(start + limit) if start + limit < len(self.people) else ""
        page = self.people[start : start + limit]
        return {"ok": True, "members": page, "response_metadata": {"next_cursor": following}}

    def info(self, *, user: str, include_locale: bool) -> Mapping[str, Any]:
        self.calls.append(("users.info", user))
        self._fault()
        assert include_locale
        found = next((one for one in self.people if one["id"] == user), None)
        if found is None:
            raise SlackFault("user_not_found", Fault.PERSON)
        return {"ok": True, "user": found}

    def _fault(self) -> None:
        if self.faults:
            raise self.faults.pop(0)


@pytest.fixture
def directory(gateway: RecordingGateway) -> Directory:
    directory = Directory(*(user(f"U{number:05}") for number in range(450)))
    gateway.answers |= {"users.list": directory.list, "users.info": directory.info}
    return directory


@pytest.fixture
async def there(edge: Edge) -> Edge:
    async with edge.sessions.begin() as session:
        await workspace(session)
    return edge


async def tick(edge: Edge, clock: FixedClock, *, job: ReadPeople | None = None, after: timedelta = MINUTE) -> None:
    await (job or ReadPeople())(edge, clock.now())
    clock.advance(after)


async def known(edge: Edge, directory: Directory) -> int:
    async with edge.sessions.begin() as session:
        return len(await service.people(session, WS, [str(one["id"]) for one in directory.people]))


async def test_everybody_is_read_page_by_page_and_then_not_again_that_day(
    there: Edge, directory: Directory, clock: FixedClock
) -> None:
    for _ in range(10):
        await tick(there, clock)
    assert directory.calls == [("users.list", None), ("users.list", "200"), ("users.list", "400")]
    assert await known(there, directory) == 450


async def test_they_are_read_again_in_the_night(there: Edge, directory: Directory, clock: FixedClock) -> None:
    directory.people = [user("U0AMARA", name="Amara")]
    await tick(there, clock, after=timedelta(hours=16))
    directory.people = [user("U0AMARA", name="Amara Okafor")]
    await tick(there, clock, after=timedelta(hours=2))
    assert len(directory.calls) == 1
    await tick(there, clock)
    async with there.sessions.begin() as session:
        assert (await service.get(session, WS, "U0AMARA", now=clock.now())).name == "Amara Okafor"


async def test_the_pace_is_kept_whoever_ticks(there: Edge, directory: Directory, clock: FixedClock) -> None:
    for _ in range(20):  # as five processes that tick every second would
        await tick(there, clock, after=timedelta(milliseconds=200))
    assert len(directory.calls) == 2  # 4 s at 3.2 s each


async def test_a_limit_is_obeyed_and_shown_to_the_operator(
    there: Edge, directory: Directory, clock: FixedClock
) -> None:
    directory.faults = [SlackFault("ratelimited", Fault.LIMITED, retry_after=30)]
    start = clock.now()
    for _ in range(29):
        await tick(there, clock, after=timedelta(seconds=1))
    assert len(directory.calls) == 1
    async with there.sessions.begin() as session:
        until = await session.scalar(select(Pace.limited_until).where(Pace.method == "users.list"))
    assert until == start + timedelta(seconds=30)
    for _ in range(20):
        await tick(there, clock)
    assert await known(there, directory) == 450


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("fault", [Fault.WAIT, Fault.AMBIGUOUS])
async def test_it_goes_on_where_slack_failed(
    there: Edge, directory: Directory, clock: FixedClock, number: int, fault: Fault
) -> None:
    for _ in range(number):
        await tick(there, clock)
    directory.faults = [SlackFault("reset", fault)]
    for _ in range(4):
        await tick(there, clock)
    assert [cursor for _, cursor in directory.calls].count(None) == (2 if number == 0 else 1)
    assert await known(there, directory) == 450


async def test_a_cursor_that_slack_forgot_begins_again(there: Edge, directory: Directory, clock: FixedClock) -> None:
    await tick(there, clock)
    directory.faults = [SlackFault("invalid_cursor", Fault.CONTENT)]
    for _ in range(5):
        await tick(there, clock)
    assert [cursor for _, cursor in directory.calls] == [None, "200", None, "200", "400"]
    assert await known(there, directory) == 450


async def test_a_cursor_that_never_moves_ends(there: Edge, gateway: RecordingGateway, clock: FixedClock) -> None:
    same = {"ok": True, "members": [user("U0AMARA")], "response_metadata": {"next_cursor": "again"}}
    gateway.answers["users.list"] = same
    for _ in range(5):
        await tick(there, clock)
    assert len(gateway.calls) == 2


@pytest.mark.parametrize("answer", [{}, {"members": None}, {"members": [None, 7, {}], "response_metadata": []}])
async def test_broken_answers_are_an_empty_page(
    there: Edge, gateway: RecordingGateway, clock: FixedClock, answer: dict[str, Any]
) -> None:
    gateway.answers["users.list"] = answer
    await tick(there, clock)
    assert len(gateway.calls) == 1


async def test_one_dead_workspace_does_not_hold_up_another(
    there: Edge, directory: Directory, gateway: RecordingGateway, clock: FixedClock
) -> None:
    async with there.sessions.begin() as session:
        await workspace(session, "T0AAA")
        await workspace(session, "T0DEAD", state="dead")
    directory.faults = [SlackFault("token_revoked", Fault.INSTALLATION)]
    await tick(there, clock)
    assert [(ws, method) for ws, method, _ in gateway.calls] == [("T0AAA", "users.list"), (WS, "users.list")]
    assert await known(there, directory) == 200


async def test_matching_and_admins_after_the_last_page(there: Edge, directory: Directory, clock: FixedClock) -> None:
    matched: list[tuple[str, int]] = []

    async def match(session: Any, ws: str) -> None:
        matched.append((ws, len(await service.people(session, ws, [str(one["id"]) for one in directory.people]))))

    job = ReadPeople(admins=["U00449@northlight.example"], on_people_saved=[match])
    for _ in range(5):
        await tick(there, clock, job=job)
    assert matched == [(WS, 450)]
    async with there.sessions.begin() as session:
        assert [person.user_id for person in await service.with_role(session, WS, ADMIN)] == ["U00449"]


async def seen(edge: Edge, clock: FixedClock, *users: str) -> None:
    async with edge.sessions.begin() as session:
        await session.execute(update(Workspace).values(people_read_at=clock.now()))
        for one in users:
            await service.get(session, WS, one, now=clock.now())


async def waiting(edge: Edge) -> set[str]:
    async with edge.sessions.begin() as session:
        return set(await session.scalars(select(LookUp.user_id)))


async def test_who_was_seen_is_looked_up(there: Edge, directory: Directory, clock: FixedClock) -> None:
    matched: list[str] = []

    async def match(session: Any, ws: str) -> None:
        matched.append(ws)

    await seen(there, clock, "U00001", "U0NOBODY")
    await tick(there, clock, job=ReadPeople(on_people_saved=[match]))
    assert sorted(directory.calls) == [("users.info", "U00001"), ("users.info", "U0NOBODY")]
    assert await waiting(there) == set()
    assert matched == [WS]
    async with there.sessions.begin() as session:
        assert (await service.get(session, WS, "U00001", now=clock.now())).zone == "Europe/Lisbon"


async def test_look_ups_go_ten_at_a_time_at_slacks_pace(there: Edge, directory: Directory, clock: FixedClock) -> None:
    await seen(there, clock, *(f"U{number:05}" for number in range(25)))
    for _ in range(6):
        await tick(there, clock, after=timedelta(seconds=1))
    assert len(directory.calls) == 10
    clock.advance(MINUTE)
    await tick(there, clock)
    await tick(there, clock)
    assert await waiting(there) == set()
    assert len(directory.calls) == 25


async def test_a_limit_keeps_the_rest_waiting(there: Edge, directory: Directory, clock: FixedClock) -> None:
    await seen(there, clock, *(f"U{number:05}" for number in range(10)))
    directory.faults = [SlackFault("ratelimited", Fault.LIMITED, retry_after=120)]
    for _ in range(119):
        await tick(there, clock, after=timedelta(seconds=1))
    assert len(directory.calls) == 1
    assert len(await waiting(there)) == 10
    clock.advance(timedelta(seconds=2))
    await tick(there, clock)
    assert await waiting(there) == set()


async def test_whom_slack_no_longer_knows_is_not_asked_for_all_day(
    there: Edge, directory: Directory, clock: FixedClock
) -> None:
    directory.people = [user("U0AMARA")]
    await tick(there, clock, after=timedelta(hours=25))
    directory.people = []
    await seen(there, clock, "U0AMARA")
    await tick(there, clock)
    await seen(there, clock, "U0AMARA")
    await tick(there, clock)
    assert [call for call in directory.calls if call[0] == "users.info"] == [("users.info", "U0AMARA")]


async def test_whoever_left_and_is_not_known_stays_unknown(
    there: Edge, gateway: RecordingGateway, clock: FixedClock
) -> None:
    """Slack lists them for ever: somebody who was erased must not come back with the night."""
    directory = Directory(user("U0HERE"), user("U0LEFT", deleted=True))
    gateway.answers |= {"users.list": directory.list, "users.info": directory.info}
    await tick(there, clock)
    directory.people[0] = user("U0HERE", deleted=True)
    for _ in range(3):
        await tick(there, clock, after=timedelta(days=1))
    async with there.sessions.begin() as session:
        found = await service.people(session, WS, ["U0HERE", "U0LEFT"])
    assert {one: person.kind for one, person in found.items()} == {"U0HERE": "deactivated"}
