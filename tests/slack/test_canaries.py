"""Whatever goes wrong in the bot: no log and no answer says what anybody wrote, or a secret.

In the world of `tests/rights` every text has a word that nothing else has; there the same is looked for in what is
logged where nothing goes wrong. `tests/flows/test_logs.py` does it to the whole program, imports, sending and Slack's
transports among it.
"""

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from bot.db.engine import Sessions
from tests.rights import door as doors
from tests.rights import everything, expected, world
from tests.rights.cases import Case
from tests.rights.conftest import SECRETS
from tests.rights.door import Door, encoded
from tests.rights.payloads import Sender
from tests.rights.world import PEOPLE

TYPED = f"{world.SECRET}typed"


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        yield door


async def asked(door: Door, *, each: int, may: bool = True) -> list[tuple[int, bytes]]:
    """A part of what there is, by somebody who may, with words of theirs; what was answered that is not 200."""
    failed = []
    for case in everything.ALL[::each]:
        who = somebody(case, may=may)
        body = case.payload.body(Sender(world=door.worlds["A"], name=who), door.worlds["A"])
        for state in (body.get("view") or {}).get("state", {}).get("values", {}).values():
            for element in state.values():
                if isinstance(element.get("value"), str):
                    element["value"] += f" {TYPED}"
        if "command" in body:
            body["text"] += f" {TYPED}"
        status, answer = await door.raw(*encoded(body))
        if status != 200:
            failed.append((status, answer))
        await door.edge.receipts.drain(5)
    return failed


def somebody(case: Case, *, may: bool) -> str:
    return next((name for name in PEOPLE if expected.gets_it(case, name) is may), "member")


@pytest.mark.row("F10")
async def test_the_trail_says_nothing_that_anybody_wrote(door: Door) -> None:
    """Of what is done, and of what is refused."""
    await asked(door, each=1)
    await asked(door, each=4, may=False)
    with closing(sqlite3.connect(door.file)) as there:
        rows = there.execute("SELECT * FROM audit").fetchall()
        actions = {action for (action,) in there.execute("SELECT DISTINCT action FROM audit")}
    assert len(actions) > 20, actions
    assert "refused" in actions
    assert [row for row in rows if any(secret in str(row) for secret in SECRETS)] == []


@pytest.mark.row("F10")
@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ValueError(TYPED), 500, "a listener failed"),
        (IntegrityError(f"INSERT {TYPED}", {"text": TYPED}, Exception(f"Key (text)=({TYPED})")), 503, "IntegrityError"),
    ],
)
async def test_nothing_that_fails_quotes_what_was_written(
    door: Door, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
    error: Exception, status: int, said: str,
) -> None:  # fmt: skip
    async def fails(*_: object) -> None:
        raise error

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Sessions, "run", fails)
    failed = await asked(door, each=12)
    assert len(failed) > 10
    assert set(failed) == {(status, b"")}
    assert said in caplog.text
    assert [line for line in caplog.text.splitlines() if any(secret in line for secret in SECRETS)] == []
