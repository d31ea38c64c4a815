"""What people see and press in Slack: finding a customer, the Home parts, and who may see whose name."""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import date
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.tables.customers import Customer, CustomerName, Product, ProductCustomer, Team
from bot.db.tables.members import AuditEntry
from bot.features.customers import blocks, handlers, owed, service
from bot.features.customers.importing import store
from bot.features.customers.importing.customers import DEFAULTS
from bot.features.customers.rules import (
    CustomerCard,
    Made,
    ProductCard,
    Shown,
    TeamCard,
    Users,
    Viewer,
    name_key,
    visible,
)
from bot.features.edge import Edge
from bot.features.home.seams import Viewer as HomeViewer
from bot.features.members import handlers as member_handlers
from bot.features.members import service as members
from bot.slack import kit
from bot.slack.words import Words
from sandbox.kit import check_blocks, check_text
from tests.doubles import CountingIds, FixedClock, RecordingGateway
from tests.features.members.bolt import Slack, make_edge
from tests.features.members.people import WS

WORDS = Words()
ANA, GREG, ADMIN, SAM = "U0ANA", "U0GREG", "U0ADMIN", "U0SAM"
SEARCH = "questions:customer"


def ask(words: Words, customer_id: str) -> kit.Element:
    return kit.button(words.say("Ask about this customer"), action="questions:ask", value=customer_id)


class Catalogue:
    def __init__(self, sessions: Sessions, clock: FixedClock, new_id: CountingIds) -> None:
        self.sessions, self.clock, self.new_id = sessions, clock, new_id

    async def customer(self, name: str, **values: Any) -> str:
        row = {**DEFAULTS, "id": self.new_id(), "workspace_id": WS, "external_id": name, "name": name}
        row |= {"name_key": name_key(name), "fingerprint": "", "updated_at": self.clock.now(), **values}
        async with self.sessions.begin() as session:
            session.add(Customer(**row))
            await session.flush()
            keys = {name_key(one) for one in (name, *row["aliases"])}
            session.add_all(CustomerName(workspace_id=WS, customer_id=row["id"], name_key=key) for key in keys)
        return str(row["id"])

    async def product(self, name: str, team: str, customers: Sequence[str], ends_up_in: str = "") -> str:
        common = {"workspace_id": WS, "name_key": name_key(name)}
        async with self.sessions.begin() as session:
            teams = await store.teams(session, WS)
            if name_key(team) not in teams:
                made = {"id": self.new_id(), "workspace_id": WS, "name": team, "name_key": name_key(team)}
                session.add(Team(**made))
                await session.flush()
                teams = await store.teams(session, WS)
            row: dict[str, Any] = {**common, "id": self.new_id(), "external_id": name, "name": name, "fingerprint": ""}
            row |= {"team_id": teams[name_key(team)][0], "ends_up_in": ends_up_in or None}
            session.add(Product(**row, updated_at=self.clock.now()))
            await session.flush()
            session.add_all(
                ProductCustomer(workspace_id=WS, product_id=row["id"], customer_id=one) for one in customers
            )
        return teams[name_key(team)][0]

    async def naming(self, customer_id: str) -> bool | None:
        async with self.sessions.begin() as session:
            return (await session.execute(select(Customer.may_be_named).where(Customer.id == customer_id))).scalar_one()


@pytest.fixture
async def catalogue(sessions: Sessions, clock: FixedClock, new_id: CountingIds) -> Catalogue:
    people: list[dict[str, Any]] = [
        {"id": ANA, "profile": {"real_name": "Ana"}},
        {"id": GREG, "profile": {"real_name": "Greg"}, "is_restricted": True},
        {"id": ADMIN, "profile": {"real_name": "Ada"}},
        {"id": SAM, "profile": {"real_name": "Sam & Co", "email": "sam@x.example"}},
    ]
    async with sessions.begin() as session:
        await members.save(session, WS, people, clock.now())
        await members.bootstrap_admins(session, WS, [ADMIN], clock.now())
    return Catalogue(sessions, clock, new_id)


class Refreshed:
    def __init__(self) -> None:
        self.users: list[str] = []

    async def __call__(self, session: AsyncSession, *, now: Any, ws: str, users: Collection[str]) -> None:
        self.users += users


@pytest.fixture
def refreshed() -> Refreshed:
    return Refreshed()


@pytest.fixture
async def slack(
    sessions: Sessions,
    gateway: RecordingGateway,
    clock: FixedClock,
    new_id: CountingIds,
    refreshed: Refreshed,
) -> AsyncIterator[Slack]:
    edge: Edge = make_edge(sessions, gateway, clock, new_id)
    async with aiohttp.ClientSession() as session:
        slack = Slack(edge, session)
        find = handlers.FindCommand(edge=edge, card_actions=[ask])
        member_handlers.register(slack.app, edge, commands=[find])
        handlers.register(slack.app, edge, refresh_home=refreshed, card_actions=[ask], searches=[SEARCH])
        yield slack


def said(gateway: RecordingGateway) -> str:
    """Everything of the last private answer, read as JSON."""
    message = gateway.responses[-1][1]
    return json.dumps([message.text, list(message.blocks)], ensure_ascii=False)


RULES: list[tuple[Viewer, Callable[[bool, bool | None], bool]]] = [
    (Viewer(), lambda confidential, named: True),
    (Viewer(in_channel=True), lambda confidential, named: named is True and not confidential),
    (Viewer(guest=True), lambda confidential, named: named is True and not confidential),
    (Viewer(public_only=True, in_channel=True), lambda confidential, named: named is True and not confidential),
    (Viewer(outsider=True), lambda confidential, named: False),
    (Viewer(outsider=True, guest=True, public_only=True), lambda confidential, named: False),
]


@pytest.mark.parametrize(
    ("confidential", "named", "viewer", "sees"),
    [
        (confidential, named, viewer, sees)
        for viewer, rule in RULES
        for confidential, named in itertools.product([False, True], [None, False, True])
        for sees in [rule(confidential, named)]
    ],
)
async def test_who_may_see_a_name_is_the_same_in_rules_and_queries(
    catalogue: Catalogue, confidential: bool, named: bool | None, viewer: Viewer, sees: bool
) -> None:
    customer_id = await catalogue.customer("Orion", confidential=confidential, may_be_named=named)
    async with catalogue.sessions.begin() as session:
        card = await service.get(session, WS, customer_id)
        assert card is not None
        assert visible(card, viewer) is sees
        assert (await service.shown(session, card, viewer) is not None) is sees
        assert bool(await service.search(session, WS, "ori", viewer)) is sees
        assert ((await service.find_by_name(session, WS, "orion", viewer)).customer is not None) is sees
        assert bool((await service.find_by_name(session, WS, "oriun", viewer)).closest) is sees


async def test_find_shows_a_member_everything(catalogue: Catalogue, slack: Slack, gateway: RecordingGateway) -> None:
    orion = await catalogue.customer(
        "Orion <!channel>",
        aliases=["O-TV"],
        country="Sweden",
        customer_since=date(2009, 3, 16),
        revenue_band="10M-25M",
        account_manager=SAM,
        website="https://orion.example",
    )
    await catalogue.product("PB-7", "Line 2", [orion], "televisions | lifts")
    response = await slack.command(ANA, "/customer find o-tv")
    assert response.status == 200
    answer = said(gateway)
    for part in ("Sweden", "2009", "10M-25M", "Sam &amp; Co", "PB-7", "Line 2", "televisions", "questions:ask", orion):
        assert part in answer
    assert "do not name this customer" in answer
    assert "<!channel>" not in gateway.responses[-1][1].text
    [header, *_] = gateway.responses[-1][1].blocks
    assert header["text"] == {"type": "plain_text", "text": "Orion <!channel>", "emoji": True}


async def test_guests_see_less_and_people_of_other_companies_nothing(
    catalogue: Catalogue, slack: Slack, gateway: RecordingGateway
) -> None:
    values = {"country": "Sweden", "revenue_band": "10M-25M", "account_manager": SAM, "aliases": ["Hush"]}
    await catalogue.customer("Orion", may_be_named=True, **values)
    await catalogue.customer("Orbit", **values)
    await slack.command(GREG, "/customer find or")
    answer = said(gateway)
    assert "Sweden" in answer
    for part in ("10M-25M", "Sam", "Hush", "questions:ask", "Orbit"):
        assert part not in answer
    await slack.command(GREG, "/customer find Orbit", trigger="1.2.b")
    assert "no customer called" in said(gateway)
    before = len(gateway.responses)
    await slack.command("U0NEW", "/customer find Orbit", trigger="1.2.c")
    assert "no customer called" in said(gateway)
    assert len(gateway.responses) == before + 1


async def test_several_fit_and_one_is_chosen(catalogue: Catalogue, slack: Slack, gateway: RecordingGateway) -> None:
    ids = [await catalogue.customer(f"Halden {kind}") for kind in ("Cycles", "Paper")]
    await slack.command(ANA, "/customer find halden")
    assert "Several customers fit" in said(gateway)
    shows = [block["accessory"] for block in gateway.responses[-1][1].blocks if "accessory" in block]
    assert [(button["action_id"], button["value"]) for button in shows] == [(blocks.SHOW, one) for one in ids]
    body = {"container": {"type": "message", "message_ts": "1.1"}, "response_url": "https://hooks.example/2"}
    pressed = {"type": "block_actions", "team": {"id": WS}, "user": {"id": ANA, "team_id": WS}, **body}
    action = {"type": "button", "action_id": blocks.SHOW, "block_id": "b", "value": ids[1], "action_ts": "2.0"}
    await slack.send({**pressed, "actions": [action]})
    assert "Halden Paper" in gateway.responses[-1][1].text
    for changes in ({"user": {"id": ANA, "team_id": "T0OTHER"}}, {"user": {"id": GREG, "team_id": WS}}):
        await slack.send({**pressed, **changes, "actions": [action]})
        assert "cannot find" in said(gateway)
        assert "Halden" not in said(gateway)
    await slack.send({**pressed, "actions": [{**action, "value": "id of nowhere"}]})
    assert "cannot find" in said(gateway)


async def test_a_misspelt_name_gets_the_closest(catalogue: Catalogue, slack: Slack, gateway: RecordingGateway) -> None:
    await catalogue.customer("Campoforte Máquinas", aliases=["Campoforte"])
    await catalogue.customer("Zeta")
    await slack.command(ANA, "/customer find kampoforte")
    assert "Did you mean" in said(gateway)
    assert "Campoforte Máquinas" in said(gateway)
    assert "Zeta" not in said(gateway)
    await slack.command(ANA, "/customer find @channel <!here>", trigger="1.2.b")
    assert "<!here>" not in said(gateway)
    await slack.command(ANA, "/customer find", trigger="1.2.c")
    assert "Which customer?" in said(gateway)


async def test_searching_as_one_types(catalogue: Catalogue, slack: Slack) -> None:
    await catalogue.customer("Orion", may_be_named=True, country="Sweden")
    await catalogue.customer("Grand Orient", confidential=True)

    async def options(user: str, query: str, team: str = WS) -> list[str]:
        body = {"type": "block_suggestion", "team": {"id": WS}, "user": {"id": user, "team_id": team}}
        answer = await slack.send({**body, "action_id": SEARCH, "block_id": "b", "value": query})
        return [option["text"]["text"] for option in json.loads(answer.body)["options"]]

    assert await options(ANA, "ori") == ["Orion", "Grand Orient"]
    assert await options(GREG, "ori") == ["Orion"]
    assert await options(ANA, "ori", team="T0OTHER") == []
    assert await options(ANA, "zzz") == []
    assert await options(ANA, "100%_") == []


async def test_home_asks_admins_and_takes_their_answers(
    catalogue: Catalogue, slack: Slack, refreshed: Refreshed
) -> None:
    ids = [await catalogue.customer(name) for name in ("Alpha", "Beta", "Gamma")]
    section = owed.NamingSection()

    async def shown(roles: frozenset[str]) -> str:
        viewer = HomeViewer(workspace_id=WS, user_id=ADMIN, team_id=None, roles=roles)
        async with catalogue.sessions.begin() as session:
            return json.dumps(await section.render(session, viewer, WORDS))

    assert await shown(frozenset()) == "[]"
    assert "3 customers: may they be named?" in await shown(frozenset({"admin"}))
    await slack.press(ANA, blocks.NAME_YES, value=ids[0])
    await slack.press(ADMIN, blocks.NAME_YES, value=ids[0], team="T0OTHER")
    assert await catalogue.naming(ids[0]) is None
    assert refreshed.users == []
    await slack.press(ADMIN, blocks.NAME_YES, value=ids[0], at="1.1")
    assert await catalogue.naming(ids[0]) is True
    assert refreshed.users == [ADMIN]
    await slack.press(ADMIN, blocks.NAME_NO, value=ids[0], at="1.2")
    await slack.press(ADMIN, blocks.NAME_YES, value=ids[0], at="1.1")  # Slack sends a press again
    assert await catalogue.naming(ids[0]) is False
    await slack.press(ADMIN, blocks.ALL_NO, at="1.3")
    assert [await catalogue.naming(one) for one in ids] == [False, False, False]
    assert await shown(frozenset({"admin"})) == "[]"
    async with catalogue.sessions.begin() as session:
        trail = [(one.actor, one.action) for one in await session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert trail == [(ANA, "refused"), (ADMIN, "refused"), *[(ADMIN, "customer.naming")] * 3]


async def test_an_account_manager_answers_for_their_own_customers_only(catalogue: Catalogue, slack: Slack) -> None:
    own, other = await catalogue.customer("Own", account_manager=SAM), await catalogue.customer("Other")
    await slack.press(SAM, blocks.NAME_YES, value=own, at="1.1")
    await slack.press(SAM, blocks.NAME_YES, value=other, at="1.2")
    await slack.press(SAM, blocks.ALL_YES, at="1.3")
    assert [await catalogue.naming(one) for one in (own, other)] == [True, None]


async def test_home_shows_my_teams_products_and_who_uses_them(catalogue: Catalogue) -> None:
    public, inside = await catalogue.customer("Orion", may_be_named=True), await catalogue.customer("Halden")
    team = await catalogue.product("PB-7", "Line 2", [public, inside], "televisions")
    await catalogue.product("DR-2", "Line 1", [public])
    section, line_2 = owed.TeamProductsSection(), TeamCard(id=team, name="Line 2")
    async with catalogue.sessions.begin() as session:

        async def shown(team: TeamCard | None, *, guest: bool = False) -> str:
            team_id = team.id if team else "no such team"
            viewer = HomeViewer(
                workspace_id=WS, user_id=ANA, team_id=team_id, roles=frozenset(), guest=guest, team=team
            )
            return json.dumps(await section.render(session, viewer, WORDS))

        mine = await shown(line_2)
        assert "Line 2" in mine
        assert "used by Halden and Orion" in mine
        assert "televisions" in mine
        assert "DR-2" not in mine
        assert "Halden" not in await shown(line_2, guest=True)
        assert await shown(None) == "[]"


async def test_of_many_customers_home_reads_five_of_each_product_and_counts_the_rest(catalogue: Catalogue) -> None:
    many = [await catalogue.customer(f"Buyer {n:02}", may_be_named=n % 2 == 0) for n in range(12)]
    team = await catalogue.product("PB-7", "Line 2", many[::-1])
    await catalogue.product("DR-2", "Line 2", many[:5])
    await catalogue.product("ZZ-9", "Line 2", [])
    async with catalogue.sessions.begin() as session:
        [fan, board, unused] = await service.products_of_team(session, WS, team)
        ids = [fan.id, board.id, unused.id]
        found = await service.customers_of_products(session, WS, ids, Viewer(), limit=5)
        for_guests = await service.customers_of_products(session, WS, ids, Viewer(guest=True), limit=5)
        viewer = HomeViewer(
            workspace_id=WS, user_id=ANA, team_id=team, roles=frozenset(), team=TeamCard(id=team, name="Line 2")
        )
        shown = json.dumps(await owed.TeamProductsSection().render(session, viewer, WORDS))
    assert [(len(found[one].first), found[one].count) for one in ids] == [(5, 5), (5, 12), (0, 0)]
    assert [one.name for one in found[board.id].first] == [f"Buyer {n:02}" for n in range(5)]
    assert [(len(for_guests[one].first), for_guests[one].count) for one in ids] == [(3, 3), (5, 6), (0, 0)]
    assert "Buyer 04, and 7 more" in shown
    assert "Buyer 05" not in shown


@pytest.mark.row("A21")
def test_the_longest_of_everything_fits_slacks_limits() -> None:
    """`&` is five characters once escaped."""
    long = "&" * 200
    customer = CustomerCard(
        workspace_id=WS,
        id="c" * 24,
        external_id=long,
        name=long,
        aliases=(long,) * 20,
        industry=long * 2,
        country=long * 2,
        revenue_band=long,
        size_rank=1_000_000,
        website="https://x.example/" + "a&" * 230,
        confidential=True,
    )
    product = ProductCard(id="p", external_id="p", name=long, ends_up_in=(long,) * 12)
    team = TeamCard(id="t", name=long)
    shown = Shown(customer=customer, made=(Made(product=product, team=team),) * 40, manager=long)
    for message in (
        blocks.card_message(WORDS, shown, [ask]),
        blocks.candidates_message(WORDS, long, [customer] * 30),
        blocks.nothing_found(WORDS, long, [customer] * 5),
    ):
        assert len(message.blocks) <= 20
        assert check_blocks(list(message.blocks), "message") == []
        assert check_text(message.text, update=False) is None
    for home in (
        blocks.naming(WORDS, 100_000, [customer] * 10),
        blocks.team_products(WORDS, long, [product] * 30, {"p": Users(first=(customer,) * 5, count=30)}),
    ):
        assert 1 < len(home) <= 30
        assert check_blocks(home, "home") == []
    assert len(blocks.customer_options([customer] * 200)) == 100
