"""`canteen doctor`: what stands in the way, each finding with its cure."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated

import typer
import yaml
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.commands.app import out, run_async, settings, show_json
from bot.commands.content import content
from bot.commands.enciphered import enciphered
from bot.commands.findings import Finding
from bot.commands.left_behind import ago, left_behind
from bot.commands.places import workspace_of
from bot.commands.post_test import post_test as send_test
from bot.commands.presence import missing
from bot.commands.running import MANIFEST
from bot.core.errors import UnreadableError, UserMistakeError
from bot.db.beside import missing as missing_indexes
from bot.db.engine import wal_is_safe
from bot.db.levels import head, standing
from bot.db.moment import db_now
from bot.db.tables.delivery import Pace
from bot.db.tables.workspaces import Heartbeat, Workspace
from bot.delivery.installations import check_token
from bot.settings import CURES, check_for_run
from bot.slack.errors import Fault, SlackFault
from bot.wiring import Parts, open_parts

MARKS = {"fine": "[green]ok[/]     ", "note": "[yellow]note[/]   ", "serious": "[red]serious[/]"}
SKEW, OLD_TICK = timedelta(seconds=30), timedelta(minutes=2)


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(
    post_test: Annotated[
        tuple[str, str] | None,
        typer.Option("--post-test", metavar="U1 U2", help="send these two a picture; the second says if it is there"),
    ] = None,
    workspace: Annotated[str | None, typer.Option("--workspace", help="of the test, where there are several")] = None,
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Look for what stands in the way. The exit code is 1 if anything is serious.

    Example: `canteen doctor`, or `canteen doctor --post-test U012AB3CD U045EF6GH`
    """

    async def work() -> list[Finding]:
        async with open_parts(settings()) as parts:
            found = [finding async for finding in examine(parts)]
            if post_test is not None:
                ws = await workspace_of(parts, workspace)
                found += [finding async for finding in send_test(parts, ws, post_test)]
            return found

    found = run_async(work())
    if json:
        show_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            cure = f"\n        {finding.cure}" if finding.cure else ""
            out.print(MARKS[finding.level], end=" ")
            out.print(f"{finding.what}{cure}", markup=False)
    if any(finding.level == "serious" for finding in found):
        raise SystemExit(1)


async def examine(parts: Parts) -> AsyncIterator[Finding]:
    """Every finding, the fine ones too. Stops at the database when that does not answer."""
    async for finding in _slack(parts):
        yield finding
    try:
        for part in (_database, _keys, _process, _others, left_behind, content, missing):
            async for finding in part(parts):
                yield finding
    except UnreadableDatabaseError:
        return
    except UnreadableError as error:
        yield Finding(level="serious", what=str(error), cure=error.cure)
    except (SQLAlchemyError, OSError) as error:
        yield Finding(
            level="serious",
            what=f"the database does not answer ({type(error).__name__})",
            cure=_cure_of(error),
        )


SQLITES_OWN = {  # what SQLite says; the texts are its own and hold nothing of anybody
    "locked": "another program writes to the file: wait, or stop it",
    "full": "the disk is full: make room, and it goes on by itself",
    "readonly": "the file or its disk may only be read: mend its rights, and it goes on by itself",
    "unable to open": "look whether its folder is there and may be written",
    "malformed": "the file is damaged: restore a backup (docs/operations.md)",
    "not a database": "DATABASE_URL names another kind of file",
}


def _cure_of(error: Exception) -> str:
    said = str(error.orig) if isinstance(error, DBAPIError) and isinstance(error.orig, sqlite3.Error) else ""
    found = [cure for words, cure in SQLITES_OWN.items() if words in said]
    return found[0] if found else "check that it runs and DATABASE_URL is right"


async def _slack(parts: Parts) -> AsyncIterator[Finding]:
    token = parts.settings.bot_token
    if token is None:
        yield Finding(
            level="note", what="SLACK_BOT_TOKEN is not set", cure="needed once, or use `canteen workspace add`"
        )
        return
    async for finding in _token(parts, token.get_secret_value(), "SLACK_BOT_TOKEN"):
        yield finding
    async for finding in _way_in(parts):
        yield finding
    yield Finding(level="note", what="other workspaces are added by `canteen workspace add`; install pages come later")


async def _way_in(parts: Parts) -> AsyncIterator[Finding]:
    """How Slack reaches `canteen run`."""
    try:
        check_for_run(parts.settings)
    except UserMistakeError as mistake:
        yield Finding(level="serious", what=f"`canteen run` would not start: {mistake}", cure=mistake.cure)
        return
    token = parts.settings.app_token
    if token is None:
        return
    try:
        await parts.gateway.call_with(token.get_secret_value(), "apps.connections.open")
    except SlackFault as fault:
        if fault.fault in {Fault.INSTALLATION, Fault.SCOPE, Fault.CONTENT}:
            what = f"Slack does not take SLACK_APP_TOKEN ({fault.code}): nothing reaches Canteen by Socket Mode"
            yield Finding(level="serious", what=what, cure=CURES["SLACK_APP_TOKEN"])
    else:
        yield Finding(level="fine", what="Socket Mode can be opened")


async def _token(parts: Parts, token: str, whose: str) -> AsyncIterator[Finding]:
    try:
        checked = await check_token(parts.gateway, token)
    except UserMistakeError as mistake:
        yield Finding(level="serious", what=f"{whose}: {mistake}", cure=mistake.cure)
        return
    except SlackFault as fault:
        yield Finding(
            level="serious", what=f"Slack does not answer ({fault.code})", cure="check SLACK_API_URL and the network"
        )
        return
    yield Finding(level="fine", what=f"the token works: {checked.name} ({checked.workspace_id})")
    lacking = sorted(needed_scopes() - set(checked.scopes))
    if lacking:
        yield Finding(
            level="serious",
            what=f"missing scopes in {checked.name}: {', '.join(lacking)}",
            cure="update the app's manifest (`canteen manifest`) and reinstall it",
        )
    else:
        yield Finding(level="fine", what=f"all {len(needed_scopes())} scopes are granted")
    yield _skew(parts, checked.date)


async def _others(parts: Parts) -> AsyncIterator[Finding]:
    """The tokens of the workspaces that came by `canteen workspace add`."""
    own = parts.settings.bot_token
    async with parts.sessions.begin() as session:
        rows = (await session.execute(select(Workspace.name, Workspace.bot_token, Workspace.state))).all()
    for name, token, state in rows:
        if state == "active" and (own is None or token != own.get_secret_value()):
            async for finding in _token(parts, token, name):
                yield finding


def needed_scopes() -> set[str]:
    """Those of the manifest."""
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return set(manifest["oauth_config"]["scopes"]["bot"])


def _skew(parts: Parts, date: str | None) -> Finding:
    if date is None:
        return Finding(level="note", what="Slack's answer had no date, so the clock was not compared")
    skew = parts.clock.now() - parsedate_to_datetime(date).astimezone(UTC)
    if abs(skew) <= SKEW:
        return Finding(level="fine", what="the clock agrees with Slack's")
    return Finding(
        level="serious" if abs(skew) > timedelta(minutes=4) else "note",
        what=f"the clock is {int(skew.total_seconds())} s off Slack's",
        cure="synchronise it (NTP): signatures more than five minutes off are refused",
    )


async def _database(parts: Parts) -> AsyncIterator[Finding]:
    engine = parts.sessions.engine
    async for finding in _level(engine):
        yield finding
    if engine.dialect.name == "sqlite":
        journal = "write-ahead log" if wal_is_safe() else "rollback journal"
        why = "" if wal_is_safe() else ": this version has the WAL-reset corruption race"
        yield Finding(level="fine", what=f"SQLite {sqlite3.sqlite_version} with the {journal}{why}")


async def _keys(parts: Parts) -> AsyncIterator[Finding]:
    lacking = False
    async for finding in enciphered(parts):
        lacking = lacking or finding.level == "serious"
        yield finding
    if lacking:
        raise UnreadableDatabaseError


async def _level(engine: AsyncEngine) -> AsyncIterator[Finding]:
    found = await standing(engine)
    mistake = found.mistake()
    if mistake is not None:
        yield Finding(level="serious", what=str(mistake), cure=mistake.cure)
        raise UnreadableDatabaseError
    if found.level is None or found.older:
        what = f"the database is at {found.level or 'nothing'}, not {head()}"
        yield Finding(level="serious", what=what, cure="run `canteen migrate`")
        raise UnreadableDatabaseError
    yield Finding(level="fine", what=f"the database answers and is at {found.level}")
    if found.newer:
        what = f"this version knows {head()}, and may run on it for as long as an upgrade takes"
        yield Finding(level="note", what=what, cure="run the new version")
    lacking = await missing_indexes(engine)
    if lacking:
        what = f"{len(lacking)} indexes are missing: a migration was interrupted"
        yield Finding(level="serious", what=what, cure="run `canteen migrate`")


class UnreadableDatabaseError(OSError):
    """Not at head, or under keys that are not here: nothing more can be said of it."""


async def _process(parts: Parts) -> AsyncIterator[Finding]:
    async with parts.sessions.begin() as session:
        now = await db_now(session)
        last = await session.scalar(select(func.max(Heartbeat.ticked_at)))
        dead = list(await session.scalars(select(Workspace.name).where(Workspace.state != "active")))
        limited = (await session.execute(select(Pace.method, Pace.limited_until).where(Pace.limited_until > now))).all()
    if last is None:
        yield Finding(level="note", what="`canteen run` has never run on this database", cure="start it")
    elif now - last > OLD_TICK:
        yield Finding(level="serious", what=f"the last tick was {ago(now - last)} ago", cure="start `canteen run`")
    else:
        yield Finding(level="fine", what=f"the last tick was {ago(now - last)} ago")
    for name in dead:
        yield Finding(
            level="serious",
            what=f"{name}: Slack refuses the token",
            cure="reinstall, then `canteen workspace add`: what is owed there waits for it",
        )
    for method, until in limited:
        what = f"Slack limits {method} for another {ago((until or now) - now)}"
        yield Finding(level="note", what=what, cure="nothing: what is owed waits, and goes on by itself")
