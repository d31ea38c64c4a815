"""The modal in which an admin changes who looks after a customer and what may be done with it: how it looks, and what
was filled in. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.features.customers.rules import CustomerCard
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.payloads import picked, typed
from bot.slack.text import escape, mention, spoken
from bot.slack.words import Words

EDIT, PICK, SAVE = "customers:edit", "customers:pick", "customers:change"
MANAGER, DEPUTY, NAMED, FLAGS, MOST, NEWS = "manager", "deputy", "named", "flags", "most", "news"
ADOPTABLE, CONFIDENTIAL = "adoptable", "confidential"
YES, NO, OPEN = "yes", "no", "open"
MOST_ADOPTERS, MOST_DAYS = 10_000, 365
Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What the form says. `max_adopters` and `news_every_days` as typed; "" is none."""

    manager: str | None
    deputy: str | None
    may_be_named: bool | None
    adoptable: bool
    confidential: bool
    max_adopters: str
    news_every_days: str


def read_form(values: Values) -> Change:
    flags = picked(values, FLAGS)
    return Change(
        manager=next(iter(picked(values, MANAGER)), None),
        deputy=next(iter(picked(values, DEPUTY)), None),
        may_be_named={YES: True, NO: False}.get(next(iter(picked(values, NAMED)), OPEN)),
        adoptable=ADOPTABLE in flags,
        confidential=CONFIDENTIAL in flags,
        max_adopters=typed(values, MOST).strip(),
        news_every_days=typed(values, NEWS).strip(),
    )


def number(given: str, lowest: int, highest: int) -> int | None:
    """None where it is empty or no such number."""
    found = int(given) if given.isascii() and given.isdigit() and len(given) < 8 else -1
    return found if lowest <= found <= highest else None


def edit_button(words: Words, customer_id: str) -> Element:
    """On a customer's card, for admins."""
    return kit.button(words.say("Change"), action=EDIT, value=customer_id, label=words.say("Change this customer"))


def section(words: Words, count: int) -> list[Block]:
    """On an admin's Home: find a customer and change it."""
    title = words.say("Customers")
    said = words.say_n(
        "{n} customer. Change who looks after it, and what may be done with it.",
        "{n} customers. Change who looks after them, and what may be done with them.",
        count,
    )
    return [
        kit.section(f"*{title}*\n{said}"),
        kit.actions(kit.search(action=PICK, placeholder=words.say("Find a customer")), block_id=PICK),
    ]


def view(words: Words, customer: CustomerCard, *, given: Mapping[str, str], every: int) -> View:
    """`given`: what a file says of an account manager or deputy whom Slack does not know yet. `every`: the workspace's
    days between news."""
    blocks: list[Block] = [kit.section(f"*{escape(kit.shorten(customer.name, 150))}*")]
    for said in given.values():
        why = words.say("A file says “{person}”, who is nobody in Slack yet.", person=escape(kit.shorten(said, 100)))
        blocks.append(kit.context(why))
    return View(
        type="modal",
        title=words.say("Change a customer"),
        callback_id=SAVE,
        submit=words.say("Save"),
        close=words.say("Cancel"),
        private=customer.id,
        blocks=[*blocks, *_people(words, customer), *_rules(words, customer, every), *_note(words)],
    )


def _people(words: Words, customer: CustomerCard) -> list[Block]:
    hint = words.say("Asked while the account manager is away, or does not answer.")
    return [
        kit.entry(
            words.say("Account manager"), _user(MANAGER, customer.account_manager), block_id=MANAGER, optional=True
        ),
        kit.entry(words.say("Deputy"), _user(DEPUTY, customer.deputy), block_id=DEPUTY, optional=True, hint=hint),
    ]


def _user(action: str, user: str | None) -> Element:
    element: Element = {"type": "users_select", "action_id": action}
    return {**element, "initial_user": user} if user else element


def _rules(words: Words, customer: CustomerCard, every: int) -> list[Block]:
    options = {
        YES: kit.option(words.say("Yes"), YES),
        NO: kit.option(words.say("No"), NO),
        OPEN: kit.option(words.say("Nobody has said"), OPEN),
    }
    named = {True: YES, False: NO, None: OPEN}[customer.may_be_named]
    shown = list(options.values()) if customer.may_be_named is None else [options[YES], options[NO]]
    days = "" if customer.news_every_days is None else str(customer.news_every_days)
    most = "" if customer.max_adopters is None else str(customer.max_adopters)
    return [
        kit.entry(
            words.say("May channels and guests read the name?"),
            kit.select(action=NAMED, options=shown, initial=options[named]),
            block_id=NAMED,
        ),
        kit.entry(words.say("Rules"), _flags(words, customer), block_id=FLAGS, optional=True),
        kit.entry(
            words.say("Adopters at most"),
            kit.text_input(action=MOST, initial=most, limit=6),
            block_id=MOST,
            optional=True,
            hint=words.say("Empty: as many as like."),
        ),
        kit.entry(
            words.say("News expected every … days"),
            kit.text_input(action=NEWS, initial=days, limit=4),
            block_id=NEWS,
            optional=True,
            hint=words.say_n("Empty: {n} day, as everywhere.", "Empty: {n} days, as everywhere.", every),
        ),
    ]


def _flags(words: Words, customer: CustomerCard) -> Element:
    adoptable = kit.option(words.say("May be adopted"), ADOPTABLE)
    confidential = kit.option(words.say("Confidential: never named in channels or to guests"), CONFIDENTIAL)
    element: Element = {"type": "checkboxes", "action_id": FLAGS, "options": [adoptable, confidential]}
    on = [option for option, holds in ((adoptable, customer.adoptable), (confidential, customer.confidential)) if holds]
    return {**element, "initial_options": on} if on else element


def _note(words: Words) -> list[Block]:
    said = words.say("What you change here stays, until an imported file says something new about it.")
    return [kit.context(said)]


def saved(words: Words, customer: CustomerCard) -> View:
    """Stands in the window once it is saved: what holds now."""
    lines = [words.say("*{customer}* is saved.", customer=escape(kit.shorten(customer.name, 150)))]
    nobody = words.say("nobody")
    for label, user in (
        (words.say("Account manager"), customer.account_manager),
        (words.say("Deputy"), customer.deputy),
    ):
        lines.append(f"{label}: {mention(user) if user else nobody}")
    return View(
        type="modal",
        title=words.say("Saved"),
        close=words.say("Close"),
        blocks=[kit.section("\n".join(lines))],
    )


def gone(words: Words) -> View:
    said = words.say("I cannot find that customer. It may have been removed since.")
    return View(
        type="modal", title=words.say("Change a customer"), close=words.say("Close"), blocks=[kit.section(said)]
    )


def candidates(words: Words, said: str, customers: Sequence[CustomerCard]) -> Message:
    """After `/customer-admin customer NAME`: which one?"""
    intro = words.say("Which customer do you want to change?")
    if said and not customers:
        intro = words.say("I know no customer called “{typed}”.", typed=escape(kit.shorten(said, 60)))
    rows = [
        kit.section(f"*{escape(kit.shorten(one.name, 80))}*", accessory=edit_button(words, one.id))
        for one in customers[:10]
    ]
    names = words.list([escape(kit.shorten(one.name, 60)) for one in customers[:10]])
    text = f"{intro} {names}." if names else intro
    return Message(text=spoken(text), blocks=[kit.section(intro), *rows])


NOT_A_MEMBER, SAME, NOT_A_NUMBER, NOT_DAYS = "not_a_member", "same", "not_a_number", "not_days"


def errors(words: Words, wrong: Mapping[str, str]) -> dict[str, str]:
    """What stands below which field."""
    return {field: error(words, problem) for field, problem in wrong.items()}


def error(words: Words, problem: str) -> str:
    return {
        NOT_A_MEMBER: words.say("Only members of this workspace: no guests, no apps, nobody who has left."),
        SAME: words.say("The deputy has to be somebody else."),
        NOT_A_NUMBER: words.say("Please write a whole number, or leave it empty."),
        NOT_DAYS: words.say(
            "Please write a whole number from {low} to {high}, or leave it empty.", low=1, high=MOST_DAYS
        ),
    }[problem]
