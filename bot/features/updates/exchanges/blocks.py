"""How an exchange between an adopter and an account manager looks to both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.features.questions.blocks import Shared, shared
from bot.features.questions.rules import LONGEST
from bot.features.updates.blocks import aloud, said, short
from bot.features.updates.exchanges import rules as exchange_rules
from bot.features.updates.exchanges.rules import Note, Offered
from bot.features.updates.rules import AGREED, DECLINED, HELD, KEPT
from bot.slack import kit
from bot.slack.kit import Block, Element, Message
from bot.slack.words import Words

SEND_ON, KEEP = "updates:send_on", "updates:keep"
OFFER, AGREE, DECLINE = "updates:offer_exchange", "updates:agree", "updates:decline"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Below an adopter's own words. `partners`: who would get them, by customer's id: the customer's and the partner's
    names ("" where nobody looks after it). `sent_to`: who got them."""

    group: str
    count: int
    state: str
    partners: Mapping[str, tuple[str, str]]
    sent_to: str = ""


def hold(words: Words, shown: Hold) -> Message:
    if shown.count == 0:
        return kit.told(words.say("You took it back, so nothing is sent."))
    if shown.state == KEPT:
        return kit.told(words.say("Kept between you and Canteen."))
    if shown.state != HELD:
        return kit.told(words.say("Sent on to {name}.", name=short(shown.sent_to)))
    asked = words.say_n("Shall this be sent on?", "Shall these {n} messages be sent on?", shown.count)
    buttons = [_send(words, shown, one, len(shown.partners) > 1) for one in sorted(shown.partners)]
    buttons.append(kit.button(words.say("Keep it"), action=KEEP, value=shown.group))
    why = words.say("Nobody has seen this yet. You can still change or delete what you wrote.")
    return Message(text=f"{asked} {why}", blocks=[kit.section(asked), kit.context(why), kit.actions(*buttons[-25:])])


def _send(words: Words, shown: Hold, customer_id: str, several: bool) -> Element:
    customer, partner = shown.partners[customer_id]
    to = kit.shorten(partner or words.say("the account manager"), 30)
    label = words.say("Send it on to {name}", name=to)
    if several:
        label = words.say("Send it on about {customer}", customer=kit.shorten(customer, 40))
    primary = "" if several else "primary"
    return kit.button(label, action=f"{SEND_ON}:{customer_id}", value=shown.group, style=primary)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message of an exchange as the other side sees it. `opens`: it heads the reader's thread. `offer`: the
    exchange's id, where it may be offered as a story."""

    note: Note
    author: str
    customer: str
    shared: Shared
    opens: bool = False
    offer: str = ""


def to_partner(words: Words, shown: Said) -> Message:
    name, customer = short(shown.author), short(shown.customer)
    intro = words.say("*{name}*, who has adopted *{customer}*, writes:", name=name, customer=customer)
    spoken = words.say("{name}, who has adopted {customer}, writes:", name=name, customer=customer)
    if not shown.opens:
        intro, spoken = words.say("*{name}* writes:", name=name), words.say("{name} writes:", name=name)
    hint = words.say("Write in this thread: your answer goes to {name} at once.", name=name) if shown.opens else ""
    return _said(words, shown, intro, spoken, hint)


def to_adopter(words: Words, shown: Said) -> Message:
    name, customer = short(shown.author), short(shown.customer)
    intro = words.say("*{name}* answers about *{customer}*:", name=name, customer=customer)
    spoken = words.say("{name} answers about {customer}:", name=name, customer=customer)
    return _said(words, shown, intro, spoken, "")


def _said(words: Words, shown: Said, intro: str, spoken: str, hint: str) -> Message:
    if shown.note.deleted:
        return kit.told(words.say("{name} took this message back.", name=short(shown.author)))
    blocks: list[Block] = [kit.section(intro), *said(shown.note.text), *shared(words, shown.shared)]
    if hint:
        blocks.append(kit.context(hint))
    if shown.offer:
        offer = kit.button(words.say("Offer this as a story"), action=OFFER, value=shown.offer)
        blocks.append(kit.actions(offer))
    return Message(text=f"{spoken} {aloud(shown.note.text)}".strip(), blocks=blocks)


def not_sent(words: Words, why: str, count: int) -> Message:
    if why == exchange_rules.TOO_LONG:
        text = words.say(
            "This was not sent on: it has {count} characters, and {limit} is the most. Please make it shorter.",
            count=words.number(count),
            limit=words.number(LONGEST),
        )
    elif why == exchange_rules.NOT_YOURS:
        text = words.say("This was not sent on: somebody else looks after this customer now.")
    else:
        text = words.say("This could not be delivered.")
    return kit.told(text)


def consent(
    words: Words, exchange_id: str, state: str, *, asked: bool, other: str, customer: str, quoted: Sequence[str]
) -> Message:
    """`asked`: to the one who decides; else to the one who offered it."""
    name, about = short(other), short(customer)
    if state == AGREED:
        yes = words.say(
            "It is with the editors now: what you wrote about {customer} may become a story.", customer=about
        )
        return kit.told(yes if asked else words.say("{name} agrees. {more}", name=name, more=yes))
    if state == DECLINED:
        no = words.say("It stays between the two of you.")
        return kit.told(no if asked else words.say("{name} would rather not. {more}", name=name, more=no))
    intro = words.say(
        "{name} would like to offer what you two wrote about *{customer}* to the editors, as a story. Is that fine "
        "with you?",
        name=name,
        customer=about,
    )
    buttons = kit.actions(
        kit.button(words.say("Yes, offer it"), action=AGREE, value=exchange_id, style="primary"),
        kit.button(words.say("No"), action=DECLINE, value=exchange_id),
    )
    shown = [kit.context(aloud(one)) for one in quoted[:10] if one.strip()]
    return Message(text=intro.replace("*", ""), blocks=[kit.section(intro), *shown, buttons])


def offered(words: Words, what: Offered, other: str) -> str:
    match what:
        case Offered.ASKED:
            return words.say("{name} is asked first. You hear of it here.", name=short(other))
        case Offered.ALREADY:
            return words.say("It has been offered already.")
        case Offered.TOO_EARLY:
            return words.say("There is no answer yet that could be told.")
        case Offered.AGREED:
            return words.say("Thank you! It is with the editors now.")
        case Offered.DECLINED:
            return words.say("It stays between the two of you.")
    return words.say("This is not there any more.")


def sent_on(words: Words, sent: exchange_rules.SentOn, partner: str, customer: str) -> str:
    if sent.partner is not None:
        return words.say("On its way to {name}.", name=short(partner))
    if sent.refusal == exchange_rules.DECIDED:
        return words.say("You have decided about this already.")
    if sent.refusal == exchange_rules.NOBODY:
        return words.say(
            "Nobody looks after {customer} at the moment. It is kept here: try again later.", customer=short(customer)
        )
    if sent.refusal == exchange_rules.NOT_ADOPTED:
        return words.say("You do not have {customer} any more, so it is not sent.", customer=short(customer))
    return words.say("This is not there any more.")
