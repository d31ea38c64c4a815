"""No command shows a secret, whatever goes wrong: each of them, with a database that is away or refuses the password.

The commands are those of the list, so that a new one is here by itself.
"""

import io
import logging
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from bot import wiring
from tests.commands.conftest import Said, say
from tests.commands.test_help import LEAVES

CANARY = "canary7f3a"
KEY = f"{CANARY}{'A' * 33}="
SECRETS = {
    "SLACK_BOT_TOKEN": f"xoxb-{CANARY}",
    "SLACK_APP_TOKEN": f"xapp-{CANARY}",
    "SLACK_SIGNING_SECRET": f"{CANARY}0123456789",
    "CANTEEN_ENCRYPTION_KEYS": KEY,
}
OWN_DATABASE = {"demo"}  # it makes one, and a local Slack
NO_DATABASE = {"manifest", "privacy", "keys new"}
# What an argument or an option takes that is not any word; a new one that is particular is added here.
GIVEN = {
    "what": "customers", "kind": "story", "slot": "story:tue@10:00", "zone": "UTC", "delivery": "1", "at": "2026-12-01T10:00",
}  # fmt: skip
MORE = {"deliveries settle": ("--drop",), "erase person": ("--yes",), "erase customer": ("--yes",)}
TLS_ASKED = (80877103).to_bytes(4, "big")  # https://www.postgresql.org/docs/current/protocol-message-formats.html


class NotLetIn(socketserver.StreamRequestHandler):
    """A PostgreSQL that refuses the password, and quotes it."""

    def handle(self) -> None:
        while length := self.rfile.read(4):
            asked = self.rfile.read(int.from_bytes(length, "big") - 4)
            if asked != TLS_ASKED:
                break
            self.wfile.write(b"N")
        why = f"password {CANARY} is wrong for user canteen"
        fields = b"".join(f"{kind}{text}\0".encode() for kind, text in (("S", "FATAL"), ("C", "28P01"), ("M", why)))
        self.wfile.write(b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\0")


@pytest.fixture
def refusing() -> Iterator[str]:
    """Its address."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), NotLetIn) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"postgresql://canteen:{CANARY}@127.0.0.1:{server.server_address[1]}/canteen"
        server.shutdown()
        thread.join()


def words_of(name: str, address: str) -> list[str]:
    """The command with whatever it needs."""
    words = name.split()
    for one in LEAVES[name].params:
        if one.required:
            kind = one.type_descriptor.annotation
            value = "given.csv" if kind is Path else address if one.name == "to" else GIVEN.get(one.name, "U0ADA")
            words += [value] if one.param_type_name == "argument" else [one.opts[0], value]
    return [*words, *MORE.get(name, ())]


def wrong_with(name: str, said: Said) -> str | None:
    if said.code != (0 if name in NO_DATABASE else 1):
        return f"ended with {said.code}: {said.err[-300:]}"
    if not said.out + said.err or "Traceback" in said.err:
        return f"said {said.err[-300:]!r}"
    shown = next((line for line in (said.out + said.err).splitlines() if CANARY in line), None)
    if shown is not None:
        return f"shows {shown}"
    reached = name in NO_DATABASE or "database" in said.out + said.err
    return None if reached else f"never came to the database: {said.err[-300:]}"


@pytest.mark.row("F10")
def test_no_command_shows_a_secret_where_it_fails(
    nowhere: Path, refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "given.csv").write_text(f"name\n{CANARY}\n", encoding="utf-8")
    assert say("migrate").code == 0
    file = f"sqlite:///{nowhere / 'canteen.db'}"
    settings = {**SECRETS, "CANTEEN_LOG": "debug", "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    for key, value in settings.items():
        monkeypatch.setenv(key, value)
    addresses = {
        "refused": f"postgresql://canteen:{CANARY}@127.0.0.1:9/canteen",
        "wrong host": f"postgresql://canteen:{CANARY}@nowhere.invalid/canteen",
        "wrong password": refusing,
    }
    problems, tried = [], sorted(LEAVES.keys() - OWN_DATABASE)
    for why, address in addresses.items():
        for name in tried:
            monkeypatch.setenv("DATABASE_URL", file if name == "move" else address)
            wrong = wrong_with(name, say(*words_of(name, address), typed=f"xoxb-{CANARY}\n"))
            if wrong is not None:
                problems.append(f"{why}: canteen {name}: {wrong}")
    monkeypatch.setenv("DATABASE_URL", refusing)
    assert "InvalidPasswordError" in say("channels", "list").err
    assert not problems, f"{len(problems)} of {len(tried) * len(addresses)}\n" + "\n".join(problems)
    assert len(tried) > 25


@pytest.mark.row("F10")
def test_a_traceback_shows_no_values(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Of a bug, which nobody at the command line can mend; the values around it are nobody's to read."""
    caplog.set_level(logging.DEBUG)

    def breaks(settings: Any) -> None:
        opened = f"postgresql://canteen:{CANARY}@127.0.0.1/canteen for {settings.bot_token.get_secret_value()}"
        raise ZeroDivisionError(len(opened))

    monkeypatch.setattr(wiring, "open_parts", breaks)
    monkeypatch.setenv("SLACK_BOT_TOKEN", SECRETS["SLACK_BOT_TOKEN"])
    with pytest.raises(ZeroDivisionError) as caught:
        say("channels", "list")
    with redirect_stderr(io.StringIO()) as shown:
        sys.excepthook(caught.type, caught.value, caught.tb)
    assert "ZeroDivisionError" in shown.getvalue()
    assert CANARY not in shown.getvalue() + caplog.text
