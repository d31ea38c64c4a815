"""How updates look: to adopters, in channels, to their author."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.features.members.blocks import manners_buttons
from bot.features.updates import rules
from bot.features.updates.rules import Tally, Update
from bot.slack import kit
from bot.slack.kit import Block, Element, Message
from bot.slack.text import channel_link, clean, escape, link, slack_time, spoken
from bot.slack.words import Words

THANK, ASK, READ = "updates:thank", "updates:ask", "updates:read"
EDIT, WITHDRAW, WRITE = "updates:edit", "updates:withdraw", "updates:write"
PIECE, SHORT, ALOUD, IN_CHANNEL = 2800, 700, 300, 400
SPOKEN = 950  # characters: Slack counts bytes of a text, 4,000 at most
NAME = 60
MOST_NAMED = 20  # of those who were not reached: their author wants to know who


def kind_label(words: Words, kind: str) -> str:
    labels = {
        rules.NEWS: words.say("News"),
        rules.PROGRESS: words.say("Progress"),
        rules.WIN: words.say("A win"),
        rules.PRAISE: words.say("Praise"),
        rules.COMPLAINT: words.say("A complaint"),
        rules.VISIT: words.say("A visit"),
        rules.MILESTONE: words.say("A milestone"),
    }
    return labels.get(kind, labels[rules.NEWS])


def said(text: str) -> list[Block]:
    """People's text as it was written: Slack reads nothing into plain text."""
    whole = clean(text).strip()
    pieces = [whole[start : start + PIECE] for start in range(0, len(whole), PIECE)][:4]
    return [{"type": "section", "text": kit.plain(piece)} for piece in pieces if piece.strip()]


def aloud(text: str, limit: int = ALOUD) -> str:
    """A beginning for a message's `text`, which notifications show and screen readers read."""
    return escape(kit.shorten(" ".join(clean(text).split()), limit))


def short(name: str) -> str:
    """A name inside our sentences; short first, then escaped: an escaped text must not be cut in the middle."""
    return escape(kit.shorten(name, NAME))


def first_name(words: Words, name: str) -> str:
    return name.split(maxsplit=1)[0] if name.split() else words.say("the author")


def somebody(words: Words, name: str) -> str:
    return name or words.say("Somebody")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One update as one reader sees it. `picture`: Slack's id of our copy. `can_ask`: not whoever looks after the
    customer."""

    update: Update
    customer: str
    author: str
    picture: str | None = None
    can_ask: bool = True


def relayed(words: Words, items: Sequence[Item]) -> Message:
    """To one adopter, in the customer's thread or outside any; several of a day in one message."""
    blocks: list[Block] = []
    if len(items) > 1:
        blocks.append(kit.section(words.say_n("{n} update for you:", "{n} updates for you:", len(items))))
    for item in items:
        blocks += _item(words, item, short=len(items) > 1)
    if any(not item.update.withdrawn for item in items):
        blocks.append(kit.actions(*manners_buttons(words)))
    return Message(text=_aloud(words, items), blocks=blocks)


def _aloud(words: Words, items: Sequence[Item]) -> str:
    return kit.shorten(" ".join(one_aloud(words, item) for item in items), SPOKEN)


def one_aloud(words: Words, item: Item) -> str:
    customer, author = short(item.customer), short(item.author)
    if item.update.withdrawn_by is not None:
        return words.say("An update about {customer} was taken back.", customer=customer)
    if item.update.withdrawn:
        return words.say("{author} took an update about {customer} back.", author=author, customer=customer)
    begun = words.say("{customer}, from {author}:", customer=customer, author=author)
    parts = [begun, aloud(item.update.headline or "", 150), aloud(item.update.text)]
    return " ".join(part for part in parts if part)


def _item(words: Words, item: Item, *, short: bool) -> list[Block]:
    update = item.update
    if update.withdrawn:
        return [kit.context(one_aloud(words, item))]
    long = short and len(update.text) > SHORT
    text = kit.shorten(clean(update.text).strip(), SHORT) if short else update.text
    blocks = [kit.context(_above(words, item)), *_body(words, item, text)]
    buttons = _buttons(words, item)
    if long:
        buttons.append(read_button(words, update.id))
    return [*blocks, kit.actions(*buttons)]


def _above(words: Words, item: Item) -> str:
    line = words.say(
        "*{customer}* · {kind} · from {author}",
        customer=short(item.customer),
        kind=kind_label(words, item.update.kind),
        author=short(item.author),
    )
    return f"{line} · {words.say('changed since')}" if item.update.edited else line


def _body(words: Words, item: Item, text: str) -> list[Block]:
    update = item.update
    blocks: list[Block] = []
    if update.headline:
        blocks.append(kit.section(f"*{escape(update.headline)}*"))
    blocks += said(text)
    if item.picture:
        alt = words.say("A picture from {name}", name=clean(item.author))
        blocks.append(kit.image(alt=alt, file=item.picture))
    if update.link:
        blocks.append(kit.context(link(update.link, kit.shorten(update.link.removeprefix("https://"), 80))))
    return blocks


def _buttons(words: Words, item: Item) -> list[Element]:
    name = kit.shorten(first_name(words, item.author), 30)
    buttons = [kit.button(words.say("Thank {name}", name=name), action=THANK, value=item.update.id)]
    if item.can_ask:
        buttons.append(kit.button(words.say("Ask {name}", name=name), action=ASK, value=item.update.id))
    return buttons


def read_button(words: Words, update_id: str) -> Element:
    return kit.button(words.say("Read all of it"), action=READ, value=update_id)


def channel_post(words: Words, item: Item) -> Message:
    """To a channel: read in ten seconds."""
    update = item.update
    text = kit.shorten(clean(update.text).strip(), IN_CHANNEL)
    blocks = [kit.context(_above(words, item)), *_body(words, item, text)]
    blocks.append(kit.context(words.say("Here because {name} chose it for this channel.", name=short(item.author))))
    buttons = [read_button(words, update.id)] if len(update.text.strip()) > IN_CHANNEL else []
    if item.can_ask:
        buttons.append(kit.button(words.say("Ask about this customer"), action=ASK, value=update.id))
    if buttons:
        blocks.append(kit.actions(*buttons))
    text = f"{words.say('Customer news:')} {one_aloud(words, item)}"
    return Message(text=kit.shorten(text, SPOKEN), blocks=blocks)


def reading(words: Words, item: Item) -> kit.View:
    """The whole of it in a window."""
    blocks = [kit.context(_above(words, item)), *_body(words, item, item.update.text)]
    return kit.View(type="modal", title=words.say("Customer news"), close=words.say("Close"), blocks=blocks)


# -- the receipt ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An update in a channel. `state`: owed, sent, or why not."""

    channel: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the author sees. `names`: of those who thanked, were not reached or took it back, by id. `now` decides
    an embargo."""

    update: Update
    customer: str
    tally: Tally
    names: Mapping[str, str]
    placed: Sequence[Placed] = ()
    now: datetime


def receipt(words: Words, shown: Receipt) -> Message:
    update = shown.update
    title = words.say("Your update about *{customer}*", customer=short(shown.customer))
    lines = _lines(words, shown)
    blocks = [kit.section(title), kit.context(aloud(update.headline or update.text, 150))]
    blocks += [kit.section("\n".join(lines))] if lines else []
    if not (update.withdrawn or update.held_back):
        blocks.append(kit.actions(*_own_buttons(words, update)))
    said_aloud = " ".join([f"{title}.", *_lines(words, shown, read_aloud=True)])
    return Message(text=kit.shorten(spoken(said_aloud), SPOKEN), blocks=blocks)


def _lines(words: Words, shown: Receipt, *, read_aloud: bool = False) -> list[str]:
    """`read_aloud`: without what Slack would have to make readable first, such as its own dates."""
    tally, update, customer = shown.tally, shown.update, short(shown.customer)
    if update.withdrawn:
        return [who_took_it_back(words, update, shown.names)]
    if update.held_back:
        return [not_gone_out(words, shown.customer)]
    lines = []
    held = update.embargo_until is not None and update.embargoed(shown.now)
    if update.embargo_until is not None and held:
        when = words.moment(update.embargo_until)
        when = when if read_aloud else slack_time(update.embargo_until, "{date_short_pretty} {time}", when)
        lines.append(words.say("Nobody gets it before {when}.", when=when))
        lines.append(words.say("Then it goes to everybody who has adopted {customer} by that time.", customer=customer))
    if tally.waiting:
        way = words.say_n(
            "On its way to {n} adopter of {customer}.", "On its way to {n} adopters of {customer}.", tally.waiting,
            customer=customer,
        )  # fmt: skip
        lines.append(way)
    if tally.delivered:
        lines.append(words.say_n("Delivered to {n} adopter.", "Delivered to {n} adopters.", tally.delivered))
    if tally.thanked:
        lines.append(_thanked(words, tally.thanked, shown.names))
    if tally.asked:
        lines.append(words.say_n("{n} adopter asked you something.", "{n} adopters asked you something.", tally.asked))
    lines += [unreached(words, why, users, shown.names) for why, users in tally.unreached.items()]
    lines += [] if read_aloud else [_where(words, one) for one in shown.placed]
    lines += [] if read_aloud else [_recalled_in(words, one) for one in update.recalled_in]
    if not (held or tally.waiting or tally.delivered or tally.unreached):
        lines.append(words.say("Nobody has adopted {customer} yet: whoever does finds it there.", customer=customer))
    if update.offered:
        lines.append(words.say("Offered to the editors as a story."))
    return lines


def not_gone_out(words: Words, customer: str) -> str:
    """To the author of an update that waited until they might not write about the customer any more."""
    return words.say("It has not gone out: you may not write about {customer} any more.", customer=short(customer))


def held_back(words: Words, item: Item, *, can_send: Sequence[str], mine: bool) -> Message:
    """All of its text, to its author (`mine`) or to one of those who can send it now, whose names are `can_send`."""
    customer, author = short(item.customer), short(item.author)
    if mine:
        title = words.say("Your update about *{customer}*", customer=customer)
        intro = f"{title}\n{not_gone_out(words, item.customer)}"
        people = words.list([short(somebody(words, one)) for one in can_send[:5]])
        hint = words.say("Whoever can send it now has its text: {people}.", people=people)
    else:
        intro = words.say(
            "An update about *{customer}* by {name} has not gone out: {name} may not write about {customer} any more.",
            customer=customer,
            name=author,
        )
        hint = words.say("If it should still go out, write it as your own: this is its text.")
    blocks: list[Block] = [kit.section(intro), *_body(words, item, item.update.text), kit.context(hint)]
    if not mine:
        label = words.say("Write an update about {customer}", customer=kit.shorten(item.customer, 40))
        value = item.update.customer_id
        blocks.append(kit.actions(kit.button(words.say("Write an update"), action=WRITE, value=value, label=label)))
    read_aloud = f"{spoken(intro)} {aloud(item.update.text)}".replace("\n", ". ")
    return Message(text=kit.shorten(read_aloud, SPOKEN), blocks=blocks)


def _thanked(words: Words, users: Sequence[str], names: Mapping[str, str]) -> str:
    shown = [short(somebody(words, names.get(user, ""))) for user in users[:3]]
    more = len(users) - len(shown)
    if more:
        shown.append(words.say_n("{n} other", "{n} others", more))
    return words.say("{people} thanked you.", people=words.list(shown))


def unreached(words: Words, why: str, users: Sequence[str], names: Mapping[str, str]) -> str:
    """Who wants nothing at the moment is counted, not named."""
    n = len(users)
    if why in {"stopped", "paused"}:
        return words.say_n(
            "Not sent to {n} adopter, who takes a break from messages.",
            "Not sent to {n} adopters, who take a break from messages.",
            n,
        )
    if why in {"ended", "withdrawn", "customer", "rights"}:
        return words.say_n(
            "Not sent to {n} adopter, who may not get it any more.",
            "Not sent to {n} adopters, who may not get it any more.",
            n,
        )
    named = [short(somebody(words, names.get(user, ""))) for user in users[:MOST_NAMED]]
    more = n - len(named)
    people = words.list([*named, words.say_n("{n} other", "{n} others", more)] if more else named)
    if why == "gone":
        return words.say("Not reached, because they have left: {people}.", people=people)
    if why == "uncertain":
        return words.say("Perhaps not reached, because Slack did not say: {people}.", people=people)
    return words.say("Not reached, because Slack would not deliver it: {people}.", people=people)


def _where(words: Words, placed: Placed) -> str:
    channel = channel_link(placed.channel)
    if placed.state == "sent":
        return words.say("Posted in {channel}.", channel=channel)
    if placed.state in {"skipped", "failed", "uncertain"}:
        return words.say("Not posted in {channel}: it cannot be shown there any more.", channel=channel)
    return words.say("On its way to {channel}.", channel=channel)


def _recalled_in(words: Words, channel: str) -> str:
    return words.say("In {channel} an owner of the channel took it back.", channel=channel_link(channel))


def who_took_it_back(words: Words, update: Update, names: Mapping[str, str]) -> str:
    """To its author. `names` by id."""
    if update.withdrawn_by is None:
        return words.say("You took it back.")
    name = names.get(update.withdrawn_by, "")
    return words.say("Taken back by {name}.", name=short(name)) if name else words.say("It was taken back.")


def _own_buttons(words: Words, update: Update) -> list[Element]:
    sure = kit.confirm(
        words.say("Take it back?"),
        words.say("Everybody who got it sees that you took it back, and its posts in channels are deleted."),
        words.say("Take it back"),
        words.say("Cancel"),
    )
    return [
        kit.button(words.say("Edit"), action=EDIT, value=update.id),
        kit.button(words.say("Take it back"), action=WITHDRAW, value=update.id, style="danger", confirm=sure),
    ]


def write_button(words: Words, customer_id: str, customer: str) -> Element:
    label = words.say("Write an update about {customer}", customer=kit.shorten(customer, 40))
    return kit.button(words.say("Write an update"), action=WRITE, value=customer_id, label=label)


def last_news(words: Words, at: datetime | None, *, now: datetime) -> str:
    """Never a blame: how long ago, with the day."""
    if at is None:
        return words.say("no news yet")
    zone = ZoneInfo(words.zone)
    days = rules.days_since(at, now, zone)
    if days == 0:
        return words.say("last news today")
    return words.say_n(
        "last news {n} day ago ({day})",
        "last news {n} days ago ({day})",
        days,
        day=words.date(at.astimezone(zone).date()),
    )
