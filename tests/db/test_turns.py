"""SQLite has one writer: transactions of one process stand in line for it."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.db import engine as engines
from bot.db.engine import Sessions, make_engine


async def test_transactions_get_their_turn_in_order(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'turns.db'}")
    sessions, order = Sessions(engine), list[int]()

    async def one(number: int) -> None:
        async with sessions.begin() as session:
            await session.execute(text("CREATE TABLE IF NOT EXISTS things (id INTEGER)"))
            order.append(number)

    await asyncio.gather(*map(one, range(30)))
    assert order == list(range(30))
    await engine.dispose()


async def test_who_waits_too_long_is_told_and_the_line_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "LOCK_WAIT", engines.LOCK_WAIT / 20)
    engine = make_engine(f"sqlite:///{tmp_path / 'turns.db'}")
    sessions = Sessions(engine)
    async with sessions.begin():
        with pytest.raises(TimeoutError):
            async with sessions.begin():
                pytest.fail("two writers at once")
    async with sessions.begin() as session:
        assert (await session.execute(text("SELECT 1"))).scalar_one() == 1
    await engine.dispose()
