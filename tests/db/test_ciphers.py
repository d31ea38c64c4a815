"""Tokens and texts at rest: nothing of them can be read in the database, all of them through the bot."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.dialects import sqlite

from bot.core.errors import UnreadableError
from bot.db import keys
from bot.db.ciphers import MARK, PLAIN, Keyring, fingerprint, give, keyring
from bot.db.engine import Sessions
from bot.db.keys import places
from bot.db.moment import db_now
from bot.db.tables.inbox import Draft
from bot.db.tables.quizzes import Question
from bot.db.tables.stories import Story
from bot.db.tables.workspaces import CipherKey, Heartbeat, Workspace
from bot.db.types import AnyEnciphered, Enciphered, EncipheredBytes, EncipheredJson
from bot.features.quizzes import counting
from tests.db import canaries
from tests.db.canaries import CANARY, NOW

OLD, NEW = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb28=", "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="
BOTH = keyring([NEW, OLD])
ALL = places()


@pytest.fixture
async def keyed(sessions: Sessions) -> AsyncIterator[Callable[[Keyring], Sessions]]:
    """The same database with other keys: as each of several replicas has it."""

    def with_keys(ring: Keyring) -> Sessions:
        give(sessions.engine.dialect, ring)
        return sessions

    yield with_keys
    give(sessions.engine.dialect, PLAIN)


@contextmanager
def stored_as(sessions: Sessions, ring: Keyring) -> Iterator[None]:
    before = sessions.keyring
    give(sessions.engine.dialect, ring)
    yield
    give(sessions.engine.dialect, before)


async def rotate_all(sessions: Sessions) -> tuple[int, list[str]]:
    written, unreadable = 0, list[str]()
    for place in ALL:
        async for step in keys.rotate(sessions, place, batch=2):
            written += step.written
            unreadable += step.unreadable
    return written, unreadable


async def all_is_said(sessions: Sessions, *, rows: int = 1) -> bool:
    async with sessions.begin() as session:
        for place in ALL:
            found = list(await session.scalars(select(place.column).order_by(*place.keys)))
            if found != [canaries.value(place.column, number) for number in range(rows)]:
                return False
    return True


async def test_nobody_reads_the_database_and_the_bot_reads_all_of_it(
    keyed: Callable[[Keyring], Sessions], database_url: str
) -> None:
    sessions = keyed(keyring([OLD]))
    await canaries.write(sessions)
    said = await canaries.raw(sessions)
    assert said.count(MARK) == len(ALL)
    for hint in (CANARY, json.dumps(CANARY)[1:-1], CANARY.encode().hex(), "kanarie"):
        assert hint not in said
    if database_url.startswith("sqlite"):
        files = b"".join(path.read_bytes() for path in Path(database_url.removeprefix("sqlite:///")).parent.iterdir())
        assert b"kanarie" not in files
        assert MARK.encode() in files
    assert await all_is_said(sessions)


async def test_what_was_stored_before_there_was_a_key_is_read_and_then_enciphered(
    keyed: Callable[[Keyring], Sessions],
) -> None:
    await canaries.write(keyed(PLAIN), rows=3)
    sessions = keyed(keyring([NEW]))
    assert await all_is_said(sessions, rows=3)
    assert (await keys.counted(sessions)).plain == 3 * len(ALL)
    assert await rotate_all(sessions) == (3 * len(ALL), [])
    assert "kanarie" not in await canaries.raw(sessions)
    assert await all_is_said(sessions, rows=3)
    assert await rotate_all(sessions) == (0, [])  # can be repeated


async def test_keys_change_while_replicas_with_the_old_and_the_new_order_write(
    keyed: Callable[[Keyring], Sessions],
) -> None:
    """The other replica still enciphers with the old key, and writes what rotation has read and not yet written."""
    sessions = keyed(keyring([OLD, NEW]))
    await keys.check_at_start(sessions)
    await canaries.write(sessions, rows=4)
    place = next(one for one in ALL if one.name == "stories.body")
    sessions = keyed(BOTH)
    await keys.check_at_start(sessions)
    steps = keys.rotate(sessions, place, batch=2)
    await anext(steps)

    async def others_write(session: Any, *arguments: Any) -> Any:
        rows = await page(session, *arguments)
        if rows:
            with stored_as(sessions, keyring([OLD, NEW])):
                await session.execute(update(Story).where(Story.id == rows[0][0]).values(body="written meanwhile"))
        return rows

    page, keys._page = keys._page, others_write  # type: ignore[assignment]
    try:
        written = [step.written async for step in steps]
    finally:
        keys._page = page
    assert written == [1]  # of two: one had changed since it was read
    async with sessions.begin() as session:
        bodies = list(await session.scalars(select(Story.body).order_by(Story.id)))
    assert bodies == [f"{CANARY} 0", f"{CANARY} 1", "written meanwhile", f"{CANARY} 3"]
    old = next(key for key in (await keys.counted(sessions)).keys if key.fingerprint == fingerprint(OLD))
    assert old.rows == 4 * len(ALL) - 3
    assert fingerprint(OLD) not in await keys.forget_unused(sessions, await keys.counted(sessions))

    assert (await rotate_all(sessions))[0] == old.rows
    found = await keys.counted(sessions)
    assert await keys.forget_unused(sessions, found) == [fingerprint(OLD)]
    await keys.check_at_start(keyed(keyring([NEW])))  # the old key may go


async def test_what_was_changed_in_the_database_is_named_and_holds_up_nothing(
    keyed: Callable[[Keyring], Sessions],
) -> None:
    sessions = keyed(keyring([OLD]))
    await canaries.write(sessions, rows=2)
    stolen = select(Draft.text).where(Draft.id == "x0")
    async with sessions.begin() as session:
        await session.execute(
            text("UPDATE drafts SET text = substr(text, 1, 60) || 'A' || substr(text, 62) WHERE id = 'x0'")
        )
    with pytest.raises(UnreadableError) as refused:
        async with sessions.begin() as session:
            await session.scalar(stolen)
    assert refused.value.lasting
    assert "canteen keys check --read" in refused.value.cure
    sessions = keyed(BOTH)
    written, unreadable = await rotate_all(sessions)
    assert written == 2 * len(ALL) - 1
    assert [one.partition(":")[0] for one in unreadable] == ["drafts.text of x0"]
    place = next(one for one in ALL if one.name == "drafts.text")
    assert [len(step.unreadable) async for step in keys.read_all(sessions, place, batch=1)] == [1, 0]


async def test_without_the_key_nothing_starts(keyed: Callable[[Keyring], Sessions]) -> None:
    sessions = keyed(keyring([OLD]))
    await keys.check_at_start(sessions)
    await canaries.write(sessions)
    for ring in (PLAIN, keyring([NEW])):
        with pytest.raises(UnreadableError, match=f"CANTEEN_ENCRYPTION_KEYS lacks the key {fingerprint(OLD)}"):
            await keys.check_at_start(keyed(ring))
        with pytest.raises(UnreadableError) as refused:
            async with sessions.begin() as session:
                await session.scalar(select(Workspace.bot_token))
        assert not refused.value.lasting
        assert OLD not in f"{refused.value} {refused.value.cure}"
    async with sessions.begin() as session:
        assert list(await session.scalars(select(CipherKey.fingerprint))) == [fingerprint(OLD)]


async def test_off_in_front_of_the_keys_writes_plain_and_takes_back_what_was_enciphered(
    keyed: Callable[[Keyring], Sessions],
) -> None:
    sessions = keyed(keyring([OLD]))
    await keys.check_at_start(sessions)
    await canaries.write(sessions)
    sessions = keyed(keyring([OLD], write=False))
    assert await rotate_all(sessions) == (len(ALL), [])
    assert MARK not in await canaries.raw(sessions)
    assert await keys.forget_unused(sessions, await keys.counted(sessions)) == [fingerprint(OLD)]
    await keys.check_at_start(keyed(PLAIN))
    assert await all_is_said(sessions)


async def test_who_runs_with_which_keys_is_known(keyed: Callable[[Keyring], Sessions]) -> None:
    sessions = keyed(BOTH)
    others = {"before": None, "off": keyring([OLD], write=False).names, "old": keyring([OLD]).names, "new": BOTH.names}
    async with sessions.begin() as session:
        now = await db_now(session)
        for process, names in others.items():
            session.add(Heartbeat(process=process, started_at=now, ticked_at=now, keys=names))
        session.add(Heartbeat(process="gone", started_at=NOW, ticked_at=NOW, keys=None))
    new, old = (await keys.counted(sessions)).keys
    assert (new.fingerprint, new.writers, new.strangers) == (fingerprint(NEW), ("new",), ("before", "off", "old"))
    assert (old.fingerprint, old.writers, old.strangers) == (fingerprint(OLD), ("old",), ("before",))
    assert await keys.forget_unused(sessions, await keys.counted(sessions)) == []


TYPES: list[tuple[AnyEnciphered, st.SearchStrategy[Any]]] = [
    (Enciphered(), st.text(st.characters(exclude_categories=["Cs"])) | st.just(f"{MARK}{'-' * 8}:x")),
    (EncipheredJson(), st.dictionaries(st.text(), st.text() | st.none() | st.integers()) | st.lists(st.text())),
    (EncipheredBytes(), st.binary() | st.just(f"{MARK}{fingerprint(OLD)}:".encode())),
]


@given(st.data())
def test_whatever_is_written_is_read_with_any_keys_before_and_after(data: st.DataObject) -> None:
    rings = [PLAIN, keyring([OLD]), BOTH, keyring([OLD], write=False)]
    kind, values = data.draw(st.sampled_from(TYPES))
    written, ring = data.draw(values), data.draw(st.sampled_from(rings))
    here, there = sqlite.dialect(), sqlite.dialect()
    give(here, ring)
    give(there, BOTH)
    stored = kind.process_bind_param(written, here)
    assert kind.process_result_value(stored, here) == written
    assert kind.process_result_value(stored, there) == written


@pytest.mark.parametrize("asked", [lambda: Story.body == "x", lambda: Story.body.like("x%"), Story.body.desc])
def test_the_database_is_never_asked_to_compare_what_it_cannot_read(asked: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        asked()


def test_votes_touch_nothing_that_is_enciphered() -> None:
    read = [column for column in counting.ROUNDS.selected_columns if isinstance(column.type, AnyEnciphered)]
    assert read == []
    assert not any(place.table.name in {"quiz_answers", "quizzes", "quiz_posts"} for place in ALL)
    assert isinstance(Question.content.type, EncipheredJson)  # the bank's own copy is


def test_no_enciphered_column_is_part_of_a_key_or_an_index() -> None:
    for place in ALL:
        used = {column for index in place.table.indexes for column in index.columns}
        used |= {column for constraint in place.table.constraints for column in getattr(constraint, "columns", ())}
        assert place.column not in used, place.name


def test_the_library_is_loaded_only_where_there_is_a_key() -> None:
    asked = "import sys, bot.serving, bot.wiring, bot.commands.running; print('cryptography' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "False"


def test_a_key_is_never_shown() -> None:
    assert OLD not in f"{BOTH!r} {BOTH}"
    assert fingerprint(OLD) in BOTH.names
