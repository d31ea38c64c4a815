"""What the command line says of itself."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.commands.lazy import SUBJECTS, load
from tests.commands.conftest import say

ROOT = Path(__file__).parents[2]
NOT_FOR_MACHINES = {"run", "demo", "manifest", "privacy"}  # they go on, or print a document


def leaves() -> Iterator[tuple[str, Any]]:
    for name in SUBJECTS:
        command = load(name)
        inside = getattr(command, "commands", {})
        yield from ((f"{name} {word}", one) for word, one in inside.items())
        if not inside or command.invoke_without_command:
            yield name, command


LEAVES = dict(leaves())


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_has_help_with_an_example_and_json(name: str) -> None:
    command = LEAVES[name]
    assert f"Example: `canteen {name}" in command.help
    options = {option: one for one in command.params for option in one.opts}
    assert ("--json" in options) is (name not in NOT_FOR_MACHINES)
    silent = [one.name for one in command.params if not getattr(one, "help", None) and one.name != "help"]
    assert silent == []


@pytest.mark.parametrize("name", SUBJECTS)
def test_so_has_a_subject_with_several_commands(name: str) -> None:
    assert f"Example: `canteen {name}" in load(name).help


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_list_says_what_each_command_says(name: str) -> None:
    command = load(name)
    said = " ".join((command.help or "").split("\n\n")[0].split())
    assert SUBJECTS[name][1] == said


def test_nothing_is_loaded_to_list_the_commands() -> None:
    """Loading takes seconds on a small machine."""
    script = (
        "import sys\nfrom bot.commands.app import main\n"
        "try: main(['--help'])\nexcept SystemExit as end: assert not end.code\n"
        "heavy = {'sqlalchemy', 'slack_bolt', 'aiohttp', 'alembic', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in SUBJECTS:
        assert name in done.stdout


def test_the_module_is_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "manifest"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert done.stdout == (ROOT / "config" / "slack-manifest.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["explode"],
        ["import"],
        ["import", "cats", "x.csv"],
        ["import", "customers", "x.csv", "--may-name", "perhaps"],
        ["channels", "next", "line-1", "-n", "0"],
        ["deliveries", "--state", "lost"],
        ["deliveries", "settle", "1"],
        ["deliveries", "settle", "1", "--resend", "--drop"],
        ["demo", "--port", "70000"],
        ["doctor", "--post-test", "U1"],
    ],
)
def test_wrong_use_is_2(words: list[str]) -> None:
    said = say(*words)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert not Path("canteen.db").exists()


def test_a_mistyped_word_is_told_what_is_close() -> None:
    assert "'channels'" in say("chanels").err
