"""What `channels add` is told, read; and a channel set up so."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from babel.core import Locale, UnknownLocaleError

from bot.core.errors import UserMistakeError
from bot.core.times import is_zone
from bot.features.channels import service
from bot.features.channels.filled import LONGEST_WINDOW
from bot.features.channels.reading import refresh
from bot.features.channels.rules import Setup, Weekly
from bot.features.customers import service as customers
from bot.slack.errors import SlackFault
from bot.wiring import Parts

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SLOT = re.compile(r"^(story|news|quiz):(mon|tue|wed|thu|fri|sat|sun)@(\d{1,2}:\d{2}(?::\d{2})?)$")

WINDOW = re.compile(r"^(\d{1,5})([mhd])$")
MINUTES = {"m": 1, "h": 60, "d": 1440}


def read_slot(text: str) -> Weekly:
    found = SLOT.match(text.strip().casefold())
    if found is None:
        raise UserMistakeError(f"{text} is not a slot", "kind:day@time, such as story:tue@10:00 or quiz:fri@14:30:15")
    try:
        at = time.fromisoformat(found[3].zfill(5))
    except ValueError:
        raise UserMistakeError(f"{found[3]} is not a time of day", "such as 10:00") from None
    return Weekly(kind=found[1], weekday=DAYS.index(found[2]), at=at)


def read_window(text: str) -> timedelta:
    found = WINDOW.match(text.strip().casefold())
    window = timedelta(minutes=int(found[1]) * MINUTES[found[2]]) if found else timedelta()
    if not timedelta() < window <= LONGEST_WINDOW:
        raise UserMistakeError(f"{text} is not how long a quiz is open", "such as 30m, 8h or 2d; at most 14d")
    return window


def read_zone(text: str) -> str:
    if not is_zone(text):
        raise UserMistakeError(f"{text} is not a time zone", "such as Europe/Lisbon or Asia/Kolkata")
    return text


def read_language(text: str) -> str:
    try:
        Locale.parse(text, sep="-")
    except (UnknownLocaleError, ValueError):
        raise UserMistakeError(f"{text} is not a language", "such as en or pt-BR") from None
    return text


async def set_up(parts: Parts, workspace_id: str, wanted: Setup, *, teams: Sequence[str], by: str) -> str:
    """The channel's name. Slack is asked about the channel first; the bot joins it and reads who is in it.

    `wanted` has no name, teams and privacy of its own yet: they are Slack's, and `teams` by name."""
    info = await _info(parts, workspace_id, wanted.channel_id)
    if info.get("is_ext_shared"):
        raise UserMistakeError("another company reads in that channel", "Canteen posts only where only your people are")
    async with parts.sessions.begin() as session:
        known = {one.name.casefold(): one.id for one in await customers.teams(session, workspace_id)}
        missing = [name for name in teams if name.casefold() not in known]
        if missing:
            raise UserMistakeError(f"there is no team {missing[0]}", "`canteen import teams` brings teams in")
        nobody = sorted(await service.no_owners(session, workspace_id, sorted(wanted.owners)))
        if nobody:
            raise UserMistakeError(
                f"{nobody[0]} cannot own a channel", "name members by their Slack ids: no guests, nobody who has left"
            )
        setup = replace(
            wanted,
            name=str(info.get("name", wanted.channel_id)),
            team_ids=frozenset(known[name.casefold()] for name in teams),
            private=bool(info.get("is_private")),
        )
        await service.add(session, workspace_id, setup, by=by, new_id=parts.edge.new_id, now=parts.clock.now())
    await refresh(parts.edge, workspace_id, setup.channel_id)
    return setup.name


async def _info(parts: Parts, workspace_id: str, channel: str) -> dict[str, Any]:
    try:
        answer = await parts.gateway.call(workspace_id, "conversations.info", channel=channel)
    except SlackFault as fault:
        raise UserMistakeError(
            f"Slack does not show {channel} to Canteen ({fault.code})",
            "use the channel's id; a private channel needs `/invite @Canteen` first",
        ) from None
    return dict(answer["channel"])
