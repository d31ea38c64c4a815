"""A company with a library, and a sender that pays what stories owe to a Slack of its own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.ids import new_id as fresh_id
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery, Pace
from bot.delivery.sender import Sender
from bot.features.channels import service as channels
from bot.features.channels.seams import Audience, Due
from bot.features.stories import jobs
from bot.features.stories.owed import renderers
from bot.metrics import Metrics
from sandbox.kit import check_blocks
from tests.delivery.pretend_slack import PretendSlack
from tests.doubles import CountingIds
from tests.features.members.conftest import edge, slack
from tests.features.stories.given import CHANNEL, NOW, WS, ask_button, bring_in, company, folder, occurrence

__all__ = ["edge", "slack"]


@dataclass
class SlackWithFiles(PretendSlack):
    uploads: list[tuple[str, bytes]] = field(default_factory=list)

    def _files_getUploadURLExternal(self, *, filename: str, length: int, alt_txt: str = "") -> dict[str, Any]:
        return {"ok": True, "file_id": "F0123456789", "upload_url": "https://up.example/1"}

    def _files_completeUploadExternal(self, *, files: list[Any], **_more: Any) -> dict[str, Any]:
        return {"ok": True}

    def _files_info(self, *, file: str) -> dict[str, Any]:
        return {"ok": True, "file": {"mimetype": "image/jpeg"}}

    async def upload(self, workspace_id: str, upload_url: str, data: bytes) -> None:
        self.uploads.append((upload_url, data))


@dataclass
class Works:
    """What a test drives: import, fill an occurrence, send, look."""

    sessions: Sessions
    slack: SlackWithFiles
    sender: Sender
    tmp_path: Path
    new_id: CountingIds
    public_url: str = ""

    async def library(self, **files: str | bytes) -> None:
        named = {f"{name.replace('__', '.')}" + ("" if "__" in name else ".md"): text for name, text in files.items()}
        report = await bring_in(self.sessions, folder(self.tmp_path, named), self.new_id)
        assert report.refused == ()

    async def audience(self) -> Audience:
        async with self.sessions.begin() as session:
            found = await channels.audience(session, WS, CHANNEL)
        assert found is not None
        return found

    async def fill(self, name: str = "occ1", *, kind: str = "story", due_at: datetime = NOW) -> str | None:
        audience = await self.audience()
        async with self.sessions.begin() as session:
            due = await occurrence(session, name, kind=kind, due_at=due_at)
            return await jobs.Library(name=kind, public_url=self.public_url).fill(session, audience, due, now=due_at)

    async def refill(self, name: str, *, kind: str = "story", due_at: datetime = NOW) -> str | None:
        audience = await self.audience()
        due = Due(occurrence_id=name, kind=kind, due_at=due_at)
        async with self.sessions.begin() as session:
            return await jobs.Library(name=kind).fill(session, audience, due, now=due_at)

    async def rounds(self, number: int = 3) -> None:
        for _ in range(number):
            async with self.sessions.begin() as session:
                past = await db_now(session) - timedelta(seconds=1)
                await session.execute(update(Pace).values(next_free_at=past, limited_until=None))
                await session.execute(update(Delivery).where(Delivery.state == "pending").values(due_at=past))
            await self.sender.turn("lease")
            await self.sender.settle()

    async def deliveries(self, kind: str) -> list[Delivery]:
        async with self.sessions.begin() as session:
            rows = await session.scalars(select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id))
            return list(rows)

    def posted(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What stands there now; each as strict as Slack would have it."""
        made = self.slack.made(channel)
        for message in made:
            assert check_blocks(list(message["blocks"]), "message") == []
            assert message["text"]
        return made


@pytest.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    """The database's clock stands where the tests' does."""
    return Sessions(engine, clock_offset=NOW - datetime.now(UTC))


@pytest.fixture
async def works(sessions: Sessions, tmp_path: Path, new_id: CountingIds) -> Works:
    async with sessions.begin() as session:
        await company(session)
    gateway = SlackWithFiles()
    sender = Sender(
        sessions=sessions,
        gateway=gateway,  # type: ignore[arg-type]
        renderers=renderers(ask_button=ask_button, public_url="", new_id=new_id),
        new_id=fresh_id,
        metrics=Metrics(),
    )
    return Works(sessions=sessions, slack=gateway, sender=sender, tmp_path=tmp_path, new_id=new_id)
