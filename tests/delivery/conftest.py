"""A sender over a Slack of its own, and a kind of delivery that says what it is told to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.core.ids import new_id
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery, Pace
from bot.db.tables.workspaces import Workspace
from bot.delivery.claim import Doubt
from bot.delivery.queue import Method, Owed, enqueue
from bot.delivery.reconcile import Reconciler
from bot.delivery.rendering import Rendered
from bot.delivery.sender import Sender
from bot.metrics import Metrics
from bot.slack.kit import Message
from tests.delivery.pretend_slack import PretendSlack

WORKSPACE = "T1"


@dataclass
class Says:
    """Renders `ref["say"]`, or whatever `instead` holds; remembers what it was told. What says `deaf` cannot be told
    anything."""

    instead: Rendered | None = None
    sent: list[Owed] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)

    async def render(self, session: Any, owed: Owed) -> Rendered:
        if owed.ref.get("say") == "raise":
            raise RuntimeError("a renderer with a fault")
        return self.instead or Message(text=str(owed.ref["say"]))

    async def on_sent(self, session: Any, owed: Owed, *, now: datetime) -> None:
        self._hear(owed)
        self.sent.append(owed)

    async def on_failed(self, session: Any, owed: Owed, *, error: str, now: datetime) -> None:
        self._hear(owed)
        self.failed.append((owed.id, error))

    async def on_skipped(self, session: Any, owed: Owed, *, reason: str, now: datetime) -> None:
        self._hear(owed)
        self.skipped.append((owed.id, reason))

    @staticmethod
    def _hear(owed: Owed) -> None:
        if owed.ref.get("say") == "deaf":
            raise RuntimeError("a feature with a fault")


@dataclass
class Desk:
    """What a test drives: owe something, send a round, look at the rows."""

    sessions: Sessions
    slack: PretendSlack
    says: Says
    sender: Sender
    reconciler: Reconciler

    async def owe(
        self,
        say: str,
        *,
        target: str = "C1",
        key: str | None = None,
        method: Method = "post",
        extra: dict[str, str] | None = None,
        **more: Any,
    ) -> int:
        async with self.sessions.begin() as session:
            return await enqueue(
                session,
                now=await db_now(session),
                workspace_id=WORKSPACE,
                kind="says",
                key=key or f"{method}:{target}:{say}",
                method=method,
                target=target,
                ref={"say": say, **(extra or {})},
                **more,
            )

    async def rounds(self, number: int = 1) -> None:
        """Turns of the sender with the pace of Slack taken out: what is due later is due now."""
        for _ in range(number):
            await self.hurry()
            await self.sender.turn("lease")
            await self.sender.settle()

    async def hurry(self) -> None:
        async with self.sessions.begin() as session:
            past = await db_now(session) - timedelta(seconds=1)
            await session.execute(update(Pace).values(next_free_at=past, limited_until=None))
            await session.execute(update(Delivery).where(Delivery.state == "pending").values(due_at=past))

    async def row(self, delivery_id: int) -> Delivery:
        async with self.sessions.begin() as session:
            found = await session.get(Delivery, delivery_id)
        assert found is not None
        return found

    async def states(self) -> list[str]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Delivery.state).order_by(Delivery.id)))


@pytest.fixture
async def desk(sessions: Sessions) -> Desk:
    async with sessions.begin() as session:
        session.add(
            Workspace(
                id=WORKSPACE,
                name="One",
                bot_token="xoxb-1",
                bot_id="B1",
                bot_user_id="U0BOT",
                scopes=[],
                state="active",
                locale="en",
                added_at=datetime.now(UTC),
            )  # fmt: skip
        )
    slack, says, metrics = PretendSlack(), Says(), Metrics()
    renderers = {"says": says}
    sender = Sender(sessions=sessions, gateway=slack, renderers=renderers, new_id=new_id, metrics=metrics)  # type: ignore[arg-type]
    reconciler = Reconciler(
        sessions=sessions, gateway=slack, renderers=renderers, metrics=metrics,  # type: ignore[arg-type]
        first=timedelta(0), second=timedelta(0),
    )  # fmt: skip
    return Desk(sessions=sessions, slack=slack, says=says, sender=sender, reconciler=reconciler)


__all__ = ["Desk", "Doubt", "Says"]
