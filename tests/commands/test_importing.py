"""`canteen import`: what the person who runs it reads, in their language; logos beside the file; one list for both edges."""

import sqlite3
from pathlib import Path

import pytest

from bot.commands import data
from bot.features.customers.dropping.jobs import droppable
from bot.registry import importers
from bot.slack.words import Words
from tests.commands.conftest import Said, say
from tests.features.stories.given import png


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A migrated database with one workspace, and no Slack anywhere."""
    assert say("migrate").code == 0
    with sqlite3.connect(tmp_path / "canteen.db") as db:
        db.execute(
            "INSERT INTO workspaces (id, name, bot_token, bot_id, bot_user_id, scopes, state, locale, added_at) "
            "VALUES ('T1', 'Works', 'xoxb-1', 'B1', 'U0CANTEEN', '[]', 'active', 'en', '2026-11-24 09:00:00')"
        )
    return tmp_path


def bring(folder: Path, content: str, *options: str, what: str = "customers") -> Said:
    path = folder / f"{what}.csv"
    path.write_text(content, encoding="utf-8")
    return say("import", what, str(path), *options)


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "canteen.db") as db:
        return db.execute(query).fetchall()


def test_a_dry_run_says_what_would_be_and_writes_nothing(installed: Path) -> None:
    said = bring(installed, "id,name\n1,Acme\n2,\n", "--dry-run")
    assert (said.code, rows(installed, "SELECT count(*) FROM customers")) == (1, [(0,)])
    assert "customers: 1 would be added, 0 changed, 0 unchanged, 1 refused." in said.out
    assert "the name is empty" in said.out
    assert "fill it in" in said.out


def test_what_is_refused_as_a_whole_ends_with_1(installed: Path) -> None:
    said = bring(installed, "id,name\n1,Acme\n2,\n", "--strict")
    assert said.code == 1
    assert "Nothing was written." in said.out
    assert rows(installed, "SELECT count(*) FROM customers") == [(0,)]


def test_who_may_be_named_is_asked_where_nobody_sits_at_a_terminal(installed: Path) -> None:
    said = bring(installed, "id,name\n1,Acme\n2,Halden\n")
    assert "customers: 2 were added, 0 changed, 0 unchanged, 0 refused." in said.out
    assert "2 customers (Acme, Halden)" in said.out
    assert "--may-name yes or no" in said.out


def test_json_is_english_whoever_runs_it(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "pt_PT.UTF-8")
    said = bring(installed, "id,name,size rank\n1,Acme,many\n", "--json")
    assert said.json["refused"][0]["why"] == "“many” is not a whole number from 1 to 1000000"
    read = bring(installed, "id,name,size rank\n1,Acme,many\n")
    assert "1\u00a0000\u00a0000" in read.out


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "pt_BR.UTF-8"}, "pt-BR"),
        ({"LANG": "pt_BR.UTF-8", "LC_ALL": "de_DE@euro"}, "de-DE"),
        ({"LANG": "de", "LC_MESSAGES": "pt_PT", "LC_ALL": ""}, "pt-PT"),
    ],
)
def test_the_operators_language_is_the_terminals(environment: dict[str, str], locale: str) -> None:
    assert data.operators_words(environment) == Words(locale=locale)


def test_a_logo_beside_the_file_is_kept(installed: Path) -> None:
    (installed / "acme.png").write_bytes(png())
    said = bring(installed, "id,name,logo\n1,Acme,acme.png\n2,Halden,none.png\n")
    assert "the logo none.png is left out: the picture cannot be read" in said.out
    [(logo, kept)] = rows(installed, "SELECT logo, hash FROM customers JOIN pictures ON logo = hash")
    assert logo == kept


def test_every_importer_of_the_command_line_may_be_dropped_in_slack() -> None:
    words = [one.what for one in importers()]
    assert set(words) == set(data.WHAT)
    assert list(droppable(importers())) == words
