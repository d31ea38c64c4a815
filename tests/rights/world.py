"""A workspace with one of everything, in every state that matters, and people who have something to do with each.

It is built twice in one database: what one workspace has is nothing to the other. Every text of it has `SECRET` in it,
so that what reaches somebody can be searched for it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Column, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Base
from bot.db.types import UtcDateTime
from bot.features.quizzes import rules as quizzes

SECRET = "Zq"
TABLES: Mapping[str, Table] = Base.metadata.tables
# Who there is: how Slack knows them, and the roles that stand in our table.
PEOPLE: Mapping[str, tuple[str, frozenset[str]]] = {
    "member": ("member", frozenset()),
    "adopter": ("member", frozenset()),
    "mate": ("member", frozenset()),
    "asker": ("member", frozenset()),
    "author": ("member", frozenset()),
    "am": ("member", frozenset()),
    "deputy": ("member", frozenset()),
    "otheram": ("member", frozenset()),
    "editor": ("member", frozenset({"editor"})),
    "approver": ("member", frozenset({"editor"})),
    "owner": ("member", frozenset()),
    "otherowner": ("member", frozenset()),
    "admin": ("member", frozenset({"admin"})),
    "guest": ("guest", frozenset({"editor", "admin"})),
    "single": ("single_channel_guest", frozenset()),
    "external": ("external", frozenset({"editor", "admin"})),
    "robot": ("bot", frozenset({"admin"})),
    "gone": ("deactivated", frozenset({"admin", "editor"})),
}
STRANGER = "stranger"  # of another company, and not yet read from Slack
EVERYBODY = (*PEOPLE, STRANGER)


@dataclass(frozen=True, kw_only=True)
class World:
    """`letter` tells the two apart. Ids: `user("admin")`, `place("line")`, `id("quiz")`."""

    letter: str
    now: datetime
    secret: bytes
    teams: Mapping[str, str] = field(default_factory=dict)

    @property
    def ws(self) -> str:
        return f"T0{self.letter}"

    def user(self, name: str) -> str:
        return f"U0{self.letter}{name.upper()}"

    def place(self, name: str) -> str:
        return f"C0{self.letter}{name.upper()}"

    def id(self, name: str) -> str:
        return f"{self.letter.lower()}-{name}"

    def name(self, name: str) -> str:
        """What people read of it."""
        return f"{SECRET}{self.letter}{name}"

    def ts(self, name: str) -> str:
        """Of a message that stands somewhere."""
        digits = int(hashlib.sha256(f"{self.letter}{name}".encode()).hexdigest()[:12], 16)
        return f"1{digits % 10**9:09}.{digits // 10**9 % 10**6:06}"


def _filled(table: Table, ws: str, now: datetime, values: Mapping[str, Any]) -> dict[str, Any]:
    """With something in every column that needs it."""
    row = dict(values)
    if "workspace_id" in table.c:
        row.setdefault("workspace_id", ws)
    for column in table.c:
        given = column.name in row or column.nullable or column.default is not None
        if given or column.server_default is not None or column.autoincrement is True:
            continue
        if column.name == "id" and column.type.python_type is int:
            continue
        row[column.name] = _something(column, now)
    return row


MAPPINGS = frozenset(
    {"detail", "content", "details", "origin", "ref", "filters", "inputs", "result", "reason", "drawn", "totals"}
)


def _something(column: Column[Any], now: datetime) -> Any:
    if isinstance(column.type, UtcDateTime):
        return now
    empty = {str: "", int: 0, bool: False, bytes: b"", date: now.date(), time: time(9)}
    return empty.get(column.type.python_type, {} if column.name in MAPPINGS else [])


async def put(session: AsyncSession, world: World, table: str, **values: Any) -> None:
    row = _filled(TABLES[table], world.ws, world.now, values)
    await session.execute(insert(TABLES[table]).values(**row))


async def build(session: AsyncSession, world: World) -> None:
    await _company(session, world)
    await _customers(session, world)
    await _places(session, world)
    await _stories(session, world)
    await _quizzes(session, world)
    await _drafts(session, world)
    await _rest(session, world)


async def _company(session: AsyncSession, world: World) -> None:
    await put(
        session, world, "workspaces", id=world.ws, name=world.name("works"), bot_token=f"xoxb-{world.letter}",
        bot_id=f"B0{world.letter}", bot_user_id=f"U0{world.letter}BOT", scopes=["users:read"], locale="en-GB",
    )  # fmt: skip
    await put(
        session, world, "teams", id=world.id("team"), name=world.name("team"), name_key=world.name("team").lower()
    )
    for name, (kind, roles) in PEOPLE.items():
        await put(
            session, world, "members", user_id=world.user(name), name=name.title(), kind=kind, zone="UTC",
            locale="en-GB", team_id=world.id("team"), refreshed_at=world.now, home_opened_at=world.now,
            quiet_from=time(0), quiet_until=time(0), dm_channel=f"D0{world.letter}{name.upper()}",
        )  # fmt: skip
        for role in roles:
            await put(session, world, "roles", user_id=world.user(name), role=role)


async def _customers(session: AsyncSession, world: World) -> None:
    given: Mapping[str, dict[str, Any]] = {
        "orion": {"account_manager": world.user("am"), "deputy": world.user("deputy")},
        "halden": {"account_manager": world.user("otheram")},
        "secret": {"confidential": True, "may_be_named": False, "adoptable": False},
        "unnamed": {"account_manager": world.user("am"), "may_be_named": None},
        "lonely": {},
    }
    for number, (name, values) in enumerate(given.items()):
        more = {"may_be_named": True, "adoptable": True, **values}
        called = world.name(name)
        await put(
            session, world, "customers", id=world.id(name), external_id=f"NL-{number}", name=called,
            name_key=called.casefold(), fingerprint=world.id(name), **more,
        )  # fmt: skip
        await put(session, world, "customer_names", customer_id=world.id(name), name_key=called.casefold())
    called = world.name("board")
    await put(
        session, world, "products", id=world.id("product"), external_id="P", name=called, name_key=called.casefold(),
        team_id=world.id("team"),
    )  # fmt: skip
    for name in ("orion", "halden", "lonely"):
        await put(session, world, "product_customers", product_id=world.id("product"), customer_id=world.id(name))


INSIDE = ("member", "adopter", "mate", "asker", "author", "am", "editor", "approver", "owner", "admin", "guest")


async def _places(session: AsyncSession, world: World) -> None:
    """`guests`: they may answer, and read more than has public consent; `paused`, `shared` with another company."""
    given: Mapping[str, dict[str, Any]] = {
        "line": {},
        "guests": {"guests_answer": True, "guests_see_internal": True},
        "paused": {"state": "paused", "state_reason": "by_hand"},
        "shared": {"outsiders": True},
        "quiet": {"private": True},
        "fresh": {},
        "fresher": {},
    }
    for name, values in given.items():
        owner = world.user("otherowner" if name == "quiet" else "owner")
        await put(
            session, world, "channels", channel_id=world.place(name), name=world.name(name).lower(), zone="UTC",
            locale="en-GB", added_by=world.user("admin"), **values,
        )  # fmt: skip
        await put(session, world, "channel_owners", channel_id=world.place(name), user_id=owner)
        await put(session, world, "channel_teams", channel_id=world.place(name), team_id=world.id("team"))
        for person in INSIDE if name in {"line", "guests"} else ():
            if name == "guests" or person != "guest":
                await put(session, world, "channel_people", channel_id=world.place(name), user_id=world.user(person))
        for kind in ("story", "quiz", "news"):
            await put(
                session, world, "slots", id=world.id(f"{name}-{kind}"), channel_id=world.place(name), kind=kind,
                weekday=2, local_time=time(9),
            )  # fmt: skip


async def _stories(session: AsyncSession, world: World) -> None:
    today = world.now.date()
    given: Mapping[str, dict[str, Any]] = {
        "story": {},
        "public": {"consent": "public"},
        "next": {},
        "expired": {"expires_on": today - timedelta(days=3)},
        "withdrawn": {"withdrawn_at": world.now},
        "hidden": {"customer_id": world.id("secret")},
    }
    for name, values in given.items():
        text = world.name(f"story{name}")
        more = {"consent": "internal", "customer_id": world.id("orion"), **values}
        await put(
            session, world, "stories", id=world.id(f"s-{name}"), source=f"{name}.md", kind="story", language="en",
            headline=text, snippet=f"{text} snippet", body=f"{text} body", published_on=today - timedelta(days=9), **more,
        )  # fmt: skip
        await put(session, world, "story_products", story_id=world.id(f"s-{name}"), product_id=world.id("product"))
    for name, place, values in (
        ("story", "line", {}),
        ("recalled", "line", {"recalled_at": world.now}),
        ("public", "guests", {}),
        ("internal", "guests", {}),
        ("elsewhere", "quiet", {}),
    ):
        story = "public" if name == "public" else "story"
        await _posted(session, world, name, place, "story")
        await put(
            session, world, "posts", id=world.id(f"p-{name}"), occurrence_id=world.id(f"o-{name}"),
            channel_id=world.place(place), story_id=world.id(f"s-{story}"), customer_id=world.id("orion"),
            reason={"code": "in_turn"}, due_at=world.now, ts=world.ts(name), posted_at=world.now, outcome="sent", **values,
        )  # fmt: skip
        await sent(session, world, "stories.post", f"stories.post:{world.id(f'p-{name}')}", world.place(place), name)


async def _posted(session: AsyncSession, world: World, name: str, place: str, kind: str) -> None:
    await put(
        session, world, "occurrences", id=world.id(f"o-{name}"), slot_id=None, channel_id=world.place(place), kind=kind,
        due_at=world.now, local_day=world.now.date(), state="filled",
    )  # fmt: skip


async def sent(
    session: AsyncSession,
    world: World,
    kind: str,
    key: str,
    target: str,
    name: str,
    number: int | None = None,
    **ref: Any,
) -> None:
    """A message that stands where it should."""
    numbered = {} if number is None else {"id": number}
    await put(
        session, world, "deliveries", kind=kind, key=key, method="post", target=target, ref=ref, due_at=world.now,
        wanted_at=world.now, state="sent", opaque=world.id(f"{kind}-{name}")[:32], channel=target, ts=world.ts(name),
        sent_at=world.now, created_at=world.now, **numbered,
    )  # fmt: skip


def quiz_content(world: World, name: str) -> quizzes.Content:
    said = world.name(f"quiz{name}")
    worded = quizzes.Wording(text=f"{said}?", options=("One", "Two", "Three"), why=f"{said} why")
    return quizzes.Content(wordings={"en": worded}, right=1, customer_id=world.id("orion"))


async def _quizzes(session: AsyncSession, world: World) -> None:
    given: Mapping[str, dict[str, Any]] = {
        "open": {},
        "closed": {"closes_at": world.now - timedelta(hours=1)},
        "revealed": {
            "closes_at": world.now - timedelta(hours=2),
            "revealed_at": world.now - timedelta(hours=2),
            "result": {"counts": [1, 1, 0], "total": 2},
        },
    }
    people = {"author": world.user("author"), "approver": world.user("approver")}
    for name, values in given.items():
        content, closes = quiz_content(world, name).stored(), values.get("closes_at", world.now + timedelta(days=1))
        common = {"secret": world.id(f"secret-{name}"), "content": content, **people}
        await put(
            session, world, "quiz_questions", id=world.id(f"qq-{name}"), key=world.id(name), customer_id=world.id("orion"),
            consent="public", **common,
        )  # fmt: skip
        times = {"opens_at": world.now - timedelta(days=1), "closes_at": closes}
        await put(
            session, world, "quizzes", id=world.id(f"q-{name}"), question_id=world.id(f"qq-{name}"),
            **{**common, **times, **values},
        )  # fmt: skip
        for place in ("line", "guests"):
            known = f"{name}-{place}"
            await _posted(session, world, f"qp-{known}", place, "quiz")
            await put(
                session, world, "quiz_posts", id=world.id(f"qp-{known}"), quiz_id=world.id(f"q-{name}"),
                occurrence_id=world.id(f"o-qp-{known}"), channel_id=world.place(place), question_id=world.id(f"qq-{name}"),
                locale="en-GB", zone="UTC", due_at=world.now, closes_at=closes, ts=world.ts(known), posted_at=world.now,
                outcome="sent",
            )  # fmt: skip
            await sent(
                session, world, "quizzes.post", f"quizzes.post:{world.id(f'qp-{known}')}", world.place(place), known
            )
    for person in ("member", "adopter"):
        for name in ("open", "revealed"):
            await put(
                session, world, "quiz_answers", quiz_id=world.id(f"q-{name}"), user_id=world.user(person), option=1,
                acted_at=1, channel_id=world.place("line"),
            )  # fmt: skip


def quiz_button(world: World, name: str, option: int = 0) -> str:
    secret = world.id(f"secret-{name.partition('-')[0]}")
    return quizzes.button_value(world.id(f"qp-{name}"), quizzes.option_id(secret, option))


async def _drafts(session: AsyncSession, world: World) -> None:
    for name, kind, state, author in (
        ("waiting", "story", "waiting", "author"),
        ("editors", "story", "waiting", "editor"),
        ("question", "question", "waiting", "author"),
        ("approved", "story", "approved", "author"),
        ("rejected", "story", "rejected", "author"),
    ):
        text = world.name(f"draft{name}")
        details = {"options": ["One", "Two"], "right": 0} if kind == "question" else {}
        await put(
            session, world, "drafts", id=world.id(f"d-{name}"), request=world.id(name), kind=kind, state=state,
            author=world.user(author), origin={"what": "written", "id": name}, headline=text, text=f"{text} is a fact.",
            body=f"{text} body", customer_id=world.id("orion"), language="en", consent="internal", details=details,
        )  # fmt: skip

    content = {"headline": world.name("sketched"), "text": world.name("sketched")}
    await put(
        session, world, "draft_sketches", id=world.id("k-sketch"), by=world.user("editor"), subject=world.id("d-waiting"),
        kind="story", content={"content": content, "files": [], "revision": "1"},
    )  # fmt: skip


async def _rest(session: AsyncSession, world: World) -> None:
    for name, state in (("checked", "checked"), ("asking", "asking")):
        await put(
            session, world, "dropped_files", id=world.id(f"f-{name}"), user_id=world.user("admin"), channel_id="D0",
            ts=world.ts(name), file_id=f"F{name}", name=world.name("teams.csv"), state=state, what="teams",
            choices=["teams", "people"], data=b"name\nLine\n", try_at=world.now,
        )  # fmt: skip
        await sent(
            session, world, "customers.drop", f"drop:{world.id(f'f-{name}')}", world.user("admin"), f"f-{name}",
            drop=world.id(f"f-{name}"),
        )  # fmt: skip
    for name, place, closed in (("open", "guests", None), ("line", "line", None), ("over", "quiet", world.now)):
        await put(
            session, world, "pulse_rounds", id=world.id(f"r-{name}"), channel_id=world.place(place), number=1,
            closes_at=world.now + timedelta(days=3), closed_at=closed, key=None if closed else world.id("key"),
        )  # fmt: skip
        if not closed:
            await put(session, world, "pulse_totals", round_id=world.id(f"r-{name}"))
            await put(session, world, "pulse_voices", round_id=world.id(f"r-{name}"))
    for number in range(25):
        await put(
            session, world, "audit", id=world.id(f"audit{number:02}"), actor=world.user("admin"), role="admin",
            action="customer.changed" if number % 2 else "channel.change",
            subject=world.id("orion" if number % 2 else "nothing") if number % 2 else world.place("line"),
            at=world.now - timedelta(minutes=number),
        )  # fmt: skip


def utc_now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
