"""The windows: choosing a customer, saying hello, proposing days, asking for a swap."""

from collections.abc import Sequence
from datetime import date

from bot.features.adoptions.blocks import day
from bot.features.adoptions.rules import LONGEST_TEXT, MOST_DATES, DateProblem
from bot.slack import kit
from bot.slack.kit import Block, Element, View
from bot.slack.text import clean, escape
from bot.slack.words import Words

PICKED, WHICH = "adoptions:picked", "adoptions:which"
SAID_HELLO, PROPOSED, DECLINED, SWAP_ASKED = (
    "adoptions:said_hello",
    "adoptions:proposed",
    "adoptions:declined",
    "adoptions:swap_asked",
)
TEXT, DATES, WHO = "text", tuple(f"date{number}" for number in range(MOST_DATES)), "who"


def notice(words: Words, text: str) -> View:
    return View(type="modal", title=words.say("Customers"), close=words.say("Close"), blocks=[kit.section(text)])


def picker(words: Words, *, some: bool) -> View:
    """`some` False: there is no customer that this person could adopt now."""
    if not some:
        return notice(words, words.say("There is no customer to adopt at the moment. Please look again later."))
    field = kit.search(action=WHICH, placeholder=words.say("Type a customer's name"), minimum=0)
    about = words.say("News of your customer comes to you in one thread. You can pause, swap or stop at any time.")
    return View(
        type="modal",
        title=words.say("Adopt a customer"),
        callback_id=PICKED,
        submit=words.say("Adopt"),
        close=words.say("Cancel"),
        blocks=[kit.entry(words.say("Which customer?"), field, block_id=WHICH), kit.context(about)],
    )


def hello(words: Words, adoption_id: str, *, name: str, customer: str, author: str) -> View:
    """With a text that can go as it is."""
    first = clean(name).split(" ")[0] if name else ""
    ready = words.say(
        "Hello {name}, good to have you with {customer}! Ask me anything about them. {author}",
        name=first,
        customer=clean(customer),
        author=clean(author).split(" ")[0],
    )
    field = kit.text_input(action=TEXT, initial=ready, multiline=True, limit=LONGEST_TEXT)
    hint = words.say("It goes into {name}'s thread about {customer}.", name=clean(name), customer=clean(customer))
    return View(
        type="modal",
        title=words.say("Say hello"),
        callback_id=SAID_HELLO,
        submit=words.say("Send"),
        close=words.say("Cancel"),
        private=adoption_id,
        blocks=[kit.entry(words.say("Your hello"), field, block_id=TEXT, hint=kit.shorten(hint, 2000))],
    )


def propose(words: Words, value: str, *, customer: str, other: str, days: int = MOST_DATES) -> View:
    """`value`: an adoption's id, or a visit's with its turn. `other`: who answers. `days`: how many may be proposed."""
    intro = words.say(
        "Which days would suit you for a first visit to *{customer}*? *{name}* picks one, or proposes another.",
        customer=escape(customer),
        name=escape(other),
    )
    blocks: list[Block] = [kit.section(intro)]
    for number in range(days):
        label = words.say("A day") if days == 1 else words.say("Day {n}", n=words.number(number + 1))
        picker: Element = {"type": "datepicker", "action_id": DATES[number]}
        blocks.append(kit.entry(label, picker, block_id=DATES[number], optional=number > 0))
    note = kit.text_input(action=TEXT, multiline=True, limit=LONGEST_TEXT)
    blocks.append(kit.entry(words.say("Anything to add?"), note, block_id=TEXT, optional=True))
    return View(
        type="modal",
        title=words.say("First visit"),
        callback_id=PROPOSED,
        submit=words.say("Propose"),
        close=words.say("Cancel"),
        private=value,
        blocks=blocks,
    )


def date_error(words: Words, problem: DateProblem) -> str:
    match problem:
        case DateProblem.PAST:
            return words.say("Please choose days from tomorrow on.")
        case DateProblem.FAR:
            return words.say("Please choose days within a year.")
    return words.say("Please choose at least one day.")


def decline(words: Words, value: str, *, name: str) -> View:
    intro = words.say(
        "Tell *{name}* that it does not work out this time. A word on why is kind, and not needed.", name=escape(name)
    )
    note = kit.text_input(action=TEXT, multiline=True, limit=LONGEST_TEXT)
    return View(
        type="modal",
        title=words.say("Not this time"),
        callback_id=DECLINED,
        submit=words.say("Send"),
        close=words.say("Cancel"),
        private=value,
        blocks=[kit.section(intro), kit.entry(words.say("Your words"), note, block_id=TEXT, optional=True)],
    )


def swap(words: Words, adoption_id: str, *, customer: str) -> View:
    intro = words.say(
        "Ask a colleague who has a customer too. If they agree, they get *{customer}* and you get one of theirs; both"
        " threads begin anew, and the old ones stay to be read.",
        customer=escape(customer),
    )
    who: Element = {"type": "users_select", "action_id": WHO}
    return View(
        type="modal",
        title=words.say("Swap customers"),
        callback_id=SWAP_ASKED,
        submit=words.say("Ask"),
        close=words.say("Cancel"),
        private=adoption_id,
        blocks=[kit.section(intro), kit.entry(words.say("Whom?"), who, block_id=WHO)],
    )


def text_error(words: Words) -> str:
    return words.say(
        "Please write something that can be sent, {limit} characters at most.", limit=words.number(LONGEST_TEXT)
    )


def agreed_text(words: Words, when: date) -> str:
    return words.say("Agreed: {day}. Both of you are told.", day=day(words, when))


def options(found: Sequence[tuple[str, str, str]]) -> list[Element]:
    """Id, name and where it is, for a search field."""
    return [kit.option(clean(name), customer_id, where) for customer_id, name, where in found[:100]]
