"""One process that has nothing to do: what it weighs, how soon it is ready, and what it costs to wait.

The real program (`canteen run`, HTTP) with a workspace, beside an interpreter that has only imported what Canteen
stands on. `python -m benchmarks idle --keep` also renews benchmarks/weight.json, which CI compares with.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import Row
from benchmarks.weighing import KEPT, MORE, processor
from tests.flows import company
from tests.flows.conftest import flowing

STARTS, WATCHED, SETTLES = 3, 60.0, 10.0
MEBI = 1024.0


async def weighed(which: str) -> Mapping[str, int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.weighing", which, cwd=company.ROOT, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    found: Mapping[str, int] = json.loads(printed)
    return found


def ratios(canteen: Mapping[str, int], bare: Mapping[str, int]) -> dict[str, float]:
    """What is kept: another Python or machine hardly changes them."""
    return {name: round(canteen[name] / bare[name], 3) for name in ("kib", "modules")}


async def measure(*, keep: bool = False) -> list[Row]:
    """About two minutes."""
    rows = await _weight(keep)
    with tempfile.TemporaryDirectory(prefix="canteen-idle-") as name:
        url = f"sqlite:///{Path(name) / 'idle.db'}"
        async with flowing(Path(name), url, transport="http", channels=1) as flow:
            await flow.install(stories=1)
            env = {**os.environ, **flow.env}
            env.pop("PYTHONDONTWRITEBYTECODE", None)
            rows.append(await _start(env))
            rows += await _idle(env)
    return rows


async def _weight(keep: bool) -> list[Row]:
    canteen, bare = await weighed("canteen"), await weighed("bare")
    if keep:
        KEPT.write_text(json.dumps(ratios(canteen, bare)) + "\n", encoding="utf-8")
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    names = {"kib": ("memory once wired, against only imported libraries", "MiB", MEBI), "modules": ("modules", "", 1)}
    return [
        Row(
            what=what,
            value=canteen[name] / unit,
            unit=said,
            against=bare[name] / unit,
            ratio=canteen[name] / bare[name],
            bar=f"at most {kept[name] * MORE:.2f}",
            passed=canteen[name] / bare[name] <= kept[name] * MORE,
        )
        for name, (what, said, unit) in names.items()
    ]


async def _start(env: Mapping[str, str]) -> Row:
    """In turns, the best of each: whatever else the machine does only makes them slower."""
    ours, bare = [], []
    for _ in range(STARTS):
        bare.append(await _took([sys.executable, "-m", "benchmarks.weighing", "bare"], env, until=b"kib"))
        ours.append(await _took([sys.executable, "-m", "bot", "run"], env, until=b"Canteen is running"))
    return Row(
        what="cold start until ready, against importing the libraries",
        value=min(ours),
        unit="s",
        against=min(bare),
        ratio=min(ours) / min(bare),
        bar="",
        passed=None,
    )


async def _took(command: list[str], env: Mapping[str, str], *, until: bytes) -> float:
    start = time.monotonic()
    process = await _begun(command, env)
    await _said(process, until)
    seconds = time.monotonic() - start
    await _ended(process)
    return seconds


async def _begun(command: list[str], env: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command, env=env, cwd=company.ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )


async def _said(process: asyncio.subprocess.Process, what: bytes) -> None:
    if process.stdout is None:
        raise AssertionError("it has no output")
    async with asyncio.timeout(60):
        while what not in (line := await process.stdout.readline()):
            if not line:
                raise RuntimeError("it ended before it was ready")


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    await process.wait()


async def _idle(env: Mapping[str, str]) -> list[Row]:
    process = await _begun([sys.executable, "-m", "bot", "run"], env)
    try:
        await _said(process, b"Canteen is running")
        await asyncio.sleep(SETTLES)
        before = processor(process.pid)
        await asyncio.sleep(WATCHED)
        cpu = (processor(process.pid) - before) / WATCHED
        memory = _memory(process.pid)
    finally:
        await _ended(process)
    seen: dict[str, Any] = {"against": None, "ratio": None, "bar": "", "passed": None}
    return [
        Row(what="CPU while idle, over a minute", value=cpu * 100, unit="% of a core", **seen),
        Row(what="memory while idle (RSS)", value=memory["Rss"] / MEBI, unit="MiB", **seen),
        Row(what="memory while idle, of its own (USS)", value=memory["Uss"] / MEBI, unit="MiB", **seen),
    ]


def _memory(pid: int) -> Mapping[str, float]:
    """KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    found = {line.partition(":")[0]: float(line.split()[1]) for line in lines if line.endswith("kB")}
    return {"Rss": found["Rss"], "Uss": found["Private_Clean"] + found["Private_Dirty"]}
