"""The window in which a hat draw is set up: channel, which customers, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.times import due_on
from bot.features.adoptions.rules import Filters
from bot.slack import kit
from bot.slack.kit import Block, Element, View
from bot.slack.payloads import picked
from bot.slack.text import clean, escape
from bot.slack.words import Words

OPENED = "adoptions:hat_opened"
CHANNEL, PRODUCT, INDUSTRY, COUNTRY = (
    "adoptions:hat_channel",
    "adoptions:hat_product",
    "adoptions:hat_industry",
    "adoptions:hat_country",
)
DAY, AT = "adoptions:hat_day", "adoptions:hat_time"
ANY = "any"
DEFAULT_AT = time(14)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A channel to choose."""

    channel_id: str
    name: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What stands in the window."""

    channel: str
    filters: Filters
    day: date | None
    at: time | None


@dataclass(frozen=True, kw_only=True)
class Form:
    """What the window offers. `count`: customers in the hat as chosen now."""

    places: Sequence[Place]
    industries: Sequence[str]
    countries: Sequence[str]
    count: int
    zone: str
    channel: str = ""
    day: date | None = None
    at: time = DEFAULT_AT


def default_day(now: datetime, zone: str) -> date:
    """The second working day from now: everybody's shift comes by before."""
    day, left = now.astimezone(ZoneInfo(zone)).date(), 2
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def window(words: Words, form: Form) -> View:
    if not form.places:
        return View(
            type="modal",
            title=words.say("Open a hat draw"),
            close=words.say("Close"),
            blocks=[
                kit.section(
                    words.say(
                        "There is no channel in which you could open one: editors, admins and a channel's owners can."
                    )
                )
            ],
        )
    return View(
        type="modal",
        title=words.say("Open a hat draw"),
        callback_id=OPENED,
        submit=words.say("Open"),
        close=words.say("Cancel"),
        blocks=[*_where(words, form), *_which(words, form), *_when(words, form)],
    )


def _where(words: Words, form: Form) -> list[Block]:
    options = [kit.option(f"#{clean(one.name)}", one.channel_id) for one in form.places[:100]]
    chosen = next((option for option in options if option["value"] == form.channel), options[0])
    menu = kit.select(action=CHANNEL, options=options, initial=chosen)
    return [kit.entry(words.say("Channel"), menu, block_id=CHANNEL, dispatch=True)]


def _which(words: Words, form: Form) -> list[Block]:
    product = kit.search(action=PRODUCT, placeholder=words.say("Any product"), minimum=0)
    blocks = [kit.entry(words.say("Customers who use"), product, block_id=PRODUCT, optional=True, dispatch=True)]
    for label, block_id, values in (
        (words.say("Industry"), INDUSTRY, form.industries),
        (words.say("Country"), COUNTRY, form.countries),
    ):
        if values:
            menu = _menu(words, block_id, values)
            blocks.append(kit.entry(label, menu, block_id=block_id, optional=True, dispatch=True))
    hat = words.say_n("{n} customer is in the hat", "{n} customers are in the hat", form.count)
    return [*blocks, kit.section(f"*{hat}*", block_id="count")]


def _menu(words: Words, action: str, values: Sequence[str]) -> Element:
    options = [kit.option(clean(value), _code(value)) for value in values[:99]]
    return kit.select(
        action=action, options=[kit.option(words.say("Any"), ANY), *options], placeholder=words.say("Any")
    )


def _when(words: Words, form: Form) -> list[Block]:
    day: Element = {"type": "datepicker", "action_id": DAY}
    if form.day is not None:
        day["initial_date"] = form.day.isoformat()
    at: Element = {"type": "timepicker", "action_id": AT, "initial_time": form.at.strftime("%H:%M")}
    zone = words.say("In the channel's zone: {zone}", zone=escape(form.zone))
    return [
        kit.entry(words.say("Day of the draw"), day, block_id=DAY),
        kit.entry(words.say("Time of the draw"), at, block_id=AT),
        kit.context(zone),
    ]


def read(values: Mapping[str, Mapping[str, Any]], industries: Sequence[str], countries: Sequence[str]) -> Chosen:
    """What stands in the window, for what Slack sends; what is not understood counts as not chosen."""
    day, at = _one(values, DAY), _one(values, AT)
    return Chosen(
        channel=_one(values, CHANNEL),
        filters=Filters(
            product=_one(values, PRODUCT) or None,
            industry=_of(industries, _one(values, INDUSTRY)),
            country=_of(countries, _one(values, COUNTRY)),
        ),
        day=_day(day),
        at=_time(at),
    )


def _one(values: Mapping[str, Mapping[str, Any]], block: str) -> str:
    return next(iter(picked(values, block)), "")


def _code(value: str) -> str:
    """Industries and countries may be any text, longer than an option takes, and an import changes which there are."""
    return sha256(value.encode()).hexdigest()[:24]


def _of(values: Sequence[str], code: str) -> str | None:
    return next((value for value in values if _code(value) == code), None) if code else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def draw_at(chosen: Chosen, zone: str) -> datetime | None:
    """The instant in the channel's zone."""
    return due_on(chosen.day, chosen.at, zone) if chosen.day and chosen.at else None
