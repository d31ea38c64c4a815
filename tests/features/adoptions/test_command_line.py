"""`canteen hat`: draws are listed, opened by whoever may, and repeated from what was recorded."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from bot.db.levels import head
from bot.db.tables.adoptions import HatDraw
from tests.commands.conftest import Said, say
from tests.features.adoptions.conftest import Desk
from tests.features.adoptions.test_hat import AT, IN, drawn, opened
from tests.features.questions.people import AMARA, EDITOR, TOM


@pytest.fixture
async def settled(desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Where the command line finds the database at the newest schema."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    async with desk.sessions.begin() as session:
        await session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        await session.execute(text("DELETE FROM alembic_version"))
        await session.execute(text(f"INSERT INTO alembic_version VALUES ('{head()}')"))
    return desk


async def canteen(*words: str) -> Said:
    return await asyncio.to_thread(say, *words)


async def a_draw(desk: Desk) -> str:
    hat = await opened(desk)
    for user in (AMARA, TOM):
        await desk.press(user, IN, hat)
    await drawn(desk)
    return hat


async def test_a_draw_is_repeated_and_is_the_same(settled: Desk) -> None:
    hat = await a_draw(settled)
    said = await canteen("hat", "verify", hat)
    assert said.code == 0, said.err
    assert "The same as recorded." in said.out
    facts: dict[str, Any] = (await canteen("hat", "verify", hat, "--json")).json
    assert facts["same"] is True
    assert facts["recorded"] == {one.user_id: one.customer_id for one in await settled.adoptions()}
    assert {one["user"] for one in facts["inputs"]["people"]} == {AMARA, TOM}


async def test_a_record_that_was_changed_is_found_out(settled: Desk) -> None:
    hat = await a_draw(settled)
    async with settled.sessions.begin() as session:
        result = {"drawn": {AMARA: "cust1", TOM: "cust1"}, "names": [], "in": 2}
        await session.execute(update(HatDraw).values(result=result))
    said = await canteen("hat", "verify", hat)
    assert said.code == 1
    assert "does not come out the same" in said.err


async def test_what_was_not_drawn_cannot_be_repeated(settled: Desk) -> None:
    hat = await opened(settled)
    assert (await canteen("hat", "verify", hat)).code == 1
    assert (await canteen("hat", "verify", "nothing")).code == 1


async def test_draws_are_listed_without_saying_who_drew_what(settled: Desk) -> None:
    hat = await a_draw(settled)
    said = await canteen("hat", "list", "--json")
    (row,) = said.json
    assert (row["id"], row["state"], row["were_in"], row["drew"]) == (hat, "drawn", 2, 2)
    assert AMARA not in said.out


async def test_one_is_opened_by_whoever_may(settled: Desk) -> None:
    at = (AT + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    refused = await canteen("hat", "open", "line-2", "--at", at, "--by", AMARA)
    assert refused.code == 1
    assert "may not open a hat" in refused.err
    past = await canteen("hat", "open", "line-2", "--at", "2020-01-01T10:00", "--by", EDITOR)
    assert "in the past" in past.err
    assert await settled.hats() == []
