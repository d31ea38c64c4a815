"""*Get the totals*: by channel and month, of one's own channels or of all, and none that could be about one person."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select

from bot.db.tables.channels import ChannelOwner
from bot.db.tables.members import AuditEntry
from bot.features.exports import blocks
from tests.features.exports.conftest import ADMIN, EDITOR, MAX, OWNER, WORLD, Desk, on_sqlite
from tests.rights.world import put

LINE, PRIVATE = "C0LINE", "C0PRIVATE"


@pytest.fixture
async def company(desk: Desk) -> Desk:
    """The owner owns the line, somebody else the private channel."""
    async with desk.sessions.begin() as session:
        for channel, owner in ((LINE, OWNER), (PRIVATE, MAX)):
            await put(
                session, WORLD, "channels", channel_id=channel, name=channel.lower(), zone="UTC", locale="en", state="active",
                added_by=ADMIN,
            )  # fmt: skip
            await put(session, WORLD, "channel_owners", channel_id=channel, user_id=owner)
            for week, what, count in (
                (date(2026, 10, 26), "post", 3), (date(2026, 11, 2), "post", 2), (date(2026, 11, 9), "post", 2),
                (date(2026, 11, 9), "open", 40), (date(2026, 10, 26), "open", 4),
            ):  # fmt: skip
                await put(session, WORLD, "weekly_totals", channel_id=channel, week=week, what=what, count=count)
        for quiz, day, people in (("q1", 3, 6), ("q2", 10, 2), ("q3", 17, 9)):
            revealed = None if quiz == "q3" else datetime(2026, 11, day, tzinfo=UTC)
            await put(session, WORLD, "quiz_questions", id=quiz, key=quiz, consent="internal")
            await put(session, WORLD, "quizzes", id=quiz, question_id=quiz, revealed_at=revealed)
            for channel, answers in ((LINE, people), (PRIVATE, 1)):
                for number in range(answers):
                    user = f"U0{channel}{number}"
                    await put(
                        session,
                        WORLD,
                        "quiz_answers",
                        quiz_id=quiz,
                        user_id=user,
                        option=0,
                        acted_at=1,
                        channel_id=channel,
                    )
    return desk


async def rows(desk: Desk, who: str) -> list[list[str]]:
    await desk.slack.press(who, blocks.GET_TOTALS)
    ((file, place, _),) = await desk.sent()
    assert place == f"D{who[1:]}"
    return list(csv.reader(io.StringIO(desk.files.bytes_of[file].decode("utf-8-sig"), newline="")))[1:]


async def test_an_editor_gets_all_and_small_ones_are_left_open(company: Desk) -> None:
    assert await rows(company, EDITOR) == [
        ["2026-10", "#c0line", "3", "fewer than 5", "0", "0", "0"],
        ["2026-10", "#c0private", "3", "fewer than 5", "0", "0", "0"],
        ["2026-11", "#c0line", "4", "40", "0", "2", "8"],
        ["2026-11", "#c0private", "4", "40", "0", "2", "fewer than 5"],
    ]


@on_sqlite
async def test_an_owner_gets_their_channels(company: Desk) -> None:
    assert {row[1] for row in await rows(company, OWNER)} == {"#c0line"}


@on_sqlite
async def test_nobody_is_named(company: Desk) -> None:
    assert "U0" not in str(await rows(company, ADMIN))


@on_sqlite
async def test_others_are_refused(company: Desk) -> None:
    async with company.sessions.begin() as session:
        await session.execute(delete(ChannelOwner).where(ChannelOwner.user_id == MAX))
    await company.slack.press(MAX, blocks.GET_TOTALS)
    assert await company.sent(3) == []
    async with company.sessions.begin() as session:
        refused = await session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "refused"))
        assert list(refused) == [MAX]


@on_sqlite
async def test_an_owner_who_lost_a_channel_meanwhile_gets_nothing(company: Desk) -> None:
    async with company.sessions.begin() as session:
        await put(session, WORLD, "channel_owners", channel_id=PRIVATE, user_id=OWNER)
    await company.slack.press(OWNER, blocks.GET_TOTALS)
    await company.sent(1)
    assert company.files.bytes_of
    async with company.sessions.begin() as session:
        gone = delete(ChannelOwner).where(ChannelOwner.user_id == OWNER, ChannelOwner.channel_id == PRIVATE)
        await session.execute(gone)
    assert await company.sent(4) == []
