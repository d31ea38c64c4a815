"""The windows for asking and answering, and what is said about where a question went."""

from bot.features.customers.service import CustomerCard
from bot.features.questions.blocks import aloud, said
from bot.features.questions.rules import LONGEST, Gone, Question, Refusal
from bot.features.questions.service import Before
from bot.slack import kit
from bot.slack.kit import Block, View
from bot.slack.text import escape
from bot.slack.words import Words

ASKED, ANSWERED = "questions:asked", "questions:answered"
TEXT = "text"


def ask_window(
    words: Words,
    customer: CustomerCard,
    *,
    post_id: str,
    manager: str | None,
    before: tuple[Before, ...] = (),
    initial: str = "",
) -> View:
    """Nothing of `before` says who asked."""
    blocks: list[Block] = []
    name = escape(customer.name)
    if manager:
        to = words.say("Your question about *{customer}* goes to *{name}*.", customer=name, name=escape(manager))
    else:
        to = words.say("Your question about *{customer}* goes to the editors.", customer=name)
    blocks.append(kit.section(to))
    asked = kit.text_input(action=TEXT, multiline=True, limit=LONGEST, initial=initial)
    blocks.append(kit.entry(words.say("Your question"), asked, block_id=TEXT))
    if before:
        blocks += [kit.divider(), kit.section(f"*{words.say('Answered before')}*")]
    for one in before:
        blocks.append(kit.context(aloud(one.question)))
        for text in one.answers[-2:]:
            blocks += said(text)[:2]
    return View(
        type="modal",
        title=kit.shorten(words.say("Ask about {customer}", customer=customer.name), 24),
        callback_id=ASKED,
        submit=words.say("Ask"),
        close=words.say("Cancel"),
        private=f"{customer.id}:{post_id}",
        blocks=blocks,
    )


def answer_window(words: Words, question: Question, *, asker: str, customer: str) -> View:
    intro = words.say("*{name}* asks about *{customer}*:", name=escape(asker), customer=escape(customer))
    answered = kit.text_input(action=TEXT, multiline=True, limit=LONGEST)
    hint = words.say("It goes to {name} as a direct message.", name=asker)
    return View(
        type="modal",
        title=words.say("Answer"),
        callback_id=ANSWERED,
        submit=words.say("Send"),
        close=words.say("Cancel"),
        private=question.id,
        blocks=[
            kit.section(intro),
            *said(question.text),
            kit.entry(words.say("Your answer"), answered, block_id=TEXT, hint=hint),
        ],
    )


def notice(words: Words, text: str, title: str = "") -> View:
    return View(
        type="modal", title=title or words.say("Questions"), close=words.say("Close"), blocks=[kit.section(text)]
    )


def went(words: Words, gone: Gone, *, manager: str, customer: str) -> str:
    if gone is Gone.TO_MANAGER:
        return words.say(
            "Your question about {customer} is on its way to {name}. The answer comes to you as a direct message.",
            customer=escape(customer),
            name=escape(manager),
        )
    if gone is Gone.TO_NOBODY:
        return words.say(
            "Your question about {customer} is kept. Nobody can answer it now; it goes out as soon as somebody can.",
            customer=escape(customer),
        )
    return words.say(
        "Your question about {customer} is with the editors. The answer comes to you as a direct message.",
        customer=escape(customer),
    )


def too_long(words: Words, count: int) -> str:
    """Below somebody's own message, which stays as it is."""
    return words.say(
        "This was not sent on: it has {count} characters, and {limit} is the most. Please make it shorter.",
        count=words.number(count),
        limit=words.number(LONGEST),
    )


def refused(words: Words, refusal: Refusal) -> str:
    match refusal:
        case Refusal.NOT_FOR_GUESTS:
            return words.say("Asking about customers is for members of this company. Sorry!")
        case Refusal.OWN_CUSTOMER:
            return words.say("You look after this customer yourself: questions about it come to you.")
        case Refusal.NOT_YOURS:
            return words.say("This question is with somebody else now, so you cannot answer it.")
        case Refusal.EMPTY:
            return words.say("Please write something first.")
        case Refusal.TOO_LONG:
            return words.say(
                "This is longer than {limit} characters. Please make it shorter.", limit=words.number(LONGEST)
            )
        case Refusal.UNUSABLE:
            return words.say("There are characters in it that cannot be sent. Please write it again.")
        case Refusal.NO_CUSTOMER:
            return words.say("Please choose a customer first.")
        case Refusal.NOT_REACHED:
            return words.say("This did not reach anybody. Please ask once more: the question then finds somebody else.")
    return words.say("This is not there any more.")
