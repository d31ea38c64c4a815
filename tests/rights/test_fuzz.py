"""D9 and fuzzing: signed payloads that nobody would send never give a traceback; unsigned ones reach nothing."""

import json
import logging
import random
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.faults.proof import Proof
from tests.rights import door as doors
from tests.rights import events, everything
from tests.rights.door import Door
from tests.rights.mutating import mutated
from tests.rights.payloads import Sender
from tests.rights.world import EVERYBODY

SEED = 20261122


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        yield door


def _bytes(body: Mapping[str, Any]) -> tuple[bytes, str]:
    """Half a pair of surrogates goes as JSON's escape, as any sender can."""
    if "command" in body and "actions" not in body:
        fields = {name: json.dumps(value) if not isinstance(value, str) else value for name, value in body.items()}
        text = urlencode(fields, errors="surrogatepass")
        return text.encode(), "application/x-www-form-urlencoded"
    if body.get("type") == "event_callback":
        return json.dumps(body).encode(), "application/json"
    return urlencode({"payload": json.dumps(body)}).encode(), "application/x-www-form-urlencoded"


@pytest.mark.row("D9")
async def test_mutated_signed_payloads(door: Door, proof: Proof, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    chance, world, wrong = random.Random(SEED), door.worlds["A"], []
    payloads = [case.payload for case in everything.ALL] + list(events.ALL)
    number = proof.at(small=600, full=10_000)
    for nth in range(number):
        payload = payloads[nth % len(payloads)]
        who = Sender(world=world, name=chance.choice(EVERYBODY[:13]))
        body = mutated(payload.body(who, world), chance)
        status, _ = await door.raw(*_bytes(body))
        await door.edge.receipts.drain(5)
        if status >= 500 or caplog.records:
            why = [
                record.exc_info[1].__cause__ or record.exc_info[1]
                for record in caplog.records
                if record.exc_info and record.exc_info[1]
            ]
            trace = caplog.text[-700:]
            wrong.append(f"{status} {why} {trace}\n   {json.dumps(body)[:600]}")
            caplog.clear()
        if nth % 200 == 199:
            door.restore()
    assert not wrong, f"{len(wrong)} of {number}\n" + "\n".join(wrong[:12])
    proof.found(f"{number} mutated signed payloads: no 5xx, no traceback", injected=f"{number} payloads, seed {SEED}")
