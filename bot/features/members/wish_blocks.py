"""What I get and how often: the part of Home, the modal, and what a press on *Less*, *Pause*, *Stop* is answered."""

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from bot.features.members import forget_blocks, waking, wishes
from bot.features.members.blocks import LESS, PAUSE, STOP
from bot.features.members.rules import DAILY, WEEKLY, Person
from bot.features.members.wishes import Given
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.payloads import picked, typed
from bot.slack.text import escape, spoken
from bot.slack.words import FOLDER, Words, speaks

DAILY_AGAIN, RESUME, CHANGE, SAVE = "members:daily", "members:resume", "members:wishes", "members:wishes_save"
OFTEN, PAUSED, QUIET_FROM, QUIET = "often", wishes.PAUSED, "quiet_from", wishes.QUIET
DAYS, LANGUAGE, NAME = wishes.DAYS, wishes.LANGUAGE, wishes.NAME
AWAY_FROM, AWAY_UNTIL = wishes.AWAY_FROM, wishes.AWAY_UNTIL
Values = Mapping[str, Mapping[str, Any]]


@cache
def languages() -> tuple[str, ...]:
    """Those in which Canteen has something to say."""
    translated = (path.name.replace("_", "-") for path in FOLDER.iterdir() if path.is_dir()) if FOLDER.exists() else ()
    return ("en-GB", "en-US", *sorted(translated))


def language_name(tag: str) -> str:
    """In that language itself."""
    try:
        name = str(Locale.parse(tag, sep="-").get_display_name() or tag)
        return name[:1].upper() + name[1:]
    except (UnknownLocaleError, ValueError):
        return tag


def _clock(words: Words, at: time) -> str:
    """A time of the day in words' own zone."""
    return words.time(datetime.combine(date(2026, 1, 15), at, tzinfo=ZoneInfo(words.zone)))


def _until(words: Words, moment: datetime) -> str:
    """The reader's own day: nobody else reads it."""
    return words.date(moment.astimezone(ZoneInfo(words.zone)).date())


def often_line(words: Words, person: Person, now: datetime) -> str:
    if person.stopped_at is not None:
        return words.say("Stopped: I write to you only to answer what you asked.")
    if person.paused_until is not None and person.paused_until > now:
        return words.say("Paused: I write to you again from {day} on.", day=_until(words, person.paused_until))
    if person.dm_every == WEEKLY:
        return words.say("At most one message a week that you did not ask for.")
    return words.say("At most one message a day that you did not ask for.")


def quiet_line(words: Words, person: Person) -> str:
    begin = waking.QUIET_FROM if person.quiet_from is None else person.quiet_from
    end = waking.QUIET_UNTIL if person.quiet_until is None else person.quiet_until
    days = words.list([words.weekday(day) for day in sorted(person.quiet_days)])
    hours = words.say("from {begin} until {end}", begin=_clock(words, begin), end=_clock(words, end))
    if begin == end and not days:
        return words.say("No quiet hours.")
    if begin == end:
        return words.say("Quiet on {days}.", days=days)
    if days:
        return words.say("Quiet {hours}, and on {days}.", hours=hours, days=days)
    return words.say("Quiet {hours}.", hours=hours)


def away_line(words: Words, person: Person) -> str:
    begin, end = person.absent_from, person.absent_until
    if begin and end:
        return words.say("Away from {begin} until {end}.", begin=words.date(begin), end=words.date(end))
    if end:
        return words.say("Away until {end}.", end=words.date(end))
    return words.say("Away from {begin} on.", begin=words.date(begin)) if begin else ""


def language_line(words: Words, person: Person) -> str:
    language = language_name(person.locale)
    if not speaks(person.locale):
        return words.say("Language: English, as I do not speak {language} yet.", language=language)
    if person.own_locale:
        return words.say("Language: {language}, your choice.", language=language)
    return words.say("Language: {language}, as in Slack.", language=language)


def section(words: Words, person: Person, now: datetime) -> list[Block]:
    """On Home: what I get and how often."""
    name = (
        words.say("Your name may stand in standings.")
        if person.shows_name
        else words.say("Your name stands in no standings.")
    )
    over = person.absent_until is not None and person.absent_until < waking.local_day(person, now)
    away = "" if over else away_line(words, person)
    lines = [often_line(words, person, now), quiet_line(words, person), language_line(words, person), name, away]
    text = "\n".join(line for line in lines if line)
    return [
        kit.section(f"*{words.say('What you get and how often')}*\n{text}"),
        kit.actions(kit.button(words.say("Change"), action=CHANGE), *_quick(words, person, now)),
    ]


def _quick(words: Words, person: Person, now: datetime) -> list[Element]:
    if person.stopped_at is not None or (person.paused_until is not None and person.paused_until > now):
        return [resume_button(words)]
    return [
        kit.button(words.say("Pause for two weeks"), action=PAUSE),
        kit.button(words.say("Stop"), action=STOP, label=words.say("Stop these messages")),
    ]


def resume_button(words: Words) -> Element:
    return kit.button(words.say("Start again"), action=RESUME)


def _change_button(words: Words) -> Element:
    return kit.button(words.say("Choose another day"), action=CHANGE)


def _answer(text: str, *buttons: Element) -> Message:
    actions = [kit.actions(*buttons)] if buttons else []
    return Message(text=spoken(text), blocks=[kit.section(text), *actions])


def less_said(words: Words) -> Message:
    said = words.say("From now on I write to you at most once a week. What you ask for comes at once, as before.")
    return _answer(said, kit.button(words.say("Once a day again"), action=DAILY_AGAIN))


def daily_said(words: Words) -> Message:
    return _answer(words.say("At most once a day, then."), kit.button(words.say("Less"), action=LESS))


def paused_said(words: Words, until: datetime) -> Message:
    said = words.say(
        "I write nothing to you before {day}, except answers to what you asked. What was on its way waits until then.",
        day=_until(words, until),
    )
    return _answer(said, resume_button(words), _change_button(words))


def stopped_said(words: Words) -> Message:
    said = words.say(
        "Stopped. I write nothing to you any more that you did not ask for, and what was on its way stays here."
        " You can start again at any time: here, on Home, or with {command}.",
        command="`/customer quiet off`",
    )
    return _answer(said, resume_button(words))


def resumed_said(words: Words, person: Person, now: datetime) -> Message:
    return _answer(
        f"{words.say('Welcome back.')} {often_line(words, person, now)}",
        kit.button(words.say("Change"), action=CHANGE),
    )


def not_known_yet(words: Words) -> Message:
    return _answer(words.say("I am just reading from Slack who you are. Please try again in a minute."))


def form(words: Words, person: Person, now: datetime, *, not_understood: str = "") -> View:
    """`not_understood`: what was typed after `/customer quiet` and is no day."""
    blocks: list[Block] = []
    if not_understood:
        said = escape(kit.shorten(not_understood, 60))
        why = words.say("I do not read a day within the next year in “{said}”. You can choose one here.", said=said)
        blocks.append(kit.section(why))
    return View(
        type="modal",
        title=words.say("What you get"),
        callback_id=SAVE,
        submit=words.say("Save"),
        close=words.say("Cancel"),
        blocks=[*blocks, *_when(words, person, now), *_who(words, person), *forget_blocks.ask(words)],
    )


def _when(words: Words, person: Person, now: datetime) -> list[Block]:
    begin = waking.QUIET_FROM if person.quiet_from is None else person.quiet_from
    end = waking.QUIET_UNTIL if person.quiet_until is None else person.quiet_until
    return [
        kit.entry(
            words.say("How often may I write to you unasked?"),
            _often(words, person),
            block_id=OFTEN,
            hint=words.say("Answers to your own questions, and what you asked for, always come."),
        ),
        kit.entry(
            words.say("Nothing before"),
            _day_picker(PAUSED, wishes.paused_day(person, now)),
            block_id=PAUSED,
            optional=True,
            hint=words.say("A pause: empty means none."),
        ),
        kit.entry(words.say("Quiet from"), _time_picker(QUIET_FROM, begin), block_id=QUIET_FROM, optional=True),
        kit.entry(
            words.say("Quiet until"),
            _time_picker(QUIET, end),
            block_id=QUIET,
            optional=True,
            hint=words.say("Of your own day, such as outside your shift. Twice the same time means no quiet hours."),
        ),
        kit.entry(words.say("Quiet days"), _days(words, person), block_id=DAYS, optional=True),
    ]


def _who(words: Words, person: Person) -> list[Block]:
    mine = kit.option(words.say("My name may stand in standings and results"), NAME)
    boxes: Element = {"type": "checkboxes", "action_id": NAME, "options": [mine]}
    if person.shows_name:
        boxes["initial_options"] = [mine]
    return [
        kit.entry(words.say("Language"), _language(words, person), block_id=LANGUAGE),
        kit.entry(words.say("Names"), boxes, block_id=NAME, optional=True),
        kit.entry(
            words.say("Away from"), _day_picker(AWAY_FROM, person.absent_from), block_id=AWAY_FROM, optional=True
        ),
        kit.entry(
            words.say("Away until"),
            _day_picker(AWAY_UNTIL, person.absent_until),
            block_id=AWAY_UNTIL,
            optional=True,
            hint=words.say("The last day. If you look after customers, your deputy is asked meanwhile."),
        ),
    ]


def _often(words: Words, person: Person) -> Element:
    options = {
        DAILY: kit.option(words.say("At most once a day"), DAILY),
        WEEKLY: kit.option(words.say("At most once a week"), WEEKLY),
        wishes.NOTHING: kit.option(words.say("Not at all"), wishes.NOTHING),
    }
    now = wishes.NOTHING if person.stopped_at else person.dm_every
    return {
        "type": "radio_buttons",
        "action_id": OFTEN,
        "options": list(options.values()),
        "initial_option": options[now if now in options else DAILY],
    }


def _day_picker(action: str, day: date | None) -> Element:
    element: Element = {"type": "datepicker", "action_id": action}
    return {**element, "initial_date": day.isoformat()} if day else element


def _time_picker(action: str, at: time) -> Element:
    return {"type": "timepicker", "action_id": action, "initial_time": at.strftime("%H:%M")}


def _days(words: Words, person: Person) -> Element:
    options = [kit.option(words.weekday(day), str(day)) for day in range(7)]
    element: Element = {"type": "checkboxes", "action_id": DAYS, "options": options}
    chosen = [options[day] for day in sorted(person.quiet_days)]
    return {**element, "initial_options": chosen} if chosen else element


def _language(words: Words, person: Person) -> Element:
    as_in_slack = kit.option(words.say("As in Slack"), wishes.AS_IN_SLACK)
    tags = dict.fromkeys((*languages(), *([person.own_locale] if person.own_locale else ())))
    options = {tag: kit.option(language_name(tag), tag) for tag in tags}
    initial = options.get(person.own_locale or "", as_in_slack)
    return kit.select(action=LANGUAGE, options=[as_in_slack, *options.values()], initial=initial)


def read_form(values: Values) -> Given:
    return Given(
        often=_one(values, OFTEN),
        paused_until=typed(values, PAUSED),
        quiet_from=typed(values, QUIET_FROM),
        quiet_until=typed(values, QUIET),
        quiet_days=tuple(day for day in picked(values, DAYS) if day in set("0123456")),
        locale=_one(values, LANGUAGE) or wishes.AS_IN_SLACK,
        name=NAME in picked(values, NAME),
        absent_from=typed(values, AWAY_FROM),
        absent_until=typed(values, AWAY_UNTIL),
    )


def _one(values: Values, block: str) -> str:
    return next(iter(picked(values, block)), "")


def errors(words: Words, wrong: Mapping[str, str]) -> dict[str, str]:
    """What stands below which field."""
    return {field: error(words, problem) for field, problem in wrong.items()}


def error(words: Words, problem: str) -> str:
    return {
        wishes.PASSED: words.say("This day has passed. Please choose a later one."),
        wishes.TOO_LATE: words.say("Please choose a day within a year."),
        wishes.BOTH: words.say("Please choose both times, or neither."),
        wishes.ALL_WEEK: words.say("That would be every day. Please leave one out, or choose “Not at all” above."),
        wishes.UNKNOWN: words.say("I do not speak this language yet. Please choose another."),
        wishes.BACKWARDS: words.say("This is before the first day away."),
    }[problem]


def weekday_names(words: Words) -> dict[str, int]:
    """For what people type."""
    return {words.weekday(day).casefold(): day for day in range(7)}
