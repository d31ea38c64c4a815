"""What is old goes by itself, in groups; what is young stays, and so does what hangs on it."""

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot.core.keeping import Keep
from bot.db.engine import Sessions
from bot.db.tables import Base
from bot.db.tables.delivery import Delivery
from bot.db.tables.quizzes import Quiz
from bot.db.tables.workspaces import Workspace
from bot.defaults import load_defaults
from bot.erasure.aging import Aging, drop_pictures
from tests.erasure.filling import NOW, WORKSPACE, a_set, everything

DAY = timedelta(days=1)
KEEP = Keep()


def test_the_file_says_what_the_code_would_do_without_it() -> None:
    assert load_defaults().keep == KEEP


async def a_company(sessions: Sessions) -> None:
    values = {"name": "One", "bot_token": "xoxb-1", "bot_id": "B1", "bot_user_id": "U0BOT", "scopes": []}
    async with sessions.begin() as session:
        session.add(Workspace(id=WORKSPACE, **values, state="active", locale="en", added_at=NOW))
        await session.flush()
        old: dict[str, dict[str, Any]] = {
            "drafts": {"state": "rejected", "decided_at": NOW},
            "quizzes": {"revealed_at": NOW, "result": None},
        }
        await a_set(session, "a", old)
        await a_set(session, "b", {"drafts": {"state": "waiting"}, "questions": {"state": "open"}})


async def counts(sessions: Sessions) -> Counter[str]:
    async with sessions.begin() as session:
        cells = await everything(session)
    return Counter(
        {table: max(len(texts) for (name, _), texts in cells.items() if name == table) for table, _ in cells}
    )


async def test_each_kind_goes_after_its_time_and_not_before(sessions: Sessions) -> None:
    await a_company(sessions)
    aging, before = Aging(sessions=sessions, keep=KEEP), await counts(sessions)
    await aging.by_index(NOW + DAY)
    await aging.by_looking(NOW + DAY)
    assert await counts(sessions) == before
    gone_after = {}
    for days in (3, 29, 31, 401, 731, 1096):
        later = NOW + days * DAY
        await aging.by_index(later)
        await aging.by_looking(later)
        now = await counts(sessions)
        gone_after[days] = sorted(table for table in before if now[table] < before[table])
        before = now
    assert gone_after[3] == ["seen_events"]
    assert gone_after[29] == []
    assert {"kept_texts", "pictures"} <= set(gone_after[31]) <= {"kept_texts", "pictures"}
    assert {"deliveries", "drafts", "news_reminders", "quiz_answers"} <= set(gone_after[401])
    assert {"answers", "exchanges", "exchange_notes", "questions"} <= set(gone_after[731])
    assert gone_after[1096] == ["audit", "audit_about"]
    assert before["questions"] == 1  # the open one
    assert before["quizzes"] == 2


async def test_pictures_that_something_shows_stay(sessions: Sessions) -> None:
    await a_company(sessions)
    pictures = Base.metadata.tables["pictures"]
    async with sessions.begin() as session:
        await session.execute(
            insert(pictures),
            [
                {"workspace_id": WORKSPACE, "hash": digest, "mimetype": "image/png", "data": b"x", "added_at": NOW}
                for digest in ("astoriespicturehash", "aquizs", "nobodys")
            ],
        )
        await session.execute(update(Quiz).where(Quiz.id == "aquizzesid").values(content={"picture": "aquizs"}))
    await drop_pictures(sessions, KEEP, NOW + 31 * DAY)
    async with sessions.begin() as session:
        left = set(await session.scalars(select(pictures.c.hash)))
    assert left == {"astoriespicturehash", "aquizs"}


async def test_many_deliveries_go_in_groups_and_a_thread_keeps_its_head(sessions: Sessions) -> None:
    values = {
        "workspace_id": WORKSPACE, "kind": "k", "method": "post", "target": "C1", "ref": {}, "due_at": NOW,
        "wanted_at": NOW, "state": "sent", "opaque": "", "rank": 0, "revision": 1, "attempts": 0, "owner_told": False,
    }  # fmt: skip
    young = NOW + 100 * DAY
    async with sessions.begin() as session:
        await session.execute(insert(Delivery), [{**values, "key": f"k{n}", "created_at": NOW} for n in range(2_500)])
        head = await session.scalar(select(Delivery.id).order_by(Delivery.id).limit(1))
        await session.execute(insert(Delivery), [{**values, "key": "young", "created_at": young, "under_id": head}])
        await session.execute(insert(Delivery), [{**values, "key": "failed", "created_at": NOW, "state": "failed"}])
    aging = Aging(sessions=sessions, keep=KEEP)
    await aging.by_index(NOW + KEEP.deliveries + timedelta(days=1, hours=5))
    async with sessions.begin() as session:
        assert set(await session.scalars(select(Delivery.key))) == {"k0", "young", "failed"}
    for hours in (1, 24):  # the reply goes, and on the next day the head of its thread
        await aging.by_index((young + KEEP.deliveries + DAY).replace(hour=0) + timedelta(hours=hours - 1 + hours // 24))
    async with sessions.begin() as session:
        assert set(await session.scalars(select(Delivery.key))) <= {"k0", "failed"}
