"""A company with two editors, the app with its listeners, and a sender that pays what the inbox and stories owe."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from slack_bolt.response import BoltResponse
from sqlalchemy import select, update

from bot.core.ids import new_id as fresh_id
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery, Pace
from bot.db.tables.inbox import Draft
from bot.db.tables.members import AuditEntry, Member, Role
from bot.delivery.sender import Sender
from bot.features.channels import service as channels
from bot.features.home.seams import Viewer
from bot.features.inbox import blocks, handlers, owed, service, story_kind, telling
from bot.features.inbox.jobs import FetchPictures
from bot.features.inbox.story_kind import StoryKind
from bot.features.members import service as members
from bot.features.questions import handlers as questions_handlers
from bot.features.questions import owed as questions_owed
from bot.features.stories import handlers as stories_handlers
from bot.features.stories import jobs as stories_jobs
from bot.features.stories import owed as stories_owed
from bot.features.stories.rules import USUAL
from bot.metrics import Metrics
from bot.slack.kit import Block
from bot.slack.words import Words
from sandbox.kit import check_blocks
from tests.doubles import CountingIds, FixedClock, RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.members.conftest import edge, slack
from tests.features.members.people import WS
from tests.features.questions.conftest import sessions
from tests.features.stories.conftest import SlackWithFiles
from tests.features.stories.given import AMARA, CHANNEL, EDITOR, NOW, ask_button, company, occurrence

__all__ = ["edge", "sessions", "slack"]
SECOND = "U0SECOND"


@dataclass
class Room:
    """What a test drives: people who press and submit, a sender, what they then see."""

    sessions: Sessions
    gateway: RecordingGateway
    app: Slack
    slack: SlackWithFiles
    sender: Sender
    clock: FixedClock
    new_id: CountingIds
    kinds: list[StoryKind]
    commands: dict[str, Any]
    _stamps: int = 0
    _views: int = 0
    answers: list[BoltResponse] = field(default_factory=list)

    # -- given

    async def offer(self, author: str = AMARA, **values: Any) -> str:
        given: dict[str, Any] = {
            "kind": "story",
            "headline": "Orion opens a shop",
            "text": "They sell our sets there. It opened on Monday.",
            "customer_id": "cust1",
            "origin": {"what": "update", "id": "up1"},
            "request": f"offer:{self._stamps}",
        }
        self._stamps += 1
        async with self.sessions.begin() as session:
            return await service.offer(
                session, ws=WS, author=author, now=NOW, new_id=self.new_id, **{**given, **values}
            )

    async def draft(self, draft_id: str) -> Draft:
        async with self.sessions.begin() as session:
            found = await session.get(Draft, draft_id)
            assert found is not None
            return found

    async def only_editor(self) -> None:
        async with self.sessions.begin() as session:
            role = await session.get(Role, (WS, SECOND, "editor"))
            await session.delete(role)

    # -- acting

    async def press(self, user: str, action: str, value: str, *, inside: bool = False, team: str = WS) -> BoltResponse:
        self._stamps += 1
        view: dict[str, Any] = {
            "id": "VTOP" if inside else "VHOME",
            "type": "modal" if inside else "home",
            "state": {"values": {}},
        }
        return await self.app.send(
            {
                "type": "block_actions",
                "team": {"id": WS},
                "user": {"id": user, "team_id": team},
                "trigger_id": f"1.2.{self._stamps}",
                "view": view,
                "container": {"type": "view", "view_id": view["id"]},
                "actions": [
                    {
                        "action_id": action,
                        "block_id": "b",
                        "action_ts": f"9.{self._stamps}",
                        "type": "button",
                        "value": value,
                    }
                ],
            }
        )

    def view(self) -> dict[str, Any]:
        """The window shown last, which Slack would take."""
        payload: dict[str, Any] = json.loads(json.dumps(self.gateway.views[-1].payload()))
        return payload

    async def submit(
        self, user: str, view: dict[str, Any], *, view_id: str = "", team: str = WS, **given: Any
    ) -> dict[str, Any]:
        """`given`: by block, the state of its element; what Slack is answered, with windows checked as Slack would."""
        self._views += 1
        values = {block: {block: state} for block, state in given.items()}
        return await self.app.send_window(user, view, values, view_id=view_id or f"V{self._views}", team=team)

    async def rounds(self, number: int = 3) -> None:
        for _ in range(number):
            async with self.sessions.begin() as session:
                past = await db_now(session) - timedelta(seconds=1)
                await session.execute(update(Pace).values(next_free_at=past, limited_until=None))
            await self.sender.turn("lease")
            await self.sender.settle()

    async def fill(self, name: str = "occ1", *, kind: str = "story", due_at: datetime = NOW) -> str | None:
        async with self.sessions.begin() as session:
            audience = await channels.audience(session, WS, CHANNEL)
            assert audience is not None
            due = await occurrence(session, name, kind=kind, due_at=due_at)
            return await stories_jobs.Library(name=kind).fill(session, audience, due, now=due_at)

    async def fetch(self) -> None:
        await FetchPictures(edge=self.app.edge, served=False)(self.clock.now())

    # -- seen

    def posted(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        made = self.slack.made(channel)
        for message in made:
            assert check_blocks(list(message["blocks"]), "message") == []
            assert message["text"]
        return made

    def dms(self, user: str) -> list[str]:
        return [message["text"] for message in self.posted(f"D{user[1:]}")]

    async def home(self, user: str, section: Any = None) -> list[Block]:
        async with self.sessions.begin() as session:
            person = await members.get(session, WS, user)
            viewer = Viewer(workspace_id=WS, user_id=user, team_id=None, roles=person.roles, guest=person.is_guest)
            made = section or owed.InboxSection(self.kinds)
            return list(await made.render(session, viewer, Words(locale="en-US", zone="Europe/Lisbon")))

    async def deliveries(self, kind: str) -> list[Delivery]:
        async with self.sessions.begin() as session:
            rows = await session.scalars(select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id))
            return list(rows)

    async def audited(self) -> list[tuple[str, str]]:
        async with self.sessions.begin() as session:
            rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            return [(row.actor, row.action) for row in rows]


@pytest.fixture
async def room(
    sessions: Sessions, gateway: RecordingGateway, slack: Slack, clock: FixedClock, new_id: CountingIds
) -> Room:
    async with sessions.begin() as session:
        await company(session)
        await session.execute(update(Member).values(locale="en-GB"))  # what they read is compared in English
        session.add(
            Member(
                workspace_id=WS,
                user_id=SECOND,
                name="Second Editor",
                kind="member",
                zone="Europe/Lisbon",
                locale="en-US",
                refreshed_at=NOW,
            )
        )
        session.add(Role(workspace_id=WS, user_id=SECOND, role="editor", given_at=NOW))
    kinds = story_kind.kinds(public_url="", limits=USUAL, lateness={})
    commands = handlers.register(slack.app, slack.edge, kinds=kinds)
    stories_handlers.register(slack.app, slack.edge, ask_button=ask_button, public_url="")
    questions_handlers.register(slack.app, slack.edge, channel_of_post=_no_post)
    posts = SlackWithFiles()
    sender = Sender(
        sessions=sessions,
        gateway=posts,  # type: ignore[arg-type]
        renderers={
            **owed.renderers(kinds),
            **questions_owed.renderers(picture_button=blocks.spot_button),
            **stories_owed.renderers(ask_button=ask_button, public_url="", new_id=new_id, on_posted=[telling.posted]),
        },
        new_id=fresh_id,
        metrics=Metrics(),
    )
    return Room(
        sessions=sessions,
        gateway=gateway,
        app=slack,
        slack=posts,
        sender=sender,
        clock=clock,
        new_id=new_id,
        kinds=kinds,
        commands={command.word: command for command in commands},
    )


async def _no_post(session: Any, ws: str, post: str) -> None: ...


def text(value: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def one(value: str) -> dict[str, Any]:
    return {"type": "external_select", "selected_option": {"value": value}}


def many(*values: str) -> dict[str, Any]:
    return {"type": "multi_external_select", "selected_options": [{"value": value} for value in values]}


def at(moment: datetime) -> dict[str, Any]:
    return {"type": "datetimepicker", "selected_date_time": int(moment.timestamp())}


def files(*given: dict[str, Any]) -> dict[str, Any]:
    return {"type": "file_input", "files": list(given)}


FORM: dict[str, Any] = {
    "headline": text("Halden rides again"),
    "text": text("The hill is steep. Our board holds."),
    "language": {"type": "static_select", "selected_option": {"value": "en"}},
    "consent": {"type": "radio_buttons", "selected_option": {"value": "internal"}},
}
AT_ONCE = {"type": "radio_buttons", "selected_option": {"value": "at_once"}}
AT_TIME = {"type": "radio_buttons", "selected_option": {"value": "at_time"}}
__all__ += ["AT_ONCE", "AT_TIME", "EDITOR", "FORM", "SECOND", "Room", "at", "files", "many", "one", "text"]
