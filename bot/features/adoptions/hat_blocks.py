"""What people see of a hat draw: the message in the channel, private answers, the result, the parts of Home."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.features.adoptions.blocks import aloud, moment, told
from bot.features.adoptions.draw import Why
from bot.features.adoptions.rules import CANCELLED, DRAWN, OPEN, Hat, HatAnswer, HatProblem
from bot.slack import kit
from bot.slack.kit import Block, Message
from bot.slack.text import escape, spoken
from bot.slack.words import Words

IN, OUT, NAME_ME = "adoptions:hat_in", "adoptions:hat_out", "adoptions:hat_name"
OPEN_HAT, CANCEL = "adoptions:hat_open", "adoptions:hat_cancel"
NAMED = 12


@dataclass(frozen=True, kw_only=True)
class HatLook:
    """A hat as its channel sees it. `names`: those of its customers that may be named there, `count` how many are in
    it. `about`: what they were chosen by, in words."""

    hat: Hat
    count: int
    are_in: int
    names: Sequence[str] = ()
    about: str = ""
    opened_by: str = ""


def filters_text(words: Words, *, product: str, industry: str, country: str) -> str:
    """ "" where nothing was chosen."""
    chosen = (
        (words.say("product: {value}", value=escape(kit.shorten(product, 80))), product),
        (words.say("industry: {value}", value=escape(kit.shorten(industry, 80))), industry),
        (words.say("country: {value}", value=escape(kit.shorten(country, 80))), country),
    )
    return " · ".join(text for text, value in chosen if value)


def hat_post(words: Words, look: HatLook) -> Message:
    if look.hat.state == CANCELLED:
        return told(words.say("This hat draw was cancelled. Nothing was drawn."))
    if look.hat.state == DRAWN:
        drawn = len(look.hat.result.get("drawn", {}))
        return told(
            words.say_n(
                "This hat is drawn: {n} person has a customer now.",
                "This hat is drawn: {n} people have a customer now.",
                drawn,
            )
        )
    hat_line = words.say_n("{n} customer is in the hat", "{n} customers are in the hat", look.count)
    when = moment(words, look.hat.draw_at)
    invited = words.say(
        "Would you like a customer of your own? Press *I'm in*. Everyone who is in draws one: a short introduction"
        " comes to you, then its news, in one thread. You can stop at any time."
    )
    drawn_at = words.say("*Draw:* {when}", when=when)
    blocks: list[Block] = [kit.header(hat_line), kit.section(invited), kit.section(drawn_at)]
    if look.names:
        blocks.append(kit.section(words.say("Among them: {names}.", names=_names(words, look.names, look.count))))
    if look.about:
        blocks.append(kit.context(look.about))
    blocks.append(
        kit.actions(
            kit.button(words.say("I'm in"), action=IN, value=look.hat.id, style="primary"),
            kit.button(words.say("Not me"), action=OUT, value=look.hat.id),
        )
    )
    small = [_are_in(words, look.are_in)]
    if look.opened_by:
        small.append(words.say("opened by {name}", name=escape(kit.shorten(look.opened_by, 80))))
    blocks.append(kit.context(" · ".join(small)))
    read = words.say("{hat}. Press I'm in to draw one on {when}.", hat=hat_line, when=words.moment(look.hat.draw_at))
    return Message(text=read, blocks=blocks)


def _are_in(words: Words, count: int) -> str:
    return words.say_n("{n} is in", "{n} are in", count) if count else words.say("Nobody is in yet")


def _names(words: Words, names: Sequence[str], count: int) -> str:
    shown = [f"*{escape(kit.shorten(name, 60))}*" for name in names[:NAMED]]
    more = count - len(shown)
    if more > 0:
        shown.append(words.say_n("{n} more", "{n} more", more))
    return words.list(shown)


@dataclass(frozen=True, kw_only=True)
class ResultLook:
    """`customers`: names that may stand in the channel; `hidden`: how many more were drawn. `named`: a person's name
    and what they drew ("": it may not be named there), of those who wanted to be named."""

    drew: int
    were_in: int
    customers: Sequence[str]
    hidden: int = 0
    named: Sequence[tuple[str, str]] = ()


def hat_result(words: Words, look: ResultLook) -> Message:
    """A new message: an edit alone may not be noticed."""
    if not look.drew:
        why = words.say("Nobody was in this time, so every customer stays in the hat.")
        none = words.say("Nobody who was in could draw a customer this time. They have been told why.")
        return told(none if look.were_in else why)
    title = words.say_n("{n} person drew a customer", "{n} people drew a customer", look.drew)
    lines = words.say("Their introductions are on the way by direct message.")
    blocks: list[Block] = [kit.header(title), kit.section(lines)]
    drawn = ""
    if look.customers:
        names = [f"*{escape(kit.shorten(name, 60))}*" for name in look.customers[:40]]
        more = look.hidden + len(look.customers) - len(names)
        if more > 0:
            names.append(words.say_n("{n} more", "{n} more", more))
        drawn = words.say("They have adopters now: {names}.", names=words.list(names))
        blocks.append(kit.section(drawn))
    if look.named:
        told_lines = [_named(words, *one) for one in look.named[:20]]
        blocks.append(kit.section("\n".join(told_lines)))
        blocks.append(kit.context(words.say("Named here are only those who wanted to be.")))
    return Message(text=kit.shorten(f"{title}. {spoken(drawn)}".strip(), 3000), blocks=blocks)


def _named(words: Words, name: str, customer: str) -> str:
    who = escape(kit.shorten(name, 60))
    if not customer:
        return words.say("• {name} drew a customer", name=who)
    return words.say("• {name} drew *{customer}*", name=who, customer=escape(kit.shorten(customer, 60)))


def hat_answer(words: Words, answer: HatAnswer, hat: Hat | None, *, named: bool = False) -> Message:
    """Privately, to whoever pressed."""
    when = moment(words, hat.draw_at) if hat else ""
    if answer is HatAnswer.IN:
        text = words.say("You are in. You can change your mind until the draw: {when}.", when=when)
    elif answer is HatAnswer.OUT:
        text = words.say(
            "You are not in, and nobody sees that. You can change your mind until the draw: {when}.", when=when
        )
    elif answer is HatAnswer.NAMED:
        text = words.say(
            "You are in, and the result may say your name. You can change your mind until the draw: {when}.", when=when
        )
    elif answer is HatAnswer.NOT_NAMED:
        text = words.say("You are in, and the result does not say your name.")
    elif answer is HatAnswer.OVER:
        text = words.say("This hat has been drawn already. `/customer adopt` gives you a customer at any time.")
    elif answer is HatAnswer.CANCELLED:
        text = words.say("This hat draw was cancelled. `/customer adopt` gives you a customer at any time.")
    elif answer is HatAnswer.NOT_FOR_GUESTS:
        text = words.say("Drawing a customer is for members of this company. Sorry!")
    else:
        text = words.say("This hat is not there any more.")
    blocks: list[Block] = [kit.section(text)]
    if answer in {HatAnswer.IN, HatAnswer.NAMED, HatAnswer.NOT_NAMED} and hat is not None:
        if answer is HatAnswer.NAMED or named:
            toggle = kit.button(words.say("Rather not name me"), action=f"{NAME_ME}_no", value=hat.id)
        else:
            toggle = kit.button(words.say("My name may be in the result"), action=f"{NAME_ME}_yes", value=hat.id)
        blocks.append(kit.actions(toggle))
    return Message(text=aloud(text), blocks=blocks)


def hat_problem(words: Words, problem: HatProblem) -> str:
    match problem:
        case HatProblem.NOT_ALLOWED:
            return words.say("Editors, admins and a channel's owners can do this.")
        case HatProblem.NO_CUSTOMERS:
            return words.say("No customer that may be adopted fits this. Please choose less.")
        case HatProblem.TOO_SOON:
            return words.say("Please choose a time that is still to come.")
        case HatProblem.TOO_LATE:
            return words.say("Please choose a time within the next sixty days.")
        case HatProblem.OUTSIDERS:
            return words.say("People of another company read this channel, so customers are not named there.")
        case HatProblem.ONE_IS_OPEN:
            return words.say("A hat is open in this channel already. It has to be drawn or cancelled first.")
        case HatProblem.OVER:
            return words.say("This hat is over already.")
    return words.say("This channel is not set up for Canteen.")


def no_place(words: Words, channel: str, why: Why) -> Message:
    if why is Why.ENOUGH:
        text = words.say(
            "You were in the hat draw of #{channel}, and have as many customers as one person can follow already, so"
            " you drew none. Stop one on Canteen's Home tab, and there is room for another.",
            channel=escape(channel),
        )
    elif why is Why.NOT_THEIRS:
        text = words.say(
            "In the hat draw of #{channel} there was no customer that you could draw: you have each of them, look after"
            " it, or had it until lately. `/customer adopt` shows whether there is another.",
            channel=escape(channel),
        )
    elif why is Why.NO_PLACES:
        text = words.say(
            "By the time of the hat draw of #{channel} its customers had found all the adopters they can have, so"
            " nobody drew one. `/customer adopt` shows whether one has become free.",
            channel=escape(channel),
        )
    else:
        text = words.say(
            "In the hat draw of #{channel} no customer was left for you this time: there were more people than places"
            " that you could take. It was chance, nothing else. `/customer adopt` shows whether one has become free.",
            channel=escape(channel),
        )
    return told(text)


def was_away(words: Words, channel: str) -> Message:
    text = words.say(
        "The hat of #{channel} was drawn while you were away, so you drew no customer this time. Nothing is lost: the"
        " next hat is open to you, and `/customer adopt` gives you a customer at any time.",
        channel=escape(channel),
    )
    return told(text)


def hat_failed(words: Words, channel: str) -> Message:
    text = words.say(
        "The hat draw for #{channel} could not be posted there, so it was cancelled. Is Canteen in the channel?"
        " Then open it again.",
        channel=escape(channel),
    )
    return told(text)


def hats_section(words: Words, found: Sequence[tuple[Hat, str, int, bool]]) -> list[Block]:
    """On Home, for whoever may open one: each open hat with its channel's name, how many are in, whether this person
    may cancel it."""
    blocks = [
        kit.header(words.say("Hat draws")),
        kit.section(
            words.say("People in a channel draw a customer of their own."),
            accessory=kit.button(words.say("Open a hat draw"), action=OPEN_HAT),
        ),
    ]
    for hat, channel, are_in, may_cancel in found[:10]:
        if hat.state != OPEN:
            continue
        count = _are_in(words, are_in)
        line = words.say("#{channel}, draw: {when}", channel=escape(channel), when=moment(words, hat.draw_at))
        cancel = kit.button(
            words.say("Cancel"),
            action=CANCEL,
            value=hat.id,
            label=kit.shorten(words.say("Cancel the hat draw of #{channel}", channel=channel), 75),
            confirm=kit.confirm(
                words.say("Cancel the draw?"),
                words.say("Nothing is drawn; whoever was in sees that in the channel."),
                words.say("Cancel the draw"),
                words.say("Keep it"),
            ),
        )
        blocks.append(kit.section(f"{line} · {count}", accessory=cancel if may_cancel else None))
    return blocks
