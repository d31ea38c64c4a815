"""Every text field of every window: what no field takes is refused at the field, and nothing is stored.

The fields are those that the windows of the gallery show, so that a new one is here by itself; how each is filled in
rightly, and by whom, says the case of `tests/rights` for its window.
"""

import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.gallery.everything import everything as gallery
from tests.rights import door as doors
from tests.rights import everything, expected
from tests.rights.cases import Case
from tests.rights.door import TRACES, Door, encoded
from tests.rights.payloads import Command, Sender, Submit, text
from tests.rights.world import PEOPLE

HOSTILE = {
    "nul": "a\x00b",
    "surrogate": "a\ud83db",
    "combining": "e" + "\u0301" * 90_000,
}  # as much as fits through the door
SLOWEST = 8.0  # times a quarter of it; what grows with the square takes 16 times
Field = tuple[str, str]


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        yield door


def windows() -> list[tuple[str, frozenset[str]]]:
    """Each kind of window: its name, and the blocks in which something is typed."""
    return [
        (
            str(piece.payload["callback_id"]),
            frozenset(
                str(block["block_id"])
                for block in piece.payload["blocks"]
                if block.get("element", {}).get("type", "").endswith("text_input")
            ),
        )
        for piece in gallery().pieces
        if piece.kind == "modal" and "callback_id" in piece.payload
    ]


def cases(door: Door, shown: list[tuple[str, frozenset[str]]]) -> dict[Field, tuple[Case, str]]:
    """For each field that somebody can type into: a window that has it, filled in rightly, and by whom."""
    found: dict[Field, tuple[Case, str]] = {}
    for case in everything.ALL:
        who = next((name for name in PEOPLE if expected.gets_it(case, name)), None)
        if not isinstance(case.payload, Submit) or who is None:
            continue
        values = case.payload.values(door.worlds["A"])
        filled = {block for block, held in values.items() if held.get("any", {}).get("type") == "plain_text_input"}
        for callback, typed in shown:
            if callback == case.payload.callback and (filled & typed or not filled):
                found |= {(callback, block): (case, who) for block in typed if (callback, block) not in found}
    return found


def body_of(case: Case, door: Door, who: str, block: str, hostile: str) -> dict[str, Any]:
    """What belongs there, and then what does not."""
    world = door.worlds["A"]
    body = case.payload.body(Sender(world=world, name=who), world)
    values = body["view"]["state"]["values"]
    rightly = values.get(block, {}).get("any", {}).get("value", "")
    body["view"]["state"]["values"] = {**values, block: text(rightly + hostile)}
    return body


def wrong_with(block: str, status: int, answer: bytes) -> str | None:
    errors = json.loads(answer).get("errors", {}) if status == 200 and answer else {}
    if block not in errors:
        return f"not refused at the field: {status} {answer[:200]!r}"
    said = errors[block]
    return None if 10 < len(said) < 150 and said.isprintable() else f"said {said[:200]!r}"


@pytest.mark.row("F9")
async def test_each_field_refuses_what_cannot_be_stored_and_says_so(door: Door) -> None:
    shown = windows()
    problems, given = [], cases(door, shown)
    for (callback, block), (case, who) in given.items():
        for kind, hostile in HOSTILE.items():
            wrong = wrong_with(block, *await door.raw(*encoded(body_of(case, door, who, block, hostile))))
            if wrong is not None:
                problems.append(f"{callback} {block} {kind} by {who}: {wrong}")
    assert not problems, f"{len(problems)} of {len(given) * len(HOSTILE)}\n" + "\n".join(problems)
    assert set(given) == {(callback, block) for callback, typed in shown for block in typed}
    after = door.dump()
    assert [table for table in after if after[table] != door.before[table] and table not in TRACES] == []


async def command(door: Door, case: Case, hostile: str) -> tuple[int, bool]:
    """With this after its words: the status, and whether anything was said or opened."""
    who = next((name for name in PEOPLE if expected.gets_it(case, name)), "member")
    body = case.payload.body(Sender(world=door.worlds["A"], name=who), door.worlds["A"])
    door.gateway.views.clear()
    door.gateway.responses.clear()
    sent = urlencode({**body, "text": f"{body['text']} {hostile}"}, errors="surrogatepass").encode()
    status, answer = await door.raw(sent, "application/x-www-form-urlencoded")
    await door.edge.receipts.drain(5)
    return status, bool(answer or door.gateway.views or door.gateway.responses)


@pytest.mark.row("F9")
async def test_no_command_chokes_on_it_or_stores_it(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """What comes with a command is cleaned rather than refused: there is no field at which to say it."""
    caplog.set_level(logging.ERROR)
    problems, commands = [], [case for case in everything.ALL if isinstance(case.payload, Command)]
    took = {22_000: 0.0, 88_000: 0.0}
    for case in commands:
        for kind in ("nul", "surrogate"):
            status, said = await command(door, case, HOSTILE[kind])
            if status != 200 or not said:
                problems.append(f"{case.payload} {kind}: {status}")
        for marks in took:
            begun = time.process_time()
            status, said = await command(door, case, "e" + "\u0301" * marks)
            took[marks] += time.process_time() - begun
            if status != 200 or not said:
                problems.append(f"{case.payload} {marks} marks: {status}")
    assert problems == []
    assert len(commands) > 20
    assert caplog.records == []
    assert took[88_000] < SLOWEST * took[22_000]
    with closing(sqlite3.connect(door.file)) as there:
        assert [line for line in there.iterdump() if "\u0301" * 9 in line or "\x00" in line] == []
