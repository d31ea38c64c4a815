"""The form in which editors correct a quiz that was posted, and what stands in it once it is submitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.features.inbox import fields
from bot.features.inbox.rules import Content
from bot.features.quizzes.checking import ALT, OPTION, QUESTION, WHY, Checker
from bot.features.quizzes.question_form import errors_by_field
from bot.slack.kit import Block
from bot.slack.payloads import Submission
from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """The form's words. `errors` by block."""

    content: Content
    errors: Mapping[str, str] = field(default_factory=dict)


def correction_form(words: Words, content: Content) -> list[Block]:
    """As many options as there are, in the order they were written in."""
    right = content.details.get("right")
    blocks = [fields.typed(words.say("Question"), "question", initial=content.headline, limit=QUESTION, optional=False)]
    for number, said in enumerate(content.details.get("options", ()), start=1):
        label = words.say("Option {n}", n=words.number(number))
        if number - 1 == right:
            label = words.say("Option {n}, the right one", n=words.number(number))
        blocks.append(fields.typed(label, f"option_{number}", initial=said, limit=OPTION, optional=False))
    blocks.append(
        fields.typed(words.say("Why"), "why", initial=content.text, limit=WHY, multiline=True, optional=False)
    )
    if content.picture_alt:
        alt = words.say("For those who cannot see it, and without the right answer in it.")
        label = words.say("What is on the picture")
        blocks.append(
            fields.typed(label, "picture_alt", initial=content.picture_alt, limit=ALT, optional=False, hint=alt)
        )
    return blocks


def read(words: Words, given: Submission, before: Content) -> Corrected:
    """Everything that can be said without the database."""
    was = list(before.details.get("options", ()))
    typed = [given.typed(f"option_{number}") for number in range(1, len(was) + 1)]
    asked: dict[str, Any] = {
        "question": given.typed("question"),
        "options": typed,
        "right": str(before.details["right"] + 1),
        "why": given.typed("why"),
        "language": before.language,
    }
    if before.picture_alt:
        asked["picture"] = {"file": "picture", "alt": given.typed("picture_alt")}
    checker = Checker(given=asked, right_by_number=True)
    checker.check()
    options = [" ".join(one.split()) for one in typed]
    content = replace(
        before,
        headline=" ".join(asked["question"].split()),
        text=" ".join(asked["why"].split()),
        picture_alt=" ".join(given.typed("picture_alt").split()) if before.picture_alt else before.picture_alt,
        details={**before.details, "options": options},
    )
    errors = {**_moved(words, was, options), **errors_by_field(words, checker.problems, range(len(was)))}
    if not errors and content == before:
        errors = {"question": words.say("Nothing has been changed yet.")}
    return Corrected(content=content, errors=errors)


def _moved(words: Words, was: list[str], options: list[str]) -> dict[str, str]:
    """Options that change places would change what people have answered, and which one is right."""
    places = {option.casefold(): number for number, option in enumerate(was)}
    why = words.say("This option stood in another place. Whoever chose it would have chosen something else now.")
    return {
        f"option_{number + 1}": why
        for number, option in enumerate(options)
        if places.get(option.casefold(), number) != number
    }
