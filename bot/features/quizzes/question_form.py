"""The form in which editors write a question, and what stands in it once it is submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.features.inbox import fields
from bot.features.inbox.rules import Content
from bot.features.inbox.story_form import (
    CUSTOMER,
    INTERNAL,
    LEAVE_OUT,
    PRODUCT,
    consents,
    language_field,
)
from bot.features.quizzes.checking import ALT, OPTION, QUESTION, SOURCE, WHY, Checked, Checker, Problem
from bot.features.quizzes.rules import LEAST_OPTIONS, MOST_OPTIONS
from bot.slack import kit
from bot.slack.kit import Block, Element
from bot.slack.payloads import Submission
from bot.slack.words import Words

BLOCKS = {"question": "question", "right": "right", "why": "why", "source": "source", "picture.alt": "picture_alt"}


@dataclass(frozen=True, kw_only=True)
class Names:
    """What stands in the menus: the customer and the product as options. `picture`: how the picture is doing."""

    customer: Element | None = None
    product: Element | None = None
    picture: str = ""


def question_form(words: Words, content: Content, names: Names) -> list[Block]:
    return [*_asked(words, content), *_about(words, names), *_more(words, content, names)]


def _asked(words: Words, content: Content) -> list[Block]:
    given = list(content.details.get("options", ()))
    blocks = [fields.typed(words.say("Question"), "question", initial=content.headline, limit=QUESTION, optional=False)]
    for number in range(1, MOST_OPTIONS + 1):
        blocks.append(
            fields.typed(
                words.say("Option {n}", n=words.number(number)),
                f"option_{number}",
                initial=given[number - 1] if number <= len(given) else "",
                limit=OPTION,
                optional=number > LEAST_OPTIONS,
            )
        )
    why = words.say("Shown with the answer: one or two sentences that people may retell.")
    blocks += [
        _right(words, content),
        fields.typed(
            words.say("Why"), "why", initial=content.text, limit=WHY, multiline=True, optional=False, hint=why
        ),
    ]
    return blocks


def _right(words: Words, content: Content) -> Block:
    options = [
        kit.option(words.say("Option {n}", n=words.number(number)), str(number))
        for number in range(1, MOST_OPTIONS + 1)
    ]
    right = content.details.get("right")
    initial = options[right] if isinstance(right, int) and 0 <= right < MOST_OPTIONS else None
    menu = kit.select(action="right", options=options, initial=initial)
    hint = words.say(
        "The options are shuffled when it is asked. Whoever writes or approves a question does not answer it."
    )
    return kit.entry(words.say("The right one"), menu, block_id="right", hint=hint)


def _about(words: Words, names: Names) -> list[Block]:
    chosen = [names.customer] if names.customer is not None else []
    product = [names.product] if names.product is not None else []
    return [
        fields.search(words.say("Customer"), "customer", CUSTOMER, chosen),
        fields.search(
            words.say("Product"),
            "product",
            PRODUCT,
            product,
            hint=words.say("Channels whose teams make it get the question first."),
        ),
    ]


def _more(words: Words, content: Content, names: Names) -> list[Block]:
    blocks: list[Block] = [kit.context(names.picture)] if names.picture else []
    if content.picture_hash:
        option = kit.option(words.say("Leave the picture out"), LEAVE_OUT)
        blocks.append(fields.tick(words.say("The picture that is there"), "leave_out", option))
    new = words.say("A picture") if not content.picture_hash else words.say("Another picture")
    alt = words.say("For those who cannot see it; needed with a picture, and without the right answer in it.")
    source = str(content.details.get("source") or "")
    blocks += [
        fields.picture(new, "picture", words.say("PNG, JPEG or GIF. Where it was taken is removed from it.")),
        fields.typed(
            words.say("What is on the picture"), "picture_alt", initial=content.picture_alt or "", limit=ALT, hint=alt
        ),
        fields.typed(words.say("Where this comes from"), "source", initial=source, limit=SOURCE),
        language_field(words, content.language),
        fields.radio(words.say("Who may see it"), "consent", consents(words), content.consent),
    ]
    return blocks


# -- read ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Typed:
    """The form's texts and choices, not yet looked up. `errors` by block."""

    content: Content
    checked: Checked | None
    errors: Mapping[str, str] = field(default_factory=dict)


def read(words: Words, given: Submission, before: Content) -> Typed:
    """Everything that can be said without the database."""
    typed = [given.typed(f"option_{number}") for number in range(1, MOST_OPTIONS + 1)]
    filled = [number for number, said in enumerate(typed) if said.strip()]
    picture = None if LEAVE_OUT in given.picked("leave_out") else before.picture_hash
    has_picture = bool(picture or fields.files(given, "picture"))
    right = (given.picked("right") or ("",))[0]
    at = int(right) - 1 if right.isascii() and right.isdigit() else -1
    asked: dict[str, Any] = {
        "question": given.typed("question"),
        "options": [typed[number] for number in filled],
        "right": str(filled.index(at) + 1) if at in filled else right and "0",
        "why": given.typed("why"),
        "source": given.typed("source"),
        "language": (given.picked("language") or (before.language,))[0],
        "consent": (given.picked("consent") or (INTERNAL,))[0],
    }
    if has_picture:
        asked["picture"] = {"file": "picture", "alt": given.typed("picture_alt")}
    # By number, so that an option that is itself a number is not taken for one.
    checker = Checker(given=asked, right_by_number=True)
    checked = checker.check()
    return Typed(
        content=_content(given, before, asked, picture, filled.index(at) if at in filled else None),
        checked=checked,
        errors=errors_by_field(words, checker.problems, filled),
    )


def _content(
    given: Submission, before: Content, asked: Mapping[str, Any], picture: str | None, right: int | None
) -> Content:
    product = given.picked("product")
    details = {
        "options": [" ".join(one.split()) for one in asked["options"]],
        "right": right,
        "source": asked["source"],
    }
    return Content(
        headline=" ".join(asked["question"].split()),
        text=" ".join(asked["why"].split()),
        customer_id=(given.picked("customer") or (None,))[0],
        product_ids=product[:1],
        picture_hash=picture,
        picture_alt=" ".join(given.typed("picture_alt").split()) or None,
        language=asked["language"],
        consent=asked["consent"],
        details={**before.details, **details},
    )


def errors_by_field(words: Words, problems: Sequence[Problem], filled: Sequence[int]) -> dict[str, str]:
    """`filled`: which of the fields for options, counted from 0, are not empty."""
    errors: dict[str, str] = {}
    for problem in problems:
        if not problem.warning:
            said = f"{words.tell(problem.why)}; {words.tell(problem.cure)}."
            errors.setdefault(_block(problem.column, filled), said[:1].upper() + said[1:])
    return errors


def _block(column: str, filled: Sequence[int]) -> str:
    """The field a problem belongs to. What is wrong with the options as a whole is said at the first that is empty."""
    head, _, number = column.partition(".")
    if head == "options" and number.isdigit() and int(number) <= len(filled):
        return f"option_{filled[int(number) - 1] + 1}"
    if head == "options":
        empty = next((n for n in range(MOST_OPTIONS) if n not in filled), 0)
        return f"option_{empty + 1}"
    return BLOCKS.get(column, "question")
