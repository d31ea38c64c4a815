"""A rolling upgrade with real code: the last commit before the newest level of the schema, beside the code of now.

Needs the history of the checkout; skips loudly without it.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tarfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest

from bot.db.levels import head, known
from bot.db.migrate import current
from tests.db.empty import empty_database
from tests.flows import owing
from tests.flows.company import ROOT
from tests.flows.conftest import Flow, flowing
from tests.postgres import Server

PLACES, EACH = 4, 1
KEPT = ("bot", "config", "migrations")


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, timeout=60).stdout


def code_before(level: str, folder: Path) -> Path:
    """As it was before `level` was first written."""
    try:
        added = _git("log", "--format=%H", "--diff-filter=A", "--", f"migrations/versions/{level}_*").decode().split()
        content = _git("archive", f"{added[-1]}^", *KEPT)
    except (OSError, subprocess.CalledProcessError, IndexError):
        reason = f"NO HISTORY HERE: that the code before {level} runs beside this one is not tried"
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    with tarfile.open(fileobj=BytesIO(content)) as files:
        files.extractall(folder, filter="data")
    return folder


@asynccontextmanager
async def of_old(folder: Path, flow: Flow, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The old program, which knows nothing of the new one."""
    env = {**os.environ, **flow.env, "CANTEEN_HTTP": "", "PYTHONPATH": str(folder)}
    with (folder / "old.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=log
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.slow
@pytest.mark.postgres
async def test_the_code_before_runs_beside_this_one(tmp_path: Path, postgres_server: Server) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    code_before(head(), folder)
    async with empty_database(postgres_server.url, "upgraded") as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with flowing(tmp_path, url, channels=PLACES) as flow:
            async with of_old(folder, flow, "migrate") as migrated:
                assert await migrated.wait() == 0
            assert await current(engine) == known()[-2]
            code, said = await flow.canteen("run")
            assert (code, "run `canteen migrate`" in said) == (1, True), said
            async with of_old(folder, flow, "run") as old:
                assert old.stdout is not None
                assert b"Canteen is running" in await asyncio.wait_for(old.stdout.readline(), 60)
                assert (await flow.canteen("migrate"))[0] == 0
                new = await flow.start()
                await _both_send(flow, old, new.pid)
                old.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(old.wait(), 30) == 0
            assert b"Traceback" not in (folder / "old.log").read_bytes()


async def _both_send(flow: Flow, old: asyncio.subprocess.Process, new: int) -> None:
    """Each alone, and then both at once."""
    await flow.install(stories=EACH * 3 + 2)
    places = owing.lines(PLACES)
    await owing.set_up(flow, places)
    async with flow.parts() as parts:
        for number, paused in enumerate((new, old.pid, None), start=1):
            if paused is not None:
                os.kill(paused, signal.SIGSTOP)
            try:
                await owing.owe(flow, places, each=EACH, batch=str(number))
                await owing.all_sent_once(flow, parts, PLACES * EACH * number, within=90)
            finally:
                if paused is not None:
                    os.kill(paused, signal.SIGCONT)
