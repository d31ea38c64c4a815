"""Direct messages respect people: pauses, quiet times, do-not-disturb, one turn a day, and Less, Pause, Stop."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import AuditEntry, DmTurn, Member
from bot.delivery import queue
from bot.features.edge import Edge
from bot.features.members import blocks, handlers, manners, service, waking, wish_blocks, wishes
from bot.features.members.disturbing import PAGE, ReadDoNotDisturb, read_dnd
from bot.features.members.rules import WEEKLY, DoNotDisturb, Person
from bot.features.members.until import LONGEST, parse_until
from bot.slack.errors import Fault, SlackFault
from tests.doubles import FixedClock, RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, WS, user, workspace

AMARA, GRETA, BRUNO, ROTA, OSKAR = "U0AMARA", "U0GRETA", "U0BRUNO", "U0ROTA", "U0OSKAR"
LISBON = ZoneInfo("Europe/Lisbon")


@pytest.fixture
async def company(sessions: Sessions) -> None:
    people = [
        user(AMARA),
        user(GRETA, is_restricted=True),
        user(BRUNO, deleted=True),
        user(ROTA, is_bot=True),
        user(OSKAR, team_id="T0ORION"),
    ]
    async with sessions.begin() as session:
        await workspace(session)
        await service.save(session, WS, people, NOW)


@pytest.fixture
async def there(slack: Slack, edge: Edge, company: None) -> Slack:
    handlers.register(slack.app, edge, commands=[])
    return slack


async def change(sessions: Sessions, who: str = AMARA, **values: Any) -> None:
    async with sessions.begin() as session:
        member = await session.get(Member, (WS, who))
        assert member is not None
        for name, value in values.items():
            setattr(member, name, value)


async def when(sessions: Sessions, now: datetime, who: str = AMARA) -> datetime | None:
    async with sessions.begin() as session:
        return await service.when_to_write(session, WS, who, now=now)


async def turn(sessions: Sessions, key: str, now: datetime, who: str = AMARA) -> datetime:
    async with sessions.begin() as session:
        return await service.take_turn(session, WS, who, key=key, now=now)


async def of(sessions: Sessions, who: str = AMARA) -> Person:
    async with sessions.begin() as session:
        found = await service.known(session, WS, who)
    assert found is not None
    return found


def lisbon(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LISBON).astimezone(UTC)


@pytest.mark.usefixtures("company")
async def test_a_message_goes_at_once_in_waking_hours_and_waits_for_the_morning_otherwise(sessions: Sessions) -> None:
    assert await when(sessions, lisbon("2026-11-24T09:00")) == lisbon("2026-11-24T09:00")
    assert await when(sessions, lisbon("2026-11-24T22:30")) == lisbon("2026-11-25T08:00")


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("who", [GRETA, BRUNO, ROTA, OSKAR, "nobody"])
async def test_guests_leavers_apps_and_outsiders_are_never_written_to_unasked(sessions: Sessions, who: str) -> None:
    assert await when(sessions, NOW, who) is None


@pytest.mark.usefixtures("company")
async def test_a_pause_ends_in_the_first_waking_moment_after_it(sessions: Sessions) -> None:
    await change(sessions, paused_until=lisbon("2026-11-27T00:00"))
    assert await when(sessions, NOW) == lisbon("2026-11-27T08:00")
    assert await when(sessions, lisbon("2026-11-27T12:00")) == lisbon("2026-11-27T12:00")


@pytest.mark.usefixtures("company")
async def test_quiet_days_are_left_out(sessions: Sessions) -> None:
    await change(sessions, quiet_days="56", quiet_from=time(22), quiet_until=time(14))  # a late shift, Monday to Friday
    assert await when(sessions, lisbon("2026-11-27T23:00")) == lisbon("2026-11-30T14:00")
    assert await when(sessions, lisbon("2026-11-28T15:00")) == lisbon("2026-11-30T14:00")


@pytest.mark.usefixtures("company")
async def test_who_stopped_is_written_to_never(sessions: Sessions) -> None:
    await change(sessions, stopped_at=NOW)
    assert await when(sessions, NOW + timedelta(days=300)) is None


@pytest.mark.usefixtures("company")
async def test_one_message_takes_the_turn_of_a_day(sessions: Sessions) -> None:
    morning = lisbon("2026-11-24T09:00")
    assert await turn(sessions, "first", morning) == morning
    assert await turn(sessions, "first", morning + timedelta(minutes=1)) == morning + timedelta(minutes=1)
    assert await turn(sessions, "second", morning) == lisbon("2026-11-25T08:00")
    assert await turn(sessions, "second", lisbon("2026-11-25T08:00")) == lisbon("2026-11-25T08:00")
    assert await turn(sessions, "of somebody else", morning, GRETA) == morning


@pytest.mark.usefixtures("company")
async def test_the_day_is_the_persons_own(sessions: Sessions) -> None:
    await change(sessions, zone="Pacific/Auckland")
    before, after = datetime(2026, 11, 24, 10, 59, tzinfo=UTC), datetime(2026, 11, 24, 11, 1, tzinfo=UTC)
    assert await turn(sessions, "first", before) == before
    assert await turn(sessions, "second", after) == after  # it is past midnight there


@pytest.mark.usefixtures("company")
async def test_less_means_one_turn_in_seven_days(sessions: Sessions) -> None:
    await change(sessions, dm_every=WEEKLY)
    tuesday = lisbon("2026-11-24T09:00")
    assert await turn(sessions, "first", tuesday) == tuesday
    assert await turn(sessions, "second", tuesday + timedelta(days=6)) == lisbon("2026-12-01T08:00")
    assert await turn(sessions, "second", tuesday + timedelta(days=7)) == tuesday + timedelta(days=7)
    async with sessions.begin() as session:
        assert len((await session.scalars(select(DmTurn))).all()) == 2


@pytest.mark.usefixtures("company")
async def test_old_turns_are_not_kept(sessions: Sessions) -> None:
    for week in range(5):
        await turn(sessions, f"of week {week}", NOW + timedelta(weeks=2 * week))
    async with sessions.begin() as session:
        assert len((await session.scalars(select(DmTurn))).all()) == 1


@given(
    now=st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["Europe/Lisbon", "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu"]),
    weekly=st.booleans(),
)
def test_the_next_turn_is_never_blocked_by_the_one_before(now: datetime, zone: str, weekly: bool) -> None:
    someone = Person(workspace_id=WS, user_id=AMARA, name="A", zone=zone, dm_every=WEEKLY if weekly else "daily")
    taken = waking.local_day(someone, now)
    following = waking.next_turn(someone, taken)
    assert following > now
    assert waking.turn_blocked_since(someone, waking.local_day(someone, following)) > taken
    assert not waking.is_quiet(someone, following)


@pytest.mark.usefixtures("company")
async def test_absence_is_by_local_days_with_both_ends(sessions: Sessions) -> None:
    await change(sessions, absent_from=date(2026, 11, 24), absent_until=date(2026, 11, 25))
    async with sessions.begin() as session:
        told = [
            await service.is_absent(session, WS, AMARA, now=lisbon(moment))
            for moment in ("2026-11-23T23:59", "2026-11-24T00:00", "2026-11-25T23:59", "2026-11-26T00:00")
        ]
    assert told == [False, True, True, False]


# -- do not disturb


@pytest.fixture
async def reads_dnd(sessions: Sessions, company: None) -> None:
    from bot.db.tables.workspaces import Workspace

    async with sessions.begin() as session:
        found = await session.get(Workspace, WS)
        assert found is not None
        found.scopes = ["users:read", manners.DND_SCOPE]


def dnd(begins: datetime, ends: datetime) -> dict[str, Any]:
    times = {"next_dnd_start_ts": int(begins.timestamp()), "next_dnd_end_ts": int(ends.timestamp())}
    return {"dnd_enabled": True, **times}


@pytest.mark.usefixtures("reads_dnd")
async def test_a_message_waits_a_moment_until_do_not_disturb_is_read_and_then_for_its_end(
    sessions: Sessions, edge: Edge, gateway: RecordingGateway
) -> None:
    ends = NOW + timedelta(minutes=40)
    gateway.answers["dnd.teamInfo"] = {"ok": True, "users": {AMARA: dnd(NOW - timedelta(hours=1), ends)}}
    assert await when(sessions, NOW) == NOW + manners.ASK_AGAIN
    await ReadDoNotDisturb(edge=edge)(NOW)
    assert gateway.calls == [(WS, "dnd.teamInfo", {"users": AMARA})]
    assert await when(sessions, NOW) == ends
    assert await when(sessions, ends) == ends + manners.ASK_AGAIN  # read long ago: they may have prolonged it
    await ReadDoNotDisturb(edge=edge)(NOW + timedelta(seconds=4))
    assert len(gateway.calls) == 2
    await ReadDoNotDisturb(edge=edge)(NOW + timedelta(seconds=8))
    assert len(gateway.calls) == 2  # nobody waits, so nobody is asked


@pytest.mark.usefixtures("reads_dnd")
async def test_a_schedule_that_begins_later_disturbs_nobody(
    sessions: Sessions, edge: Edge, gateway: RecordingGateway
) -> None:
    later = dnd(NOW + timedelta(hours=12), NOW + timedelta(hours=22))
    gateway.answers["dnd.teamInfo"] = {"ok": True, "users": {AMARA: later}}
    await when(sessions, NOW)
    await ReadDoNotDisturb(edge=edge)(NOW)
    assert await when(sessions, NOW + timedelta(seconds=3)) == NOW + timedelta(seconds=3)


@pytest.mark.usefixtures("reads_dnd")
async def test_a_long_do_not_disturb_is_looked_at_again_after_an_hour(
    sessions: Sessions, edge: Edge, gateway: RecordingGateway
) -> None:
    gateway.answers["dnd.teamInfo"] = {"ok": True, "users": {AMARA: dnd(NOW, NOW + timedelta(hours=6))}}
    await when(sessions, NOW)
    await ReadDoNotDisturb(edge=edge)(NOW)
    assert await when(sessions, NOW) == NOW + timedelta(hours=1)


@pytest.mark.usefixtures("reads_dnd")
async def test_an_outage_holds_up_no_message_for_longer_than_a_minute(
    sessions: Sessions, edge: Edge, gateway: RecordingGateway
) -> None:
    gateway.answers["dnd.teamInfo"] = SlackFault("unreachable", Fault.WAIT)
    assert await when(sessions, NOW) == NOW + manners.ASK_AGAIN
    await ReadDoNotDisturb(edge=edge)(NOW)
    await ReadDoNotDisturb(edge=edge)(NOW + timedelta(seconds=10))
    assert len(gateway.calls) == 1  # the fault holds the method back
    late = NOW + manners.PATIENCE
    assert await when(sessions, late) == late


@pytest.mark.usefixtures("company")
async def test_without_the_scope_nothing_waits_for_it(sessions: Sessions) -> None:
    assert await when(sessions, NOW) == NOW


async def test_at_most_fifty_people_are_asked_about_at_once(
    sessions: Sessions, edge: Edge, gateway: RecordingGateway, reads_dnd: None
) -> None:
    many = [f"U0M{n:04d}" for n in range(PAGE + 7)]
    async with sessions.begin() as session:
        await service.save(session, WS, [user(one) for one in many], NOW)
    for one in many:
        await when(sessions, NOW, one)
    read = ReadDoNotDisturb(edge=edge)
    await read(NOW)
    await read(NOW + timedelta(seconds=1))  # Slack's pace: not yet
    await read(NOW + timedelta(seconds=4))
    asked = [call[2]["users"].split(",") for call in gateway.calls]
    assert [len(one) for one in asked] == [PAGE, 7]
    assert {one for page in asked for one in page} == set(many)


@pytest.mark.parametrize(
    ("status", "begins"),
    [
        ({"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}, None),
        ({"dnd_enabled": True, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}, None),
        ({"dnd_enabled": True, "next_dnd_start_ts": "soon", "next_dnd_end_ts": None}, None),
        ({"dnd_enabled": True, "next_dnd_start_ts": 1e300, "next_dnd_end_ts": 2e300}, None),
        (dnd(NOW, NOW - timedelta(hours=1)), None),
        (dnd(NOW, NOW + timedelta(hours=1)), NOW),
    ],
)
def test_what_slack_says_of_do_not_disturb(status: dict[str, Any], begins: datetime | None) -> None:
    assert read_dnd(status, NOW) == DoNotDisturb(
        read_at=NOW, begins=begins, ends=begins + timedelta(hours=1) if begins else None
    )
    assert read_dnd("broken", NOW) is None


# -- Less, Pause, Stop


async def owe(sessions: Sessions, key: str = "relay:1", later: timedelta = timedelta(0)) -> None:
    """A message that was put off by `later` after it was due."""
    async with sessions.begin() as session:
        common = {"workspace_id": WS, "kind": "k", "method": "post", "target": AMARA, "ref": {}}
        await queue.enqueue(session, now=NOW, key=key, **common)  # type: ignore[arg-type]
        row = await session.scalar(select(Delivery).where(Delivery.key == key))
        assert row is not None
        row.due_at = row.wanted_at + later


async def due(sessions: Sessions, key: str = "relay:1") -> datetime:
    async with sessions.begin() as session:
        return (await session.execute(select(Delivery.due_at).where(Delivery.key == key))).scalar_one()


async def test_less_pause_and_stop_are_obeyed_at_once_and_answered_privately(
    there: Slack, sessions: Sessions, gateway: RecordingGateway, clock: FixedClock
) -> None:
    said = there.said
    await said(AMARA, blocks.LESS)
    assert (await of(sessions)).dm_every == WEEKLY
    await said(AMARA, blocks.PAUSE)
    assert (await of(sessions)).paused_until == clock.now() + manners.A_PAUSE
    await said(AMARA, blocks.STOP)
    assert await when(sessions, NOW) is None
    texts = [message.text for _, message in gateway.responses]
    assert "at most once a week" in texts[0]
    assert "What was on its way waits" in texts[1]
    assert "what was on its way stays here" in texts[2]
    assert wish_blocks.RESUME in json.dumps(gateway.responses[2][1].blocks)


async def test_less_once_more_offers_the_way_back_and_changes_nothing(
    there: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    for _ in range(2):
        await there.said(AMARA, blocks.LESS)
    assert gateway.responses[0][1] == gateway.responses[1][1]
    assert wish_blocks.DAILY_AGAIN in json.dumps(gateway.responses[1][1].blocks)
    assert (await of(sessions)).dm_every == WEEKLY
    await there.said(AMARA, wish_blocks.DAILY_AGAIN)
    assert (await of(sessions)).dm_every == "daily"


async def test_what_waits_is_looked_at_again_when_a_pause_ends_early(there: Slack, sessions: Sessions) -> None:
    await there.said(AMARA, blocks.PAUSE)
    await owe(sessions, later=timedelta(days=14))
    await owe(sessions, "not due yet")
    async with sessions.begin() as session:
        row = await session.scalar(select(Delivery).where(Delivery.key == "not due yet"))
        assert row is not None
        row.due_at = row.wanted_at = NOW + timedelta(days=3)
    await there.said(AMARA, wish_blocks.RESUME)
    assert await due(sessions) == there.edge.clock.now()
    assert await due(sessions, "not due yet") == NOW + timedelta(days=3)
    assert await when(sessions, NOW) == NOW


async def test_what_waits_is_looked_at_again_when_somebody_stops(there: Slack, sessions: Sessions) -> None:
    """So that it is dropped now, not when it would have been due."""
    await owe(sessions, later=timedelta(days=14))
    await there.said(AMARA, blocks.STOP)
    assert await due(sessions) == there.edge.clock.now()


async def test_an_outsider_changes_nothing_and_is_told(
    there: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await there.said(OSKAR, blocks.STOP, team="T0ORION")
    assert (await of(sessions, OSKAR)).stopped_at is None
    assert "people of this workspace" in gateway.responses[0][1].text
    async with sessions.begin() as session:
        assert [row.subject for row in await session.scalars(select(AuditEntry))] == ["change_own"]


async def test_who_is_not_known_yet_is_asked_to_try_again(there: Slack, gateway: RecordingGateway) -> None:
    await there.said("U0NEW", blocks.STOP)
    assert "try again in a minute" in gateway.responses[0][1].text


# -- /customer quiet


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("until friday", "2026-11-27T00:00"),
        ("Friday", "2026-11-27T00:00"),
        ("fri", "2026-11-27T00:00"),
        ("tuesday", "2026-12-01T00:00"),  # today is one: the next
        ("until next week", "2026-11-30T00:00"),
        ("tomorrow", "2026-11-25T00:00"),
        ("until 2026-12-24", "2026-12-24T00:00"),
        ("24.12.", "2026-12-24T00:00"),
        ("2 weeks", "2026-12-08T09:00"),
        ("for two weeks", "2026-12-08T09:00"),
        ("3d", "2026-11-27T09:00"),
        ("a month", "2026-12-24T09:00"),
        ("sexta-feira", "2026-11-27T00:00"),
    ],
)
def test_what_people_type_as_a_day(typed: str, until: str) -> None:
    said = parse_until(typed, now=NOW, zone="Europe/Lisbon", weekdays={"sexta-feira": 4})
    assert said == lisbon(until)


@pytest.mark.parametrize(
    "typed",
    ["", "until", "yesterday", "2026-11-24", "2025-01-01", "2028-01-01", "0 days", "999 weeks", "31.2.", "2026-13-01"],
)
def test_what_is_no_day_within_a_year(typed: str) -> None:
    assert parse_until(typed, now=NOW, zone="Europe/Lisbon") is None


@given(st.text(max_size=40), st.sampled_from(["Europe/Lisbon", "Pacific/Apia", "America/St_Johns"]))
def test_anything_typed_is_a_coming_day_or_nothing(typed: str, zone: str) -> None:
    until = parse_until(typed, now=NOW, zone=zone)
    assert until is None or NOW < until <= NOW + LONGEST


async def test_quiet_with_a_day_pauses_and_off_ends_it(
    there: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await there.command(AMARA, "/customer quiet until friday")
    assert (await of(sessions)).paused_until == lisbon("2026-11-27T00:00")
    await there.command(AMARA, "/customer quiet off", trigger="2")
    assert (await of(sessions)).paused_until is None
    assert "27 November 2026" in gateway.responses[0][1].text
    assert "Welcome back" in gateway.responses[1][1].text


async def test_quiet_alone_opens_the_window_and_so_does_what_is_not_understood(
    there: Slack, gateway: RecordingGateway
) -> None:
    await there.command(AMARA, "/customer quiet")
    await there.command(AMARA, "/customer quiet when the cows come home", trigger="2")
    assert [view.callback_id for view in gateway.views] == [wish_blocks.SAVE, wish_blocks.SAVE]
    assert "the cows come home" in json.dumps(gateway.views[1].payload())


# -- the window


def filled(**changes: Any) -> dict[str, Any]:
    """As Slack sends the window back when nothing was changed in it."""
    option = {"selected_option": {"value": changes.get("often", "daily")}}
    days = [{"value": day} for day in changes.get("days", ())]
    name = [{"value": wish_blocks.NAME}] if changes.get("name") else []
    return {
        wish_blocks.OFTEN: {"a": {"type": "radio_buttons", **option}},
        wish_blocks.PAUSED: {"a": {"type": "datepicker", "selected_date": changes.get("paused")}},
        wish_blocks.QUIET_FROM: {"a": {"type": "timepicker", "selected_time": changes.get("begin", "20:00")}},
        wish_blocks.QUIET: {"a": {"type": "timepicker", "selected_time": changes.get("end", "08:00")}},
        wish_blocks.DAYS: {"a": {"type": "checkboxes", "selected_options": days}},
        wish_blocks.LANGUAGE: {
            "a": {"type": "static_select", "selected_option": {"value": changes.get("language", wishes.AS_IN_SLACK)}}
        },
        wish_blocks.NAME: {"a": {"type": "checkboxes", "selected_options": name}},
        wish_blocks.AWAY_FROM: {"a": {"type": "datepicker", "selected_date": changes.get("away_from")}},
        wish_blocks.AWAY_UNTIL: {"a": {"type": "datepicker", "selected_date": changes.get("away_until")}},
    }


async def test_the_window_keeps_everything_that_was_chosen(there: Slack, sessions: Sessions) -> None:
    values = filled(
        often=WEEKLY,
        paused="2026-12-01",
        begin="22:00",
        end="14:00",
        days=("5", "6"),
        language="pt-BR",
        name=True,
        away_from="2026-12-20",
        away_until="2027-01-03",
    )
    assert not (await there.submit(AMARA, wish_blocks.SAVE, values)).body
    found = await of(sessions)
    assert (found.dm_every, found.paused_until) == (WEEKLY, lisbon("2026-12-01T00:00"))
    assert (found.quiet_from, found.quiet_until, found.quiet_days) == (time(22), time(14), frozenset({5, 6}))
    assert (found.locale, found.own_locale, found.shows_name) == ("pt-BR", "pt-BR", True)
    assert (found.absent_from, found.absent_until) == (date(2026, 12, 20), date(2027, 1, 3))
    async with sessions.begin() as session:  # what Slack says of somebody's language does not undo their choice
        await service.save(session, WS, [user(AMARA, locale="de-DE")], NOW)
    assert (await of(sessions)).locale == "pt-BR"


async def test_whoever_unticks_their_name_is_taken_out_where_it_stands(
    slack: Slack, edge: Edge, company: None, sessions: Sessions
) -> None:
    unnamed = []

    async def take_out(session: AsyncSession, ws: str, user: str, *, now: datetime) -> None:
        unnamed.append((ws, user))

    handlers.register(slack.app, edge, commands=[], on_unnamed=[take_out])
    await slack.submit(AMARA, wish_blocks.SAVE, filled(name=True))
    await slack.submit(AMARA, wish_blocks.SAVE, filled(name=True), view_id="V2")
    assert unnamed == []
    await slack.submit(AMARA, wish_blocks.SAVE, filled(), view_id="V3")
    assert unnamed == [(WS, AMARA)]
    assert not (await of(sessions)).shows_name


async def test_who_was_not_known_yet_sends_the_same_window_again_and_it_is_kept(
    there: Slack, sessions: Sessions
) -> None:
    refused = await there.submit("U0NEW", wish_blocks.SAVE, filled(name=True))
    assert "try again in a minute" in str(refused.body)
    async with sessions.begin() as session:
        await service.save(session, WS, [user("U0NEW")], NOW)
    await there.submit("U0NEW", wish_blocks.SAVE, filled(name=True))
    assert (await of(sessions, "U0NEW")).shows_name


async def test_the_window_as_it_was_changes_nothing(there: Slack, sessions: Sessions) -> None:
    before = await of(sessions)
    await there.submit(AMARA, wish_blocks.SAVE, filled())
    assert await of(sessions) == before


async def test_a_pause_left_as_it_was_keeps_its_hour(there: Slack, sessions: Sessions) -> None:
    until = lisbon("2026-12-08T09:30")
    await change(sessions, paused_until=until)
    await there.submit(AMARA, wish_blocks.SAVE, filled(paused="2026-12-08"))
    assert (await of(sessions)).paused_until == until


async def test_not_at_all_is_stop_and_anything_else_starts_again(there: Slack, sessions: Sessions) -> None:
    await there.submit(AMARA, wish_blocks.SAVE, filled(often=wishes.NOTHING))
    assert await when(sessions, NOW) is None
    await there.submit(AMARA, wish_blocks.SAVE, filled(), view_id="V2")
    assert await when(sessions, NOW) == NOW


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"paused": "2026-11-24"}, wish_blocks.PAUSED),
        ({"paused": "2028-11-24"}, wish_blocks.PAUSED),
        ({"begin": None}, wish_blocks.QUIET),
        ({"days": tuple("0123456")}, wish_blocks.DAYS),
        ({"language": "tlh"}, wish_blocks.LANGUAGE),
        ({"away_until": "2026-11-23"}, wish_blocks.AWAY_UNTIL),
        ({"away_from": "2026-12-20", "away_until": "2026-12-19"}, wish_blocks.AWAY_UNTIL),
    ],
)
async def test_what_cannot_be_is_said_below_its_field_and_may_be_mended(
    there: Slack, sessions: Sessions, changes: dict[str, Any], field: str
) -> None:
    before = await of(sessions)
    answer = json.loads((await there.submit(AMARA, wish_blocks.SAVE, filled(**changes))).body)
    assert list(answer["errors"]) == [field]
    assert await of(sessions) == before
    assert not (await there.submit(AMARA, wish_blocks.SAVE, filled(often=WEEKLY))).body
    assert (await of(sessions)).dm_every == WEEKLY


@pytest.mark.row("D10")
async def test_submitted_twice_counts_once(there: Slack, sessions: Sessions) -> None:
    await there.submit(AMARA, wish_blocks.SAVE, filled(often=WEEKLY))
    await there.said(AMARA, wish_blocks.DAILY_AGAIN)
    await there.submit(AMARA, wish_blocks.SAVE, filled(often=WEEKLY))
    assert (await of(sessions)).dm_every == "daily"


async def test_whoever_is_next_in_line_is_asked_about_with_the_first(
    sessions: Sessions, edge: Edge, gateway: RecordingGateway, reads_dnd: None
) -> None:
    """Else each of them takes two turns of the pace: one to find out that their do-not-disturb is not known."""
    many = [f"U0M{n:04d}" for n in range(30)]
    async with sessions.begin() as session:
        await service.save(session, WS, [user(one) for one in many], NOW)
        for one in many:
            await queue.enqueue(
                session, now=NOW, workspace_id=WS, kind="bench", key=one, method="post", target=one, ref={}
            )
    assert await when(sessions, NOW, many[0]) == NOW + manners.ASK_AGAIN
    await ReadDoNotDisturb(edge=edge)(NOW)
    assert [len(call[2]["users"].split(",")) for call in gateway.calls] == [len(many)]
    assert {await when(sessions, NOW, one) for one in many} == {NOW}
