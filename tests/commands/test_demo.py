"""The demo as a person starts and stops it: real processes, counted by a mark in their environment."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.commands.demo import banner
from tests.commands.conftest import say

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class Demo:
    def __init__(self, mark: str, *words: str) -> None:
        self.mark = f"CANTEEN_TEST_MARK={mark}".encode()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "demo", "--no-open", *words],
            cwd=ROOT, env={**os.environ, "CANTEEN_TEST_MARK": mark, "TMPDIR": mark},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def others(self) -> set[int]:
        """The processes it has started that are still there."""
        found = set()
        for place in Path("/proc").iterdir():
            try:
                if place.name.isdigit() and self.mark in (place / "environ").read_bytes().split(b"\0"):
                    found.add(int(place.name))
            except OSError:
                continue  # it has ended meanwhile, or is not ours to look at
        return found - {self.process.pid}

    def stop(self) -> tuple[int, str, str]:
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    def end(self) -> None:
        for one in self.others() | ({self.process.pid} if self.process.poll() is None else set()):
            os.kill(one, signal.SIGKILL)
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    made: list[Demo] = []

    def begin(*words: str) -> Demo:
        made.append(Demo(str(tmp_path), *words))
        return made[-1]

    yield begin
    for demo in made:
        demo.end()


def until(look: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


def test_stories_arrive_at_once_and_ctrl_c_ends_everything(start: Callable[..., Demo], tmp_path: Path) -> None:
    demo = start("--port", "0")
    assert demo.process.stdout is not None
    ready = demo.process.stdout.readline().strip()
    address = ready.removeprefix("Local Slack: ")
    assert ready == f"Local Slack: http://127.0.0.1:{address.rpartition(':')[2]}"
    assert address.rpartition(":")[2].isdigit()

    def posted() -> set[str]:
        with urllib.request.urlopen(f"{address}/_sandbox/ledger", timeout=10) as answer:
            return {one["channel"] for one in json.load(answer)["messages"] if one.get("bot_id") and one["blocks"]}

    until(lambda: len(posted()) >= 2, 30)
    with urllib.request.urlopen(f"{address}/_sandbox/banner", timeout=10) as answer:
        assert json.load(answer) == banner(quiet=False)
    assert len(demo.others()) == 2
    code, out, _ = demo.stop()
    assert (code, out.strip().splitlines()[-1]) == (0, "Stopped.")
    assert demo.others() == set()
    assert list(tmp_path.glob("canteen-demo-*")) == []


@pytest.mark.parametrize("running", [0, 1, 2])
def test_ctrl_c_while_it_starts_leaves_nothing_behind(start: Callable[..., Demo], tmp_path: Path, running: int) -> None:
    """Before the first process, while the local Slack starts, while the bot starts."""
    demo = start("--port", "0")
    if running:
        until(lambda: len(demo.others()) >= running)
    else:
        until(lambda: list(tmp_path.glob("canteen-demo-*")))
    code, out, err = demo.stop()
    assert code in {0, 130}
    assert "Local Slack:" not in out
    assert "Traceback" not in err
    assert demo.others() == set()
    assert list(tmp_path.glob("canteen-demo-*")) == []


def test_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started that would have to be taken down again."""
    started: list[object] = []
    monkeypatch.setattr("bot.commands.demo.Started.start", lambda *words: started.append(words))
    monkeypatch.setattr("bot.commands.demo._environment", lambda *words: {})  # it stays the tests' own
    monkeypatch.setattr(tempfile, "tempdir", str(Path.cwd()))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = say("demo", "--no-open", "--port", str(taken.getsockname()[1]))
    assert (said.code, said.out) == (1, "")
    assert "is taken" in said.err
    assert "Traceback" not in said.err
    assert started == []
    assert list(Path.cwd().glob("canteen-demo-*")) == []


def test_the_banner_is_short_and_plain() -> None:
    lively, alone = banner(quiet=False), banner(quiet=True)
    every = (lively["title"], alone["title"], *lively["lines"])
    assert len(lively["lines"]) == 4, "one for each role"
    assert all(len(line) <= 90 for line in every)
    assert not set("*_`~") & set("".join(every))


def test_the_banner_speaks_of_colleagues_only_where_they_act() -> None:
    lively, alone = banner(quiet=False), banner(quiet=True)
    assert "colleagues act" in lively["title"]
    assert "colleagues" not in alone["title"]
    assert lively["lines"] == alone["lines"]
