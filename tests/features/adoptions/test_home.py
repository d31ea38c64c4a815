"""Home: my customers with their latest news, the adopters of those I look after, hats; and where *Adopt* stands."""

from collections.abc import Collection, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.workspaces import Workspace
from bot.features.adoptions import buttons
from bot.features.adoptions.seams import News
from bot.features.adoptions.sections import AdoptersOfMine, HatDraws, MyCustomers
from bot.features.customers import service as customers
from bot.features.home.seams import Section, Viewer
from bot.features.members import service as members
from bot.features.questions.blocks import ask_button
from bot.slack.words import Words
from sandbox.kit import check_blocks
from tests.features.adoptions.conftest import Desk
from tests.features.adoptions.test_hat import IN, opened
from tests.features.questions.people import ADMIN, AMARA, EDITOR, GUEST, NOW, SAM, TOM, WS


async def latest(session: AsyncSession, ws: str, ids: Collection[str]) -> Mapping[str, News]:
    return {"cust1": News(at=NOW - timedelta(days=24), headline="In every shop")} if "cust1" in ids else {}


async def home(desk: Desk, user: str, section: Section) -> str:
    async with desk.sessions.begin() as session:
        person = await members.get(session, WS, user)
        viewer = Viewer(
            workspace_id=WS, user_id=user, team_id=None, roles=person.roles, guest=person.is_guest, team=None
        )
        blocks = list(await section.render(session, viewer, Words(locale="en-US")))
    assert not blocks or check_blocks(blocks, "home") == []
    assert len(blocks) <= 30
    return str(blocks) if blocks else ""


async def test_my_customers_say_when_there_was_news_and_never_whose_turn_it_was(desk: Desk) -> None:
    await desk.adopt(AMARA, "cust1")
    await desk.adopt(AMARA, "cust2")
    shown = await home(desk, AMARA, MyCustomers(latest=latest, buttons=(ask_button,)))
    assert "'cust1:'" in shown  # *Ask*
    assert "*Orion*\\nLast news 24 days ago: In every shop" in shown
    assert "*Halden*\\nNo news yet" in shown
    assert "Sam" not in shown
    (first, _) = await desk.adoptions()
    for verb in ("pause", "pause_long", "swap", "stop"):
        assert f"'{verb}:{first.id}'" in shown


async def test_each_customer_leads_to_its_thread_once_that_has_begun_and_its_address_is_known(desk: Desk) -> None:
    await desk.adopt(AMARA, "cust1")
    assert "Open the thread" not in await home(desk, AMARA, MyCustomers())
    await desk.rounds()
    assert "Open the thread" not in await home(desk, AMARA, MyCustomers()), "Slack was not asked where it is yet"
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(url="https://north.slack.com/"))
    (intro,) = desk.seen(AMARA)
    link = f"https://north.slack.com/archives/D0AMARA/p{intro['ts'].replace('.', '')}"
    thread = f"?thread_ts={intro['ts']}&amp;cid=D0AMARA"
    assert f"<{link}{thread}|Open the thread>" in await home(desk, AMARA, MyCustomers())
    assert "Open the thread" not in await home(desk, TOM, MyCustomers())


async def test_of_a_customer_one_has_had_for_long_no_beginning_is_promised(desk: Desk) -> None:
    await desk.adopt(AMARA, "cust2")
    desk.later(timedelta(days=40))
    shown = await home(desk, AMARA, MyCustomers(latest=latest))
    assert "No news yet" not in shown
    assert "*Halden*\\nYours since <!date^" in shown


async def test_whoever_has_none_is_offered_one_unless_there_is_nothing_to_adopt(desk: Desk) -> None:
    assert "adoptions:choose" in await home(desk, AMARA, MyCustomers())
    for customer in ("cust1", "cust2", "cust4"):
        await desk.customer(customer, adoptable=False)
    assert await home(desk, AMARA, MyCustomers()) == ""


async def test_a_paused_one_can_go_on(desk: Desk) -> None:
    await desk.adopt(AMARA)
    (mine,) = await desk.adoptions()
    await desk.press(AMARA, "adoptions:mine", option=f"pause:{mine.id}", on_home=True)
    shown = await home(desk, AMARA, MyCustomers(latest=latest))
    assert "Paused until" in shown
    assert f"resume:{mine.id}" in shown


async def test_account_managers_and_deputies_see_who_has_their_customers_and_nobody_else_does(desk: Desk) -> None:
    await desk.customer("cust1", deputy=TOM)
    await desk.adopt(AMARA)
    for user in (SAM, TOM):
        assert "Amara Okoro" in await home(desk, user, AdoptersOfMine())
    for user in (AMARA, EDITOR, ADMIN, GUEST):
        assert await home(desk, user, AdoptersOfMine()) == ""


@pytest.mark.parametrize("section", [MyCustomers(), AdoptersOfMine(), HatDraws()])
async def test_guests_have_none_of_it(desk: Desk, section: Section) -> None:
    assert await home(desk, GUEST, section) == ""


async def test_hats_are_shown_to_whoever_may_open_one(desk: Desk) -> None:
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    shown = await home(desk, EDITOR, HatDraws())
    assert "1 is in" in shown
    assert hat in shown
    assert await home(desk, AMARA, HatDraws()) == ""
    assert hat in await home(desk, ADMIN, HatDraws())


@pytest.mark.parametrize(
    ("user", "customer", "stands"),
    [
        (AMARA, "cust1", True),
        (AMARA, "cust3", False),
        (SAM, "cust1", False),
        (GUEST, "cust1", False),
        ("", "cust1", True),
        ("", "cust3", False),
    ],
)
async def test_adopt_stands_where_the_reader_could(desk: Desk, user: str, customer: str, stands: bool) -> None:
    assert await button(desk, user, customer) is stands


async def test_adopt_does_not_stand_where_there_is_no_room_or_it_is_theirs(desk: Desk) -> None:
    await desk.adopt(AMARA)
    assert not await button(desk, AMARA, "cust1")
    assert await button(desk, "", "cust1")
    await desk.customer("cust1", max_adopters=1)
    assert not await button(desk, "", "cust1")
    assert not await button(desk, TOM, "cust1")


async def button(desk: Desk, user: str, customer_id: str) -> bool:
    async with desk.sessions.begin() as session:
        card = await customers.get(session, WS, customer_id)
        assert card is not None
        made = await buttons.adopt(session, Words(locale="en-US"), card, user=user)
    return [one["value"] for one in made] == [customer_id]


async def test_admins_list_the_adopters_of_a_customer_and_others_do_not(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.command(ADMIN, "/customer-admin adopters orion")
    assert "Amara Okoro" in desk.told()
    (mine,) = await desk.adoptions()
    assert f"end:{mine.id}" in str(desk.gateway.responses[-1][1].blocks)
    await desk.command(ADMIN, "/customer-admin adopters Halden")
    assert "no adopters" in desk.told()
    await desk.command(TOM, "/customer-admin adopters Orion")
    assert "Amara" not in desk.told()
    assert (TOM, "refused", "end_adoption") in await desk.audited()


async def test_account_managers_list_the_adopters_of_their_own_customers_only(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.adopt(AMARA, "cust2")
    await desk.command(SAM, "/customer-admin adopters Orion")
    assert "Amara Okoro" in desk.told()
    await desk.command(SAM, "/customer-admin adopters Halden")
    assert "know no customer" in desk.told()
    await desk.command(SAM, "/customer-admin adopters o")
    assert "Amara Okoro" in desk.told()
