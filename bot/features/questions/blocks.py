"""What people see of questions and answers."""

from bot.slack.kit import Element, button
from bot.slack.words import Words

ASK = "questions:ask"


def ask_button(words: Words, customer_id: str, post_id: str = "") -> Element:
    """For a story, a card: leads to the modal *Ask about a customer*."""
    return button(words.say("Ask about this customer"), action=ASK, value=f"{customer_id}:{post_id}")
