"""The window *Ask Sam*, and what is said about where the question went."""

from bot.features.members.service import Person
from bot.features.questions.rules import LONGEST, Gone, Refusal
from bot.features.updates.blocks import aloud, first_name, short, somebody
from bot.features.updates.rules import Update
from bot.slack import kit
from bot.slack.kit import View
from bot.slack.text import escape
from bot.slack.words import Words

ASKED = "updates:asked"
TEXT = "text"


def shown_name(words: Words, person: Person) -> str:
    return escape(somebody(words, first_name(words, person.name) if person.name else ""))


def window(words: Words, update: Update, customer: str, manager: str | None) -> View:
    """`private` is the update's id. `manager` None: the editors will answer."""
    name = short(customer)
    if manager:
        to = words.say("Your question about *{customer}* goes to *{name}*.", customer=name, name=short(manager))
    else:
        to = words.say("Your question about *{customer}* goes to the editors.", customer=name)
    entered = kit.text_input(action=TEXT, multiline=True, limit=LONGEST)
    return View(
        type="modal",
        title=kit.shorten(words.say("Ask about {customer}", customer=customer), 24),
        callback_id=ASKED,
        submit=words.say("Ask"),
        close=words.say("Cancel"),
        private=update.id,
        blocks=[
            kit.section(to),
            kit.context(aloud(update.headline or update.text)),
            kit.entry(words.say("Your question"), entered, block_id=TEXT),
        ],
    )


def went(words: Words, gone: Gone, manager: str) -> str:
    if gone is Gone.TO_MANAGER:
        return words.say(
            "Your question is on its way to {name}. The answer comes to you as a direct message.", name=short(manager)
        )
    if gone is Gone.TO_NOBODY:
        return words.say("Your question is kept. Nobody can answer it now; it goes out as soon as somebody can.")
    return words.say("Your question is with the editors. The answer comes to you as a direct message.")


def refused(words: Words, refusal: Refusal | None) -> str:
    match refusal:
        case Refusal.NOT_FOR_GUESTS:
            return words.say("Asking about customers is for members of this company. Sorry!")
        case Refusal.OWN_CUSTOMER:
            return words.say("You look after this customer yourself: questions about it come to you.")
        case Refusal.EMPTY:
            return words.say("Please write something first.")
        case Refusal.TOO_LONG:
            limit = words.number(LONGEST)
            return words.say("This is longer than {limit} characters. Please make it shorter.", limit=limit)
        case Refusal.UNUSABLE:
            return words.say("There are characters in it that cannot be sent. Please write it again.")
    return words.say("This is not there any more.")
