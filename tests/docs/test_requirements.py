"""The hashed requirements are what `make lock` makes from pyproject.toml."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {"requirements.txt": ("build",), "requirements-dev.txt": ("build", "dev")}


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.\[\]-]+?)==(\S+)", text, re.M)}


@pytest.mark.parametrize("lock", LOCKS)
def test_what_the_project_names_is_pinned_within_its_bounds(lock: str) -> None:
    named = [*PROJECT["project"]["dependencies"]]
    for group in LOCKS[lock]:
        named += PROJECT["dependency-groups"][group]
    pinned = pins(lock)
    for one in map(Requirement, named):
        version = pinned.get(canonicalize_name(one.name))
        assert version is not None, f"{one.name} is not in {lock}: run `make lock`"
        assert one.specifier.contains(version, prereleases=True), f"{one} but {lock} has {version}: run `make lock`"


def test_both_pin_the_same_versions() -> None:
    developing = pins("requirements-dev.txt")
    assert {name: developing.get(name) for name in pins("requirements.txt")} == pins("requirements.txt")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|--index|--extra|--find-links", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_make_lock_would_change_nothing(lock: str, tmp_path: Path) -> None:
    """As `make lock` does it, from what uv has kept of the package index."""
    own = ROOT / ".tools" / "bin" / "uv"
    uv = shutil.which("uv") or (str(own) if own.exists() else None)
    if uv is None:
        pytest.skip("there is no uv here to resolve with")
    made = tmp_path / lock
    shutil.copy(ROOT / lock, made)
    wanted = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    groups = [word for group in LOCKS[lock] for word in ("--group", group)]
    bounds = ["-c", "requirements.txt"] if lock != "requirements.txt" else []
    call = [uv, "pip", "compile", "-q", "--offline", *wanted, *groups, *bounds, "-o", str(made), "pyproject.toml"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        pytest.skip("uv has not kept enough of the package index to resolve again; the other tests here stand")
    assert made.read_text(encoding="utf-8") == (ROOT / lock).read_text(encoding="utf-8")
