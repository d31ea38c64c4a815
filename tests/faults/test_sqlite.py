"""SQLite: one `canteen run` at a time, other commands beside it, and the journal that its version allows."""

import sqlite3
import time
from pathlib import Path

import pytest

from tests.faults.ground import ground
from tests.faults.proof import Proof


@pytest.mark.row("E7", "E8")
async def test_a_second_one_on_the_same_file_refuses_and_other_commands_work(tmp_path: Path, proof: Proof) -> None:
    async with ground(tmp_path, channels=1) as it:
        await it.install(stories=1)
        (first,) = await it.replicas(1)
        second, began = it.replica(), time.monotonic()
        it.env = {**it.env, "CANTEEN_HTTP": second.env["CANTEEN_HTTP"]}
        code, printed = await it.canteen("run")
        took = time.monotonic() - began
        assert code == 1
        assert "another `canteen run` is using" in " ".join(printed.split())
        assert took < 5.0
        for words in (["stop"], ["start"], ["channels", "list"]):
            assert (await it.canteen(*words))[0] == 0, words
        _, checked = await it.canteen("doctor")
        assert first.running
    with sqlite3.connect(tmp_path / "canteen.db") as connection:
        (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    assert ("write-ahead log" if journal == "wal" else "rollback journal") in " ".join(checked.split())
    proof.found(
        f"refused after {took:.1f} s; `stop`, `start`, `channels list` and `doctor` worked meanwhile; SQLite "
        f"{sqlite3.sqlite_version}: {'write-ahead log' if journal == 'wal' else 'rollback journal'}, and doctor says so"
    )
