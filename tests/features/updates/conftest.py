"""A company in which Sam looks after Orion, the app with its listeners, and a sender that pays what is owed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select, update

from bot.core.ids import new_id as fresh_id
from bot.db.engine import Sessions
from bot.db.moment import OFFSET
from bot.db.tables.customers import Customer
from bot.db.tables.members import AuditEntry, Member
from bot.db.tables.updates import CustomerUpdate, Exchange, Note, Relay
from bot.delivery.sender import Sender
from bot.features.adoptions import owed as adoptions_owed
from bot.features.adoptions import service as adoptions
from bot.features.members import handlers as members_handlers
from bot.features.questions import handlers as questions_handlers
from bot.features.questions import owed as questions_owed
from bot.features.updates import handlers, owed
from bot.metrics import Metrics
from tests.doubles import CountingIds, FixedClock, RecordingGateway
from tests.features.members.bolt import Slack, make_edge
from tests.features.questions.conftest import Desk as QuestionsDesk
from tests.features.questions.conftest import sessions, words_in
from tests.features.questions.people import AMARA, KIM, SAM, TOM, WS, company
from tests.features.stories.conftest import SlackWithFiles

__all__ = ["sessions"]

ORION, HALDEN, KESTRELANE = "cust1", "cust2", "cust3"


@dataclass
class Desk(QuestionsDesk):
    """What a test drives: account managers who write, adopters who read, and what both then see."""

    async def adopt(self, user: str, customer: str = ORION) -> str:
        """The thread's first message has gone out."""
        async with self.sessions.begin() as session:
            begun = await adoptions.begin(
                session,
                WS,
                user,
                customer,
                via="press",
                request=f"{user}:{customer}",
                now=self.clock.now(),
                new_id=fresh_id,
            )
        await self.rounds(2)
        return begun.id

    async def command(self, user: str, text: str = "", **how: Any) -> None:
        assert (await self.app.command(user, f"/customer-update {text}".strip(), **how)).status == 200

    async def send(
        self, user: str, *, view_id: str = "", view: dict[str, Any] | None = None, **typed: Any
    ) -> dict[str, Any]:
        """The window shown last, with what it was opened with and what is `typed` into it; what Slack is answered."""
        self.views += 1
        shown = view or self.last_view()
        values = as_opened(shown) | {field: {field: state(given)} for field, given in typed.items()}
        return await self.app.send_window(user, shown, values, view_id=view_id or f"V{self.views}")

    async def update(self, user: str, text: str, **typed: Any) -> dict[str, Any]:
        """`text` as it follows the command."""
        await self.command(user, text)
        return await self.send(user, **typed)

    async def updates(self) -> list[CustomerUpdate]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(CustomerUpdate).order_by(CustomerUpdate.at, CustomerUpdate.id)))

    async def relays(self) -> list[Relay]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Relay).order_by(Relay.update_id, Relay.user_id)))

    async def notes(self) -> list[Note]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Note).order_by(Note.at, Note.id)))

    async def exchanges(self) -> list[Exchange]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Exchange).order_by(Exchange.opened_at)))

    async def change_customer(self, customer: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            await session.execute(update(Customer).where(Customer.id == customer).values(**values))

    async def change_person(self, user: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            await session.execute(update(Member).where(Member.user_id == user).values(**values))

    async def refused(self) -> list[tuple[str, str]]:
        """Who tried what they may not do, as the audit trail has it."""
        async with self.sessions.begin() as session:
            refused = select(AuditEntry).where(AuditEntry.action == "refused").order_by(AuditEntry.at, AuditEntry.id)
            rows = await session.scalars(refused)
            return [(one.actor, one.subject) for one in rows]

    async def receipt(self, user: str) -> str:
        """What this person sees once receipts have been shown anew."""
        self.pass_time(timedelta(minutes=2))
        await self.rounds(3)
        return self.shown(user)

    def pass_time(self, by: timedelta) -> None:
        """For the process and the database."""
        self.clock.advance(by)
        self.sessions._make.kw["info"][OFFSET] += by


def as_opened(view: dict[str, Any]) -> dict[str, Any]:
    """The state of a window in which nothing was changed."""
    found = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            found[block["block_id"]] = {element["action_id"]: opened(element)}
    return found


def opened(element: dict[str, Any]) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value")}
    if kind in {"external_select", "static_select"}:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in {"multi_external_select", "checkboxes"}:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind == "datetimepicker":
        return {"type": kind, "selected_date_time": element.get("initial_date_time")}
    return {"type": kind, "files": []}


def state(given: Any) -> dict[str, Any]:
    """Text; ["channel", ...]; True for a tick; a moment as a number; a file as a mapping; a choice as a one-tuple."""
    if isinstance(given, bool):
        return {"type": "checkboxes", "selected_options": [option("yes")] if given else []}
    if isinstance(given, str):
        return {"type": "plain_text_input", "value": given}
    if isinstance(given, int):
        return {"type": "datetimepicker", "selected_date_time": given}
    if isinstance(given, tuple):
        return {"type": "external_select", "selected_option": option(given[0])}
    if isinstance(given, dict):
        return {"type": "file_input", "files": [given]}
    return {"type": "multi_external_select", "selected_options": [option(one) for one in given]}


def option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value}, "value": value}


async def _no_channel(session: Any, ws: str, post_id: str) -> str | None:
    return None


@pytest.fixture
async def desk(
    sessions: Sessions, gateway: RecordingGateway, clock: FixedClock, new_id: CountingIds
) -> AsyncIterator[Desk]:
    async with sessions.begin() as session:
        await company(session)
    edge = make_edge(sessions, gateway, clock, new_id)
    paid = SlackWithFiles()
    renderers = {**questions_owed.renderers(), **adoptions_owed.renderers(), **owed.renderers(new_id=fresh_id)}
    sender = Sender(
        sessions=sessions,
        gateway=paid,  # type: ignore[arg-type]
        renderers=renderers,
        new_id=fresh_id,
        metrics=Metrics(),
    )
    async with aiohttp.ClientSession() as http:
        app = Slack(edge, http)
        questions_handlers.register(
            app.app, edge, channel_of_post=_no_channel, thread_owners=handlers.thread_owners(edge)
        )
        handlers.register(app.app, edge)
        members_handlers.register(app.app, edge, commands=[])
        yield Desk(sessions=sessions, gateway=gateway, app=app, slack=paid, sender=sender, clock=clock)


def shown_in(answer: dict[str, Any]) -> str:
    import json

    return json.dumps(answer, ensure_ascii=False)


__all__ += ["AMARA", "HALDEN", "KESTRELANE", "KIM", "ORION", "SAM", "TOM", "WS", "Desk", "shown_in", "words_in"]
