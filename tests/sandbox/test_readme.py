"""The contract in sandbox/README.md says what there is."""

import re
from pathlib import Path

import pytest
import yaml

from sandbox import admin, faults
from sandbox.act import perform
from sandbox.api import dispatch
from sandbox.api.registry import METHODS
from sandbox.world import make_world

README = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text(encoding="utf-8")


def _first_cells(heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    part = README.split(heading, 1)[1].split("\n### ")[0]
    rows = [line for line in part.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_every_deed_is_listed() -> None:
    assert _first_cells("### `POST /_sandbox/act`") == {*perform._DEEDS, "options"}
    assert _first_cells("### `POST /_sandbox/admin`") == set(admin._DEEDS)
    assert _first_cells("### `GET/PUT /_sandbox/faults`") == set(faults.WHATS)


def test_every_method_is_listed() -> None:
    assert callable(dispatch.serve)  # importing it registers them
    listed = re.sub(r"\s+", " ", README.split("- **Methods**: ", 1)[1].split(". Any other", 1)[0])
    names = set()
    for group in listed.split("; "):
        family = ""
        for name in group.split(", "):
            if "." in name and (name.split(".")[0] in ("auth", "api", "apps", "blocks") or not family):
                family = name.split(".")[0]
                names.add(name)
            else:
                names.add(f"{family}.{name}")
    assert names == set(METHODS)


def test_the_world_file_in_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    raw = yaml.safe_load(README.split("```yaml\n", 1)[1].split("```", 1)[0])
    raw["people"].append({"id": "U0OUT", "name": "out", "kind": "external"})
    world = make_world(raw)
    assert world.apps[0].manifest.bot_scopes
    assert world.groups[0].members == ("U0AMARA",)
