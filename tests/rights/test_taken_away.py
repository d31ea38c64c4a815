"""G1: rights are read again: between opening a window and sending it, and between owing a message and sending it."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bot.db.tables import Base
from bot.delivery import queue
from bot.delivery.rendering import Later, Skip
from bot.slack.kit import Message, View
from tests.faults.proof import Proof
from tests.features.members.test_rights import expected as by_table
from tests.rights import door as doors
from tests.rights import everything, expected
from tests.rights.cases import Case
from tests.rights.door import Door
from tests.rights.payloads import Command, Press, Sender, Submit
from tests.rights.test_everything import had_effect
from tests.rights.world import EVERYBODY, SECRET, STRANGER


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        yield door


NOBODY = "U0NOBODY"
# Everything that makes a thing somebody's.
BELONGS = {
    "customers": ("account_manager", "deputy"), "channels": ("added_by",), "adoptions": ("user_id",), "drafts": ("author",),
    "draft_sketches": ("by",), "dropped_files": ("user_id",), "exchanges": ("adopter", "partner"),
    "exchange_notes": ("author",), "swaps": ("asked",), "hat_draws": ("opened_by",), "kept_texts": ("user_id",),
    "questions": ("with_user",), "customer_updates": ("author",), "news_reminders": ("user_id",), "relays": ("user_id",),
}  # fmt: skip


def lost(user: str) -> list[str]:
    """Every role, and whatever was theirs."""
    given = [
        f"UPDATE {table} SET {name} = '{NOBODY}' WHERE {name} = '{user}'"
        for table, names in BELONGS.items()
        for name in names
    ]
    gone = [f"DELETE FROM {table} WHERE user_id = '{user}'" for table in ("roles", "channel_owners", "channel_people")]
    return [*given, *gone]


def became(kind: str, user: str) -> list[str]:
    return [f"UPDATE members SET kind = '{kind}' WHERE user_id = '{user}'"]


CHANGES = ("lost", "guest", "deactivated", "external")


def after(change: str, user: str) -> list[str]:
    return lost(user) if change == "lost" else became(change, user)


def may_still(case: Case, name: str, change: str) -> bool:
    if case.right is None:
        return True
    state = {"manager_reachable": case.reachable, "guests_allowed": case.guests, "only_editor": case.alone}
    kind, held = ("member", frozenset[str]()) if change == "lost" else (change, expected.held(case, name))
    return by_table(kind, held, case.right.value, state)


def opener(case: Case) -> Case | None:
    """The press that opens the window which `case` sends."""
    pressed = [one for one in everything.ALL if isinstance(one.payload, Press) and one.payload.action == case.opens]
    return pressed[0] if pressed else None


def whoever_gets(case: Case) -> str | None:
    return next((name for name in EVERYBODY if name != STRANGER and expected.gets_it(case, name)), None)


@pytest.mark.row("G1")
async def test_a_right_lost_before_it_is_used(door: Door, proof: Proof) -> None:
    """Every window: opened with the right, sent without it. At full size every press and command too."""
    world, problems, count = door.worlds["A"], [], 0
    wanted = proof.at(small=(Submit,), full=(Submit, Press, Command))
    for case in everything.ALL:
        name = whoever_gets(case)
        if name is None or not isinstance(case.payload, wanted):
            continue
        for change in CHANGES:
            if may_still(case, name, change):
                continue
            who = Sender(world=world, name=name)
            if (window := opener(case)) is not None:
                await door.send(window.payload.body(who, world))
            door.restore()
            door.change(*after(change, who.user["id"]))
            door.before = door.dump()
            came = await door.send(case.payload.body(who, world))
            count += 1
            line = f"{everything.key_of(case)} {name}, {change}"
            if came.changed:
                problems.append(f"{line}: changed {sorted(came.changed)}")
            if case.does and had_effect(case, came):
                problems.append(f"{line}: got {case.does}")
            if change != "lost" and not case.silent and not came.refused:
                problems.append(f"{line}: not audited: {came.said[:200]}")
            door.go_to(door.kept)
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    proof.found(f"{count} rights lost between opening and sending: nothing done")


async def _owed(door: Door) -> Mapping[str, tuple[str, str]]:
    """What has been owed since, by kind: its key and whom or where it goes to."""
    async with door.sessions.begin() as session:
        rows = await session.execute(
            Base.metadata.tables["deliveries"].select().where(Base.metadata.tables["deliveries"].c.state == "pending")
        )
        return {row.kind: (row.key, row.target) for row in rows if row.method == "post"}


@pytest.mark.row("G1")
async def test_a_right_lost_before_it_is_sent(door: Door, proof: Proof) -> None:
    """Whatever a listener owes somebody: it is rendered once they have left, or are of another company."""
    world, problems, seen = door.worlds["A"], [], set[str]()
    for case in everything.ALL:
        name = whoever_gets(case)
        if name is None or not case.does or ":" in case.does:
            continue
        if len(seen) >= proof.at(small=15, full=100):
            break
        came = await door.send(case.payload.body(Sender(world=world, name=name), world))
        if not came.left:
            continue
        if "deliveries" in came.changed:
            problems += await _rendered_without(door, world.ws, seen)
        door.restore()
    assert not problems, "\n".join(problems)
    assert seen <= set(door.features.renderers)
    assert len(seen) >= 15, sorted(seen)
    proof.found(
        f"{len(seen)} kinds of message to people and channels that lost the right: nothing of a customer in them"
    )


async def _rendered_without(door: Door, ws: str, seen: set[str]) -> list[str]:
    problems, owed_now = [], door.keep()
    for kind, (key, target) in (await _owed(door)).items():
        if kind in seen:
            continue
        seen.add(kind)
        if target.startswith("U"):
            losses = [became("deactivated", target), became("external", target)]
        else:
            losses = [[f"UPDATE channels SET outsiders = 1 WHERE channel_id = '{target}'"]]
        for statements in losses:
            door.change(*statements)
            async with door.sessions.begin() as session:
                owed = await queue.find(session, workspace_id=ws, key=key)
                assert owed is not None
                made = await door.features.renderers[kind].render(session, owed)
            if not isinstance(made, Skip | Later) and SECRET in text_of(made):
                problems.append(f"{kind} to {target} after {statements}: {text_of(made)[:300]}")
            door._copy(owed_now)
    owed_now.close()
    return problems


def text_of(made: object) -> str:
    if isinstance(made, Message):
        return json.dumps([made.text, list(made.blocks)], ensure_ascii=False)
    return json.dumps(made.payload(), ensure_ascii=False) if isinstance(made, View) else ""
