"""The command line as it is started, in this process: words in, exit code and what it printed out."""

import asyncio
import contextlib
import io
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.commands.app import main
from tests.flows.conftest import Flow, flowing

BARE = ("SLACK_", "DATABASE_URL", "CANTEEN_")


@dataclass(frozen=True, kw_only=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class NoTerminal(io.StringIO):
    def isatty(self) -> bool:
        return False


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def say(*words: str, typed: str = "", terminal: bool = False) -> Said:
    kind = Terminal if terminal else NoTerminal
    out, err = NoTerminal(), kind()
    stdin, sys.stdin = sys.stdin, kind(typed)
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(words)
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdin = stdin
    return Said(code=code, out=out.getvalue(), err=err.getvalue())


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without `.env`, an environment without Canteen's keys, and a database of one's own."""
    for key in [key for key in os.environ if key.startswith(BARE)]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'canteen.db'}")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that installs the company keeps its database for the others."""
    return tmp_path_factory.mktemp("installed") / "canteen.db"


@pytest.fixture
async def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: Path) -> AsyncIterator[Flow]:
    """A company installed in a local Slack; no bot runs."""
    database = tmp_path / "canteen.db"
    async with flowing(tmp_path, f"sqlite:///{database}", channels=3) as made:
        for key, value in made.env.items():
            monkeypatch.setenv(key, value)
        if not installed.exists():  # noqa: ASYNC240
            await made.install(stories=4)
            _copy(database, installed)
        else:
            _copy(installed, database)
        yield made


def _copy(source: Path, target: Path) -> None:
    """With what is still in the write-ahead log."""
    with contextlib.closing(sqlite3.connect(source)) as there, contextlib.closing(sqlite3.connect(target)) as here:
        there.backup(here)


@pytest.fixture
def canteen(flow: Flow) -> Callable[..., Any]:
    """From a thread, so that the local Slack can answer."""

    async def run(*words: str, **how: Any) -> Said:
        return await asyncio.to_thread(say, *words, **how)

    return run
