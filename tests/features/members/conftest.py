from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.edge import Edge
from tests.doubles import FixedClock, RecordingGateway
from tests.features.members.bolt import Slack, make_edge


@pytest.fixture
def edge(sessions: Sessions, gateway: RecordingGateway, clock: FixedClock, new_id: NewId) -> Edge:
    return make_edge(sessions, gateway, clock, new_id)


@pytest.fixture
async def slack(edge: Edge) -> AsyncIterator[Slack]:
    async with aiohttp.ClientSession() as session:
        yield Slack(edge, session)
