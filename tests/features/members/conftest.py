from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.edge import Edge
from sandbox.kit.check import check_blocks, check_view
from tests.doubles import FixedClock, RecordingGateway
from tests.features.members.bolt import Slack, make_edge


@pytest.fixture(autouse=True)
def _as_strict_as_slack(gateway: RecordingGateway) -> Iterator[None]:
    """Whatever a test made the bot show must pass the local Slack's checks."""
    yield
    for view in gateway.views:
        assert check_view(view.payload()) == []
    for _, message in gateway.responses:
        assert check_blocks(list(message.blocks), "message") == []


@pytest.fixture
def edge(sessions: Sessions, gateway: RecordingGateway, clock: FixedClock, new_id: NewId) -> Edge:
    return make_edge(sessions, gateway, clock, new_id)


@pytest.fixture
async def slack(edge: Edge) -> AsyncIterator[Slack]:
    async with aiohttp.ClientSession() as session:
        yield Slack(edge, session)
