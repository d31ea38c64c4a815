"""Whether customers may be named, asked of those who look after them."""

import json

from bot.features.customers import blocks, owed
from bot.features.home.seams import Viewer as HomeViewer
from bot.slack.words import Words
from tests.features.customers.test_slack import SAM, Catalogue, Refreshed, catalogue, refreshed, slack
from tests.features.members.bolt import Slack
from tests.features.members.people import WS

__all__ = ["catalogue", "refreshed", "slack"]
WORDS = Words(locale="en-US", zone="UTC")


async def test_home_asks_account_managers_about_their_own_customers_one_by_one(
    catalogue: Catalogue, slack: Slack, refreshed: Refreshed
) -> None:
    own = await catalogue.customer("Own", account_manager=SAM)
    stood_in = await catalogue.customer("Stood in for", deputy=SAM)
    other = await catalogue.customer("Other")

    async def shown(*, guest: bool = False) -> str:
        viewer = HomeViewer(workspace_id=WS, user_id=SAM, team_id=None, roles=frozenset(), guest=guest)
        async with catalogue.sessions.begin() as session:
            return json.dumps(await owed.NamingSection().render(session, viewer, WORDS))

    asked = await shown()
    assert own in asked
    assert stood_in in asked
    assert other not in asked
    assert blocks.ALL_YES not in asked
    assert await shown(guest=True) == "[]"
    await slack.press(SAM, blocks.NAME_NO, value=own, at="1.1")
    assert await catalogue.naming(own) is False
    assert SAM in refreshed.users, "whoever pressed sees that it was taken"
    assert own not in await shown()
