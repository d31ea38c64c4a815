"""What is committed needs no Node, names no package registry and carries its licences."""

import json
import re
from pathlib import Path

import sandbox

PAGE = Path(sandbox.__file__).parent / "page"
WANTED = ("index.html", "app.js", "app.css", "gallery.html", "gallery.js", "gallery.css", "LICENSES.txt")


def test_the_page_is_built_and_whole() -> None:
    assert [name for name in WANTED if not (PAGE / "dist" / name).stat().st_size] == []


def test_every_package_is_named_exactly() -> None:
    about = json.loads((PAGE / "package.json").read_text(encoding="utf-8"))
    wanted = {**about["dependencies"], **about["devDependencies"]}
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_every_bundled_package_has_its_licence() -> None:
    text = (PAGE / "dist" / "LICENSES.txt").read_text(encoding="utf-8")
    about = json.loads((PAGE / "package.json").read_text(encoding="utf-8"))
    for name, version in {**about["dependencies"], "emoji-datasource": "16.0.0"}.items():
        assert re.search(rf"^{re.escape(name)} {re.escape(version)} \(MIT\)$", text, re.MULTILINE), name


def test_no_committed_file_of_the_page_names_a_registry() -> None:
    files = [p for p in PAGE.rglob("*") if p.is_file() and "node_modules" not in p.parts]
    host = re.compile(rb"registry\.[\w.-]*np" + rb"m|np" + rb"mjs\.(org|com)/")
    assert [p.name for p in files if host.search(p.read_bytes())] == []
