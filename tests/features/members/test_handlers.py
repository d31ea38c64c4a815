"""The slash commands, people who join and the roles' modal, through Bolt."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import seen
from bot.db.engine import Sessions
from bot.db.tables.members import AuditEntry, Member, Role
from bot.features.edge import Edge
from bot.features.members import blocks, handlers, service
from bot.features.members.seams import Reply
from bot.features.members.service import ADMIN, EDITOR
from bot.slack import kit
from bot.slack.errors import Fault, SlackFault
from bot.slack.kit import Message, View
from bot.slack.payloads import SlashCommand
from bot.slack.words import Words
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, WS, user, workspace


@dataclass
class Find:
    """A command with an effect: its natural key makes the repeat harmless and tells it the same."""

    edge: Edge
    command: str = "/customer"
    word: str = "find"
    done: list[str] = field(default_factory=list)

    def help(self, words: Words) -> str:
        return words.say("`find NAME`: a customer's card")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        ws = invoked.who.workspace_id
        async with self.edge.sessions.begin() as session:
            if await seen.first_time(session, workspace_id=ws, key=invoked.key, now=NOW):
                self.done.append(rest)
                await seen.remember_outcome(session, workspace_id=ws, key=invoked.key, outcome=f"found {rest}")
            outcome = await seen.outcome_of(session, workspace_id=ws, key=invoked.key)
        return Reply(message=Message(text=str(outcome)))


@dataclass
class SetUp:
    command: str = "/customer-admin"
    word: str = ""

    def help(self, words: Words) -> str:
        return words.say("set up")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        return Reply(view=View(type="modal", title="Set up", blocks=[kit.section("Here")]))


@pytest.fixture
def find(edge: Edge) -> Find:
    return Find(edge)


@pytest.fixture
async def there(slack: Slack, edge: Edge, find: Find, refreshed: Refreshed) -> Slack:
    people = [
        user("U0CLARA", name="Clara <!channel>"),
        user("U0AMARA"),
        user("U0GRETA", is_restricted=True),
        user("U0OSKAR", team_id="T0ORION"),
    ]
    async with edge.sessions.begin() as session:
        await workspace(session)
        await service.save(session, WS, people, NOW)
        await service.bootstrap_admins(session, WS, ["U0CLARA"], NOW)
    handlers.register(slack.app, edge, commands=[find, SetUp()], on_people_saved=[], refresh_home=refreshed)
    return slack


@dataclass
class Refreshed:
    """Whose Home was shown anew."""

    users: list[set[str]] = field(default_factory=list)

    async def __call__(self, session: object, *, now: datetime, ws: str, users: Collection[str]) -> None:
        self.users.append(set(users))


@pytest.fixture
def refreshed() -> Refreshed:
    return Refreshed()


def said(gateway: RecordingGateway) -> str:
    return gateway.responses[-1][1].text


async def test_a_command_gets_its_answer_privately(there: Slack, find: Find, gateway: RecordingGateway) -> None:
    response = await there.command("U0AMARA", "/customer FIND  Orion Sets")
    assert response.status == 200
    assert find.done == ["Orion Sets"]
    assert gateway.responses == [("https://hooks.example/1", Message(text="found Orion Sets"))]


@pytest.mark.row("D10")
async def test_a_repeat_has_one_effect_and_is_told_the_same(
    there: Slack, find: Find, gateway: RecordingGateway
) -> None:
    for _ in range(3):
        await there.command("U0AMARA", "/customer find Orion")
    assert find.done == ["Orion"]
    assert {message.text for _, message in gateway.responses} == {"found Orion"}
    assert len(gateway.responses) == 3


@pytest.mark.parametrize("text", ["/customer", "/customer help", "/customer ?"])
async def test_help(there: Slack, gateway: RecordingGateway, text: str) -> None:
    await there.command("U0AMARA", text)
    assert "find NAME" in said(gateway)
    assert "know" not in said(gateway)


async def test_an_unknown_word_gets_help_with_what_was_meant(there: Slack, gateway: RecordingGateway) -> None:
    await there.command("U0AMARA", "/customer fnd Orion")
    assert "Did you mean /customer find?" in said(gateway)
    await there.command("U0AMARA", "/customer <!channel>@here")
    assert "<!" not in json.dumps([said(gateway), list(gateway.responses[-1][1].blocks)])
    assert "@here" not in said(gateway)


async def test_whoever_is_no_admin_is_told_kindly_who_is(there: Slack, gateway: RecordingGateway) -> None:
    await there.command("U0AMARA", "/customer-admin people")
    message = gateway.responses[-1][1]
    assert "Clara" in message.text
    assert "<!channel>" not in json.dumps([message.text, list(message.blocks)])
    assert "<@U0CLARA>" in json.dumps(list(message.blocks))
    async with there.edge.sessions.begin() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
    assert (entry.actor, entry.action, entry.subject) == ("U0AMARA", "refused", "give_roles")


async def test_externals_get_nothing(there: Slack, find: Find, gateway: RecordingGateway) -> None:
    await there.command("U0OSKAR", "/customer find Orion")
    assert find.done == []
    assert "this workspace" in said(gateway)


async def test_a_window_is_opened_with_the_commands_own_trigger(there: Slack, gateway: RecordingGateway) -> None:
    await there.command("U0CLARA", "/customer-admin")
    assert [view.title for view in gateway.views] == ["Set up"]
    assert gateway.responses == []


@pytest.mark.parametrize(("code", "told"), [("expired_trigger_id", True), ("exchanged_trigger_id", False)])
async def test_a_window_that_does_not_open(there: Slack, gateway: RecordingGateway, code: str, told: bool) -> None:
    gateway.answers["views.open"] = SlackFault(code, Fault.CONTENT)
    response = await there.command("U0CLARA", "/customer-admin")
    assert response.status == 200
    assert bool(gateway.responses) is told


@pytest.mark.parametrize("broken", [{"user_id": None}, {"text": None, "command": "/customer"}, {"text": {"a": 1}}])
async def test_broken_commands_are_answered_politely(there: Slack, broken: dict[str, Any]) -> None:
    assert (await there.command("U0AMARA", "/customer", changes=broken)).status == 200


async def test_who_joins_is_known_at_once_and_once(there: Slack, edge: Edge) -> None:
    saved: list[str] = []

    async def on_saved(session: object, ws: str) -> None:
        saved.append(ws)

    handlers.register(there.app, edge, commands=[])
    http = there.app.client.session
    assert http is not None
    app = Slack(edge, http)
    handlers.register(app.app, edge, commands=[], on_people_saved=[on_saved])
    event = {"type": "team_join", "user": user("U0NEW", name="Nuno")}
    for _ in range(3):
        assert (await app.event(event)).status == 200
    async with edge.sessions.begin() as session:
        assert (await service.get(session, WS, "U0NEW", now=NOW)).name == "Nuno"
    assert saved == [WS]


async def test_a_join_that_fails_is_not_forgotten(there: Slack, edge: Edge) -> None:
    failing = [True]

    async def on_saved(session: object, ws: str) -> None:
        if failing.pop():
            failing.append(False)
            raise RuntimeError("the database went away")

    http = there.app.client.session
    assert http is not None
    app = Slack(edge, http)
    handlers.register(app.app, edge, commands=[], on_people_saved=[on_saved])
    event = {"type": "team_join", "user": user("U0NEW")}
    first = await app.event(event)
    async with edge.sessions.begin() as session:
        assert await session.get(Member, (WS, "U0NEW")) is None
    second = await app.event(event)
    async with edge.sessions.begin() as session:
        assert await session.get(Member, (WS, "U0NEW")) is not None
    assert (first.status, second.status) == (500, 200)


@pytest.mark.parametrize("event", [{}, {"user": None}, {"user": "U1"}, {"user": {"id": 7}}, {"user": []}])
async def test_broken_joins_are_left_alone(there: Slack, event: dict[str, Any]) -> None:
    assert (await there.event({"type": "team_join", **event})).status == 200


def chosen(admins: list[str], editors: list[str]) -> dict[str, Any]:
    return {
        name: {name: {"type": "multi_users_select", "selected_users": users}}
        for name, users in ((blocks.ADMINS, admins), (blocks.EDITORS, editors))
    }


async def roles(sessions: Sessions) -> set[tuple[str, str]]:
    async with sessions.begin() as session:
        return {(row.user_id, row.role) for row in await session.scalars(select(Role))}


async def test_an_admin_chooses_admins_and_editors(there: Slack, edge: Edge, gateway: RecordingGateway) -> None:
    await there.command("U0CLARA", "/customer-admin people")
    payload = gateway.views[-1].payload()
    assert payload["blocks"][0]["element"]["initial_users"] == ["U0CLARA"]
    for _ in range(2):
        response = await there.submit("U0CLARA", blocks.ROLES, chosen(["U0CLARA", "U0AMARA"], ["U0AMARA"]))
        assert response.body in ("", None)
    assert await roles(edge.sessions) == {("U0CLARA", ADMIN), ("U0AMARA", ADMIN), ("U0AMARA", EDITOR)}
    async with edge.sessions.begin() as session:
        assert len(list(await session.scalars(select(AuditEntry)))) == 2


@pytest.mark.parametrize(
    ("admins", "editors", "field"),
    [([], ["U0AMARA"], "admins"), (["U0CLARA", "U0GRETA"], [], "admins"), (["U0CLARA"], ["U0NOBODY"], "editors")],
)
async def test_what_cannot_be_is_said_below_the_field_and_may_be_mended(
    there: Slack, edge: Edge, admins: list[str], editors: list[str], field: str
) -> None:
    before = await roles(edge.sessions)
    response = await there.submit("U0CLARA", blocks.ROLES, chosen(admins, editors))
    answer = json.loads(response.body)
    assert (answer["response_action"], list(answer["errors"])) == ("errors", [field])
    assert await roles(edge.sessions) == before
    await there.submit("U0CLARA", blocks.ROLES, chosen(["U0CLARA"], ["U0AMARA"]))
    assert await roles(edge.sessions) == {("U0CLARA", ADMIN), ("U0AMARA", EDITOR)}


async def test_a_submission_out_of_nothing_is_refused(there: Slack, edge: Edge) -> None:
    before = await roles(edge.sessions)
    for who, team in (("U0AMARA", WS), ("U0CLARA", "T0ORION"), ("U0GRETA", WS)):
        response = await there.submit(who, blocks.ROLES, chosen([who], [who]), view_id=f"V{who}", team=team)
        assert json.loads(response.body)["response_action"] == "errors"
    assert await roles(edge.sessions) == before


async def test_a_late_repeat_of_an_old_window_changes_nothing_back(there: Slack, edge: Edge) -> None:
    await there.submit("U0CLARA", blocks.ROLES, chosen(["U0CLARA"], ["U0AMARA"]), view_id="V1")
    await there.submit("U0CLARA", blocks.ROLES, chosen(["U0CLARA"], []), view_id="V2")
    await there.submit("U0CLARA", blocks.ROLES, chosen(["U0CLARA"], ["U0AMARA"]), view_id="V1")
    assert await roles(edge.sessions) == {("U0CLARA", ADMIN)}


async def test_the_button_on_home_opens_the_same_window(there: Slack, gateway: RecordingGateway) -> None:
    assert (await there.press("U0CLARA", blocks.CHANGE_ROLES)).status == 200
    assert [view.callback_id for view in gateway.views] == [blocks.ROLES]


async def test_the_button_does_nothing_for_others(there: Slack, gateway: RecordingGateway) -> None:
    for who, team in (("U0AMARA", WS), ("U0CLARA", "T0ORION"), ("U0GRETA", WS), ("U0NOBODY", WS)):
        assert (await there.press(who, blocks.CHANGE_ROLES, team=team)).status == 200
    assert gateway.views == []


async def test_home_shows_new_roles_once(there: Slack, refreshed: Refreshed) -> None:
    for _ in range(2):
        await there.submit("U0CLARA", blocks.ROLES, chosen(["U0CLARA"], ["U0AMARA"]))
    assert refreshed.users == [{"U0CLARA", "U0AMARA"}]


@pytest.mark.parametrize(("code", "told"), [("expired_trigger_id", 1), ("exchanged_trigger_id", 0)])
async def test_people_pressed_where_the_window_does_not_open(
    there: Slack, gateway: RecordingGateway, code: str, told: int
) -> None:
    gateway.answers["views.open"] = SlackFault(code, Fault.CONTENT)
    body = {
        "type": "block_actions",
        "team": {"id": WS},
        "user": {"id": "U0CLARA", "team_id": WS},
        "container": {"type": "message", "channel_id": "D1", "message_ts": "5.5"},
        "response_url": "https://hooks.example/1",
        "trigger_id": "1.2.b",
        "actions": [{"action_id": blocks.CHANGE_ROLES, "block_id": "b", "action_ts": "1.0", "type": "button"}],
    }
    assert (await there.send(body)).status == 200
    assert len(gateway.responses) == told
    assert (await there.press("U0CLARA", blocks.CHANGE_ROLES)).status == 200
    assert len(gateway.responses) == told
