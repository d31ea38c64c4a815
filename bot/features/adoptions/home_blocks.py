"""How the parts of Home look: my customers, and the adopters of those I look after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.features.adoptions.blocks import CHOOSE, MINE, THEIRS, day, since
from bot.features.adoptions.rules import AGREED, MOST_OF_ONE, Adoption, Visit
from bot.features.adoptions.seams import News
from bot.slack import kit
from bot.slack.kit import Block, Element, Message
from bot.slack.text import clean, escape, message_link, spoken
from bot.slack.words import Words

PAUSE, PAUSE_LONG, RESUME, SWAP, STOP, END = "pause", "pause_long", "resume", "swap", "stop", "end"
SHOWN = 20
YET = timedelta(days=21)  # later, "no news yet" would sound as if it had only just begun


@dataclass(frozen=True, kw_only=True)
class Mine:
    adoption: Adoption
    customer: str
    news: News | None = None
    visit: Visit | None = None
    thread: str | None = None  # its address
    buttons: Sequence[Element] = ()


@dataclass(frozen=True, kw_only=True)
class Theirs:
    adoption: Adoption
    customer: str
    name: str


def none_yet(words: Words) -> list[Block]:
    """For whoever has no customer and could have one."""
    text = words.say("You could have a customer of your own: its news comes to you, and you may ask.")
    button = kit.button(words.say("Adopt a customer"), action=CHOOSE)
    return [kit.header(words.say("My customers")), kit.section(text, accessory=button)]


def mine(words: Words, found: Sequence[Mine], *, now: datetime) -> list[Block]:
    blocks: list[Block] = [kit.header(words.say("My customers"))]
    for one in found[:MOST_OF_ONE]:
        blocks.append(kit.section(_line(words, one, now), accessory=_menu(words, one, now)))
        if one.buttons:
            blocks.append(kit.actions(*[_labelled(button, one.customer) for button in one.buttons]))
    if len(found) < MOST_OF_ONE:
        blocks.append(kit.actions(kit.button(words.say("Adopt another"), action=CHOOSE)))
    return blocks


def _labelled(button: Element, customer: str) -> Element:
    """Several alike stand below one another: a screen reader says which is whose."""
    label = f"{button['text']['text']}: {clean(customer)}"
    return {**button, "accessibility_label": kit.shorten(label, 75)}


def _line(words: Words, one: Mine, now: datetime) -> str:
    line = f"*{escape(kit.shorten(one.customer, 100))}*"
    if one.thread:
        line = f"{line} · {message_link(one.thread, words.say('Open the thread'))}"
    if one.adoption.is_paused(now) and one.adoption.paused_until:
        return f"{line}\n{words.say('Paused until {day}', day=since(words, one.adoption.paused_until))}"
    said = [_news(words, one, now)]
    if (
        one.visit is not None
        and one.visit.state == AGREED
        and one.visit.agreed_on
        and one.visit.agreed_on >= now.date()
    ):
        said.append(words.say("first visit: {day}", day=day(words, one.visit.agreed_on)))
    below = " · ".join(said)
    return f"{line}\n{below[:1].upper()}{below[1:]}"


def _news(words: Words, one: Mine, now: datetime) -> str:
    """When, never whose turn it would have been."""
    news = one.news
    if news is None:
        begun = one.adoption.since
        return (
            words.say("no news yet") if now - begun < YET else words.say("yours since {day}", day=since(words, begun))
        )
    days = max(0, (now - news.at).days)
    when = (
        words.say_n("last news {n} day ago", "last news {n} days ago", days) if days else words.say("last news today")
    )
    headline = escape(kit.shorten(clean(news.headline), 100))
    return f"{when}: {headline}" if headline else when


def _menu(words: Words, one: Mine, now: datetime) -> Element:
    adoption_id = one.adoption.id
    if one.adoption.is_paused(now):
        pause = [kit.option(words.say("Go on now"), f"{RESUME}:{adoption_id}")]
    else:
        pause = [
            kit.option(words.say("Pause for two weeks"), f"{PAUSE}:{adoption_id}"),
            kit.option(words.say("Pause for two months"), f"{PAUSE_LONG}:{adoption_id}"),
        ]
    options = [
        *pause,
        kit.option(words.say("Swap with a colleague"), f"{SWAP}:{adoption_id}"),
        kit.option(words.say("Stop"), f"{STOP}:{adoption_id}"),
    ]
    return {"type": "overflow", "action_id": MINE, "options": options}


def adopters_of_mine(words: Words, found: Sequence[Theirs]) -> list[Block]:
    blocks: list[Block] = [kit.header(words.say("Adopters of my customers"))]
    for one in found[:SHOWN]:
        name, customer = escape(kit.shorten(one.name, 80)), escape(kit.shorten(one.customer, 80))
        line = words.say(
            "*{customer}*: {name}, since {day}", customer=customer, name=name, day=since(words, one.adoption.since)
        )
        blocks.append(kit.section(line, accessory=_end(words, one)))
    more = len(found) - SHOWN
    if more > 0:
        listed = words.say("`/customer-admin adopters NAME` lists those of one customer.")
        blocks.append(kit.context(words.say_n("…and {n} more", "…and {n} more", more), listed))
    return blocks


def adopters_of_one(words: Words, customer: str, found: Sequence[Theirs]) -> Message:
    """For admins, privately."""
    name = escape(kit.shorten(customer, 80))
    if not found:
        text = words.say("*{customer}* has no adopters.", customer=name)
        return kit.told(text)
    title = words.say_n("*{customer}* has {n} adopter", "*{customer}* has {n} adopters", len(found), customer=name)
    blocks: list[Block] = [kit.section(title)]
    for one in found[:SHOWN]:
        who = escape(kit.shorten(one.name, 80))
        line = words.say("{name}, since {day}", name=who, day=since(words, one.adoption.since))
        blocks.append(kit.section(line, accessory=_end(words, one)))
    more = len(found) - SHOWN
    if more > 0:
        blocks.append(kit.context(words.say_n("…and {n} more", "…and {n} more", more)))
    names = words.list([escape(kit.shorten(one.name, 60)) for one in found[:SHOWN]])
    return Message(text=f"{spoken(title)}: {names}.", blocks=blocks)


def _end(words: Words, one: Theirs) -> Element:
    ask = kit.confirm(
        words.say("End this adoption?"),
        kit.shorten(
            words.say("{name} reads that it was ended; the thread stays to be read.", name=clean(one.name)), 300
        ),
        words.say("End it"),
        words.say("Keep it"),
    )
    option = kit.option(words.say("End this adoption"), f"{END}:{one.adoption.id}")
    return {"type": "overflow", "action_id": THEIRS, "options": [option], "confirm": ask}
