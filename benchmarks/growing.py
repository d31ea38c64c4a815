"""A company to measure with, and everything else that a database gathers over the years, made by the database itself.

The company is the same at every size, but for what people said and what was sent there: a tenth of all votes and
deliveries are its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.db.engine import Sessions
from bot.db.tables import Base
from bot.db.tables.adoptions import Adoption
from bot.db.tables.channels import Channel, ChannelPerson, Occurrence, Slot
from bot.db.tables.customers import Customer, CustomerName, Product, ProductCustomer, Team
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import Member, Role
from bot.db.tables.quizzes import Question, Quiz, QuizPost
from bot.db.tables.stories import Story
from bot.db.tables.workspaces import Workspace
from bot.delivery.queue import opaque_key

SHARED = 10  # workspaces that wait for messages: all of the smallest size
WS, CHANNEL, VIEWER, SLOT, ROUND, POST = "T0HOME", "C0MAIN", "U0VIEW", "slot", "round", "roundpost"
VOTERS, CUSTOMERS, STORIES, REVEALED, ANSWERED, PENDING = 400, 40, 600, 100, 20, 2_000
ZONES = (
    "Europe/Lisbon", "Europe/Berlin", "Europe/Athens", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney", "America/Sao_Paulo", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles",
)  # fmt: skip
OPTIONS = ["Orion", "Halden", "Trenvista", "Brisalba"]
CONTENT = {
    "right": 0,
    "wordings": [
        {"language": "en", "text": "Which has been with us longest?", "options": OPTIONS, "why": "Since 2009."},
    ],
}


@dataclass(frozen=True, kw_only=True)
class Size:
    workspaces: int
    slots: int
    votes: int
    sent: int


SIZES: Mapping[str, Size] = {
    "smallest": Size(workspaces=10, slots=1, votes=1_000, sent=1_000),
    "middle": Size(workspaces=1_000, slots=100_000, votes=1_000_000, sent=500_000),
    "full": Size(workspaces=10_000, slots=1_000_000, votes=10_000_000, sent=5_000_000),
}


async def company(session: AsyncSession, now: datetime) -> None:
    """The viewer is an admin, looks after customers and has adopted some; a quiz is open that nobody has answered."""
    session.add(_workspace(now))
    session.add(_channel(now))
    session.add(Team(id="team", workspace_id=WS, name="Line 2", name_key="line 2"))
    session.add_all(_people(now))
    session.add(Role(workspace_id=WS, user_id=VIEWER, role="admin", given_at=now))
    await session.flush()
    session.add(ChannelPerson(workspace_id=WS, channel_id=CHANNEL, user_id=VIEWER))
    session.add_all(_customers(now))
    session.add(
        Product(
            id="product", workspace_id=WS, external_id="PB-7", name="PB-7", name_key="pb-7", team_id="team",
            fingerprint="", updated_at=now,
        )
    )  # fmt: skip
    session.add(
        Slot(
            id=SLOT, workspace_id=WS, channel_id=CHANNEL, kind="story", weekday=0, local_time=time(0),
            starts_at=now - timedelta(days=900),
        )
    )  # fmt: skip
    await session.flush()
    for number in range(CUSTOMERS):
        session.add(CustomerName(workspace_id=WS, customer_id=f"c{number}", name_key=f"customer {number}"))
        session.add(ProductCustomer(workspace_id=WS, product_id="product", customer_id=f"c{number}"))
    session.add_all(
        Adoption(
            id=f"a{number}", workspace_id=WS, request=f"a{number}", customer_id=f"c{number}", user_id=VIEWER,
            via="press", since=now,
        )
        for number in range(5)
    )  # fmt: skip
    await _stories(session, now)
    await _quiz(session, now)
    session.add_all(_pending(number, now) for number in range(PENDING))


def _workspace(now: datetime) -> Workspace:
    return Workspace(
        id=WS, name="Home", bot_token="xoxb-bench", bot_id="B0", bot_user_id="U0BOT", scopes=[], state="active",
        locale="en", added_at=now,
    )  # fmt: skip


def _channel(now: datetime) -> Channel:
    return Channel(
        workspace_id=WS, channel_id=CHANNEL, name="main", zone="Europe/Lisbon", locale="en", state="active",
        added_by=VIEWER, added_at=now, refreshed_at=now,
    )  # fmt: skip


def _people(now: datetime) -> list[Member]:
    ids = [VIEWER, *(f"U0VOTE{number:06}" for number in range(VOTERS))]
    return [
        Member(workspace_id=WS, user_id=one, name=one, kind="member", zone="UTC", locale="en", refreshed_at=now)
        for one in ids
    ]


def _customers(now: datetime) -> list[Customer]:
    return [
        Customer(
            id=f"c{number}", workspace_id=WS, external_id=f"C-{number}", name=f"Customer {number}",
            name_key=f"customer {number}", aliases=[], account_manager=VIEWER if number < 5 else None,
            may_be_named=True, fingerprint="", updated_at=now,
        )
        for number in range(CUSTOMERS)
    ]  # fmt: skip


async def _stories(session: AsyncSession, now: datetime) -> None:
    session.add_all(
        Story(
            id=f"s{number}", workspace_id=WS, source=f"s{number}.md", kind="story",
            customer_id=f"c{number % CUSTOMERS}", language="en", headline=f"Set {number} is in the shops", snippet="Twice as many as planned.",
            body="They **sold** out.", consent="internal", published_on=date(2026, 1, 1), fingerprint="",
            updated_at=now,
        )
        for number in range(STORIES)
    )  # fmt: skip
    await session.flush()


async def _quiz(session: AsyncSession, now: datetime) -> None:
    session.add(
        Question(
            id="q", workspace_id=WS, key="q", secret="s", content=CONTENT, consent="internal", fingerprint="",
            added_at=now, updated_at=now,
        )
    )  # fmt: skip
    session.add(
        Occurrence(
            id="o", workspace_id=WS, channel_id=CHANNEL, kind="quiz", due_at=now, local_day=now.date(), state="filled",
            decided_at=now,
        )
    )  # fmt: skip
    await session.flush()
    until = now + timedelta(days=30)
    session.add(
        Quiz(id=ROUND, workspace_id=WS, question_id="q", secret="s", content=CONTENT, opens_at=now, closes_at=until)
    )
    await session.flush()
    session.add(
        QuizPost(
            id=POST, workspace_id=WS, quiz_id=ROUND, occurrence_id="o", channel_id=CHANNEL, question_id="q",
            locale="en", zone="Europe/Lisbon", due_at=now, closes_at=until, ts="1700000000.000100", posted_at=now,
            outcome="sent",
        )
    )  # fmt: skip


def _pending(number: int, now: datetime) -> Delivery:
    key, due = f"pending:{number}", now - timedelta(hours=1)
    return Delivery(
        workspace_id=f"T0GROWN{number % SHARED + 1}", kind="bench", key=key, method="post", target=f"C{number:08}", ref={}, due_at=due,
        wanted_at=due, state="pending", opaque=opaque_key("", key), created_at=now,
    )  # fmt: skip


# -- what gathers -----------------------------------------------------------------------------------------------------

# ruff: noqa: E501  # statements are easier to read whole
# {n} counts up from 1; {ws} is its workspace, a tenth of them the company itself; {past} a moment before today.
MOMENT = "'2026-01-05 09:00:00.000000'"
EVERY: Mapping[str, str] = {
    "workspaces": f"INSERT INTO workspaces (id, name, bot_token, bot_id, bot_user_id, scopes, state, locale, added_at) "
    f"SELECT 'T0GROWN' || n, 'Grown', 'xoxb-' || n, 'B0', 'U0BOT', '[]', 'active', 'en', {MOMENT} FROM {{rows}}",
    "channels": f"INSERT INTO channels (workspace_id, channel_id, name, zone, locale, state, private, outsiders, "
    f"guests_see_internal, guests_answer, pulse_off, added_by, added_at, refreshed_at) "
    f"SELECT 'T0GROWN' || (n % {{workspaces}} + 1), 'C' || n, 'c' || n, {{zone}}, 'en', 'active', false, false, false, "
    f"false, false, 'U0VIEW', {MOMENT}, '2999-01-01 00:00:00.000000' FROM {{rows}}",
    "slots": "INSERT INTO slots (id, workspace_id, channel_id, kind, weekday, local_time, starts_at) "
    "SELECT 's' || n, 'T0GROWN' || (n % {channels} % {workspaces} + 1), 'C' || (n % {channels}), 'story', "
    "2 + n / {channels} % 5, {time}, {start} FROM {rows} WHERE n % {channels} > 0",
    "members": f"INSERT INTO members (workspace_id, user_id, name, kind, zone, locale, shows_name, refreshed_at) "
    f"SELECT {{ws}}, 'U' || n, 'Person ' || n, 'member', 'UTC', 'en', false, {MOMENT} FROM {{rows}}",
    "quizzes": f"INSERT INTO quizzes (id, workspace_id, question_id, secret, content, opens_at, closes_at, revealed_at, "
    f"result) SELECT 'r' || n, {{quiz_ws}}, 'q', 's', '{{content}}', {MOMENT}, {MOMENT}, {{past}}, '{{result}}' "
    f"FROM {{rows}}",
    "quiz_posts": f"INSERT INTO quiz_posts (id, workspace_id, quiz_id, occurrence_id, channel_id, question_id, locale, "
    f"zone, due_at, closes_at, ts, posted_at, outcome, shown, shut) SELECT 'rp' || n, {{quiz_ws}}, 'r' || n, 'ro' || n, "
    f"'{CHANNEL}', 'q', 'en', 'UTC', {MOMENT}, {MOMENT}, '17' || n, {{past}}, 'sent', 0, true FROM {{rows}}",
    "quiz_answers": f"INSERT INTO quiz_answers (quiz_id, user_id, workspace_id, option, acted_at, channel_id) "
    f"SELECT 'r' || (n / {{each}} + 1), 'U' || (n % {{each}}), "
    f"CASE WHEN n / {{each}} < {REVEALED} THEN '{WS}' ELSE 'T0GROWN' || (n / {{each}} % {{workspaces}} + 1) END, "
    f"n % 4, n, '{CHANNEL}' FROM {{rows}}",
    "occurrences": "INSERT INTO occurrences (id, workspace_id, slot_id, channel_id, kind, due_at, local_day, state, "
    "decided_at) SELECT 'so' || n, {ws}, NULL, 'C' || (n % 997), 'story', {past}, '2026-01-05', 'filled', {past} "
    "FROM {rows}",
    "posts": f"INSERT INTO posts (id, workspace_id, occurrence_id, channel_id, story_id, customer_id, reason, due_at, ts, "
    f"posted_at, outcome) SELECT 'p' || n, {{ws}}, 'so' || n, 'C' || (n % 997), 's' || (n % {STORIES}), "
    f"'c' || (n % {CUSTOMERS}), '{{{{}}}}', {{past}}, '17' || n, {{past}}, 'sent' FROM {{rows}}",
    "deliveries": "INSERT INTO deliveries (workspace_id, kind, \"key\", method, target, ref, due_at, wanted_at, state, "
    "rank, revision, attempts, opaque, channel, ts, owner_told, created_at, sent_at) "
    "SELECT {ws}, 'bench', 'sent:' || n, 'post', 'U' || (n % 99991), '{{}}', {past}, {past}, 'sent', 0, 1, 1, "
    "'0123456789abcdef', 'D' || (n % 99991), '17' || n, false, {past}, {past} FROM {rows}",
    "seen_events": "INSERT INTO seen_events (workspace_id, \"key\", at) "
    "SELECT {ws}, 'event:' || n, {past} FROM {rows}",
    "audit": "INSERT INTO audit (id, workspace_id, actor, role, action, subject, detail, at) "
    "SELECT 'au' || n, {ws}, 'U' || n, 'admin', 'bench', 'x', '{{}}', {past} FROM {rows}",
}  # fmt: skip


OWN_ANSWERS = (
    f"INSERT INTO quiz_answers (quiz_id, user_id, workspace_id, option, acted_at, channel_id) "
    f"SELECT id, '{VIEWER}', workspace_id, 0, 1, '{CHANNEL}' FROM quizzes WHERE workspace_id = '{WS}' "
    f"AND revealed_at IS NOT NULL LIMIT {ANSWERED}"
)


def _how_many(size: Size) -> Mapping[str, int]:
    channels = max(2, size.slots // 5)
    return {
        "workspaces": size.workspaces, "channels": channels, "slots": size.slots, "members": size.votes // 10,
        "quizzes": max(REVEALED, size.votes // 10_000), "quiz_posts": max(REVEALED, size.votes // 10_000),
        "quiz_answers": size.votes, "occurrences": size.sent // 10, "posts": size.sent // 10, "deliveries": size.sent,
        "seen_events": size.sent // 10, "audit": size.sent // 10,
    }  # fmt: skip


def _values(dialect: str, size: Size) -> Mapping[str, Any]:
    lite, channels = dialect == "sqlite", max(2, size.slots // 5)
    names = ", ".join(f"({number}, '{zone}')" for number, zone in enumerate(ZONES))
    quizzes = max(REVEALED, size.votes // 10_000)
    grown = f"'T0GROWN' || (n % {size.workspaces} + 1)"
    return {
        "workspaces": size.workspaces,
        "channels": channels,
        "each": max(1, size.votes // quizzes),
        "ws": f"CASE WHEN n % 10 = 0 THEN '{WS}' ELSE {grown} END",
        "quiz_ws": f"CASE WHEN n <= {REVEALED} THEN '{WS}' ELSE {grown} END",
        "zone": f"(SELECT z.column2 FROM (VALUES {names}) AS z WHERE z.column1 = n % {len(ZONES)})",
        "time": "printf('%02d:%02d:00.000000', 7 + n % 12, n / 12 % 4 * 15)"
        if lite
        else "make_time(CAST(7 + n % 12 AS int), CAST(n / 12 % 4 * 15 AS int), 0)",
        "past": "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-05 09:00:00', '+' || (n % 20000000) || ' seconds')"
        if lite
        else "timestamptz '2026-01-05 09:00:00+00' + make_interval(secs => n % 20000000)",
        "content": json.dumps(CONTENT),
        "result": json.dumps({"counts": [20, 10, 10, 0], "winner": None}),
    }


async def grow(sessions: Sessions, size: Size, now: datetime) -> None:
    """Tables, the company, and `size` of everything."""
    engine = sessions.engine
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with sessions.begin() as session:
        await company(session, now)
    await _fill(engine, size, next_monday(now))


def next_monday(now: datetime) -> datetime:
    return (now + timedelta(days=7 - now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


async def _fill(engine: AsyncEngine, size: Size, start: datetime) -> None:
    if engine.dialect.name == "sqlite":
        await engine.dispose()
        plain = create_engine(engine.url.set(drivername="sqlite"), isolation_level="AUTOCOMMIT")
        with plain.connect() as connection:
            _make(connection, size, start)
        plain.dispose()
        return
    async with engine.connect() as asyncs:
        await (await asyncs.execution_options(isolation_level="AUTOCOMMIT")).run_sync(
            partial(_make, size=size, start=start)
        )
    await engine.dispose()


def _make(connection: Connection, size: Size, start: datetime) -> None:
    lite, counts, values = connection.dialect.name == "sqlite", _how_many(size), _values(connection.dialect.name, size)
    values = {**values, "start": f"'{start:%Y-%m-%d %H:%M:%S}.000000'"}
    for statement in SQLITE_FAST if lite else POSTGRES_FAST:
        connection.exec_driver_sql(statement)
    _without_indexes(connection)
    for table, statement in EVERY.items():
        series = f"generate_series(1, {counts[table]}) AS g(n)"
        connection.exec_driver_sql(statement.format(rows=COUNTED.format(counts[table]) if lite else series, **values))
    _with_indexes(connection)
    connection.exec_driver_sql(OWN_ANSWERS)
    connection.exec_driver_sql("ANALYZE" if lite else "VACUUM ANALYZE")


COUNTED = "(WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < {}) SELECT n FROM g)"
SQLITE_FAST = (
    "PRAGMA foreign_keys=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-1500000",
    "PRAGMA temp_store=FILE",
)
POSTGRES_FAST = (
    "SET session_replication_role = replica", "SET maintenance_work_mem = '512MB'", "SET work_mem = '256MB'",
)  # fmt: skip


def _without_indexes(connection: Connection) -> None:
    for table in EVERY:
        for index in Base.metadata.tables[table].indexes:
            index.drop(connection)


def _with_indexes(connection: Connection) -> None:
    for table in EVERY:
        for index in sorted(Base.metadata.tables[table].indexes, key=lambda one: str(one.name)):
            index.create(connection)
