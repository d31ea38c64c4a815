"""The bytes of a file: made when it is sent, packed in memory and kept nowhere."""

import asyncio
import io
from dataclasses import dataclass, field

from bot.core.spreadsheet import Archive
from bot.db.engine import Sessions
from bot.delivery.rendering import TooLargeError
from bot.features.exports import service
from bot.features.exports.customer import CustomerFile
from bot.features.exports.rules import LARGEST, OWN, TOTALS, Wish
from bot.features.exports.seams import WriteOwn
from bot.features.exports.totals import TotalsFile
from bot.slack.words import Words

AT_ONCE = 2  # files in the making; more would be held in memory side by side


@dataclass(frozen=True, kw_only=True)
class Making:
    sessions: Sessions
    write_own: WriteOwn
    largest: int = LARGEST
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def make(self, wish: Wish, words: Words) -> bytes:
        """In short transactions of its own."""
        async with self._turn:
            into = io.BytesIO()
            try:
                await self._write(wish, words, into)
            except OverflowError as error:
                raise TooLargeError from error
            return into.getvalue()

    async def _write(self, wish: Wish, words: Words, into: io.BytesIO) -> None:
        if wish.what == TOTALS:
            async with self.sessions.begin() as session:
                channels = await service.names_of_channels(session, wish)
            file = TotalsFile(sessions=self.sessions, workspace_id=wish.workspace_id, channels=channels, words=words)
            await file.write(into)
            return
        archive = Archive(into, largest=self.largest)
        try:
            if wish.what == OWN:
                await self.write_own(self.sessions, wish.workspace_id, wish.user, archive)
            else:
                await CustomerFile(
                    sessions=self.sessions, workspace_id=wish.workspace_id, customer_id=wish.subject,
                    reader=wish.user, words=words,
                ).write(archive)  # fmt: skip
        finally:
            archive.close()
