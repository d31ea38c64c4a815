"""G1 on PostgreSQL: a sample of what `test_everything` and `test_renderers` ask of SQLite, of every listener's kind."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.db.engine import Sessions
from bot.delivery.rendering import Skip
from bot.slack.kit import Message
from tests.faults.proof import Proof
from tests.rights import door_postgres, everything
from tests.rights.door_postgres import PostgresDoor
from tests.rights.payloads import Sender
from tests.rights.test_everything import askers, wrong_with
from tests.rights.test_renderers import SENT, Sent, owed_by
from tests.rights.test_taken_away import after

pytestmark = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
async def door(sessions: Sessions) -> AsyncIterator[PostgresDoor]:
    async with door_postgres.opened(sessions) as door:
        yield door


@pytest.mark.row("G1")
async def test_rights_on_postgres(door: PostgresDoor, proof: Proof) -> None:
    await who_may_and_who_may_not(door, proof)
    await nothing_goes_to_who_lost_the_right(door, proof)


async def who_may_and_who_may_not(door: PostgresDoor, proof: Proof) -> None:
    """Every case by one person, in turn one who gets it and one who does not; at full size by six."""
    world, problems, count = door.worlds["A"], [], 0
    for number, case in enumerate(everything.ALL):
        asking = askers(case, number, everybody=False)
        for name in proof.at(small=asking[-1:] if number % 2 else asking[:1], full=asking):
            who = Sender(world=world, name=name)
            came = await door.send(case.payload.body(who, world))
            count += 1
            wrong = wrong_with(case, name, came, who.user["id"])
            problems += [f"{everything.key_of(case)} {name}: {one}" for one in wrong]
            if came.left:
                await door.put_back()
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    assert count >= 180
    proof.found(f"PostgreSQL: {count} payloads as the table says")


async def nothing_goes_to_who_lost_the_right(door: PostgresDoor, proof: Proof) -> None:
    given = [(kind, sent, change) for kind, sent in SENT.items() if not sent.to.isupper() for change in sent.loss]
    problems = []
    for kind, sent, change in given:
        control, made = [await _rendered(door, kind, sent, one) for one in ("", change)]
        nothing = isinstance(made, Skip) or sent.method == "update"
        if not isinstance(control, Message) or not nothing:
            problems.append(f"{kind} to {sent.to}, {change}: {made!r}"[:300])
    assert not problems, f"{len(problems)} of {len(given)}\n" + "\n".join(problems)
    proof.found(f"PostgreSQL: {len(given)} rights lost before sending: nothing goes out")


async def _rendered(door: PostgresDoor, kind: str, sent: Sent, change: str) -> object:
    owed = owed_by(door.worlds["A"], kind, sent)
    async with door.sessions.begin() as session:
        for statement in after(change, owed.target) if change else ():
            await session.execute(text(statement))
        made = await door.features.renderers[kind].render(session, owed)
        await session.rollback()
    return made
