"""G1: a customer was made confidential, may no longer be named, or was taken from a team: between owing a message and
sending it, and between opening a window and submitting it."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from bot.delivery import queue
from bot.delivery.rendering import Rendered, Skip
from bot.features.members.rights import Action
from tests.faults.proof import Proof
from tests.rights import door as doors
from tests.rights import everything, expected
from tests.rights.cases import Case
from tests.rights.door import Came, Door
from tests.rights.payloads import Sender
from tests.rights.test_everything import had_effect
from tests.rights.test_renderers import HOME, SENT, Sent, owed_by, rendered
from tests.rights.test_taken_away import opener, text_of, whoever_gets
from tests.rights.world import SECRET, World

CHANGES: Mapping[str, tuple[str, ...]] = {
    "confidential": ("UPDATE customers SET confidential = 1",),
    "not to be named": ("UPDATE customers SET may_be_named = 0",),
    "not answered": ("UPDATE customers SET may_be_named = NULL",),
    "not public any more": (
        "UPDATE stories SET consent = 'internal'", "UPDATE quiz_questions SET consent = 'internal'",
        "UPDATE channels SET guests_see_internal = 0",
        "INSERT INTO channel_people (workspace_id, channel_id, user_id) VALUES ('T0A', 'C0ALINE', 'U0AGUEST')",
    ),
    "not to be adopted": ("UPDATE customers SET adoptable = 0",),
    "without a team": (
        "DELETE FROM channel_teams", "UPDATE members SET team_id = NULL", "UPDATE products SET team_id = NULL",
    ),
}  # fmt: skip
HIDDEN = ("confidential", "not to be named", "not answered")
ABOUT = re.compile(rf"{SECRET}A(orion|halden|lonely|unnamed|secret|story|update|quiz|note|held|ans|question|asked)")
ADOPT = re.compile("adoptions:adopt")
ECHO = re.compile("“.*?”")  # of what was typed
TEAM = re.compile(rf"{SECRET}Ateam")
TEAMS = re.compile(rf"{SECRET}Aboard")  # on Home: what the team makes; there is a menu of all teams too
NAMES = {"adoptions.hat", "adoptions.hat_result"}  # of customers that may be named, and nothing else about them
NAME_TEAMS = {"customers.drop"}  # a file of that name
# What is written about a confidential customer reaches nobody but who looks after it and the editors.
NOT_IF_CONFIDENTIAL = {"adoptions.swap", "updates.new_manager", "updates.offer", "updates.relays", "updates.reply"}


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        yield door


def shown_wrongly(kind: str, sent: Sent, change: str, made: Rendered) -> str | None:
    """What of `made` may not be there, to a channel or somebody of the company."""
    if change == "without a team":
        found = (TEAMS if kind == HOME else TEAM).search(text_of(made)) if kind not in NAME_TEAMS else None
    elif change == "not public any more" and kind in NAMES:
        found = None
    elif change == "not to be adopted":
        found = ADOPT.search(text_of(made))
    elif sent.to.isupper() or (change == "confidential" and kind in NOT_IF_CONFIDENTIAL):
        found = ABOUT.search(text_of(made))
    else:
        found = None
    return found[0] if found else None


@pytest.mark.row("G1")
async def test_a_customer_changed_before_it_is_sent(door: Door, proof: Proof) -> None:
    world, problems, count = door.worlds["A"], [], 0
    homes = {f"{HOME} {name}": Sent(to=name, ref={}) for name in ("member", "adopter", "editor")}
    for change, statements in CHANGES.items():
        door.change(*statements)
        for name, sent in {**SENT, **homes}.items():
            kind = name.partition(" ")[0]
            count += 1
            if shown := shown_wrongly(kind, sent, change, await rendered(door, owed_by(world, kind, sent))):
                problems.append(f"{name} to {sent.to}, {change}: {shown}")
        if change in HIDDEN:
            door.change("UPDATE members SET kind = 'guest' WHERE kind = 'member'")
            for name, sent in {**SENT, **homes}.items():
                kind = name.partition(" ")[0]
                count += 1
                made = await rendered(door, owed_by(world, kind, sent))
                if leaked := ABOUT.search(text_of(made)):
                    problems.append(f"{name} to {sent.to}, now a guest, {change}: {leaked[0]}")
        door.restore()
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    proof.found(f"{count} messages about customers changed before sending: nothing that may not be there")


def windows_about_customers(world: World, *, every: bool) -> Iterator[tuple[Case, str]]:
    """Each that somebody may use, by one who gets it; and by a guest where guests may. `every`: also those which carry
    nothing of a customer's."""
    for case in everything.ALL:
        body = json.dumps(case.payload.body(Sender(world=world, name="member"), world))
        if case.over or not (every or THING.search(body)):
            continue
        name = whoever_gets(case)
        yield from [(case, name)] if name else []
        if name != "guest" and expected.gets_it(case, "guest"):
            yield case, "guest"


THING = re.compile(rf"\ba-[a-z]|{SECRET}A")
# What stops with a customer that is made confidential: nobody adopts it, and what is told of it is told to nobody.
ENDS = {
    ("block_actions", "adoptions:adopt"), ("view_submission", "adoptions:picked"), ("block_actions", "adoptions:swap_yes_0"),
    ("block_actions", "stories:read"),
}  # fmt: skip
ADOPTING = {Action.ADOPT, Action.SWAP}


def changes_for(case: Case, name: str, *, every: bool) -> tuple[str, ...]:
    wanted = HIDDEN if every or name == "guest" else HIDDEN[:1]
    return (*wanted, "not to be adopted") if case.right in ADOPTING else wanted


def ends(case: Case, name: str, change: str) -> bool:
    if change == "not to be adopted":
        return everything.key_of(case) in ENDS
    audience = case.right is Action.READ_UPDATE and name in case.audience
    return change == "confidential" and (audience or everything.key_of(case) in ENDS)


def told_wrongly(case: Case, name: str, change: str, came: Came) -> list[str]:
    shown = ABOUT.search(ECHO.sub("", came.said)) if name == "guest" else None
    wrong = [f"a guest reads {shown[0]}"] if shown else []
    return [*wrong, f"got {case.does}"] if ends(case, name, change) and had_effect(case, came) else wrong


async def posted_wrongly(door: Door) -> list[str]:
    """What has been owed to channels since, as it would be posted."""
    known = door.rows("SELECT key FROM deliveries WHERE state = 'pending' AND method <> 'delete' AND target LIKE 'C%'")
    problems = []
    for (key,) in known:
        async with door.sessions.begin() as session:
            owed = await queue.find(session, workspace_id=door.worlds["A"].ws, key=key)
        made = await rendered(door, owed) if owed is not None else Skip(reason="gone")
        problems += [f"{key}: {shown[0]}"] if (shown := ABOUT.search(text_of(made))) else []
    return problems


@pytest.mark.row("G1")
async def test_a_customer_changed_before_it_is_used(door: Door, proof: Proof) -> None:
    """Every window and button: opened as things were, sent as they are now."""
    world, problems, count = door.worlds["A"], [], 0
    every = proof.at(small=False, full=True)
    for case, name in windows_about_customers(world, every=every):
        for change in changes_for(case, name, every=every):
            who = Sender(world=world, name=name)
            if (window := opener(case)) is not None:
                await door.send(window.payload.body(who, world))
            door.change(*CHANGES[change])
            door.before = door.dump()
            came = await door.send(case.payload.body(who, world))
            count += 1
            found = told_wrongly(case, name, change, came) + (
                await posted_wrongly(door) if "deliveries" in came.changed else []
            )
            problems += [f"{everything.key_of(case)} {name}, {change}: {one}" for one in found]
            door.restore()
    door.go_to(door.kept)
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    assert count >= 80
    proof.found(f"{count} windows and buttons about customers changed since: nothing shown or posted that may not be")
