"""The library is read anew when something that the choice depends on has changed, and only then."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.customers import Customer, Product, ProductCustomer
from bot.features.stories import service, store
from bot.features.stories.rules import Candidate
from tests.features.members.people import WS
from tests.features.stories.conftest import Works
from tests.features.stories.given import EDITOR, NOW, story

Change = Callable[[Works, AsyncSession], Awaitable[object]]


async def _withdraw(works: Works, session: AsyncSession) -> object:
    (found,) = await store.candidates(session, WS, "story")
    return await service.recall_story(session, WS, found.story_id, by=EDITOR, now=NOW, new_id=works.new_id)


async def _unname(works: Works, session: AsyncSession) -> object:
    return await session.execute(update(Customer).where(Customer.id == "cust1").values(may_be_named=False))


async def _hide(works: Works, session: AsyncSession) -> object:
    return await session.execute(update(Customer).where(Customer.id == "cust1").values(confidential=True))


async def _move(works: Works, session: AsyncSession) -> object:
    later = NOW + timedelta(hours=1)
    return await session.execute(update(Product).where(Product.id == "pb7").values(team_id=None, updated_at=later))


async def _stop_using(works: Works, session: AsyncSession) -> object:
    return await session.execute(delete(ProductCustomer).where(ProductCustomer.product_id == "pb7"))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that the whole library was read."""
    found: list[str] = []
    real = store.candidates

    async def counted(session: AsyncSession, ws: str, kind: str) -> list[Candidate]:
        found.append(kind)
        return await real(session, ws, kind)

    monkeypatch.setattr(store, "candidates", counted)
    return found


async def test_it_is_read_once_while_nothing_changes(works: Works, reads: list[str]) -> None:
    await works.library(orion=story())
    index = service.Index()
    for _ in range(3):
        async with works.sessions.begin() as session:
            assert len(await index.candidates(session, WS, "story")) == 1
    assert reads == ["story"]


@pytest.mark.parametrize("change", [_withdraw, _unname, _hide, _move, _stop_using])
async def test_each_change_is_seen_at_once(works: Works, reads: list[str], change: Change) -> None:
    await works.library(orion=story())
    index = service.Index()
    async with works.sessions.begin() as session:
        before = await index.candidates(session, WS, "story")
    async with works.sessions.begin() as session:
        await change(works, session)
    async with works.sessions.begin() as session:
        assert await index.candidates(session, WS, "story") != before


async def test_a_new_story_and_another_kind_are_seen(works: Works) -> None:
    await works.library(orion=story())
    index = service.Index()
    async with works.sessions.begin() as session:
        assert await index.candidates(session, WS, "news") == []
        assert len(await index.candidates(session, WS, "story")) == 1
    await works.library(orion=story(), more=story(headline="Another"))
    async with works.sessions.begin() as session:
        assert len(await index.candidates(session, WS, "story")) == 2
