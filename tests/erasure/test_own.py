"""What one person gets of themselves: wherever they stand, and nothing of anybody else."""

import csv
import io
from zipfile import ZipFile

from bot.core.ids import new_id
from bot.core.spreadsheet import Archive
from bot.db.engine import Sessions
from bot.db.tables import Base
from bot.db.tables.workspaces import Workspace
from bot.erasure.handed import write_own
from bot.erasure.own import data_of
from bot.erasure.person import whom
from tests.erasure.filling import NOW, WORKSPACE, a_set, everything, holding
from tests.erasure.test_erasing import HER, MAIL, NAME, OTHER, WORDS, _she

# Where others may have written about somebody.
WRITTEN = {
    "questions": ("text",),
    "answers": ("text",),
    "exchange_notes": ("text",),
    "hellos": ("text",),
    "first_visits": ("note",),
    "customer_updates": ("headline", "text"),
    "drafts": ("text", "reason"),
    "kept_texts": ("text",),
    "stories": ("body",),
}


async def test_it_is_complete_and_only_theirs(sessions: Sessions) -> None:
    values = {"name": "One", "bot_token": "xoxb-secret", "bot_id": "B1", "bot_user_id": "U0BOT", "scopes": []}
    async with sessions.begin() as session:
        session.add(Workspace(id=WORKSPACE, **values, state="active", locale="en", added_at=NOW))
        await session.flush()
        for number in range(4):
            await a_set(session, f"s{number}", _she(number))
        await a_set(session, "other", {"members": {"user_id": OTHER, "kind": "member", "name": "Somebody else"}})
        cells = await everything(session)
        one = await whom(session, WORKSPACE, HER)
    assert one is not None
    cells = {place: [text.replace(OTHER, "") for text in texts] for place, texts in cells.items()}
    found = await data_of(sessions, one, one.needles(new_id))
    personal = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.c
        if "personal" in column.info
    }
    wanted = holding(cells, HER, MAIL, NAME, WORDS) & personal
    assert len(wanted) > 40
    given = {(table, column) for table, rows in found.items() for row in rows for column in row}
    assert wanted - given == set()
    assert "Somebody else" not in str(found)
    assert "xoxb" not in str(found)
    assert {row["user_id"] for row in found["members"]} == {HER}


async def test_the_file_for_a_person_has_what_is_theirs_and_nobody_elses_words(sessions: Sessions) -> None:
    values = {"name": "One", "bot_token": "xoxb-secret", "bot_id": "B1", "bot_user_id": "U0BOT", "scopes": []}
    others = {table: dict.fromkeys(names, f"{HER} said {MAIL}") for table, names in WRITTEN.items()}
    async with sessions.begin() as session:
        session.add(Workspace(id=WORKSPACE, **values, state="active", locale="en", added_at=NOW))
        await session.flush()
        for number in range(4):
            await a_set(session, f"s{number}", _she(number))
        await a_set(session, "other", {"members": {"user_id": OTHER, "kind": "member"}, **others})
        one = await whom(session, WORKSPACE, HER)
    assert one is not None
    into = io.BytesIO()
    archive = Archive(into)
    await write_own(sessions, one, archive)
    archive.close()
    found = {}
    with ZipFile(into) as opened:
        for name in opened.namelist():
            text = opened.read(name).decode("utf-8-sig")
            found[name] = list(csv.DictReader(io.StringIO(text, newline="")))
    told = str({name: rows for name, rows in found.items() if name != "what-is-what.csv"})
    assert {row["user_id"] for row in found["members.csv"]} == {HER}
    assert WORDS in told
    named = {(name, column) for name, rows in found.items() for row in rows for column in row if OTHER in row[column]}
    assert named == {
        ("audit.csv", "subject"),  # to whom she did something
        ("exchanges.csv", "adopter"),
        ("exchanges.csv", "partner"),  # both know with whom they wrote
    }
    assert "xoxb" not in told
    assert " said " not in told
    assert {row["sheet"] for row in found["what-is-what.csv"]} - {"*"} <= {name.removesuffix(".csv") for name in found}
    assert len(found) > 25
