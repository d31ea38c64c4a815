"""A renderer's answers where nobody needs to hear more about an outcome, and the reader's words."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.queue import Owed
from bot.features.members.service import Person
from bot.slack.words import Words


def words_of(person: Person) -> Words:
    return Words(locale=person.locale, zone=person.zone)


class Quiet:
    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        """It is where it should be: nothing to note."""

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """The operator sees it among the failed deliveries."""

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        """Nothing hangs on it: nothing to note."""
