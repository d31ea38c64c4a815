"""G2: ids of another workspace are answered like ids of nothing."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.slack.errors import Fault, SlackFault
from tests.faults.proof import Proof
from tests.rights import door as doors
from tests.rights import events, everything, expected
from tests.rights.door import Came, Door
from tests.rights.payloads import Payload, Sender
from tests.rights.world import EVERYBODY, STRANGER, World


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        door.gateway.answers["conversations.info"] = SlackFault("channel_not_found", Fault.PLACE)
        yield door


def carries_ids(payload: Payload, who: Sender, here: World, there: World) -> bool:
    """Whether it would be another payload with the other's ids."""
    ours, theirs = (json.dumps(payload.body(who, world)) for world in (here, there))
    return re.sub(r"\d", "", ours) != re.sub(r"\d", "", theirs)


def without_letter(came: Came, letter: str) -> str:
    """What was said, whichever of the two the ids were of."""
    said = re.sub(rf"(?<=[CUTD]0){letter}|(?<=[Zz]q){letter}", "_", came.said, flags=re.IGNORECASE)
    return re.sub(r"\d", "", re.sub(rf"\b{letter}-", "_-", said, flags=re.IGNORECASE))


@pytest.mark.row("G2")
async def test_ids_of_another_workspace(door: Door, proof: Proof) -> None:
    here, there = door.worlds["A"], door.worlds["B"]
    nowhere = World(letter="X", now=here.now, secret=here.secret)
    problems, count = [], 0
    for case in everything.ALL:
        able = [name for name in EVERYBODY if name != STRANGER and expected.may(case, name)]
        for name in able[: proof.at(small=1, full=20)]:
            who = Sender(world=here, name=name)
            if not carries_ids(case.payload, who, here, there):
                continue
            theirs: list[Came] = []
            none: list[Came] = []
            for things, kept in ((there, theirs), (nowhere, none)):
                kept.append(await door.send(case.payload.body(who, things)))
                if kept[0].left:
                    door.restore()
            count += 1
            told, as_nothing = without_letter(theirs[0], "b"), without_letter(none[0], "x")
            line = f"{everything.key_of(case)} {name}"
            if theirs[0].changed - none[0].changed:
                problems.append(f"{line}: changed {sorted(theirs[0].changed)}")
            if told != as_nothing:
                problems.append(f"{line}: {told[:300]}\n    not {as_nothing[:300]}")
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    proof.found(f"{count} payloads with the ids of another workspace: answered like ids of nothing")


@pytest.mark.row("G2")
async def test_events_about_another_workspace(door: Door) -> None:
    """An event says whose it is; what it is about in another workspace stays as it is."""
    here, there = door.worlds["A"], door.worlds["B"]
    for event in events.CHANNELS:
        came = await door.send(event.body(Sender(world=here, name="member"), there))
        assert came.status == 200
        rows = door.dump()
        assert rows["channels"] == door.before["channels"], event.kind
        assert rows["channel_people"] == door.before["channel_people"], event.kind
