"""`canteen keys`, and what the other commands say where a key is missing."""

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.db.ciphers import PLAIN, Keyring, fingerprint, keyring
from bot.db.engine import Sessions, make_engine
from bot.db.moment import db_now
from bot.db.tables.workspaces import Heartbeat, Workspace
from tests.commands.conftest import Said, say
from tests.db.canaries import NOW

SETTING = "CANTEEN_ENCRYPTION_KEYS"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("migrated") / "canteen.db"


@pytest.fixture
def database(nowhere: Path, migrated: Path) -> Path:
    path = nowhere / "canteen.db"
    if migrated.exists():
        shutil.copyfile(migrated, path)
    else:
        assert say("migrate").code == 0
        shutil.copyfile(path, migrated)
    return path


def put(database: Path, *, token: str | None = None, keys: str | None = None, ring: Keyring = PLAIN) -> None:
    """A workspace with this token, or a process that runs with these keys."""

    async def work() -> None:
        sessions = Sessions(make_engine(f"sqlite:///{database}", keyring=ring))
        async with sessions.begin() as session:
            now = await db_now(session)
            if token is not None:
                names = {"id": token[-2:], "name": "North", "bot_id": "B0", "bot_user_id": "U0CANTEEN", "scopes": []}
                session.add(Workspace(**names, bot_token=token, added_at=NOW))
            if keys is not None:
                await session.execute(text("DELETE FROM heartbeats"))
                session.add(Heartbeat(process="host-1", started_at=now, ticked_at=now, keys=keys))
        await sessions.close()

    asyncio.run(work())


def stored(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as plain:
        return [row[0] for row in plain.execute("SELECT bot_token FROM workspaces ORDER BY id")]


@pytest.mark.row("F10")
def test_from_the_first_key_to_the_second_and_back_to_none(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (say("keys", "new").out.strip() for _ in range(2))
    said: list[Said] = []

    def run(given: str, *words: str) -> Said:
        monkeypatch.setenv(SETTING, given)
        said.append(say(*words))
        return said[-1]

    put(database, token="xoxb-canary-T1")
    assert run("", "keys", "check", "--json").json == {"keys": [], "plain": 1, "unreadable": []}
    assert run(one, "keys", "rotate", "--json").json["written"] == 1
    assert "canary" not in stored(database)[0]
    put(database, token="xoxb-canary-T2", ring=keyring([one]))

    rotated = run(f"{two},{one}", "keys", "rotate")
    assert "2 values were written anew" in rotated.out
    assert f"Nothing is under the key {fingerprint(one)} any more: it may go from {SETTING}." in rotated.out
    assert all(token.startswith(f"enc1:{fingerprint(two)}:") for token in stored(database))
    assert run(two, "keys", "check", "--read").code == 0
    assert re.search(rf"{fingerprint(two)} +enciphers +2", said[-1].out)

    for given in ("", one):
        refused = run(given, "workspace", "list")
        assert refused.code == 1
        assert f"{SETTING} lacks the key {fingerprint(two)}" in refused.err
        assert "Traceback" not in refused.err
    assert run(one, "keys", "check").code == 1
    assert re.search(rf"{fingerprint(two)} +missing from {SETTING} +2", said[-1].out)

    back = run(f"off,{two}", "keys", "rotate", "--json").json
    assert (back["written"], back["may_go"]) == (2, [fingerprint(two)])
    assert stored(database) == ["xoxb-canary-T1", "xoxb-canary-T2"]
    assert run("", "workspace", "list").code == 0
    for shown in said:
        assert not any(secret in shown.out + shown.err for secret in (one, two, "xoxb-canary"))


def test_what_was_changed_is_named_and_the_rest_is_rotated(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = say("keys", "new").out.strip()
    monkeypatch.setenv(SETTING, key)
    put(database, token="xoxb-T1", ring=keyring([key]))
    put(database, token="xoxb-T2", ring=keyring([key]))
    with closing(sqlite3.connect(database)) as plain, plain:
        plain.execute("UPDATE workspaces SET bot_token = substr(bot_token, 1, 90) WHERE id = 'T1'")
    said = say("keys", "check", "--read")
    assert said.code == 1
    assert f"workspaces.bot_token of T1: what is stored under the key {fingerprint(key)} was changed since" in said.out
    assert "T2" not in said.out
    monkeypatch.setenv(SETTING, f"off,{key}")
    said = say("keys", "rotate")
    assert said.code == 1
    assert f"The key {fingerprint(key)} is still needed: 1 values are under it" in said.out
    assert stored(database)[1] == "xoxb-T2"


def test_a_key_that_some_running_process_lacks_or_still_uses(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (say("keys", "new").out.strip() for _ in range(2))
    put(database, token="xoxb-T1", ring=keyring([old]))
    monkeypatch.setenv(SETTING, f"{new},{old}")
    put(database, keys=keyring([old]).names)
    refused = say("keys", "rotate")
    assert refused.code == 1
    assert f"host-1 runs without the key {fingerprint(new)}" in refused.err
    put(database, keys=keyring([old, new]).names)
    said = say("keys", "rotate")
    assert said.code == 0
    assert f"The key {fingerprint(old)} is still needed: host-1 enciphers with it" in said.out
    put(database, keys=keyring([new, old]).names)
    assert "it may go" in say("keys", "rotate").out


def test_doctor_says_what_is_under_which_key(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (say("keys", "new").out.strip() for _ in range(2))
    assert f"tokens and texts are stored as they are: {SETTING} is not set" in say("doctor").out
    put(database, token="xoxb-T1", ring=keyring([old]))
    put(database, token="xoxb-T2")
    put(database, keys=keyring([old]).names)
    monkeypatch.setenv(SETTING, f"{new},{old}")
    assert say("keys", "check").code == 0
    said = say("doctor").out
    assert f"1 values are under the key {fingerprint(old)}, which enciphers nothing new" in said
    assert f"host-1 runs without the key {fingerprint(new)}" in said
    assert "1 values are not enciphered yet" in said
    monkeypatch.setenv(SETTING, new)
    missing = say("doctor")
    assert missing.code == 1
    assert f"1 values are under the key {fingerprint(old)}, which {SETTING} lacks" in missing.out
