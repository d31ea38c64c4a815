"""What account managers, their deputies, adopters and editors see where a customer is without news or in new hands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.features.members.blocks import manners_buttons
from bot.features.updates.blocks import SPOKEN, aloud, last_news, short, write_button
from bot.features.updates.rules import Update
from bot.slack import kit
from bot.slack.kit import Block, Message
from bot.slack.text import slack_time, spoken
from bot.slack.words import Words

NOTHING_NEW = "updates:nothing_new"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A customer in a reminder. `open`: nothing was said about it since. `as_deputy`: the reader is its deputy."""

    customer_id: str
    customer: str
    adopters: int
    last_news: datetime | None
    open: bool = True
    as_deputy: bool = False


def reminder(words: Words, reminder_id: str, rows: Sequence[Row], *, now: datetime) -> Message:
    waiting = [one for one in rows if one.open]
    if not waiting:
        return kit.told(words.say("Thank you! There is nothing left to say about these customers for now."))
    n = len(waiting)
    intro = words.say_n(
        "People who have adopted this customer would like to hear how it is doing:",
        "People who have adopted these customers would like to hear how they are doing:",
        n,
    )
    blocks: list[Block] = [kit.section(intro)]
    blocks += [_row(words, one, now=now) for one in rows]
    nothing = kit.button(words.say_n("Nothing new", "Nothing new for all", n), action=NOTHING_NEW, value=reminder_id)
    blocks += [kit.actions(nothing), kit.actions(*manners_buttons(words))]
    names = words.list([short(one.customer) for one in waiting])
    return Message(text=kit.shorten(f"{spoken(intro)} {names}.", SPOKEN), blocks=blocks)


def _row(words: Words, one: Row, *, now: datetime) -> Block:
    name = f"*{short(one.customer)}*"
    if not one.open:
        return kit.context(words.say("{customer}: done", customer=name))
    adopters = words.say_n("{n} adopter", "{n} adopters", one.adopters)
    parts = [name, last_news(words, one.last_news, now=now), adopters]
    if one.as_deputy:
        parts.append(words.say("you stand in for its account manager"))
    return kit.section(" · ".join(parts), accessory=write_button(words, one.customer_id, one.customer))


def nothing_new_said(words: Words, count: int | None) -> str:
    if count is None:
        return words.say("This is not there any more.")
    return words.say_n(
        "Noted for {n} customer. Nobody gets a message about it.",
        "Noted for {n} customers. Nobody gets a message about it.",
        count,
    )


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A customer in new hands. `manager`: who looks after it now."""

    customer_id: str
    customer: str
    manager: str = ""
    adopters: int = 0
    questions: int = 0
    latest: Sequence[Update] = ()


def new_manager(words: Words, taken: Sequence[Taken]) -> Message:
    lines = [
        words.say(
            "*{manager}* looks after *{customer}* from now on.",
            manager=short(one.manager),
            customer=short(one.customer),
        )
        for one in taken[:20]
    ]
    hint = words.say("Your questions and what you write in the customer's thread go there.")
    text = kit.shorten(spoken(" ".join([*lines, hint])), SPOKEN)
    return Message(
        text=text,
        blocks=[*map(kit.section, lines), kit.context(hint), kit.actions(*manners_buttons(words))],
    )


def handover(words: Words, taken: Sequence[Taken]) -> Message:
    intro = words.say_n(
        "You look after this customer now. This is what has been:",
        "You look after these {n} customers now. This is what has been:",
        len(taken),
    )
    blocks: list[Block] = [kit.section(intro)]
    for one in taken[:12]:
        blocks += _taken(words, one)
    if len(taken) > 12:
        hint = words.say("All of them: {command}", command="`/customer-update`")
        blocks.append(kit.context(hint))
    names = words.list([short(one.customer) for one in taken[:12]])
    return Message(text=kit.shorten(f"{spoken(intro)} {names}.", SPOKEN), blocks=blocks)


def _taken(words: Words, one: Taken) -> list[Block]:
    adopters = words.say_n("{n} adopter", "{n} adopters", one.adopters)
    asked = words.say_n("{n} open question", "{n} open questions", one.questions)
    line = f"*{short(one.customer)}* · {adopters} · {asked}"
    blocks = [kit.section(line, accessory=write_button(words, one.customer_id, one.customer))]
    for update in one.latest[:3]:
        day = slack_time(update.at, "{date_short_pretty}", words.moment(update.at))
        blocks.append(kit.context(f"{day}: {aloud(update.headline or update.text, 200)}"))
    return blocks


def without_news(words: Words, rows: Sequence[Row], *, now: datetime) -> list[Block]:
    """For editors: the customers, not who looks after them."""
    lines = [f"*{short(one.customer)}* · {last_news(words, one.last_news, now=now)}" for one in rows[:10]]
    return [kit.header(words.say("Customers without news")), *map(kit.section, lines)]
