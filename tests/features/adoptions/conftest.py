"""A company, the app with this feature's listeners, and a sender that pays what adoptions owe to a Slack of its own."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_bolt.response import BoltResponse
from sqlalchemy import select, update

from bot.core.ids import new_id as fresh_id
from bot.db.engine import Sessions
from bot.db.moment import OFFSET, db_now
from bot.db.tables.adoptions import Adoption, HatDraw
from bot.db.tables.customers import Customer
from bot.db.tables.delivery import Delivery, Pace
from bot.db.tables.members import AuditEntry, Member
from bot.delivery.sender import Sender
from bot.features.adoptions import handlers
from bot.features.adoptions.jobs import DrawHats, EndOfPeopleGone
from bot.features.adoptions.owed import renderers
from bot.features.members import handlers as members_handlers
from bot.features.questions.blocks import ask_button
from bot.metrics import Metrics
from sandbox.kit import check_blocks
from tests.doubles import CountingIds, FixedClock, RecordingGateway
from tests.features.members.bolt import Slack, make_edge
from tests.features.questions.conftest import sessions
from tests.features.questions.people import WS, company
from tests.features.stories.conftest import SlackWithFiles

__all__ = ["sessions"]


@dataclass
class Desk:
    """What a test drives: people who press and submit; a sender; the clock; what they then see."""

    sessions: Sessions
    gateway: RecordingGateway
    app: Slack
    slack: SlackWithFiles
    sender: Sender
    clock: FixedClock
    _stamps: int = 0
    views: int = 0

    # -- acting

    async def press(
        self,
        user: str,
        action: str,
        value: str = "",
        *,
        option: str = "",
        at: str = "",
        team: str = WS,
        on_home: bool = False,
        view: dict[str, Any] | None = None,
    ) -> BoltResponse:
        """In a message, on Home, or in the modal `view`. `option`: chosen in a menu."""
        self._stamps += 1
        pressed: dict[str, Any] = {"action_id": action, "block_id": "b", "action_ts": at or f"9.{self._stamps:04d}"}
        if option:
            pressed |= {"type": "overflow", "selected_option": {"value": option}}
        elif value:
            pressed |= {"type": "button", "value": value}
        body: dict[str, Any] = {
            "type": "block_actions",
            "team": {"id": WS},
            "user": {"id": user, "team_id": team},
            "trigger_id": f"1.2.{self._stamps}",
            "actions": [pressed],
        }
        if on_home or view is not None:
            shown = view or {"id": "VHOME", "type": "home", "state": {"values": {}}}
            body |= {"view": shown, "container": {"type": "view", "view_id": shown["id"]}}
        else:
            body |= {
                "container": {"type": "message", "channel_id": "C0LINE2", "message_ts": "5.5"},
                "response_url": "https://hooks.example/1",
            }
        return await self.app.send(body)

    def last_view(self) -> dict[str, Any]:
        return json.loads(json.dumps(self.gateway.views[-1].payload()))  # type: ignore[no-any-return]

    async def submit(
        self,
        user: str,
        values: dict[str, Any],
        *,
        view: dict[str, Any] | None = None,
        view_id: str = "",
        team: str = WS,
    ) -> dict[str, Any]:
        """The window shown last with `values` (by block) in it; what Slack is answered."""
        self.views += 1
        shown = view or self.last_view()
        given = {block: {block: _state(value)} for block, value in values.items()}
        return await self.app.send_window(user, shown, given, view_id=view_id or f"V{self.views}", team=team)

    async def command(self, user: str, text: str, **how: Any) -> BoltResponse:
        self._stamps += 1
        return await self.app.command(user, text, **({"trigger": f"1.3.{self._stamps}"} | how))

    async def adopt(self, user: str, customer: str = "cust1") -> None:
        await self.press(user, "adoptions:adopt", customer)

    async def hat(self, user: str, draw_at: datetime, **chosen: Any) -> dict[str, Any]:
        """Open one; `draw_at` in the channel's zone."""
        await self.press(user, "adoptions:hat_open", on_home=True)
        values = {
            "adoptions:hat_channel": {"selected_option": {"value": "C0LINE2"}},
            "adoptions:hat_day": {"selected_date": draw_at.date().isoformat()},
            "adoptions:hat_time": {"selected_time": draw_at.strftime("%H:%M")},
        }
        return await self.submit(user, values | chosen)

    # -- time and sending

    def later(self, by: timedelta) -> None:
        """Both clocks."""
        self.clock.advance(by)
        self.sessions._info[OFFSET] = self.clock.now() - datetime.now(UTC)

    async def draw(self) -> None:
        await DrawHats(edge=self.app.edge)(self.clock.now())

    async def look_who_left(self) -> None:
        await EndOfPeopleGone(edge=self.app.edge)(self.clock.now())

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

    # -- looking

    def seen(self, place: str) -> list[dict[str, Any]]:
        """A person's direct messages or a channel's, as they stand now, each as strict as Slack would have it."""
        found = self.slack.made(f"D{place[1:]}" if place.startswith("U") else place)
        for message in found:
            assert check_blocks(list(message["blocks"] or []), "message") == []
            assert message["text"]
        return found

    def shown(self, place: str) -> str:
        return "\n".join(words_in(message) for message in self.seen(place))

    def about(self, place: str, words: str) -> dict[str, Any]:
        """The only message there that has these words."""
        (found,) = [message for message in self.seen(place) if words in words_in(message)]
        return found

    def button(self, place: str, action: str) -> str:
        """The value of the newest button with this action."""
        values = [
            element["value"]
            for message in self.seen(place)
            for block in message["blocks"]
            for element in (*block.get("elements", ()), *filter(None, [block.get("accessory")]))
            if element.get("action_id") == action
        ]
        return str(values[-1])

    def told(self) -> str:
        """The last private answer."""
        return self.gateway.responses[-1][1].text

    async def adoptions(self, user: str = "", *, ended: bool = False) -> list[Adoption]:
        async with self.sessions.begin() as session:
            rows = await session.scalars(select(Adoption).order_by(Adoption.since, Adoption.id))
            found = [row for row in rows if ended or row.ended_at is None]
        return [row for row in found if not user or row.user_id == user]

    async def hats(self) -> list[HatDraw]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(HatDraw)))

    async def deliveries(self, kind: str) -> list[Delivery]:
        async with self.sessions.begin() as session:
            rows = await session.scalars(select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id))
            return list(rows)

    async def audited(self) -> list[tuple[str, str, str]]:
        async with self.sessions.begin() as session:
            rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id))
            return [(row.actor, row.action, row.subject) for row in rows]

    async def customer(self, customer_id: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            await session.execute(update(Customer).where(Customer.id == customer_id).values(**values))

    async def person(self, user: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            await session.execute(update(Member).where(Member.user_id == user).values(**values))


def _state(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"type": "plain_text_input", "value": value}


def words_in(message: dict[str, Any]) -> str:
    return json.dumps([message["text"], message["blocks"]], ensure_ascii=False)


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
        renderers=renderers(buttons=[ask_button]),
        new_id=fresh_id,
        metrics=Metrics(),
    )
    async with aiohttp.ClientSession() as http:
        app = Slack(edge, http)
        commands = handlers.register(app.app, edge)
        members_handlers.register(app.app, edge, commands=commands)
        yield Desk(sessions=sessions, gateway=gateway, app=app, slack=paid, sender=sender, clock=clock)
