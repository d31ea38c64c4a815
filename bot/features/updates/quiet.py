"""The reader's words."""

from bot.features.members.service import Person
from bot.slack.words import Words


def words_of(person: Person) -> Words:
    return Words(locale=person.locale, zone=person.zone)
