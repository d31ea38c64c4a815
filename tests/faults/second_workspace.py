"""Another workspace with people, channels and stories of its own, served by the same process."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands import channel_setup
from bot.commands.data import bring_in
from bot.defaults import load_defaults
from bot.delivery.installations import check_token, store_workspace
from bot.features.channels.posting import post_now
from bot.features.channels.rules import Setup
from bot.features.customers.matching import LookedAfter
from bot.features.members.jobs import ReadPeople
from bot.features.pulse import store
from bot.registry import content_kinds
from bot.wiring import Parts
from tests.flows import company, owing
from tests.flows.conftest import Flow

SECOND = "T0SECOND"
TOKEN = "xoxb-flows-second"
SLOT = "story:mon@10:00"


def places(number: int) -> list[str]:
    return [f"C1LINE{n}" for n in range(number)]


def world(channels: int) -> Mapping[str, Sequence[Any]]:
    """What there is more than in `company.world`."""
    first = company.world(channels=0)
    people = [
        {**one, "id": one["id"].replace("U0", "U1"), "team": SECOND}
        for one in first["people"]
        if one.get("kind") not in {"guest", "external"}
    ]
    ids = [one["id"] for one in people]
    app = {**first["apps"][0], "team": SECOND, "bot_user": "U1CANTEEN", "bot_id": "B1CANTEEN", "bot_token": TOKEN}
    return {
        "teams": [{"id": SECOND, "name": "Second Works", "domain": "second"}],
        "people": people,
        "channels": [
            {"id": place, "name": place.lower(), "team": SECOND, "members": ids} for place in places(channels)
        ],
        "apps": [app],
    }


async def install(flow: Flow, *, channels: int, stories: int) -> None:
    async with flow.parts() as parts:
        checked = await check_token(parts.gateway, TOKEN)
        async with parts.sessions.begin() as session:
            await store_workspace(session, token=TOKEN, checked=checked)
            await store.set_off(session, SECOND, True)
        read = ReadPeople(admins=("ada@flow.example",), on_people_saved=[LookedAfter()])
        await read(parts.edge, parts.clock.now())
        files = company.write(flow.folder / "second", stories=stories)
        for what in ("teams", "people", "customers", "products", "stories"):
            path = files / ("stories" if what == "stories" else f"{what}.csv")
            report = await bring_in(parts, what, path, workspace=SECOND)
            assert report.refused == (), report.refused
        weekly = (channel_setup.read_slot(SLOT),)
        for place in places(channels):
            wanted = Setup(channel_id=place, name=place, zone="Europe/Lisbon", locale="en", weekly=weekly)
            await channel_setup.set_up(parts, SECOND, wanted, teams=["Line 2"], by="test")


async def owe_one(parts: Parts, place: str, request: str) -> None:
    async def work(session: AsyncSession) -> None:
        why = await post_now(
            session, SECOND, place, "story", request=request, by="test",
            kinds=content_kinds(parts.settings, load_defaults()), new_id=parts.edge.new_id, now=parts.clock.now(),
        )  # fmt: skip
        assert why is None, why

    await owing.let_in(parts, work)
