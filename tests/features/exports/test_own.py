"""*Get my data*: to the person themselves, once an hour, and to nobody else."""

import asyncio
import csv
import io
from datetime import timedelta
from zipfile import ZipFile

from sqlalchemy import select, update

from bot.db.tables.delivery import Delivery
from bot.db.tables.members import AuditEntry, Member
from bot.delivery import forgetting
from bot.delivery.forgetting import About
from bot.features.exports import blocks
from bot.features.exports.rules import LARGEST
from tests.doubles import RecordingGateway
from tests.features.exports.conftest import GUEST, MAX, OUTSIDER, SAM, WORLD, Desk, on_sqlite
from tests.features.members.people import WS
from tests.rights.world import put


def sheets(data: bytes) -> dict[str, list[dict[str, str]]]:
    with ZipFile(io.BytesIO(data)) as opened:
        texts = {name: opened.read(name).decode("utf-8-sig") for name in opened.namelist()}
    return {name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()}


async def test_a_person_gets_their_own_data_as_a_file(desk: Desk, gateway: RecordingGateway) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == MAX).values(name="=Zoë 李"))
    await desk.slack.press(MAX, blocks.GET_OWN)
    assert "on its way" in str(gateway.views[-1].payload())
    ((file, place, words),) = await desk.sent()
    assert place == f"D{MAX[1:]}"
    assert desk.files.name_of[file] == f"canteen-my-data-{desk.clock.now().date()}.zip"
    assert words.startswith("Here is what I keep about you")
    found = sheets(desk.files.bytes_of[file])
    assert [(row["user_id"], row["name"]) for row in found["members.csv"]] == [(MAX, "'=Zoë 李")]
    assert SAM not in str(found)
    async with desk.sessions.begin() as session:
        entries = await session.execute(
            select(AuditEntry.actor, AuditEntry.subject).where(AuditEntry.action == "export.own")
        )
        assert [tuple(one) for one in entries] == [(MAX, MAX)]


async def test_asked_for_again_it_is_one_file_until_an_hour_has_passed(desk: Desk, gateway: RecordingGateway) -> None:
    for at in ("1.0", "1.1"):
        await desk.slack.press(MAX, blocks.GET_OWN, at=at)
    assert "You asked for it at" in str(gateway.views[-1].payload())
    assert len(await desk.sent(3)) == 1
    await desk.slack.press(MAX, blocks.GET_OWN, at="1.2")
    assert "I sent it to you at" in str(gateway.views[-1].payload())
    assert len(await desk.sent(3)) == 1
    desk.clock.advance(timedelta(minutes=61))
    await desk.slack.press(MAX, blocks.GET_OWN, at="1.3")
    assert len(await desk.sent(3)) == 2


async def test_two_presses_at_once_are_one_file(desk: Desk) -> None:
    await asyncio.gather(*(desk.slack.press(MAX, blocks.GET_OWN, at=f"1.{number}") for number in range(4)))
    assert len(await desk.sent(4)) == 1


@on_sqlite
async def test_guests_may_and_others_may_not(desk: Desk) -> None:
    await desk.slack.press(GUEST, blocks.GET_OWN)
    await desk.slack.press(OUTSIDER, blocks.GET_OWN)
    await desk.slack.press("U0ELSEWHERE", blocks.GET_OWN, team="T0OTHER")
    assert [place for _, place, _ in await desk.sent(3)] == [f"D{GUEST[1:]}"]
    async with desk.sessions.begin() as session:
        refused = await session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "refused"))
        assert sorted(refused) == ["U0ELSEWHERE", OUTSIDER]


@on_sqlite
async def test_whoever_has_left_meanwhile_gets_nothing(desk: Desk) -> None:
    """Before it is made, and before it is handed over."""
    for rounds in (0, 1):
        await desk.slack.press(MAX, blocks.GET_OWN, at=f"1.{rounds}")
        await desk.sent(rounds)
        async with desk.sessions.begin() as session:
            await session.execute(update(Member).where(Member.user_id == MAX).values(kind="deactivated"))
        assert await desk.sent(4) == []
        assert desk.files.messages == []
        async with desk.sessions.begin() as session:
            await session.execute(update(Member).where(Member.user_id == MAX).values(kind="member"))


@on_sqlite
async def test_too_much_for_one_file_is_said_and_may_be_asked_for_again(desk: Desk) -> None:
    made = desk.sender.renderers["exports.file"].making  # type: ignore[attr-defined]
    object.__setattr__(made, "largest", 10)
    await desk.slack.press(MAX, blocks.GET_OWN)
    assert await desk.sent(4) == []
    (said,) = desk.files.messages
    assert said["channel"] == f"D{MAX[1:]}"
    assert "`canteen export person`" in str(said["blocks"])
    object.__setattr__(made, "largest", LARGEST)
    await desk.slack.press(MAX, blocks.GET_OWN, at="1.1")
    assert len(await desk.sent(3)) == 1


@on_sqlite
async def test_of_another_workspace_nothing_is_in_it(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        row = await session.get(Member, (WS, MAX))
        assert row is not None
        values = {column.key: getattr(row, column.key) for column in Member.__table__.columns}
        session.add(Member(**{**values, "workspace_id": "T0ELSE", "name": "Max Elsewhere"}))
    await desk.slack.press(MAX, blocks.GET_OWN)
    ((file, _, _),) = await desk.sent()
    assert "Elsewhere" not in str(sheets(desk.files.bytes_of[file]))


@on_sqlite
async def test_a_file_that_was_handed_over_goes_with_its_person(desk: Desk) -> None:
    await desk.slack.press(MAX, blocks.GET_OWN)
    ((file, place, _),) = await desk.sent()
    about = About(ids=frozenset(), named=lambda _: False, targets={MAX, place})
    async with desk.sessions.begin() as session:
        now = desk.clock.now()
        await forgetting.forget_some(session, WS, about, after=0, now=now, limit=100, writes=True)
        rows = list(await session.scalars(select(Delivery)))
    assert [row.target for row in rows if row.method == "delete_file"] == [file]
    assert not [row.id for row in rows if row.method == "share" and (row.target or row.channel or row.ts)]


async def test_it_can_be_read_without_the_database(desk: Desk) -> None:
    """The question and what they chose, not whether it was right; the customer's name."""
    wording = {"language": "en", "text": "Who has been with us longest?", "options": ["Orion", "Halden"], "why": "1999"}
    async with desk.sessions.begin() as session:
        await put(session, WORLD, "customers", id="orion", name="Órion", name_key="orion")
        await put(session, WORLD, "adoptions", id="a1", request="a1", customer_id="orion", user_id=MAX, via="press")
        await put(session, WORLD, "quiz_questions", id="q", key="q", consent="internal")
        await put(session, WORLD, "quizzes", id="q", question_id="q", content={"wordings": [wording], "right": 0})
        await put(session, WORLD, "quiz_answers", quiz_id="q", user_id=MAX, option=1, acted_at=1, channel_id="C0LINE")
        await put(session, WORLD, "quiz_answers", quiz_id="q", user_id=SAM, option=0, acted_at=1, channel_id="C0LINE")
    await desk.slack.press(MAX, blocks.GET_OWN)
    ((file, _, _),) = await desk.sent()
    found = sheets(desk.files.bytes_of[file])
    assert [row["customer"] for row in found["adoptions.csv"]] == ["Órion"]
    (answer,) = found["quiz-answers.csv"]
    assert (answer["question"], answer["answer"]) == ("Who has been with us longest?", "Halden")
    assert "1999" not in str(found)
