"""One's customers and when each last had news; what is said where there is no window to open."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.features.members.blocks import not_for_you
from bot.features.updates import windows
from bot.features.updates.blocks import (
    EDIT,
    SPOKEN,
    aloud,
    last_news,
    not_gone_out,
    short,
    who_took_it_back,
    write_button,
)
from bot.features.updates.opening import Mine, Opening
from bot.features.updates.rules import Tally, Update
from bot.features.updates.writing import Allowed, Refusal
from bot.slack import kit
from bot.slack.kit import Block, Message
from bot.slack.text import escape, slack_time, spoken
from bot.slack.words import Words

SHOWN, ON_HOME = 20, 6


def row(words: Words, one: Mine, *, now: datetime) -> Block:
    return kit.section(line(words, one, now=now), accessory=write_button(words, one.customer.id, one.customer.name))


def line(words: Words, one: Mine, *, now: datetime) -> str:
    adopters = words.say_n("{n} adopter", "{n} adopters", one.adopters)
    parts = [f"*{short(one.customer.name)}*", last_news(words, one.at, now=now), adopters]
    if one.nothing_new is not None and (one.at is None or one.nothing_new > one.at):
        day = words.date(one.nothing_new.astimezone(ZoneInfo(words.zone)).date())
        parts.append(words.say("nothing new as of {day}", day=day))
    return " · ".join(parts)


def my_customers(words: Words, mine: Sequence[Mine], *, now: datetime) -> Message:
    intro = words.say("These are your customers. Whose news do you want to write?")
    blocks = [kit.section(intro), *[row(words, one, now=now) for one in mine[:SHOWN]]]
    example = "`/customer-update Orion They doubled the spring order`"
    hint = words.say("Quicker: {example}", example=example)
    if len(mine) > SHOWN:
        hint = words.say("There are more: type a name, such as {example}", example=example)
    blocks.append(kit.context(hint))
    names = words.list([short(one.customer.name) for one in mine[:SHOWN]])
    return Message(text=kit.shorten(f"{intro} {names}", SPOKEN), blocks=blocks)


@dataclass(frozen=True, kw_only=True)
class Recent:
    """One of the author's latest updates. `names`: of who took it back, by id."""

    update: Update
    customer: str
    headline: str
    tally: Tally
    names: Mapping[str, str] = field(default_factory=dict)


def news_to_write(
    words: Words, mine: Sequence[Mine], *, due: Collection[str], recent: Sequence[Recent], now: datetime
) -> list[Block]:
    """For the Home of whoever looks after customers. `due`: the ids of those without news for too long."""
    shown: list[Block] = []
    if mine:
        shown.append(kit.header(words.say("News of your customers")))
        shown += [_home_row(words, one, due=one.customer.id in due, now=now) for one in mine[:ON_HOME]]
    if len(mine) > ON_HOME:
        shown.append(kit.context(words.say("All of them: {command}", command="`/customer-update`")))
    if recent:
        shown.append(kit.header(words.say("Your latest updates")))
        shown += [_recent(words, one, now=now) for one in recent]
    return shown


def _home_row(words: Words, one: Mine, *, due: bool, now: datetime) -> Block:
    shown = line(words, one, now=now)
    if due:
        shown += f"\n{words.say('Its adopters would like to hear something.')}"
    return kit.section(shown, accessory=write_button(words, one.customer.id, one.customer.name))


def _recent(words: Words, one: Recent, *, now: datetime) -> Block:
    about = f"*{short(one.customer)}*: {escape(one.headline)}"
    if one.update.withdrawn:
        return kit.section(f"{about}\n_{who_took_it_back(words, one.update, one.names)}_")
    if one.update.held_back:
        return kit.section(f"{about}\n_{not_gone_out(words, one.customer)}_")
    parts = [
        words.say_n("delivered to {n}", "delivered to {n}", one.tally.delivered),
        words.say_n("{n} thanked you", "{n} thanked you", len(one.tally.thanked)),
        words.say_n("{n} asked", "{n} asked", one.tally.asked),
    ]
    if one.tally.waiting:
        parts.insert(0, words.say_n("on its way to {n}", "on its way to {n}", one.tally.waiting))
    if one.update.embargo_until is not None and one.update.embargoed(now):
        fallback = words.moment(one.update.embargo_until)
        when = slack_time(one.update.embargo_until, "{date_short_pretty} {time}", fallback)
        parts = [words.say("Nobody gets it before {when}.", when=when)]
    label = words.say("Edit the update about {customer}", customer=kit.shorten(one.customer, 40))
    edit = kit.button(words.say("Edit"), action=EDIT, value=one.update.id, label=label)
    return kit.section(f"{about}\n_{' · '.join(parts)}_", accessory=edit)


def several(words: Words, names: Sequence[str]) -> str:
    shown = words.list([short(name) for name in names[:5]])
    return words.say("Several customers fit: {customers}. Please choose one.", customers=shown)


def instead_of_window(words: Words, found: Opening, *, now: datetime) -> Message:
    if found.mine:
        return my_customers(words, found.mine, now=now)
    if found.allowed.refusal is Refusal.NOT_FOR_GUESTS:
        return not_for_you(words)
    said = [words.say("You look after no customer, so there is nothing to write an update about.")]
    if found.allowed.named is not None:
        said.insert(0, windows.not_yours(words, found.allowed.named.name, found.allowed.manager))
    text = " ".join(said)
    if not found.typed.strip():
        return kit.told(text)
    kept = words.say("You typed: {text}", text=aloud(found.typed, 500))
    return Message(text=kit.shorten(spoken(f"{text} {kept}"), SPOKEN), blocks=[kit.section(text), kit.context(kept)])


def refused(words: Words, allowed: Allowed) -> str:
    if allowed.refusal is Refusal.NOT_FOR_GUESTS:
        return words.say("Updates are written by the people of this company who look after a customer. Sorry!")
    if allowed.refusal is Refusal.NOT_YOURS and allowed.named is not None:
        return windows.not_yours(words, allowed.named.name, allowed.manager)
    return gone(words, allowed.refusal)


def taken_back(words: Words, *, stays: bool) -> str:
    """`stays`: the story that the editors made of it."""
    said = words.say("Taken back. Everybody who got it sees that.")
    if not stays:
        return said
    more = words.say("The story that the editors made of it stays: recall its posts on Home, or ask an editor.")
    return f"{said} {more}"


def gone(words: Words, refusal: Refusal | None) -> str:
    if refusal is Refusal.TAKEN_BACK:
        return words.say("This update was taken back.")
    if refusal is Refusal.NOT_YOURS:
        return words.say("Only its author, or an admin, can change this update.")
    return words.say("This is not there any more.")
