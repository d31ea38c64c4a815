"""A company, the app with its listeners, and a sender that pays what questions owe to a Slack of its own."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_bolt.response import BoltResponse
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.core.ids import new_id as fresh_id
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.customers import Customer
from bot.db.tables.delivery import Delivery, Pace
from bot.db.tables.questions import Answer, Question
from bot.delivery.sender import Sender
from bot.features.questions import handlers
from bot.features.questions.owed import renderers
from bot.metrics import Metrics
from sandbox.kit import check_blocks
from tests.doubles import CountingIds, FixedClock, RecordingGateway
from tests.features.members.bolt import Slack, make_edge
from tests.features.questions.people import NOW, WS, company
from tests.features.stories.conftest import SlackWithFiles


@pytest.fixture
async def sessions(engine: AsyncEngine, clock: FixedClock) -> Sessions:
    """The database's clock stands where the tests' does."""
    from datetime import UTC, datetime

    clock.set(NOW)
    return Sessions(engine, clock_offset=NOW - datetime.now(UTC))


@dataclass
class Desk:
    """What a test drives: people who press, write and submit; a sender; what they then see."""

    sessions: Sessions
    gateway: RecordingGateway
    app: Slack
    slack: SlackWithFiles
    sender: Sender
    clock: FixedClock
    _events: int = 0
    _stamps: int = 0
    views: int = 0
    posts: dict[str, str] = field(default_factory=dict)

    # -- acting

    async def press(
        self,
        user: str,
        action: str,
        value: str,
        *,
        at: str = "",
        team: str = WS,
        view: dict[str, Any] | None = None,
        state: dict[str, Any] | None = None,
    ) -> BoltResponse:
        self._stamps += 1
        body: dict[str, Any] = {
            "type": "block_actions",
            "team": {"id": WS},
            "user": {"id": user, "team_id": team},
            "trigger_id": f"1.2.{self._stamps}",
            "actions": [
                {"action_id": action, "block_id": "b", "action_ts": at or f"9.{self._stamps}", "type": "button"}
                | ({"value": value} if value else {})
            ],
        }
        if view is not None:
            body |= {"view": view, "container": {"type": "view", "view_id": view["id"]}}
        else:
            body |= {
                "container": {"type": "message", "channel_id": "C0LINE2", "message_ts": "5.5"},
                "response_url": "https://hooks.example/1",
                "state": {"values": state or {}},
            }
        return await self.app.send(body)

    def last_view(self) -> dict[str, Any]:
        payload = self.gateway.views[-1].payload()
        shown: dict[str, Any] = json.loads(json.dumps(payload))
        return shown

    async def submit(
        self, user: str, text: str, *, view: dict[str, Any] | None = None, view_id: str = "", team: str = WS
    ) -> dict[str, Any]:
        """The window shown last, with `text` typed; what Slack is answered."""
        self.views += 1
        shown = view or self.last_view()
        typed = {"text": {"text": {"type": "plain_text_input", "value": text}}}
        return await self.app.send_window(user, shown, typed, view_id=view_id or f"V{self.views}", team=team)

    async def ask(self, user: str, text: str, *, customer: str = "cust1", post: str = "", **how: Any) -> dict[str, Any]:
        await self.press(user, "questions:ask", f"{customer}:{post}")
        return await self.submit(user, text, **how)

    async def write(
        self,
        user: str,
        text: str,
        *,
        ts: str = "",
        thread: str = "",
        event_id: str = "",
        files: list[dict[str, Any]] | None = None,
        **changes: Any,
    ) -> str:
        """In the person's direct message with Canteen; the message's ts."""
        self._stamps += 1
        self._events += 1
        ts = ts or f"1800000000.{self._stamps:06d}"
        message = {"type": "message", "user": user, "text": text, "ts": ts, "team": WS}
        message |= ({"thread_ts": thread} if thread else {}) | ({"files": files} if files else {}) | changes
        event = message | {"channel": dm(user), "channel_type": "im"} | ({"subtype": "file_share"} if files else {})
        response = await self.app.event(event, event_id=event_id or f"Ev{self._events}")
        assert response.status == 200
        return ts

    async def edit(self, user: str, ts: str, text: str, *, thread: str = "", before: str = "before") -> None:
        self._events += 1
        message = {"type": "message", "user": user, "ts": ts} | ({"thread_ts": thread} if thread else {})
        event = {
            "type": "message",
            "subtype": "message_changed",
            "channel": dm(user),
            "channel_type": "im",
            "ts": f"{ts}9",
            "message": message | {"text": text},
            "previous_message": message | {"text": before},
        }
        assert (await self.app.event(event, event_id=f"Ev{self._events}")).status == 200

    async def delete(self, user: str, ts: str, *, thread: str = "") -> None:
        self._events += 1
        message = {"type": "message", "user": user, "ts": ts, "text": "x"} | ({"thread_ts": thread} if thread else {})
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "channel": dm(user),
            "channel_type": "im",
            "deleted_ts": ts,
            "ts": f"{ts}8",
            "previous_message": message,
        }
        assert (await self.app.event(event, event_id=f"Ev{self._events}")).status == 200

    # -- sending and looking

    async def rounds(self, number: int = 4, *, wait: bool = True) -> None:
        """`wait` False: what is due later stays owed."""
        for _ in range(number):
            async with self.sessions.begin() as session:
                past = await db_now(session) - timedelta(seconds=1)
                await session.execute(update(Pace).values(next_free_at=past, limited_until=None))
                if wait:
                    await session.execute(update(Delivery).where(Delivery.state == "pending").values(due_at=past))
            await self.sender.turn("lease")
            await self.sender.settle()

    def seen(self, user: str) -> list[dict[str, Any]]:
        """This person's direct messages as they stand now, each as strict as Slack would have it."""
        found = self.slack.made(dm(user))
        for message in found:
            assert check_blocks(list(message["blocks"] or []), "message") == []
            assert message["text"]
        return found

    def shown(self, user: str) -> str:
        return "\n".join(words_in(message) for message in self.seen(user))

    def about(self, user: str, words: str) -> dict[str, Any]:
        """The only message to this person that has these words."""
        (found,) = [message for message in self.seen(user) if words in words_in(message)]
        return found

    async def questions(self) -> list[Question]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Question).order_by(Question.asked_at, Question.id)))

    async def answers(self) -> list[Answer]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Answer).order_by(Answer.at, Answer.id)))

    async def deliveries(self, kind: str) -> list[Delivery]:
        async with self.sessions.begin() as session:
            rows = await session.scalars(select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id))
            return list(rows)

    async def give(self, customer: str, manager: str | None) -> None:
        async with self.sessions.begin() as session:
            await session.execute(update(Customer).where(Customer.id == customer).values(account_manager=manager))

    def told(self) -> str:
        """The last private answer."""
        return words_in({"text": self.gateway.responses[-1][1].text, "blocks": []})


def dm(user: str) -> str:
    return f"D{user[1:]}"


def words_in(message: dict[str, Any]) -> str:
    return json.dumps([message["text"], message["blocks"]], ensure_ascii=False)


async def _channel_of_post(session: AsyncSession, ws: str, post_id: str) -> str | None:
    return "C0LINE2" if post_id == "post1" else None


@pytest.fixture
async def desk(
    sessions: Sessions, gateway: RecordingGateway, clock: FixedClock, new_id: CountingIds
) -> AsyncIterator[Desk]:
    async with sessions.begin() as session:
        await company(session)
    edge = make_edge(sessions, gateway, clock, new_id)
    paid = SlackWithFiles()
    sender = Sender(
        sessions=sessions,
        gateway=paid,  # type: ignore[arg-type]
        renderers=renderers(),
        new_id=fresh_id,
        metrics=Metrics(),
    )
    async with aiohttp.ClientSession() as http:
        app = Slack(edge, http)
        handlers.register(app.app, edge, channel_of_post=_channel_of_post)
        yield Desk(sessions=sessions, gateway=gateway, app=app, slack=paid, sender=sender, clock=clock)
