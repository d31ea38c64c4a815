"""The modal *Add a channel* (and *Edit*): how it looks. Pure; what was filled in is read by `filled`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from babel import Locale, UnknownLocaleError

from bot.features.channels.quiet import place_name
from bot.features.channels.rules import QUIZ_WINDOW, Channel
from bot.slack import kit
from bot.slack.kit import Block, Element, View
from bot.slack.words import Words

SAVE = "channels:save"
NEXT, ZONE, TEAMS, HOLIDAYS = "channels:form_next", "channels:zone", "channels:teams", "channels:holidays"
CHANNEL_BLOCK, ZONE_BLOCK, LOCALE_BLOCK = "channel", "zone", "locale"
TEAMS_BLOCK, HOLIDAYS_BLOCK, GUESTS_BLOCK = "teams", "holidays", "guests"
OWNERS_BLOCK, WINDOW_BLOCK, PULSE_BLOCK = "owners", "window", "pulse"
ALLOW, ANSWER, ASK = "allow", "answer", "ask"
QUIZ = "quiz"
MOST_TEAMS, MOST_OWNERS = 50, 10
WINDOWS = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 8, 12, 24, 48, 72, 168))
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
class Kind:
    """A kind of content in the reader's words."""

    name: str
    label: str


def days_block(kind: str) -> str:
    return f"days-{kind}"


def time_block(kind: str) -> str:
    return f"time-{kind}"


def view(
    words: Words,
    kinds: Sequence[Kind],
    *,
    channel: Channel | None = None,
    teams: Mapping[str, str] | None = None,
    only_times: bool = False,
) -> View:
    """`channel` when it is edited; `words` in the admin's zone, which a new channel starts with. `teams`: the names of
    those that sit in the channel, by id. `only_times`: for who may change when posts come, and nothing else."""
    blocks = [_which(words, channel)]
    for kind in kinds:
        blocks += _kind(words, kind, channel)
    if only_times:
        blocks.append(kit.context(words.say("Admins of Canteen can change the rest: teams, language, guests, owners.")))
    else:
        if any(kind.name == QUIZ for kind in kinds):
            blocks.append(_window(words, channel))
        blocks += [
            _zone(words, channel),
            _locale(words, channel),
            _teams(words, teams or {}),
            _holidays(words, channel),
            _guests(words, channel),
            _owners(words, channel),
            _pulse(words, channel),
        ]
    blocks.append(kit.actions(kit.button(words.say("Show me the next five posts"), action=NEXT), block_id="form-next"))
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
    several = channel is not None and channel.has_several_times(kind.name)
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
    answer = kit.option(
        words.say("Guests may answer quizzes"), ANSWER, words.say("Their answers count like the others'")
    )
    boxes: Element = {"type": "checkboxes", "action_id": "channels:guests", "options": [allow, answer]}
    ticked = [allow] if channel is not None and channel.guests_see_internal else []
    ticked += [answer] if channel is not None and channel.guests_answer else []
    if ticked:
        boxes["initial_options"] = ticked
    return kit.entry(words.say("If guests are in the channel"), boxes, block_id=GUESTS_BLOCK, optional=True)


def _window(words: Words, channel: Channel | None) -> Block:
    now = channel.quiz_window if channel else QUIZ_WINDOW
    windows = sorted({*WINDOWS, now})
    options = [kit.option(window_name(words, one), str(minutes(one))) for one in windows]
    chooser = kit.select(action="channels:window", options=options, initial=options[windows.index(now)])
    hint = words.say("A day lets every shift answer.")
    return kit.entry(words.say("A quiz is open for"), chooser, block_id=WINDOW_BLOCK, hint=hint)


def minutes(window: timedelta) -> int:
    return int(window.total_seconds() // 60)


def window_name(words: Words, window: timedelta) -> str:
    whole = minutes(window)
    if whole % 1440 == 0 and whole > 1440:
        return words.say_n("{n} day", "{n} days", whole // 1440)
    if whole % 60 == 0:
        return words.say_n("{n} hour", "{n} hours", whole // 60)
    return words.say_n("{n} minute", "{n} minutes", whole)


def _owners(words: Words, channel: Channel | None) -> Block:
    chooser: Element = {
        "type": "multi_users_select",
        "action_id": "channels:owners",
        "placeholder": kit.plain(words.say("Choose people"), 150),
        "max_selected_items": MOST_OWNERS,
    }
    if channel is not None and channel.owners:
        chooser["initial_users"] = sorted(channel.owners)
    hint = words.say(
        "They may pause it, change its times, post now and recall there, and are told when something is wrong. If you"
        " name nobody, it is whoever added the channel."
    )
    return kit.entry(words.say("Owners of the channel"), chooser, block_id=OWNERS_BLOCK, optional=True, hint=hint)


def _pulse(words: Words, channel: Channel | None) -> Block:
    ask = kit.option(words.say("Ask its people three short questions"), ASK, words.say("You can switch this off again"))
    boxes: Element = {"type": "checkboxes", "action_id": "channels:pulse", "options": [ask]}
    if channel is None or not channel.pulse_off:
        boxes["initial_options"] = [ask]
    hint = words.say(
        "One message in the channel, a few days before its first post and then every quarter: do people know our"
        " customers? Anonymous; only averages are kept, and shown from five answers on. Posts never wait for it."
    )
    return kit.entry(words.say("Pulse"), boxes, block_id=PULSE_BLOCK, optional=True, hint=hint)
