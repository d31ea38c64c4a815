"""The whole app in one process, asked as Slack asks it: signed bytes in, and all that comes of them out."""

import hashlib
import hmac
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.core.ids import new_id
from bot.db.engine import Sessions
from bot.db.tables import Base
from bot.features.edge import Edge
from bot.registry import Features, register_features
from bot.settings import Settings
from bot.slack.app import make_app
from bot.slack.direct import Direct
from bot.slack.gateway import Installation
from bot.slack.http import SlackRoute
from bot.slack.intake import Intake
from bot.slack.receipts import Receipts
from tests import engines
from tests.doubles import FixedClock, RecordingGateway
from tests.rights import pending
from tests.rights import world as worlds
from tests.rights.world import World
from tests.slack.asgi import post

SECRET = b"0123456789abcdef0123456789abcdef"
TEXTS = ("view", "text", "blocks")
# What a request may leave behind though it is refused: that it was made, and whom to ask Slack about.
TRACES = frozenset({"audit", "audit_about", "seen_events", "look_ups"})
# Home drawn anew shows what its person may see.
COLUMNS = {"audit": ("actor, subject, action, id", ""), "deliveries": ("*", "WHERE kind <> 'home.view'")}
TABLES = sorted(Base.metadata.tables)
Dump = Mapping[str, frozenset[tuple[Any, ...]]]


@dataclass
class Meter:
    unheard_of: list[str] = field(default_factory=list)

    def ack(self, kind: str, status: int, seconds: float) -> None:
        """Nobody looks."""

    def unheard(self, kind: str) -> None:
        self.unheard_of.append(kind)


@dataclass(frozen=True, kw_only=True)
class Came:
    """What a request came to. `said`: everything that somebody could read of it, as JSON."""

    status: int
    answer: Mapping[str, Any]
    views: Sequence[Mapping[str, Any]]
    said: str
    changed: frozenset[str]
    refused: tuple[tuple[str, str], ...]
    left: bool

    def shows(self, what: str) -> bool:
        return what in self.said


@dataclass(kw_only=True)
class Door:
    web: ASGIApp
    features: Features
    app: Any
    edge: Edge
    gateway: RecordingGateway
    meter: Meter
    file: Path
    kept: sqlite3.Connection
    worlds: Mapping[str, World]
    sessions: Sessions
    before: Dump = field(default_factory=dict)

    async def send(self, body: Mapping[str, Any]) -> Came:
        """One request; the database is as it was afterwards, unless `left` says that it was changed: see `restore`."""
        self.gateway.calls.clear()
        self.gateway.views.clear()
        self.gateway.responses.clear()
        status, answered = await self.raw(*encoded(body))
        await self.edge.receipts.drain(5)
        return self._came(status, answered, await self.dumped())

    async def raw(self, sent: bytes, kind: str) -> tuple[int, bytes]:
        return await post(self.web, "/slack/events", [sent], self.signed(sent, kind))

    def signed(self, sent: bytes, kind: str) -> list[tuple[bytes, bytes]]:
        at = int(self.edge.clock.now().timestamp())
        digest = hmac.new(SECRET, b"v0:%d:" % at + sent, hashlib.sha256).hexdigest()
        return [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(sent)).encode()),
            (b"x-slack-request-timestamp", str(at).encode()),
            (b"x-slack-signature", f"v0={digest}".encode()),
        ]

    def _came(self, status: int, answered: bytes, after: Dump) -> Came:
        changed = frozenset(table for table in TABLES if after[table] != self.before[table])
        refused = tuple(
            sorted((row[0], row[1]) for row in after["audit"] - self.before["audit"] if row[2].endswith("refused"))
        )
        answer = json.loads(answered) if answered.startswith(b"{") else {}
        views = [view.payload() for view in self.gateway.views]
        told = [{"text": message.text, "blocks": list(message.blocks)} for _, message in self.gateway.responses]
        said = json.dumps([answer, views, told], ensure_ascii=False)
        return Came(
            status=status, answer=answer, views=views, said=said, changed=changed - TRACES, refused=refused,
            left=bool(changed),
        )  # fmt: skip

    async def dumped(self) -> Dump:
        return self.dump()

    def dump(self) -> Dump:
        """Every row of every table."""
        connection = sqlite3.connect(self.file)
        try:
            made: dict[str, frozenset[tuple[Any, ...]]] = {}
            for table in TABLES:
                columns, only = COLUMNS.get(table, ("*", ""))
                made[table] = frozenset(connection.execute(f'SELECT {columns} FROM "{table}" {only}').fetchall())
            return made
        finally:
            connection.close()

    def rows(self, query: str) -> frozenset[tuple[Any, ...]]:
        connection = sqlite3.connect(self.file)
        try:
            return frozenset(connection.execute(query).fetchall())
        finally:
            connection.close()

    def restore(self) -> None:
        """As it was when the door was opened."""
        self._copy(self.kept)

    def keep(self) -> sqlite3.Connection:
        """A copy of the database as it is now."""
        copy = sqlite3.connect(":memory:")
        connection = sqlite3.connect(self.file)
        connection.backup(copy)
        connection.close()
        return copy

    def go_to(self, kept: sqlite3.Connection) -> None:
        self._copy(kept)
        self.before = self.dump()

    def change(self, *statements: str) -> None:
        """By hand, as somebody else would have meanwhile."""
        connection = sqlite3.connect(self.file)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def _copy(self, kept: sqlite3.Connection) -> None:
        connection = sqlite3.connect(self.file)
        kept.backup(connection)
        connection.close()


def encoded(body: Mapping[str, Any]) -> tuple[bytes, str]:
    """As Slack sends it: commands as a form, events as JSON, everything else as JSON in a form."""
    if body.get("type") == "event_callback":
        return json.dumps(body).encode(), "application/json"
    if "command" in body:
        return urlencode(
            {name: str(value) for name, value in body.items()}
        ).encode(), "application/x-www-form-urlencoded"
    return urlencode({"payload": json.dumps(body)}).encode(), "application/x-www-form-urlencoded"


@asynccontextmanager
async def opened(file: Path, empty: Path) -> AsyncIterator[Door]:
    """With two workspaces in one database: A and B."""
    shutil.copyfile(empty, file)
    url = f"sqlite:///{file}"
    async with engines.lent(url) as engine, aiohttp.ClientSession() as http:
        door = await made(Door, Sessions(engine), http, Path(str(make_url(url).database)))
        door.kept = door.keep()
        door.before = door.dump()
        yield door


D = TypeVar("D", bound=Door)


async def made(kind: type[D], sessions: Sessions, http: aiohttp.ClientSession, file: Path) -> D:
    clock, gateway, meter = FixedClock(worlds.utc_now()), RecordingGateway(), Meter()
    both = {letter: World(letter=letter, now=clock.now(), secret=SECRET) for letter in "AB"}
    async with sessions.begin() as session:
        for world in both.values():
            await worlds.build(session, world)
            await pending.build(session, world)
    known = {
        world.ws: Installation(
            workspace_id=world.ws, bot_token=f"xoxb-{letter}", bot_id=f"B0{letter}", bot_user_id=f"U0{letter}BOT"
        )
        for letter, world in both.items()
    }

    async def find(workspace_id: str) -> Installation | None:
        return known.get(workspace_id)

    app = make_app(api_url="http://127.0.0.1:9/api/", session=http, find=find)
    edge = Edge(sessions=sessions, gateway=gateway, receipts=Receipts(gateway), clock=clock, new_id=new_id)  # type: ignore[arg-type]
    settings = Settings(SLACK_SIGNING_SECRET=SECRET.decode())  # type: ignore[call-arg]
    features = register_features(app, edge, settings)
    intake = Intake(app=app, direct=Direct(find=find, listeners=features.direct), meter=meter)
    web = SlackRoute(secret=SECRET, intake=intake, clock=clock).before(Starlette())
    return kind(
        web=web, features=features, app=app, edge=edge, gateway=gateway, meter=meter, file=file,
        kept=sqlite3.connect(":memory:"), worlds=both, sessions=sessions,
    )  # fmt: skip
