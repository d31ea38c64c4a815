"""What people see of adoptions: the introduction, the lines in its thread, what account managers and colleagues get."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.features.adoptions.rules import (
    AGREED,
    BY_MANAGER,
    OWN,
    SWAPPED,
    WITH_ADOPTER,
    WITH_MANAGER,
    Adoption,
    Outcome,
    Visit,
)
from bot.features.customers.service import Shown
from bot.slack import kit
from bot.slack.kit import Block, Element, Message
from bot.slack.text import clean, escape, slack_time, spoken
from bot.slack.words import Words

CHOOSE = "adoptions:choose"
MINE, THEIRS = "adoptions:mine", "adoptions:theirs"
HELLO = "adoptions:hello"
VISIT = "adoptions:visit"
SWAP_YES, SWAP_NO = "adoptions:swap_yes", "adoptions:swap_no"
LISTED = 20
MADE = 5


DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")


def aloud(text: str) -> str:
    """Our own mrkdwn for a message's `text`: without marks, and with dates in words."""
    return spoken(DATE.sub(r"\1", text))


def told(text: str) -> Message:
    return Message(text=aloud(text), blocks=[kit.section(text)])


def day(words: Words, when: date) -> str:
    return f"{words.weekday(when.weekday())}, {words.date(when)}"


def since(words: Words, moment: datetime) -> str:
    """A day for mrkdwn: each reader's own."""
    return slack_time(moment, "{date_long}", words.date(moment.date()))


def moment(words: Words, at: datetime) -> str:
    return slack_time(at, "{date_short_pretty}, {time}", words.moment(at))


# -- outcomes ---------------------------------------------------------------------------------------------------------


def outcome_text(words: Words, outcome: Outcome, customer: str) -> str:
    """`customer` "" where the reader may not read its name."""
    name = escape(customer)
    match outcome:
        case Outcome.ADOPTED:
            return words.say(
                "*{customer}* is yours now. Your thread about it opens in your messages with Canteen; on Home you can"
                " pause, swap or stop at any time.",
                customer=name,
            )
        case Outcome.ALREADY:
            return words.say("*{customer}* is yours already: you find it on Canteen's Home tab.", customer=name)
        case Outcome.FULL:
            return words.say(
                "*{customer}* has as many adopters as it can take just now. Another customer would be glad of you.",
                customer=name,
            )
        case Outcome.ENOUGH:
            return words.say(
                "You have as many customers as one person can follow. Stop one on Canteen's Home tab, and there is room"
                " for *{customer}*.",
                customer=name,
            )
        case Outcome.NOT_ADOPTABLE:
            return words.say("*{customer}* cannot be adopted. Another customer would be glad of you.", customer=name)
        case Outcome.OWN_CUSTOMER:
            return words.say(
                "You look after *{customer}* yourself, so it is yours in the best way already.", customer=name
            )
        case Outcome.ENDED_LATELY:
            return words.say(
                "Your adoption of *{customer}* ended a short while ago. Please talk to whoever looks after it, or"
                " choose another customer.",
                customer=name,
            )
        case Outcome.NOT_FOR_GUESTS:
            return words.say("Adopting a customer is for members of this company. Sorry!")
    return words.say("I cannot find that customer. It may have been removed since.")


def outcome_message(words: Words, outcome: Outcome, customer: str) -> Message:
    text = outcome_text(words, outcome, customer)
    blocks = [kit.section(text)]
    if outcome in {Outcome.FULL, Outcome.NOT_ADOPTABLE, Outcome.ENDED_LATELY}:
        blocks.append(kit.actions(kit.button(words.say("Choose another"), action=CHOOSE)))
    return Message(text=spoken(text), blocks=blocks)


# -- the adopter's thread ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Intro:
    """The head of a thread. `buttons`: of other features, such as *Ask*. `manners`: where it came unasked for."""

    adoption: Adoption
    shown: Shown
    now: datetime
    visit: Visit | None = None
    can_visit: bool = False
    buttons: Sequence[Element] = ()
    manners: Sequence[Element] = ()


def introduction(words: Words, intro: Intro) -> Message:
    customer = intro.shown.customer
    name = escape(kit.shorten(customer.name, 100))
    if not intro.adoption.is_active:
        text = words.say(
            "You had *{customer}*. This thread stays for you to read; nothing more comes into it.", customer=name
        )
        return told(text)
    title = words.say("{customer} is your customer now", customer=kit.shorten(clean(customer.name), 100))
    blocks = [kit.header(title), *_card(words, intro.shown)]
    asked = questions_worth_asking(words, intro.adoption, intro.shown)
    lines = "\n".join(f"• {question}" for question in asked)
    blocks.append(kit.section(f"*{words.say('Three questions worth asking')}*\n{lines}"))
    blocks += _standing(words, intro)
    buttons = list(intro.buttons)
    if intro.can_visit:
        buttons.append(kit.button(words.say("Propose a first visit"), action=VISIT, value=intro.adoption.id))
    if buttons:
        blocks.append(kit.actions(*buttons))
    blocks.append(
        kit.context(
            words.say(
                "News of {customer} comes into this thread. Pause, swap or stop: on Canteen's Home tab.", customer=name
            )
        )
    )
    if intro.manners:
        blocks.append(kit.actions(*intro.manners))
    read = words.say("{customer} is your customer now.", customer=name)
    worth = words.say("Three questions worth asking: {questions}", questions=" ".join(asked))
    return Message(text=f"{read} {worth}", blocks=blocks)


def _card(words: Words, shown: Shown) -> list[Block]:
    customer = shown.customer
    facts = [escape(kit.shorten(value, 80)) for value in (customer.industry, customer.country) if value]
    if customer.customer_since:
        facts.append(words.say("customer since {year}", year=customer.customer_since.year))
    if shown.manager:
        facts.append(words.say("looked after by {name}", name=escape(kit.shorten(shown.manager, 80))))
    blocks = [kit.section(" · ".join(facts))] if facts else []
    if shown.made:
        lines = [f"• {_made(words, one.product.name, one.team.name if one.team else '')}" for one in shown.made[:MADE]]
        more = len(shown.made) - MADE
        if more > 0:
            lines.append(words.say_n("…and {n} more product", "…and {n} more products", more))
        blocks.append(kit.section(f"*{words.say('What they use of ours')}*\n" + "\n".join(lines)))
    return blocks


def _made(words: Words, product: str, team: str) -> str:
    made = f"*{escape(kit.shorten(product, 80))}*"
    return words.say("{product}, made by {team}", product=made, team=escape(kit.shorten(team, 60))) if team else made


def questions_worth_asking(words: Words, adoption: Adoption, shown: Shown) -> list[str]:
    """Three, which differ from adopter to adopter and stay the same for one."""
    product = escape(kit.shorten(shown.made[0].product.name, 60)) if shown.made else ""
    year = shown.customer.customer_since.year if shown.customer.customer_since else None
    pool = [
        words.say("What are they working on that nobody here has heard of yet?"),
        words.say("Why did they choose us, and what nearly kept them from it?"),
        words.say("What could we do that would make one day of theirs easier?"),
        words.say("Whom do they serve themselves, and what do those people care about?"),
        words.say("When were they last annoyed with us, and what did we learn?"),
    ]
    if product:
        pool.insert(
            1,
            words.say("Where does {product} go once it has left us, and who holds it in their hands?", product=product),
        )
    if year:
        pool.insert(3, words.say("What has changed for them since {year}?", year=year))
    start = sum(map(ord, adoption.id)) % len(pool)
    return [pool[(start + number * 2) % len(pool)] for number in range(3)]


def _standing(words: Words, intro: Intro) -> list[Block]:
    said = []
    if intro.adoption.is_paused(intro.now) and intro.adoption.paused_until:
        said.append(words.say("Paused until {day}.", day=since(words, intro.adoption.paused_until)))
    visit = intro.visit
    if visit is not None and visit.state == AGREED and visit.agreed_on:
        said.append(words.say("First visit: {day}.", day=day(words, visit.agreed_on)))
    elif visit is not None and visit.state == WITH_MANAGER:
        said.append(words.say("You have proposed a first visit; the answer comes into this thread."))
    elif visit is not None and visit.state == WITH_ADOPTER:
        said.append(words.say("Another day for your first visit was proposed: see below."))
    return [kit.context(*said)] if said else []


def paused_note(words: Words, adoption: Adoption) -> Message:
    if adoption.paused_until is None:
        return told(words.say("You are back: news comes into this thread again."))
    return told(
        words.say(
            "Paused until {day}: until then nothing comes into this thread. What happened meanwhile is on Canteen's"
            " Home tab. You can go on earlier there.",
            day=since(words, adoption.paused_until),
        )
    )


def ended_note(words: Words, why: str, customer: str) -> Message:
    name = escape(customer)
    if why == OWN:
        text = words.say(
            "You have stopped. This thread stays for you to read; nothing more of {customer} comes into it.",
            customer=name,
        )
    elif why == SWAPPED:
        text = words.say(
            "You have swapped {customer}. This thread stays for you to read; the new one has begun.", customer=name
        )
    elif why == BY_MANAGER:
        text = words.say(
            "This adoption of {customer} was ended by whoever looks after it. That says nothing about you. The thread"
            " stays for you to read; another customer would be glad of you.",
            customer=name,
        )
    else:
        text = words.say("This adoption of {customer} has ended. The thread stays for you to read.", customer=name)
    return told(text)


@dataclass(frozen=True, kw_only=True)
class Greeter:
    """Who says hello. `looks_after`: as the account manager; `stands_in_for`: whose deputy they are; neither of them
    any more where the customer has changed hands since."""

    name: str
    looks_after: bool = False
    stands_in_for: str = ""


def hello_note(words: Words, greeter: Greeter, text: str) -> Message:
    name = escape(greeter.name)
    if greeter.looks_after:
        intro = words.say("*{name}*, who looks after this customer, says hello:", name=name)
    elif greeter.stands_in_for:
        manager = escape(greeter.stands_in_for)
        intro = words.say(
            "*{name}*, who stands in for {manager} with this customer, says hello:", name=name, manager=manager
        )
    else:
        intro = words.say("*{name}* says hello:", name=name)
    written = clean(text).strip()
    blocks = [kit.section(intro), {"type": "section", "text": kit.plain(written)}]
    return Message(text=f"{spoken(intro)} {escape(kit.shorten(written, 300))}", blocks=blocks)


# -- account managers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class NewAdopter:
    adoption: Adoption
    name: str
    customer: str


def new_adopters(words: Words, found: Sequence[NewAdopter], *, count: int) -> Message:
    """The first of `count`; none where all of them have ended since."""
    if not found:
        return told(words.say("The adoptions that stood here have ended since."))
    intro = words.say_n("{n} new adopter of your customers", "{n} new adopters of your customers", count)
    blocks: list[Block] = [kit.header(intro)]
    spoken_lines = []
    for one in found[:LISTED]:
        name, customer = escape(kit.shorten(one.name, 80)), escape(kit.shorten(one.customer, 80))
        line = words.say("*{name}* adopted *{customer}*", name=name, customer=customer)
        spoken_lines.append(spoken(line))
        if one.adoption.hello_at is not None:
            blocks.append(kit.section(f"{line}\n{words.say('You said hello.')}"))
            continue
        label = kit.shorten(words.say("Say hello to {name}", name=clean(one.name)), 75)
        hello = kit.button(words.say("Say hello"), action=HELLO, value=one.adoption.id, label=label)
        blocks.append(kit.section(line, accessory=hello))
    if count > LISTED:
        blocks.append(
            kit.context(words.say("There are more: Canteen's Home tab lists the adopters of your customers."))
        )
    blocks.append(kit.context(words.say("Each of them gets your updates about their customer from now on.")))
    return Message(text=kit.shorten(f"{intro}: {'; '.join(spoken_lines)}.", 1500), blocks=blocks)


# -- swaps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A swap as the colleague sees it. `mine`: adoption ids and customers' names that they could give."""

    swap_id: str
    state: str
    name: str
    customer: str
    mine: Sequence[tuple[str, str]]


def swap_offer(words: Words, offer: Offer, manners: Sequence[Element] = ()) -> Message:
    name, customer = escape(offer.name), escape(kit.shorten(offer.customer, 100))
    if offer.state == "agreed":
        return told(words.say("You have swapped with {name}: {customer} is yours now.", name=name, customer=customer))
    if offer.state != "asked" or not offer.mine:
        return told(words.say("{name} asked to swap customers. There is nothing to answer any more.", name=name))
    text = words.say(
        "*{name}* would like to swap: you would get *{customer}* for one of yours. Which one? There is no need to;"
        " nobody hears more than “not this time”.",
        name=name,
        customer=customer,
    )
    buttons = [
        kit.button(
            kit.shorten(words.say("Give {customer}", customer=clean(given)), 75),
            action=f"{SWAP_YES}_{number}",
            value=f"{offer.swap_id}:{adoption_id}",
        )
        for number, (adoption_id, given) in enumerate(offer.mine)
    ]
    buttons.append(kit.button(words.say("Not this time"), action=SWAP_NO, value=offer.swap_id))
    blocks: list[Block] = [kit.section(text), kit.actions(*buttons)]
    if manners:
        blocks.append(kit.actions(*manners))
    return Message(text=spoken(text), blocks=blocks)


def swap_declined(words: Words, *, name: str) -> Message:
    return told(words.say("{name} would rather not swap this time. Everything stays as it was.", name=escape(name)))
