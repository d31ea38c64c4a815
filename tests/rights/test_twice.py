"""D3 and D10: whatever is asked again, by Slack or by somebody whose answer came late, is done once and told alike."""

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.faults.proof import Proof
from tests.rights import door as doors
from tests.rights import everything, expected
from tests.rights.cases import Case
from tests.rights.door import Door, Dump
from tests.rights.payloads import Command, Sender, Submit
from tests.rights.world import EVERYBODY, STRANGER

# That a request came is known of each; whom to ask Slack about is asked once more.
TRACES = frozenset({"seen_events", "look_ups"})

OWED = "SELECT workspace_id, kind, key, method, target, ref, state FROM deliveries WHERE kind <> 'home.view'"
# Told as it stands by now: the channel has been looked at meanwhile; and a command carries nothing to know it again by.
MOVES = r"\d+ weeks?( of content left)"
AS_IT_STANDS = {"adopt ZqAlonely": ("is yours now", "is yours already")}


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        yield door


def differing(one: Dump, other: Dump) -> list[str]:
    return [table for table in one if table not in TRACES and one[table] != other[table]]


def state(door: Door) -> Dump:
    """Of what is owed everything but how often it was asked for: what has not gone yet goes once."""
    return {**door.dump(), "deliveries": door.rows(OWED)}


def whoever_gets(case: Case) -> str | None:
    able = (name for name in EVERYBODY if name != STRANGER or not isinstance(case.payload, Command))
    return next((name for name in able if expected.gets_it(case, name)), None)


def again(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same window or words sent by the same person once more: Slack gives it another trigger."""
    return {**body, "trigger_id": f"{body.get('trigger_id', '')}9"}


def told(said: str) -> str:
    return re.sub(r"\d", "", re.sub(MOVES, r"weeks\1", said))


def alike(first: str, second: str, typed: str) -> bool:
    if typed in AS_IT_STANDS:
        return all(words in said for words, said in zip(AS_IT_STANDS[typed], (first, second), strict=True))
    return told(first) == told(second)


@pytest.mark.row("D3")
async def test_a_request_that_comes_again(door: Door, proof: Proof) -> None:
    """The same bytes, signed once."""
    times, problems, count = proof.at(small=3, full=100), [], 0
    for case in everything.ALL:
        if (name := whoever_gets(case)) is None:
            continue
        body = case.payload.body(Sender(world=door.worlds["A"], name=name), door.worlds["A"])
        first = await door.send(body)
        after = state(door)
        for _ in range(times - 1):
            sent, kind = doors.encoded(body)
            status, _answered = await door.raw(sent, kind)
            await door.edge.receipts.drain(5)
            if status != 200:
                problems.append(f"{everything.key_of(case)} {name}: status {status}")
        count += 1
        if changed := differing(after, state(door)):
            problems.append(f"{everything.key_of(case)} {name}: changed once more {changed}")
        if first.left or changed:
            door.restore()
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    proof.found(f"{count} requests, {times} times each: one effect", injected=f"each request {times} times")


@pytest.mark.row("D10")
async def test_a_window_or_a_command_sent_twice(door: Door, proof: Proof) -> None:
    problems, count = [], 0
    for case in everything.ALL:
        name = whoever_gets(case)
        if name is None or not isinstance(case.payload, Submit | Command):
            continue
        body = case.payload.body(Sender(world=door.worlds["A"], name=name), door.worlds["A"])
        first = await door.send(body)
        after = state(door)
        second = await door.send(again(body))
        count += 1
        typed = case.payload.text(door.worlds["A"]) if isinstance(case.payload, Command) else ""
        line = f"{everything.key_of(case)} {typed} {name}"
        if changed := differing(after, state(door)):
            problems.append(f"{line}: changed once more {changed}")
        if not alike(first.said, second.said, typed):
            problems.append(f"{line}: told\n    {first.said[:500]}\n    then\n    {second.said[:500]}")
        if first.left or changed:
            door.restore()
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    proof.found(f"{count} windows and commands sent twice: one effect, the same told twice")
    for words, (once, then) in AS_IT_STANDS.items():
        proof.falls_short(f"/customer {words}: {once}, then {then}", why="it says how things stand by then")
