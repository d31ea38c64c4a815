"""The sample company in a workspace: what its admin does on the first day, and what goes on while the demo runs."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import delete, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands.data import bring_in
from bot.core.errors import UserMistakeError
from bot.db.tables.customers import Customer
from bot.db.tables.members import DmTurn, Member
from bot.defaults import load_defaults
from bot.delivery import queue
from bot.features.adoptions import hats
from bot.features.adoptions import service as adoptions
from bot.features.adoptions.rules import Filters
from bot.features.channels import posting
from bot.features.channels import service as channels
from bot.features.channels.reading import refresh
from bot.features.channels.rules import Setup, Weekly
from bot.features.channels.service import Kinds
from bot.features.customers import service as customers
from bot.features.customers.matching import LookedAfter
from bot.features.members import service as members
from bot.features.members.jobs import ReadPeople
from bot.registry import content_kinds
from bot.wiring import Parts

SAMPLE = Path(__file__).parent.parent.parent / "config" / "sample"
BY = "demo"
FILES = ("teams.csv", "people.csv", "customers.csv", "products.csv", "stories", "quizzes.yaml")
REGULAR = (("story", 1, "10:00"), ("quiz", 2, "11:00"), ("news", 3, "14:00"))
QUIZ_OPEN = timedelta(minutes=2)
AT_ONCE, BETWEEN, ROUNDS = 1.0, 9.0, 8
QUIZZED, QUIZ_EVERY, LATER_QUIZZES = ("general", "line-2", "support"), 18, 7
A_DAY = 3.0
HELD_FOR = timedelta(days=30)
HAT_AFTER, HAT_OPEN = 15.0, timedelta(seconds=100)


def admin_emails() -> str:
    """Whoever is an admin of the sample company."""
    return ",".join(person["email"] for person in _people() if person.get("kind") == "admin")


def _people() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _yaml("world.yaml")["people"]
    return found


def _yaml(name: str) -> Any:
    return yaml.safe_load((SAMPLE / name).read_text(encoding="utf-8"))


def _places() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _yaml("channels.yaml")["channels"]
    return found


async def first_day(parts: Parts, workspace_id: str) -> None:
    """Read the people, import the files, say who does what, set up the channels."""
    matched = [LookedAfter()]
    await ReadPeople(admins=parts.settings.admins, on_people_saved=matched)(parts.edge, parts.clock.now())
    for file in FILES:
        report = await bring_in(parts, file.partition(".")[0], SAMPLE / file, by=BY)
        if report.refused:
            first = report.refused[0]
            raise UserMistakeError(f"{first.file}:{first.line} {first.column}: {first.why}", first.cure)
    await _people_of_the_demo(parts, workspace_id)
    await _customers_of_the_demo(parts, workspace_id)
    await _channels_of_the_demo(parts, workspace_id)


async def _people_of_the_demo(parts: Parts, workspace_id: str) -> None:
    """Nobody has quiet hours, so that answers come at any time of the day; whose title says so is an editor."""
    editors = [person["id"] for person in _people() if "editor" in person.get("title", "")]
    async with parts.sessions.begin() as session:
        awake = update(Member).where(Member.workspace_id == workspace_id)
        await session.execute(awake.values(quiet_from=time(0), quiet_until=time(0)))
        now, wanted = parts.clock.now(), {members.EDITOR: editors}
        await members.set_roles(session, workspace_id, wanted, by=BY, now=now, new_id=parts.edge.new_id)


async def _customers_of_the_demo(parts: Parts, workspace_id: str) -> None:
    """Account managers stand in for one another; some people have had a customer of their own for a month."""
    wanted = _yaml("adopters.yaml")
    now = parts.clock.now() - HELD_FOR
    async with parts.sessions.begin() as session:
        for manager, deputy in wanted["deputies"].items():
            theirs = update(Customer).where(Customer.workspace_id == workspace_id, Customer.account_manager == manager)
            await session.execute(theirs.values(deputy=deputy))
        for name, people in wanted["adopters"].items():
            customer = (await customers.exactly(session, workspace_id, name)).customer
            if customer is None:
                raise UserMistakeError(f"adopters.yaml: there is no customer {name}", "see customers.csv")
            for user in people:
                request = f"demo:{name}:{user}"
                await adoptions.adopt(
                    session, workspace_id, user, customer.id,
                    via="command", request=request, now=now, new_id=parts.edge.new_id,
                )  # fmt: skip


async def _channels_of_the_demo(parts: Parts, workspace_id: str) -> None:
    answer = await parts.gateway.call(workspace_id, "conversations.list", limit=200, exclude_archived=True)
    ids = {str(one["name"]): str(one["id"]) for one in answer["channels"]}
    async with parts.sessions.begin() as session:
        teams = {team.name: team.id for team in await customers.teams(session, workspace_id)}
        admins = await members.with_role(session, workspace_id, "admin")
        for one in _places():
            setup = Setup(
                channel_id=ids[one["name"]],
                name=one["name"],
                zone=one["zone"],
                locale=one["locale"],
                team_ids=frozenset(teams[name] for name in one["teams"]),
                weekly=tuple(Weekly(kind=kind, weekday=day, at=time.fromisoformat(at)) for kind, day, at in REGULAR),
                quiz_window=QUIZ_OPEN,
            )
            by, now = admins[0].user_id, parts.clock.now()
            await channels.add(session, workspace_id, setup, by=by, new_id=parts.edge.new_id, now=now)
    for one in _places():
        await refresh(parts.edge, workspace_id, ids[one["name"]])


@dataclass(frozen=True, kw_only=True)
class Turn:
    """`after`: seconds since the turn before."""

    channel: str
    kind: str
    after: float


def turns() -> Iterator[Turn]:
    """What is posted where while one watches; the weekly slots stay what they are. Stories and news go round. A quiz is
    asked in several channels at once, as its answer comes out when the last of them has closed; then the next one, also
    when the rounds are over: whoever comes late has something to answer."""
    names = [str(one["name"]) for one in _places()]
    for number in range(ROUNDS * len(names)):
        if number % QUIZ_EVERY == 0:
            for place in QUIZZED:
                yield Turn(channel=place, kind="quiz", after=AT_ONCE)
        round_, place_number = divmod(number, len(names))
        kind = ("story", "news")[(round_ + place_number) % 2]
        yield Turn(channel=names[place_number], kind=kind, after=AT_ONCE if number < len(names) // 2 else BETWEEN)
    for _ in range(LATER_QUIZZES):
        for number, place in enumerate(QUIZZED):
            yield Turn(channel=place, kind="quiz", after=AT_ONCE if number else QUIZ_EVERY * BETWEEN)


async def post_by_turns(parts: Parts, workspace_id: str) -> None:
    """Like an editor who presses *Post now* again and again. What a channel has nothing left for is left out."""
    kinds = content_kinds(parts.settings, load_defaults())
    for turn in turns():
        await asyncio.sleep(turn.after)
        with suppress(OperationalError):  # the bot is writing just now; the next turn will do
            await parts.sessions.run(partial(_post, parts, workspace_id, turn, kinds))


async def _post(parts: Parts, workspace_id: str, turn: Turn, kinds: Kinds, session: AsyncSession) -> None:
    channel = next((one for one in await channels.all(session, workspace_id) if one.name == turn.channel), None)
    if channel is None or channel.state != "active" or turn.kind not in kinds:
        return
    request, by, now = f"demo:{parts.edge.new_id()}", channel.added_by, parts.clock.now()
    place = (workspace_id, channel.channel_id, turn.kind)
    await posting.post_now(session, *place, request=request, by=by, kinds=kinds, new_id=parts.edge.new_id, now=now)


async def open_a_hat(parts: Parts, workspace_id: str) -> None:
    """Once, in everybody's channel; the next ones are the visitor's to open."""
    await asyncio.sleep(HAT_AFTER)
    async with parts.sessions.begin() as session:
        channel = next((one for one in await channels.all(session, workspace_id) if one.name == "general"), None)
        if channel is None or await hats.listed(session, workspace_id, limit=1):
            return
        now = parts.clock.now()
        await hats.open_hat(
            session, workspace_id, channel.added_by, channel.channel_id, Filters(), now + HAT_OPEN,
            request="demo:hat", now=now, new_id=parts.edge.new_id,
        )  # fmt: skip


async def let_days_pass(parts: Parts) -> None:
    """A day with its one direct message lasts a few seconds: nobody who tries things out waits for tomorrow."""
    while True:
        await asyncio.sleep(A_DAY)
        with suppress(OperationalError):
            async with parts.sessions.begin() as session:
                await next_day(session, now=parts.clock.now())


async def next_day(session: AsyncSession, *, now: datetime) -> None:
    """Whoever had today's message may have another, and what waited for tomorrow with it comes now."""
    had = await session.execute(delete(DmTurn).returning(DmTurn.workspace_id, DmTurn.user_id))
    for row in had.all():
        await queue.look_again(session, workspace_id=row.workspace_id, target=row.user_id, now=now)
