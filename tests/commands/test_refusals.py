"""A mistake of the user's is one clear line and its cure, exit code 1; secrets are in none of them."""

import logging
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.commands.conftest import Said, say

CANARY = "canary-7f3a"


def refused(said: Said) -> str:
    """The line; everything else about it is as it should be."""
    assert (said.code, said.out) == (1, ""), said
    lines = [line for line in said.err.splitlines() if line.strip()]
    assert lines[0].startswith("canteen: ")
    assert len(lines) == 2, said.err
    assert lines[1].startswith("  ")
    assert CANARY not in said.err
    return lines[0]


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://canteen:{CANARY}@127.0.0.1:9/canteen",
        f"postgresql://canteen:{CANARY}@nowhere.invalid/canteen",
    ],
)
@pytest.mark.parametrize("words", [["channels", "list"], ["migrate"], ["deliveries", "--json"], ["stop"]])
def test_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, address: str, words: list[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("DATABASE_URL", address)
    assert "reached" in refused(say(*words))
    assert CANARY not in caplog.text


def test_the_doctor_says_that_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://canteen:{CANARY}@127.0.0.1:9/canteen")
    said = say("doctor", "--json")
    assert said.code == 1
    assert [one["what"] for one in said.json if one["level"] == "serious"] == [
        "the database does not answer (ConnectionRefusedError)"
    ]
    assert CANARY not in said.out + said.err


@pytest.mark.parametrize("content", [b"not a database" * 200, b"\x00" * 4096])
def test_the_file_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "canteen.db").write_bytes(content)
    assert "the database" in refused(say("channels", "list"))


def test_the_database_is_of_another_time(tmp_path: Path) -> None:
    assert say("migrate").code == 0
    with sqlite3.connect(tmp_path / "canteen.db") as there:
        there.execute("UPDATE alembic_version SET version_num = '0001'")
    assert "revision 0001" in refused(say("channels", "list"))
    with sqlite3.connect(tmp_path / "canteen.db") as there:
        there.execute("UPDATE alembic_version SET version_num = '9999'")
        there.execute("UPDATE schema_facts SET value = '9998' WHERE key = 'serves'")
    for words in ("channels", "list"), ("migrate",):
        assert "9999, which this version does not know" in refused(say(*words))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["import", "customers", "nowhere.csv"], "nowhere.csv does not exist"),
        (["channels", "add", "C1", "--zone", "Mars/Base", "--slot", "story:tue@10:00"], "Mars/Base is not a time zone"),
        (["channels", "add", "C1", "--zone", "UTC", "--slot", "story:someday"], "story:someday is not a slot"),
        (["channels", "add", "C1", "--zone", "UTC", "--slot", "story:tue@25:00"], "25:00 is not a time of day"),
        (
            ["channels", "add", "C1", "--zone", "UTC", "--slot", "story:tue@10:00", "--locale", "klingon"],
            "klingon is not a language",
        ),
        (["channels", "list"], "no workspace is installed yet"),
        (["post-now", "line-1", "story"], "no workspace is installed yet"),
        (["deliveries", "settle", "4711", "--drop"], "delivery 4711: there is none with this id"),
        (["workspace", "add"], "that is not a bot token"),
        (["run"], "SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both missing"),
    ],
)
def test_one_clear_line(words: list[str], why: str) -> None:
    assert why in refused(say(*words, typed=f"{CANARY}\n"))


def test_slack_is_away_when_a_token_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    assert "unreachable" in refused(say("workspace", "add", typed=f"xoxb-{CANARY}\n"))


def test_run_says_which_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SLACK_SIGNING_SECRET", f"{CANARY}-0123456789")
        monkeypatch.setenv("CANTEEN_HTTP", f"127.0.0.1:{port}")
        assert f"port {port} is taken" in refused(say("run"))


def test_a_malformed_setting_stops_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", CANARY)
    assert "SLACK_BOT_TOKEN" in refused(say("channels", "list"))
