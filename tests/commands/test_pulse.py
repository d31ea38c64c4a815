"""Owners, quizzes and the pulse from the command line, and what the doctor says about them."""

from datetime import timedelta

from sqlalchemy import select, update

from bot.db.tables.customers import Customer
from bot.db.tables.members import Member
from bot.db.tables.pulse import PulseDraw
from bot.db.tables.questions import Question
from bot.features.pulse import staggering
from tests.commands.test_with_slack import Canteen, done, refused
from tests.flows import company
from tests.flows.conftest import Flow

PLACE = ("--zone", "Europe/Lisbon", "--slot", "story:tue@10:00", "--slot", "quiz:thu@14:00")


async def test_a_channel_gets_quizzes_an_owner_and_guests_who_answer(canteen: Canteen) -> None:
    more = ("--owner", company.OTHER, "--quiz-window", "8h", "--guests-answer", "--no-pulse")
    await done(canteen, "channels", "add", "C0LINE0", *PLACE, *more)
    (row,) = await done(canteen, "channels", "list")
    assert (row["owners"], row["quiz_window_minutes"], row["guests_answer"]) == ([company.OTHER], 480, True)
    kinds = {one["kind"] for one in await done(canteen, "channels", "next", "line-0")}
    assert kinds == {"story", "quiz"}
    assert "nothing left" in await refused(canteen, "post-now", "line-0", "quiz")
    assert "cannot own a channel" in await refused(
        canteen, "channels", "add", "C0LINE1", *PLACE, "--owner", company.GUEST
    )
    assert "how long a quiz is open" in await refused(
        canteen, "channels", "add", "C0LINE1", *PLACE, "--quiz-window", "99d"
    )


async def test_the_pulse_is_switched_off_and_on_and_shows_what_there_is(canteen: Canteen) -> None:
    await done(canteen, "channels", "add", "C0LINE0", *PLACE)
    await done(canteen, "pulse", "on")
    assert (await done(canteen, "pulse", "on"))["changed"] is False
    assert (await done(canteen, "pulse", "off"))["changed"] is True
    (row,) = await done(canteen, "pulse", "results")
    assert (row["name"], row["averages"], row["open_until"]) == ("line-0", {}, None)
    assert "is not set up" in await refused(canteen, "pulse", "results", "nowhere")


async def test_a_draw_is_verified_and_a_changed_record_is_found_out(canteen: Canteen, flow: Flow) -> None:
    for number in range(3):
        await done(canteen, "channels", "add", f"C0LINE{number}", *PLACE)
    async with flow.parts() as parts, parts.sessions.begin() as session:
        made = await staggering.draw(
            session,
            "T0FLOW",
            [f"C0LINE{number}" for number in range(3)],
            weeks=9,
            lead=timedelta(days=3),
            seed="a seed",
            by=company.ADMIN,
            new_id=parts.edge.new_id,
            now=parts.clock.now(),
        )
    (row,) = await done(canteen, "pulse", "draws")
    assert (row["id"], row["weeks"], len(row["drawn"])) == (made.id, 9, 3)
    assert (await done(canteen, "pulse", "verify", made.id))["same"] is True
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await session.execute(update(PulseDraw).values(seed="another seed, chosen afterwards", weeks=20))
    assert "comes out otherwise" in await refused(canteen, "pulse", "verify", made.id)
    assert "there is no draw" in await refused(canteen, "pulse", "verify", "nothing")


async def test_the_doctor_counts_what_is_left_and_sees_who_is_missing(canteen: Canteen, flow: Flow) -> None:
    await done(canteen, "channels", "add", "C0LINE0", *PLACE, "--owner", company.OTHER)
    async with flow.parts() as parts, parts.sessions.begin() as session:
        left = update(Member).where(Member.user_id == company.OTHER)
        await session.execute(left.values(kind="deactivated"))
        customer = await session.scalar(select(Customer.id))
        session.add(
            Question(
                id="q1",
                workspace_id="T0FLOW",
                request="r1",
                customer_id=customer,
                asker=company.MAKER,
                text="Which board?",
                files=[],
                state="waiting",
                asked_at=parts.clock.now(),
            )
        )
    said = await canteen("doctor", "--json")
    found = " | ".join(one["what"] for one in said.json)
    assert "#line-0 has no owner any more" in found
    assert "questions that wait for an answer from the editors: 1 (the oldest since" in found
    assert "#line-0 runs out of quiz within 4 weeks: it has 4 story, 0 quiz left" in found
