"""`python -m sandbox` as a program of its own."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
import yaml

from tests.sandbox.conftest import BOT_TOKEN, world


async def start(*more: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "sandbox", *more)
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_it_starts_serves_stops_and_starts_again(tmp_path: Path, sign: signal.Signals) -> None:
    setup, kept = tmp_path / "world.yaml", tmp_path / "kept.json"
    setup.write_text(yaml.safe_dump(world()))
    options = ("--port", "0", "--world", str(setup), "--keep", str(kept))
    for run in (1, 2):
        program = await start(*options)
        assert program.stdout
        line = (await asyncio.wait_for(program.stdout.readline(), 20)).decode()
        assert line.startswith("Local Slack: http://127.0.0.1:")
        url = line.split(": ", 1)[1].strip()
        async with aiohttp.ClientSession(headers={"authorization": f"Bearer {BOT_TOKEN}"}) as session:
            sent = {"channel": "U0AMARA", "text": f"run {run}"}
            async with session.post(f"{url}/api/chat.postMessage", json=sent) as answer:
                body = await answer.json()
                assert body["ok"]
            async with session.get(f"{url}/api/conversations.history?channel={body['channel']}") as answer:
                texts = [m["text"] for m in (await answer.json())["messages"]]
        program.send_signal(sign)
        out, err = await asyncio.wait_for(program.communicate(), 10)
        assert (program.returncode, out, err) == (0, b"", b"")
    assert texts == ["run 2", "run 1"]
    assert json.loads(kept.read_text())["channels"]


async def test_a_wrong_world_is_one_clear_line(tmp_path: Path) -> None:
    setup = tmp_path / "world.yaml"
    setup.write_text("people: []")
    program = await start("--port", "0", "--world", str(setup))
    out, err = await asyncio.wait_for(program.communicate(), 20)
    assert (program.returncode, out) == (2, b"")
    assert err.decode().splitlines() == ["The local Slack cannot start: teams: at least one team is needed"]
