"""What both sides see of a first visit: the days proposed, and what became of them."""

from dataclasses import dataclass

from bot.features.adoptions.blocks import day, told
from bot.features.adoptions.rules import AGREED, WITH_ADOPTER, WITH_MANAGER, Visit
from bot.slack import kit
from bot.slack.kit import Block, Message
from bot.slack.text import clean, escape, spoken
from bot.slack.words import Words

ACCEPT, OTHER, DECLINE = "adoptions:visit_accept", "adoptions:visit_other", "adoptions:visit_decline"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Dates as the other side sees them. `turn`: of the message; an older one than the visit's cannot be answered."""

    visit: Visit
    turn: int
    name: str
    customer: str


def _days(words: Words, visit: Visit) -> str:
    return words.list([day(words, one) for one in visit.dates])


def proposed(words: Words, proposal: Proposal) -> Message:
    """To the account manager."""
    visit = proposal.visit
    name, customer = escape(proposal.name), escape(proposal.customer)
    if visit.turn > proposal.turn or visit.state != WITH_MANAGER:
        return told(_settled(words, proposal))
    text = words.say(
        "*{name}*, who adopted *{customer}*, would like to come along on a first visit.", name=name, customer=customer
    )
    return _answerable(words, text, proposal)


def counter_proposed(words: Words, proposal: Proposal) -> Message:
    """To the adopter: another date."""
    visit = proposal.visit
    name, customer = escape(proposal.name), escape(proposal.customer)
    if visit.turn > proposal.turn or visit.state != WITH_ADOPTER:
        return told(_settled(words, proposal))
    text = words.say(
        "*{name}* proposes another day for your first visit to *{customer}*.", name=name, customer=customer
    )
    return _answerable(words, text, proposal)


def _answerable(words: Words, text: str, proposal: Proposal) -> Message:
    visit = proposal.visit
    blocks: list[Block] = [kit.section(text)]
    if visit.note:
        blocks.append({"type": "section", "text": kit.plain(clean(visit.note))})
    accept = [
        kit.button(
            kit.shorten(day(words, one), 75),
            action=f"{ACCEPT}_{number}",
            value=f"{visit.id}:{visit.turn}:{number}",
            style="primary" if number == 0 else "",
            label=kit.shorten(words.say("Agree on {day}", day=day(words, one)), 75),
        )
        for number, one in enumerate(visit.dates)
    ]
    value = f"{visit.id}:{visit.turn}"
    other = kit.button(words.say("Another day"), action=OTHER, value=value)
    decline = kit.button(words.say("Not this time"), action=DECLINE, value=value)
    blocks += [kit.context(words.say("Press the day that suits you:")), kit.actions(*accept, other, decline)]
    note = f" {escape(kit.shorten(clean(visit.note), 300))}" if visit.note else ""
    read = words.say("Proposed: {days}.", days=_days(words, visit))
    return Message(text=f"{spoken(text)} {read}{note}", blocks=blocks)


def _settled(words: Words, proposal: Proposal) -> str:
    visit, customer = proposal.visit, escape(proposal.customer)
    if visit.state == AGREED and visit.agreed_on:
        when = day(words, visit.agreed_on)
        return words.say(
            "First visit to {customer} with {name}: {day}.", customer=customer, name=escape(proposal.name), day=when
        )
    if visit.state in {WITH_MANAGER, WITH_ADOPTER}:
        return words.say("The first visit to {customer}: other days were proposed since.", customer=customer)
    return words.say("The first visit to {customer}: there is nothing to answer any more.", customer=customer)


def agreed(words: Words, visit: Visit, *, name: str, customer: str) -> Message:
    """To both sides. `name` is the other's."""
    when = day(words, visit.agreed_on) if visit.agreed_on else ""
    return told(
        words.say(
            "It is agreed: *{day}*, first visit to *{customer}* with *{name}*. Please put it into your calendars; time"
            " and place are yours to settle.",
            day=when,
            customer=escape(customer),
            name=escape(name),
        )
    )


def declined(words: Words, visit: Visit, *, name: str, customer: str) -> Message:
    text = words.say(
        "A first visit to {customer} does not work out for now, {name} says. You can propose other days whenever you"
        " like.",
        customer=escape(customer),
        name=escape(name),
    )
    blocks: list[Block] = [kit.section(text)]
    if visit.note:
        blocks.append({"type": "section", "text": kit.plain(clean(visit.note))})
    note = f" {escape(kit.shorten(clean(visit.note), 300))}" if visit.note else ""
    return Message(text=f"{spoken(text)}{note}", blocks=blocks)
