"""Asking to be forgotten: what the person reads, and what the admins do."""

from collections.abc import Sequence

from bot.features.members.rules import Person
from bot.slack import kit
from bot.slack.kit import Block, Message, View
from bot.slack.text import escape, mention
from bot.slack.words import Words

FORGET = "members:forget"
GET_DATA = "exports:own"  # answered by exports
NAMED = 5


def ask(words: Words) -> list[Block]:
    """At the end of what a person may change about themselves."""
    sure = kit.confirm(
        words.say("Ask to be forgotten?"),
        words.say("I ask the admins to erase what I keep about you. What you answered then counts as nobody's."),
        words.say("Ask them"),
        words.say("Cancel"),
    )
    return [
        kit.actions(
            kit.button(words.say("Get my data"), action=GET_DATA),
            kit.button(words.say("Ask to be forgotten"), action=FORGET, confirm=sure),
        )
    ]


def asked(words: Words, admins: Sequence[Person]) -> View:
    """`admins`: those who have been told."""
    who = words.list([escape(person.name) for person in list(admins)[:NAMED]])
    told = (
        words.say(
            "I have told {admins}. Whoever runs Canteen erases what I keep about you, and an admin tells you when it is"
            " done.",
            admins=who,
        )
        if admins
        else words.say("There is no admin yet whom I could tell. Please ask whoever runs Canteen.")
    )
    then = words.say(
        "What you wrote, chose and wished for goes then, and my messages to you. Totals stay, without you. What you"
        " wrote in Slack yourself stays there. If you still use Slack, you begin here as somebody new."
    )
    return View(
        type="modal",
        title=words.say("Being forgotten"),
        close=words.say("Close"),
        blocks=[kit.section(told), kit.section(then)],
    )


def to_admin(words: Words, person: Person) -> Message:
    """Whoever runs Canteen types it: it asks first, and shows what would go."""
    command = f"canteen erase person {person.user_id} --by {person.user_id}"
    said = words.say("asks to be forgotten.")
    how = words.say(
        "Please have whoever runs Canteen type this. It shows first what would go. Then tell them that it is done."
    )
    name = escape(person.name or person.user_id)
    return Message(
        text=f"{name} {said} {how} {command}",
        blocks=[kit.section(f"{mention(person.user_id) or name} {said} {how}\n```{command}```")],
    )
