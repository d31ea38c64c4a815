"""An old backup put back in its place, while posts go on."""

import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.db.tables.workspaces import Heartbeat
from tests.faults.ground import ground
from tests.faults.proof import Proof
from tests.flows import owing


def restore(backup: Path, database: Path) -> None:
    """As `docs/operations.md` says: the file back in its place, and no journal of the newer one beside it."""
    shutil.copy(backup, database)
    for left in database.parent.glob(f"{database.name}-*"):
        left.unlink()


@pytest.mark.row("E12", waits=True)
async def test_a_restored_backup_posts_nothing_twice(tmp_path: Path, proof: Proof) -> None:
    """The backup was made while everything was still owed, and all of it was sent afterwards. More falls due while it is
    looked up."""
    places, each = proof.at(small=(5, 2), full=(20, 50))
    owed, lines = places * each, owing.lines(places)
    database, backup = tmp_path / "canteen.db", tmp_path / "backup.db"
    async with ground(tmp_path, transport="socket", channels=places) as it:
        await it.install(stories=each + 3)
        await owing.set_up(it, lines)
        bot = it.replica()
        await bot.start()
        assert await bot.stop() == 0
        await owing.owe(it, lines, each=each)
        shutil.copy(database, backup)
        await bot.start()
        async with it.parts() as parts:
            await owing.all_sent_once(it, parts, owed, within=600)
        await bot.stop()
        restore(backup, database)
        async with it.parts() as parts:
            async with parts.sessions.begin() as session:
                long_ago = datetime.now(UTC) - timedelta(hours=6)
                await session.execute(update(Heartbeat).values(started_at=long_ago, ticked_at=long_ago))
            assert (await owing.states(parts))["pending"] == owed
            await bot.start()
            await bot.stop(signal.SIGKILL)  # and the first process after the restore does not get far
            await owing.owe(it, lines, batch="meanwhile")
            await bot.start()
            await owing.all_sent_once(it, parts, owed + places, within=600)
            made = await owing.made(it)
    assert sum(made.values()) == owed + places
    proof.found(f"{owed} sent since the backup: looked up, none made again; {places} owed meanwhile, each made once")
