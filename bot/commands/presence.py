"""For `doctor`: the configured channels that Canteen is missing from, as Slack says."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select

from bot.commands.data import progress_bar
from bot.commands.findings import Finding
from bot.db.tables.workspaces import Workspace
from bot.features.channels import service as channels
from bot.features.channels.facts import read_facts
from bot.features.channels.service import Channel
from bot.slack.errors import Fault, SlackFault
from bot.wiring import Parts

MOST_CALLS = 40  # of the 50 a minute that Slack grants for all of Canteen
APART = 0.1


async def missing(parts: Parts) -> AsyncIterator[Finding]:
    """Asks Slack about each channel that should get posts; says how many it did not ask about."""
    asked = await _active(parts)
    now, rest = asked[:MOST_CALLS], len(asked) - MOST_CALLS
    found: list[Finding] = []
    with progress_bar("Looking at the channels in Slack") as progress:
        for number, channel in enumerate(now):
            progress(number, len(now))
            try:
                found += await _look(parts, channel)
            except SlackFault as fault:
                found.append(_unanswered(fault, len(asked) - number))
                rest = 0
                break
            await asyncio.sleep(APART)
    for finding in found:
        yield finding
    if now and not found:
        yield Finding(level="fine", what=f"Canteen is in all {len(now)} channels that were looked at")
    if rest > 0:
        what = f"{rest} more channels were not looked at: Slack grants few such calls a minute"
        yield Finding(level="note", what=what, cure="the bot itself looks at every channel once a day")


async def _active(parts: Parts) -> Sequence[Channel]:
    async with parts.sessions.begin() as session:
        alive = list(await session.scalars(select(Workspace.id).where(Workspace.state == "active")))
        found = [channel for ws in alive for channel in await channels.all(session, ws)]
    return [channel for channel in found if channel.state == "active"]


async def _look(parts: Parts, channel: Channel) -> list[Finding]:
    name = f"#{channel.name}"
    try:
        answer = await parts.gateway.call(channel.workspace_id, "conversations.info", channel=channel.channel_id)
    except SlackFault as fault:
        if fault.fault is not Fault.PLACE:
            raise
        cure = f"`/invite @Canteen` there, or `canteen channels remove {channel.name}` where it is deleted"
        return [Finding(level="serious", what=f"Slack does not show {name} to Canteen ({fault.code})", cure=cure)]
    facts = read_facts(answer)
    if facts.archived:
        cure = f"unarchive it in Slack, or `canteen channels remove {channel.name}`"
        return [Finding(level="serious", what=f"{name} is archived: nothing can be posted there", cure=cure)]
    if not facts.member:
        cure = "write `/invite @Canteen` in it" + ("" if facts.private else "; resuming it makes the bot join, too")
        return [Finding(level="serious", what=f"Canteen is not in {name}", cure=cure)]
    return []


def _unanswered(fault: SlackFault, left: int) -> Finding:
    what = f"Slack did not say whether Canteen is in {left} channels ({fault.code})"
    return Finding(level="note", what=what, cure="run `canteen doctor` again in a minute")
