"""`python -m benchmarks.weighing canteen|bare`: what a process weighs once everything is imported and wired, as JSON.

`bare` has only imported what Canteen stands on. Anonymous memory, which no other process shares; the number of modules.
"""

import asyncio
import gc
import json
import os
import sys
from pathlib import Path

KEPT = Path(__file__).parent / "weight.json"
MORE = 1.10


def anonymous() -> int:
    """KiB of this process, without what is in files."""
    found = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
    return int(found.split()[1])


def processor(pid: int) -> float:
    """Seconds of a processor that it has taken, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _wired() -> None:
    from bot.serving import Serving
    from bot.settings import Settings
    from bot.wiring import build, open_parts

    async with open_parts(Settings(DATABASE_URL="sqlite:///never-opened.db")) as parts:  # type: ignore[call-arg]
        serving = Serving(machine=build(parts))
        _say()
        del serving


def _bare() -> None:
    import aiohttp  # noqa: F401
    import slack_bolt.async_app  # noqa: F401
    import sqlalchemy.ext.asyncio  # noqa: F401
    import starlette.applications  # noqa: F401
    import uvicorn  # noqa: F401

    _say()


def _say() -> None:
    gc.collect()
    sys.stdout.write(json.dumps({"kib": anonymous(), "modules": len(sys.modules)}))


if __name__ == "__main__":
    if sys.argv[1] == "canteen":
        asyncio.run(_wired())
    else:
        _bare()
