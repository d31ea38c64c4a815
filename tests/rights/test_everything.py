"""G1: every listener, asked by everybody, as Slack would ask it: allowed or refused as the table says."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.faults.proof import Proof
from tests.rights import door as doors
from tests.rights import events, everything, expected
from tests.rights.cases import Case
from tests.rights.door import Came, Door
from tests.rights.payloads import Command, Sender
from tests.rights.world import EVERYBODY, STRANGER


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        yield door


def had_effect(case: Case, came: Came) -> bool:
    kind, _, what = case.does.partition(":")
    if kind == "view":
        shown = [*came.views, came.answer.get("view", {})]
        return any(view.get("callback_id") == what for view in shown)
    return came.shows(what) if kind == "says" else kind in came.changed


def wrong_with(case: Case, name: str, came: Came, actor: str) -> list[str]:
    may, gets = expected.may(case, name), expected.gets_it(case, name)
    wrong = [f"status {came.status}"] if came.status != 200 else []
    if gets:
        if case.does and not had_effect(case, came):
            wrong.append(f"may, and nothing came of it: changed {sorted(came.changed)}; {came.said[:300]}")
        if came.refused:
            wrong.append(f"may, and was refused: {came.refused}")
        return wrong
    if came.changed:
        wrong.append(f"changed {sorted(came.changed)}")
    if case.does and had_effect(case, came):
        wrong.append(f"got {case.does}")
    told = case.over or case.silent or case.right is None or name in case.kindly
    if not may and not told and not came.refused:
        wrong.append(f"not audited: {came.said[:200]}")
    if any(who != actor for who, _ in came.refused):
        wrong.append(f"audited somebody else: {came.refused}")
    return wrong


def askers(case: Case, number: int, *, everybody: bool) -> Sequence[str]:
    """Everybody, or two who get it and four who do not, others for each case."""
    # Slack offers a workspace's commands to its own people only.
    able = [name for name in EVERYBODY if name != STRANGER or not isinstance(case.payload, Command)]
    if everybody:
        return able
    gets = [name for name in able if expected.gets_it(case, name)]
    others = [name for name in able if name not in gets]
    return [
        group[(number * 5 + step * 3) % len(group)]
        for group, count in ((gets, 2), (others, 4))
        for step in range(min(count, len(group)))
    ]


@pytest.mark.row("G1")
@pytest.mark.parametrize("group", everything.GROUPS)
async def test_who_may_and_who_may_not(door: Door, proof: Proof, group: str) -> None:
    world, problems, count = door.worlds["A"], [], 0
    for number, case in enumerate(everything.GROUPS[group]):
        for name in askers(case, number, everybody=proof.at(small=False, full=True)):
            who = Sender(world=world, name=name)
            came = await door.send(case.payload.body(who, world))
            count += 1
            wrong = wrong_with(case, name, came, who.user["id"])
            problems += [f"{everything.key_of(case)} {name}: {one}" for one in wrong]
            if came.left:
                door.restore()
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    proof.found(f"{group}: {count} payloads as the table says")


async def test_every_listener_has_a_case(door: Door) -> None:
    given = [everything.key_of(case) for case in everything.ALL]
    without = [
        (kind, str(wanted))
        for kind, wanted in everything.listeners(door)
        if kind != "event" and not any(kind == one and everything.matches(wanted, what) for one, what in given)
    ]
    assert not without


async def test_every_event_has_a_payload(door: Door) -> None:
    sent = {event.kind for event in events.ALL}
    heard = [str(wanted) for kind, wanted in everything.listeners(door) if kind == "event"]
    assert heard
    assert not [kind for kind in heard if kind not in sent]


async def test_every_word_of_a_command_has_a_case(door: Door) -> None:
    given = {
        tuple(
            case.payload.body(Sender(world=door.worlds["A"], name="admin"), door.worlds["A"])[one]
            for one in ("command", "text")
        )
        for case in everything.ALL
        if isinstance(case.payload, Command)
    }
    typed = {(command, text.partition(" ")[0].lower()) for command, text in given}
    known = {(one.command, one.word) for one in everything.words_of_commands(door)}
    assert len(known) > 5
    assert sorted(known - typed) == []
