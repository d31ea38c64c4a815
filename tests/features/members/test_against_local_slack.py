"""Reading people and opening windows over real HTTP, from the local Slack."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import yaml

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.edge import Edge
from bot.features.members import service
from bot.features.members.jobs import ReadPeople
from bot.features.members.service import ADMIN
from bot.slack.gateway import Gateway, Installation
from bot.slack.receipts import Receipts
from sandbox.server import running_sandbox
from tests.doubles import FixedClock
from tests.features.members.people import WS, workspace

PEOPLE = """
teams: [{id: T0NORTH, name: Northlight Works, domain: northlight}]
people:
  - {id: U0AMARA, name: amara, real_name: Amara Okafor, email: Amara@northlight.example,
     tz: Europe/Lisbon, locale: pt-PT}
  - {id: U0CLARA, name: clara, real_name: Clara, email: clara@northlight.example, kind: admin, tz: Europe/Lisbon}
  - {id: U0GRETA, name: greta, real_name: Greta Holm, kind: guest, tz: Europe/Stockholm}
  - {id: U0OSKAR, name: oskar, real_name: Oskar Lindqvist, kind: external}
  - {id: U0ROTA, name: rota, real_name: Shift Rota, kind: bot}
  - {id: U0BRUNO, name: bruno, real_name: Bruno Teles, kind: deactivated}
channels:
  - {id: C0ORION, name: with-orion, shared: true, members: [U0AMARA, U0OSKAR, U0CANTEEN]}
apps:
  - id: A0CANTEEN
    name: Canteen
    bot_user: U0CANTEEN
    bot_id: B0CANTEEN
    bot_token: xoxb-test
    app_token: xapp-test
    signing_secret: shhh
    manifest:
      oauth_config: {scopes: {bot: ["users:read", "users:read.email"]}}
      features: {app_home: {home_tab_enabled: true}}
"""


async def _find(workspace_id: str) -> Installation:
    return Installation(workspace_id=workspace_id, bot_token="xoxb-test", bot_id="B0CANTEEN", bot_user_id="U0CANTEEN")


@pytest.fixture
async def edge(sessions: Sessions, clock: FixedClock, new_id: NewId) -> AsyncIterator[Edge]:
    async with sessions.begin() as session:
        await workspace(session)
    async with running_sandbox(yaml.safe_load(PEOPLE)) as slack, aiohttp.ClientSession() as http:
        gateway = Gateway(api_url=f"{slack.url}/api/", session=http, find=_find)
        yield Edge(sessions=sessions, gateway=gateway, receipts=Receipts(gateway), clock=clock, new_id=new_id)


async def test_people_are_who_slack_says(edge: Edge, clock: FixedClock) -> None:
    await ReadPeople(admins=["clara@northlight.example"])(edge, clock.now())
    async with edge.sessions.begin() as session:
        await service.get(session, WS, "U0OSKAR", now=clock.now())
    await ReadPeople()(edge, clock.now())
    ids = ["U0AMARA", "U0CLARA", "U0GRETA", "U0OSKAR", "U0ROTA", "U0BRUNO"]
    async with edge.sessions.begin() as session:
        found = await service.people(session, WS, ids)
        admins = await service.with_role(session, WS, ADMIN)
    assert {who: person.kind for who, person in found.items()} == {
        "U0AMARA": "member",
        "U0CLARA": "member",
        "U0GRETA": "guest",
        "U0OSKAR": "external",
        "U0ROTA": "bot",
    }
    amara = found["U0AMARA"]
    assert (amara.name, amara.email, amara.zone, amara.locale) == (
        "Amara Okafor",
        "amara@northlight.example",
        "Europe/Lisbon",
        "pt-PT",
    )
    assert [person.user_id for person in admins] == ["U0CLARA"]
