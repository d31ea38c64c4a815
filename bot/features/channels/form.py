"""The modal *Add a channel* (and *Edit*): how it looks, and what was filled in. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from babel import Locale, UnknownLocaleError

from bot.core.times import is_zone
from bot.features.channels.quiet import is_known, place_name
from bot.features.channels.rules import Channel, Setup, Weekly
from bot.slack import kit
from bot.slack.kit import Block, Element, View
from bot.slack.payloads import picked, typed
from bot.slack.words import Words

SAVE = "channels:save"
NEXT, ZONE, TEAMS, HOLIDAYS = "channels:form_next", "channels:zone", "channels:teams", "channels:holidays"
CHANNEL_BLOCK, ZONE_BLOCK, LOCALE_BLOCK = "channel", "zone", "locale"
TEAMS_BLOCK, HOLIDAYS_BLOCK, GUESTS_BLOCK = "teams", "holidays", "guests"
ALLOW = "allow"
MOST_TEAMS = 50
# What Slack itself can be set to (the locales of its users), and the two spellings of English first.
LOCALES = (
    "en-US",
    "en-GB",
    "cs-CZ",
    "de-DE",
    "es-ES",
    "es-LA",
    "fr-FR",
    "hi-IN",
    "id-ID",
    "it-IT",
    "ja-JP",
    "ko-KR",
    "nl-NL",
    "no-NO",
    "pl-PL",
    "pt-BR",
    "pt-PT",
    "ro-RO",
    "sv-SE",
    "th-TH",
    "tr-TR",
    "uk-UA",
    "vi-VN",
    "zh-CN",
    "zh-TW",
)


@dataclass(frozen=True, kw_only=True)
class Form:
    """As filled in. `times` holds what the picker gave ("10:00"), "" where nothing was chosen."""

    channel_id: str
    days: Mapping[str, tuple[int, ...]]
    times: Mapping[str, str]
    zone: str
    locale: str
    team_ids: frozenset[str]
    holidays_of: str
    allow_guests: bool


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of content in the reader's words."""

    name: str
    label: str


def days_block(kind: str) -> str:
    return f"days-{kind}"


def time_block(kind: str) -> str:
    return f"time-{kind}"


def read_form(values: Mapping[str, Mapping[str, Any]], kinds: Sequence[str], channel_id: str) -> Form:
    """`channel_id` from the modal's private metadata when a channel is edited; it is looked up again anyway."""
    return Form(
        channel_id=channel_id or next(iter(picked(values, CHANNEL_BLOCK)), ""),
        days={
            kind: tuple(int(day) for day in picked(values, days_block(kind)) if day in set("0123456")) for kind in kinds
        },
        times={kind: typed(values, time_block(kind)) for kind in kinds},
        zone=next(iter(picked(values, ZONE_BLOCK)), ""),
        locale=next(iter(picked(values, LOCALE_BLOCK)), ""),
        team_ids=frozenset(picked(values, TEAMS_BLOCK)),
        holidays_of=next(iter(picked(values, HOLIDAYS_BLOCK)), ""),
        allow_guests=ALLOW in picked(values, GUESTS_BLOCK),
    )


def check_form(form: Form, words: Words, was: Channel | None = None) -> dict[str, str]:
    """What to show under which field; empty when the form can be saved."""
    errors: dict[str, str] = {}
    if not form.channel_id:
        errors[CHANNEL_BLOCK] = words.say("Please choose a channel.")
    for kind, days in form.days.items():
        if days and _time(form.times[kind]) is None:
            errors[time_block(kind)] = words.say("Please choose a time for these days.")
    if form.days and not any(form.days.values()) and not any(_several(was, kind) for kind in form.days):
        errors[days_block(next(iter(form.days)))] = words.say("Please choose at least one day for at least one kind.")
    if not is_zone(form.zone):
        errors[ZONE_BLOCK] = words.say("Please choose a time zone.")
    if form.locale not in LOCALES and not (was and form.locale == was.locale):
        errors[LOCALE_BLOCK] = words.say("Please choose a language.")
    if form.holidays_of and not is_known(form.holidays_of):
        errors[HOLIDAYS_BLOCK] = words.say("I do not know the holidays of this place. Please choose another.")
    return errors


def as_setup(
    form: Form,
    *,
    name: str,
    was: Channel | None = None,
    private: bool = False,
    outsiders: bool = False,
    only_teams: Collection[str] | None = None,
) -> Setup:
    """A checked form as the wish it is. What the modal cannot show (several times a day, seconds) stays as it was
    unless it was changed. `only_teams`: ids of teams that exist, where they have been read."""
    weekly: list[Weekly] = []
    for kind, days in form.days.items():
        at = _time(form.times[kind])
        if days and at is not None:
            weekly += [Weekly(kind=kind, weekday=day, at=_with_seconds(was, kind, at)) for day in days]
        elif _several(was, kind) and was is not None:
            weekly += [Weekly(kind=kind, weekday=one.weekday, at=one.at) for one in was.slots if one.kind == kind]
    if was is not None:  # kinds that this modal does not offer
        weekly += [
            Weekly(kind=one.kind, weekday=one.weekday, at=one.at) for one in was.slots if one.kind not in form.days
        ]
    return Setup(
        channel_id=form.channel_id,
        name=name,
        zone=form.zone,
        locale=form.locale,
        weekly=tuple(weekly),
        team_ids=form.team_ids if only_teams is None else form.team_ids & frozenset(only_teams),
        holidays_of=form.holidays_of or None,
        guests_see_internal=form.allow_guests,
        private=private,
        outsiders=outsiders,
    )


def _time(given: str) -> time | None:
    try:
        return time.fromisoformat(given)
    except ValueError:
        return None


def _several(channel: Channel | None, kind: str) -> bool:
    """More than one time of day: set from the command line, and more than one picker can show."""
    return channel is not None and len({slot.at for slot in channel.slots if slot.kind == kind}) > 1


def _with_seconds(was: Channel | None, kind: str, at: time) -> time:
    same = (slot.at for slot in was.slots if slot.kind == kind) if was else iter(())
    return next((one for one in same if (one.hour, one.minute) == (at.hour, at.minute)), at)


def view(
    words: Words,
    kinds: Sequence[Kind],
    *,
    channel: Channel | None = None,
    teams: Mapping[str, str] | None = None,
) -> View:
    """`channel` when it is edited; `words` in the admin's zone, which a new channel starts with. `teams`: the names of
    those that sit in the channel, by id."""
    blocks = [_which(words, channel)]
    for kind in kinds:
        blocks += _kind(words, kind, channel)
    blocks += [
        _zone(words, channel),
        _locale(words, channel),
        _teams(words, teams or {}),
        _holidays(words, channel),
        _guests(words, channel),
        kit.actions(kit.button(words.say("Show me the next five posts"), action=NEXT), block_id="form-next"),
    ]
    return View(
        type="modal",
        title=words.say("Add a channel") if channel is None else words.say("Edit a channel"),
        callback_id=SAVE,
        submit=words.say("Save"),
        close=words.say("Cancel"),
        private=channel.channel_id if channel else "",
        blocks=blocks,
    )


def _which(words: Words, channel: Channel | None) -> Block:
    if channel is not None:
        return kit.section(f"<#{channel.channel_id}>")
    chooser: Element = {
        "type": "conversations_select",
        "action_id": "channels:channel",
        "placeholder": kit.plain(words.say("Choose a channel"), 150),
        "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
    }
    hint = words.say("Canteen joins a public channel by itself. In a private one, type /invite @Canteen first.")
    return kit.entry(words.say("Channel"), chooser, block_id=CHANNEL_BLOCK, hint=hint)


def _kind(words: Words, kind: Kind, channel: Channel | None) -> list[Block]:
    slots = [slot for slot in channel.slots if slot.kind == kind.name] if channel else []
    several = _several(channel, kind.name)
    days = [kit.option(words.weekday(day), str(day)) for day in range(7)]
    boxes: Element = {"type": "checkboxes", "action_id": f"channels:days_{kind.name}", "options": days}
    picker: Element = {"type": "timepicker", "action_id": f"channels:time_{kind.name}"}
    if slots and not several:
        boxes["initial_options"] = [days[day] for day in sorted({slot.weekday for slot in slots})]
        picker["initial_time"] = slots[0].at.strftime("%H:%M")
    elif not slots:
        picker["initial_time"] = "10:00"
    hint = words.say("Has several times a day. Leave it empty to keep them, or choose days and one time instead.")
    return [
        kit.entry(
            words.say("{kind}: on these days", kind=kind.label),
            boxes,
            block_id=days_block(kind.name),
            optional=True,
            hint=hint if several else "",
        ),
        kit.entry(
            words.say("{kind}: at this time", kind=kind.label),
            picker,
            block_id=time_block(kind.name),
            optional=True,
            hint=words.say("Local time in the channel's time zone."),
        ),
    ]


def _zone(words: Words, channel: Channel | None) -> Block:
    zone = channel.zone if channel else words.zone
    chooser = kit.search(
        action=ZONE,
        minimum=2,
        placeholder=words.say("Type a city or region"),
        initial=kit.option(zone_label(zone), zone),
    )
    return kit.entry(words.say("Time zone"), chooser, block_id=ZONE_BLOCK)


def zone_label(zone: str) -> str:
    return zone.replace("_", " ")


def _locale(words: Words, channel: Channel | None) -> Block:
    now = channel.locale if channel else words.locale
    tags = LOCALES if now in LOCALES or channel is None else (now, *LOCALES)
    if now not in tags:
        now = next((tag for tag in tags if tag.split("-")[0] == now.split("-")[0]), tags[0])
    options = [kit.option(locale_name(tag), tag) for tag in tags]
    initial = options[tags.index(now)]
    chooser = kit.select(action="channels:locale", options=options, initial=initial)
    return kit.entry(words.say("Language of the posts"), chooser, block_id=LOCALE_BLOCK)


def locale_name(tag: str) -> str:
    """In its own language, as people look for it. Slack's `es-LA` is Spanish of Latin America."""
    try:
        name = Locale.parse({"es-LA": "es-419"}.get(tag, tag), sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return name[:1].upper() + name[1:] if name else tag


def _teams(words: Words, teams: Mapping[str, str]) -> Block:
    chooser = kit.search(action=TEAMS, placeholder=words.say("Type a team's name"), many=True)
    if teams:
        chooser["initial_options"] = [kit.option(name, team) for team, name in sorted(teams.items())]
    chooser["max_selected_items"] = MOST_TEAMS
    hint = words.say("Stories about what these teams make come first.")
    return kit.entry(words.say("Teams that sit there"), chooser, block_id=TEAMS_BLOCK, optional=True, hint=hint)


def _holidays(words: Words, channel: Channel | None) -> Block:
    place = channel.holidays_of if channel else None
    initial = kit.option(place_name(place, words.locale), place) if place else None
    chooser = kit.search(action=HOLIDAYS, minimum=2, placeholder=words.say("Type a country or region"), initial=initial)
    label = words.say("No posts on the public holidays of")
    return kit.entry(label, chooser, block_id=HOLIDAYS_BLOCK, optional=True)


def _guests(words: Words, channel: Channel | None) -> Block:
    allow = kit.option(
        words.say("Guests may read internal stories too"),
        ALLOW,
        words.say("Otherwise only what is cleared for the public"),
    )
    boxes: Element = {"type": "checkboxes", "action_id": "channels:guests", "options": [allow]}
    if channel is not None and channel.guests_see_internal:
        boxes["initial_options"] = [allow]
    return kit.entry(words.say("If guests are in the channel"), boxes, block_id=GUESTS_BLOCK, optional=True)
