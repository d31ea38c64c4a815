"""A workspace with somebody of each kind, and a Slack that files go to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.db.engine import Sessions
from bot.db.tables.delivery import Delivery, Pace
from bot.delivery.sender import Sender
from bot.features.edge import Edge
from bot.features.exports import owed
from bot.features.exports.handlers import Exports
from bot.features.exports.making import Making
from bot.features.members import service as members
from bot.metrics import Metrics
from bot.registry.exports import write_own
from tests.delivery.pretend_slack import PretendSlack
from tests.doubles import FixedClock
from tests.features.members.bolt import Slack
from tests.features.members.conftest import edge, slack
from tests.features.members.people import NOW, WS, user, workspace
from tests.rights.world import World

__all__ = ["edge", "slack"]
# What is not about the database; of each file something runs on both.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORLD = World(letter="NORTH", now=NOW, secret=b"")
ADMIN, EDITOR, MAX, SAM, OWNER, GUEST, OUTSIDER = (
    "U0CLARA", "U0LUIZA", "U0MAX", "U0SAM", "U0OWNER", "U0GUS", "U0OLGA",
)  # fmt: skip


@dataclass
class Desk:
    """What a test drives: press, let what is owed go out, look at who was handed what."""

    sessions: Sessions
    slack: Slack
    files: PretendSlack
    sender: Sender
    clock: FixedClock

    async def sent(self, rounds: int = 2) -> list[tuple[str, str, str]]:
        """After some rounds with the pace of Slack taken out: (file, place, words)."""
        for _ in range(rounds):
            async with self.sessions.begin() as session:
                past = datetime.now(UTC) - timedelta(seconds=1)
                await session.execute(update(Pace).values(next_free_at=past))
                await session.execute(update(Delivery).where(Delivery.state == "pending").values(due_at=past))
            await self.sender.turn("lease")
            await self.sender.settle()
        return self.files.shared

    async def states(self) -> dict[str, str]:
        async with self.sessions.begin() as session:
            found = await session.execute(select(Delivery.kind, Delivery.state).order_by(Delivery.id))
            return {row[0]: row[1] for row in found}


@pytest.fixture
async def desk(sessions: Sessions, slack: Slack, edge: Edge, clock: FixedClock) -> AsyncIterator[Desk]:
    clock.advance(datetime.now(UTC) - clock.now())
    Exports(edge=edge).register(slack.app)
    people = [user(one) for one in (ADMIN, EDITOR, MAX, SAM, OWNER)]
    people += [user(GUEST, is_restricted=True), user(OUTSIDER, is_stranger=True)]
    async with sessions.begin() as session:
        await workspace(session)
        await members.save(session, WS, people, NOW)
        await members.bootstrap_admins(session, WS, [ADMIN], NOW)
        await members.change_role(session, WS, EDITOR, members.EDITOR, give=True, by=ADMIN, now=NOW, new_id=edge.new_id)
    files, making = PretendSlack(), Making(sessions=sessions, write_own=write_own)
    sender = Sender(
        sessions=sessions, gateway=files, renderers=owed.renderers(making), new_id=edge.new_id, metrics=Metrics(),  # type: ignore[arg-type]
    )  # fmt: skip
    yield Desk(sessions=sessions, slack=slack, files=files, sender=sender, clock=clock)
    await sender.settle()
