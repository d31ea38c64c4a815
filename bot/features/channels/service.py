"""Configured channels: set up, paused, stopped, previewed, filled. Everything inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import monday_of
from bot.features.channels import occurrences, people, store
from bot.features.channels.rules import (
    NEVER,
    Channel,
    Coming,
    Defaults,
    Miss,
    Setup,
    Slot,
    as_channel,
    coming,
    occurrence_id,
    slots_of,
    weeks_left,
    why_not,
)
from bot.features.channels.seams import Audience, ContentKind, Due, Preview
from bot.features.channels.trouble import (
    MISSED,
    TROUBLE,
    came_too_late,
    could_own,
    left_out,
    owners_of,
    place_failed,
    tell_missed,
    tell_trouble,
)
from bot.features.members import service as members

if TYPE_CHECKING:
    from bot.slack.words import Words

Kinds = Mapping[str, ContentKind]
__all__ = [
    "MISSED",
    "TROUBLE",
    "Audience",
    "Channel",
    "Coming",
    "Defaults",
    "Kinds",
    "Miss",
    "Setup",
    "Slot",
    "came_too_late",
    "left_out",
    "owners_of",
    "place_failed",
    "tell_missed",
    "tell_trouble",
]


# -- reading ----------------------------------------------------------------------------------------------------------


async def all(session: AsyncSession, workspace_id: str) -> list[Channel]:
    """Every configured channel that was not removed, by name."""
    return await store.channels(session, workspace_id)


async def get(session: AsyncSession, workspace_id: str, channel_id: str) -> Channel | None:
    found = await store.channels(session, workspace_id, {channel_id})
    return found[0] if found else None


async def some(session: AsyncSession, workspace_id: str, channel_ids: Collection[str]) -> list[Channel]:
    """Those of them that are configured, by name."""
    return await store.channels(session, workspace_id, channel_ids)


async def by_name(session: AsyncSession, workspace_id: str, text: str) -> Channel | None:
    """By id, by name with or without the `#`, or as Slack writes a channel that was picked (`<#C0LINE2|line-2>`)."""
    wanted = text.strip().removeprefix("<").removeprefix("#").removesuffix(">").partition("|")[0].casefold()
    for channel in await store.channels(session, workspace_id):
        if wanted in {channel.channel_id.casefold(), channel.name.casefold()}:
            return channel
    return None


async def my_channels(session: AsyncSession, workspace_id: str, user_id: str) -> list[Channel]:
    """The configured channels the person is in."""
    return await store.channels(session, workspace_id, await people.channel_ids_of(session, workspace_id, user_id))


async def audience(session: AsyncSession, workspace_id: str, channel_id: str) -> Audience | None:
    """Who reads there, as content must know it before every post; None for a channel that is not configured."""
    channel = await get(session, workspace_id, channel_id)
    return None if channel is None else await audience_of(session, channel)


async def audience_of(session: AsyncSession, channel: Channel, inside: Collection[str] | None = None) -> Audience:
    """Until the channel's people have been read from Slack it counts as having guests: the safe side. `inside`: who is
    in it, where that was read just now and not stored."""
    workspace_id = channel.workspace_id
    if inside is None and channel.refreshed_at != NEVER:
        inside = await people.strangers(session, workspace_id, channel.channel_id)
    has_guests = inside is None
    if inside is not None:
        others = set(inside) - {await store.bot_user(session, workspace_id) or ""}
        has_guests = bool(await members.guests_among(session, workspace_id, others))
    return Audience(
        workspace_id=channel.workspace_id,
        channel_id=channel.channel_id,
        name=channel.name,
        zone=channel.zone,
        locale=channel.locale,
        team_ids=channel.team_ids,
        has_guests=has_guests,
        guests_see_internal=channel.guests_see_internal,
        outsiders=channel.outsiders,
        quiz_window=channel.quiz_window,
        guests_answer=channel.guests_answer,
    )


async def owns(session: AsyncSession, workspace_id: str, channel_id: str, user_id: str) -> bool:
    """Named as an owner of that channel; where nobody is named, whoever added it. False for what is not set up."""
    channel = await get(session, workspace_id, channel_id)
    return channel is not None and channel.is_owned_by(user_id)


async def no_owners(session: AsyncSession, workspace_id: str, user_ids: Collection[str]) -> set[str]:
    """Those of them who cannot own a channel: guests, apps, people who have left or are not known."""
    known = await members.people(session, workspace_id, user_ids)
    return {user for user in user_ids if user not in known or not could_own(known[user])}


async def has_owner(session: AsyncSession, channel: Channel) -> bool:
    """Somebody of this workspace still owns it: a named owner, or whoever added it. What the command line set up needs
    none."""
    those = channel.owners or {channel.added_by}
    known = await members.people(session, channel.workspace_id, those)
    unknown = any(user not in known for user in those)
    return unknown or any(map(could_own, known.values()))


async def may_see_next(session: AsyncSession, ws: str, channel_id: str, user: str) -> bool:
    """What comes next in the channel."""
    owned = await owns(session, ws, channel_id, user)
    return await members.may(session, ws, user, members.Action.SEE_NEXT_POSTS, owns_channel=owned)


async def shown_to(session: AsyncSession, person: members.Person) -> Sequence[Channel]:
    """Those of which this person may see what comes: all, or the ones they own."""
    ws, right = person.workspace_id, members.Action.SEE_NEXT_POSTS
    if members.allowed(right, members.Standing(person=person)):
        return await all(session, ws)
    if members.allowed(right, members.Standing(person=person, owns_channel=True)):
        return await owned_by(session, ws, person.user_id)
    return []


async def owned_by(session: AsyncSession, workspace_id: str, user_id: str) -> list[Channel]:
    """The channels somebody owns, by name."""
    ids = await people.maybe_owned_by(session, workspace_id, user_id)
    return [one for one in await store.channels(session, workspace_id, ids) if one.is_owned_by(user_id)]


async def is_stopped(session: AsyncSession, workspace_id: str) -> bool:
    return await store.stopped_since(session, workspace_id) is not None


async def why_not_now(session: AsyncSession, workspace_id: str, channel_id: str) -> str | None:
    """None where the channel takes posts at this moment; else removed, stopped, paused or outsiders. Renderers of
    posts ask it again at send."""
    channel = await get(session, workspace_id, channel_id)
    return why_not(channel=channel, stopped=await is_stopped(session, workspace_id))


async def next_due(session: AsyncSession, channel: Channel, now: datetime, n: int) -> list[Coming]:
    return coming(channel, await store.quiet_dates(session, channel.workspace_id), now=now, n=n)


@dataclass(frozen=True, kw_only=True)
class NextPost:
    """One line of *Next five posts*: what would be chosen, what editors planned, or the quiet date that leaves it
    out."""

    coming: Coming
    preview: Preview | None


async def next_posts(
    session: AsyncSession,
    channel: Channel,
    kinds: Kinds,
    words: "Words",
    *,
    now: datetime,
    n: int,
    inside: Collection[str] | None = None,
) -> list[NextPost]:
    """`words` in the channel's zone. Works for a channel that has not been saved yet; `inside` as in `audience_of`.
    What editors planned stands between the channel's own times, which it does not take the place of."""
    times = await next_due(session, channel, now, n)
    place = await audience_of(session, channel, inside)
    planned = await _planned(session, channel, place, kinds, words, now=now, n=n)
    shown: dict[tuple[str, datetime], Preview] = {}
    for name in channel.kinds:
        dues = [
            Due(occurrence_id=occurrence_id(one.slot_id, one.due_at), kind=name, due_at=one.due_at)
            for one in times
            if one.kind == name and one.quiet is None
        ]
        if name in kinds and dues:
            for preview in await kinds[name].preview(session, place, dues, words):
                shown[name, preview.due_at] = preview
    chosen = [NextPost(coming=one, preview=shown.get((one.kind, one.due_at))) for one in times]
    return sorted([*planned, *chosen], key=lambda one: one.coming.due_at)[:n]


async def _planned(
    session: AsyncSession, channel: Channel, place: Audience, kinds: Kinds, words: "Words", *, now: datetime, n: int
) -> list[NextPost]:
    ws, channel_id = channel.workspace_id, channel.channel_id
    times = (await occurrences.planned(session, ws, [channel_id], after=now)).get(channel_id, [])[:n]
    shown: dict[str, Preview] = {}
    for name in sorted({one.kind for one in times} & kinds.keys()):
        dues = [Due(occurrence_id=one.planned or "", kind=name, due_at=one.due_at) for one in times if one.kind == name]
        shown.update(await kinds[name].planned(session, place, dues, words))
    return [NextPost(coming=one, preview=shown[one.planned]) for one in times if one.planned in shown]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A channel as its admin sees it. `begins`: its first day, where that lies ahead."""

    channel: Channel
    next: Coming | None
    weeks: int | None
    misses: Sequence[Miss]
    has_guests: bool
    begins: datetime | None = None


async def standings(
    session: AsyncSession, workspace_id: str, kinds: Kinds, *, now: datetime, only: Collection[str] | None = None
) -> list[Standing]:
    """Next post, weeks of content left and last week's misses of the channels (`only` those). Costs about one query a
    channel and kind: for pages of channels, not for thousands."""
    found = await store.channels(session, workspace_id, only)
    ids = [channel.channel_id for channel in found]
    misses = await occurrences.misses(session, workspace_id, ids, since=now - timedelta(days=7))
    quiet = await store.quiet_dates(session, workspace_id)
    planned = await occurrences.planned(session, workspace_id, ids, after=now)
    standings = []
    for channel in found:
        place = await audience_of(session, channel)
        left = await left_of(session, channel, place, kinds, now=now)
        times = [one for one in coming(channel, quiet, now=now, n=20) if one.quiet is None][:1]
        standings.append(
            Standing(
                channel=channel,
                next=min([*times, *planned.get(channel.channel_id, [])[:1]], key=lambda one: one.due_at, default=None),
                weeks=weeks_left(channel, left),
                misses=tuple(misses.get(channel.channel_id, ())),
                has_guests=place.has_guests and channel.refreshed_at != NEVER,
                begins=channel.starts_at if channel.starts_at and channel.starts_at > now else None,
            )
        )
    return standings


async def left_of(
    session: AsyncSession, channel: Channel, place: Audience, kinds: Kinds, *, now: datetime
) -> dict[str, int]:
    """How many items of each of its kinds the channel could still get."""
    return {name: await kinds[name].left(session, place, now=now) for name in channel.kinds if name in kinds}


async def misses(session: AsyncSession, workspace_id: str, channel_id: str, *, since: datetime) -> list[Miss]:
    """Due times without a post and why, the newest first."""
    return (await occurrences.misses(session, workspace_id, [channel_id], since=since)).get(channel_id, [])


# -- changing ---------------------------------------------------------------------------------------------------------


async def add(
    session: AsyncSession, workspace_id: str, setup: Setup, *, by: str, new_id: NewId, now: datetime
) -> Channel:
    """Add the channel, or change it when it is there; one that was removed comes back active."""
    was = await store.channels(session, workspace_id, {setup.channel_id}, removed=True)
    slots = slots_of(workspace_id, setup, starts_at=now)
    await store.save(session, workspace_id, setup, slots, by=by, now=now)
    if was and was[0].state == "removed":
        await store.set_channel(
            session, workspace_id, setup.channel_id, state="active", state_reason=None, added_by=by, refreshed_at=NEVER
        )
    what = "channel.add" if not was or was[0].state == "removed" else "channel.change"
    detail = {"slots": len(slots), "zone": setup.zone, "locale": setup.locale, "guests": setup.guests_see_internal}
    await record(session, new_id, now, workspace_id, by, what, setup.channel_id, detail)
    saved = await get(session, workspace_id, setup.channel_id)
    return saved or as_channel(workspace_id, setup, now=now, by=by)


async def pause(
    session: AsyncSession, workspace_id: str, channel_id: str, *, by: str, new_id: NewId, now: datetime
) -> bool:
    """False where it was not active."""
    changed = await store.pause_if_active(session, workspace_id, channel_id, "asked")
    if changed:
        await record(session, new_id, now, workspace_id, by, "channel.pause", channel_id)
    return changed


async def resume(
    session: AsyncSession, workspace_id: str, channel_id: str, *, by: str, new_id: NewId, now: datetime
) -> bool:
    """False where it was not paused. Its people are read again before the next post counts it free of guests."""
    channel = await get(session, workspace_id, channel_id)
    if channel is None or channel.state != "paused":
        return False
    await store.set_channel(session, workspace_id, channel_id, state="active", state_reason=None, refreshed_at=NEVER)
    await record(session, new_id, now, workspace_id, by, "channel.resume", channel_id)
    return True


async def remove(
    session: AsyncSession, workspace_id: str, channel_id: str, *, by: str, new_id: NewId, now: datetime
) -> bool:
    """What was posted stays; nothing more comes. False where it was not configured."""
    if await get(session, workspace_id, channel_id) is None:
        return False
    await store.set_channel(session, workspace_id, channel_id, state="removed", state_reason="asked")
    await store.end_slots(session, workspace_id, channel_id, now=now)
    await people.set_people(session, workspace_id, channel_id, ())
    await record(session, new_id, now, workspace_id, by, "channel.remove", channel_id)
    return True


async def start_at(session: AsyncSession, workspace_id: str, channel_id: str, at: datetime) -> None:
    """Nothing falls due in the channel before `at`, nor in slots that it gets later."""
    await store.start_at(session, workspace_id, channel_id, at)


async def set_stopped(
    session: AsyncSession, workspace_id: str, stopped: bool, *, by: str, new_id: NewId, now: datetime
) -> bool:
    """Stop all posting in the workspace, or start again; False where it was so already."""
    changed = await store.set_stopped(session, workspace_id, at=now if stopped else None, by=by if stopped else None)
    if changed:
        what = "posting.stop" if stopped else "posting.start"
        await record(session, new_id, now, workspace_id, by, what, workspace_id)
    return changed


async def quiet_dates(session: AsyncSession, workspace_id: str) -> dict[date, str]:
    """The workspace's own; countries' holidays are the channels' own."""
    return await store.quiet_dates(session, workspace_id)


async def set_quiet_dates(
    session: AsyncSession, workspace_id: str, dates: Mapping[date, str], *, by: str, new_id: NewId, now: datetime
) -> None:
    await store.set_quiet_dates(session, workspace_id, dates)
    detail = {"days": [day.isoformat() for day in sorted(dates)]}
    await record(session, new_id, now, workspace_id, by, "quiet_dates.change", workspace_id, detail)


async def count(session: AsyncSession, workspace_id: str, channel_id: str, what: str, now: datetime) -> None:
    """One more `what` (post, open, question) in the channel this week, without persons. Weeks begin on Monday, UTC."""
    await store.count(session, workspace_id, channel_id, week=monday_of(now.date()), what=what)


async def record(
    session: AsyncSession,
    new_id: NewId,
    now: datetime,
    workspace_id: str,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    about: Collection[str] = (),
) -> None:
    """Into the audit trail. `about`: channels, besides the subject."""
    await members.audit(
        session, new_id=new_id, now=now, ws=workspace_id, actor=actor, action=action, subject=subject, detail=detail,
        about=about,
    )  # fmt: skip
