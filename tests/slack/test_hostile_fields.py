"""Every text field of every window: what no field takes is refused at the field, and nothing is stored.

The fields are those that the windows of the gallery show, so that a new one is here by itself; how each is filled in
rightly, and by whom, says the case of `tests/rights` for its window.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.gallery.everything import everything as gallery
from tests.rights import door as doors
from tests.rights import everything, expected
from tests.rights.cases import Case
from tests.rights.door import TRACES, Door, encoded
from tests.rights.payloads import Sender, Submit, text
from tests.rights.world import PEOPLE

HOSTILE = {
    "nul": "a\x00b",
    "surrogate": "a\ud83db",
    "combining": "e" + "\u0301" * 90_000,
}  # as much as fits through the door
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
