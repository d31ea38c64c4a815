"""Every message, modal and Home view in each of its states, feature by feature."""

from bot.slack.words import Words
from tests.gallery import (
    adoptions,
    channels,
    company,
    exports,
    home,
    imports,
    inbox,
    members,
    pulse,
    questions,
    quizzes,
    stories,
    updates,
)
from tests.gallery.shelf import Shelf

READER = Words(locale="en-GB", zone="Europe/Lisbon")


def everything(words: Words = READER) -> Shelf:
    """As somebody with these words sees it."""
    shelf = Shelf(words=words)
    stories.show(shelf)
    inbox.show(shelf)
    quizzes.show(shelf)
    questions.show(shelf)
    adoptions.show(shelf)
    updates.show(shelf)
    company.show(shelf)
    members.show(shelf)
    exports.show(shelf)
    imports.show(shelf)
    channels.show(shelf)
    pulse.show(shelf)
    home.show(shelf)
    return shelf
