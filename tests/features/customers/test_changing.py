"""An admin changes a customer; files that say nothing new do not undo it; and who looks after whom follows people."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.tables.customers import Customer
from bot.db.tables.members import AuditEntry, Member
from bot.features.customers import change_form, handlers, overriding, owed, service
from bot.features.customers.importing.files import importers
from bot.features.customers.matching import LookedAfter
from bot.features.customers.seams import Moved
from bot.features.home.seams import Viewer as HomeViewer
from bot.features.members import handlers as member_handlers
from bot.features.members import service as members
from bot.slack.words import Words
from sandbox.kit.check import check_view
from tests.doubles import CountingIds, FixedClock, RecordingGateway
from tests.features.customers.test_slack import ADMIN, ANA, GREG, SAM, Catalogue, Refreshed, catalogue, refreshed
from tests.features.members.bolt import Slack, make_edge
from tests.features.members.people import WS

__all__ = ["catalogue", "refreshed"]
VERA = "U0VERA"


@dataclass
class Heard:
    """A listener to new account managers that remembers what it was told."""

    changes: list[tuple[str, str | None, str | None]] = field(default_factory=list)

    async def __call__(self, session: AsyncSession, ws: str, moved: Sequence[Moved], *, now: datetime) -> None:
        self.changes += [(one.customer_id, one.before, one.after) for one in moved]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def slack(
    sessions: Sessions,
    gateway: RecordingGateway,
    clock: FixedClock,
    new_id: CountingIds,
    refreshed: Refreshed,
    heard: Heard,
    catalogue: Catalogue,
) -> AsyncIterator[Slack]:
    edge = make_edge(sessions, gateway, clock, new_id)
    async with sessions.begin() as session:
        people = [{"id": VERA, "profile": {"real_name": "Vera", "email": "vera@x.example"}}]
        await members.save(session, WS, people, clock.now())
    async with aiohttp.ClientSession() as session:
        slack = Slack(edge, session)
        changing = handlers.change_command(
            slack.app, edge, refresh_home=refreshed, every=21, on_manager_changed=[heard]
        )
        find = handlers.FindCommand(edge=edge)
        member_handlers.register(slack.app, edge, commands=[changing, find])
        handlers.register(slack.app, edge, refresh_home=refreshed)
        yield slack
    for view in gateway.views:
        assert check_view(view.payload()) == []


def filled(**changes: Any) -> dict[str, Any]:
    """The window as Slack sends it back."""
    flags = [{"value": flag} for flag in changes.get("flags", (change_form.ADOPTABLE,))]
    return {
        change_form.MANAGER: {"a": {"type": "users_select", "selected_user": changes.get("manager")}},
        change_form.DEPUTY: {"a": {"type": "users_select", "selected_user": changes.get("deputy")}},
        change_form.NAMED: {"a": {"type": "static_select", "selected_option": {"value": changes.get("named", "open")}}},
        change_form.FLAGS: {"a": {"type": "checkboxes", "selected_options": flags}},
        change_form.MOST: {"a": {"type": "plain_text_input", "value": changes.get("most")}},
        change_form.NEWS: {"a": {"type": "plain_text_input", "value": changes.get("news")}},
    }


async def save(slack: Slack, customer_id: str, who: str = ADMIN, view_id: str = "V1", **changes: Any) -> dict[str, Any]:
    view: dict[str, Any] = {
        "id": view_id,
        "type": "modal",
        "callback_id": change_form.SAVE,
        "private_metadata": customer_id,
    }
    view |= {"state": {"values": filled(**changes)}}
    body = {"type": "view_submission", "team": {"id": WS}, "user": {"id": who, "team_id": WS}, "view": view}
    return dict(json.loads((await slack.send(body)).body))


async def card(sessions: Sessions, customer_id: str) -> Any:
    async with sessions.begin() as session:
        found = await service.get(session, WS, customer_id)
    assert found is not None
    return found


async def test_an_admin_changes_everything_in_one_window(
    slack: Slack,
    catalogue: Catalogue,
    sessions: Sessions,
    gateway: RecordingGateway,
    heard: Heard,
    refreshed: Refreshed,
) -> None:
    orion = await catalogue.customer("Orion", account_manager=SAM)
    await slack.command(ADMIN, "/customer-admin customer orion")
    assert gateway.views[-1].private == orion
    answer = await save(slack, orion, manager=VERA, deputy=SAM, named="no", flags=["confidential"], most="3", news="14")
    assert answer["response_action"] == "update"
    assert check_view(answer["view"]) == []
    found = await card(sessions, orion)
    assert (found.account_manager, found.deputy, found.may_be_named) == (VERA, SAM, False)
    assert (found.adoptable, found.confidential) == (False, True)
    assert (found.max_adopters, found.news_every_days) == (3, 14)
    assert heard.changes == [(orion, SAM, VERA)]
    assert {ADMIN, SAM, VERA} <= set(refreshed.users)
    async with sessions.begin() as session:
        [entry] = (await session.scalars(select(AuditEntry))).all()
    assert (entry.actor, entry.action, entry.subject) == (ADMIN, "customer.changed", orion)
    assert entry.detail["account_manager"] == [SAM, VERA]


@pytest.mark.row("D10")
async def test_submitted_twice_has_one_effect(
    slack: Slack, catalogue: Catalogue, sessions: Sessions, heard: Heard
) -> None:
    orion = await catalogue.customer("Orion", account_manager=SAM)
    first = await save(slack, orion, manager=VERA)
    assert await save(slack, orion, manager=VERA) == first
    assert heard.changes == [(orion, SAM, VERA)]
    async with sessions.begin() as session:
        assert len((await session.scalars(select(AuditEntry))).all()) == 1


async def test_a_window_left_as_it_was_changes_nothing(
    slack: Slack, catalogue: Catalogue, sessions: Sessions, heard: Heard
) -> None:
    orion = await catalogue.customer("Orion", account_manager=SAM)
    await save(slack, orion, manager=SAM)
    async with sessions.begin() as session:
        assert (await session.scalars(select(AuditEntry))).all() == []
    assert heard.changes == []


@pytest.mark.parametrize("who", [ANA, SAM, GREG])
async def test_nobody_else_may_and_trying_is_kept(
    slack: Slack, catalogue: Catalogue, sessions: Sessions, gateway: RecordingGateway, who: str
) -> None:
    orion = await catalogue.customer("Orion", account_manager=SAM)
    before = await card(sessions, orion)
    await slack.command(who, "/customer-admin customer orion")
    await slack.press(who, change_form.EDIT, value=orion)
    answer = await save(slack, orion, who, manager=who)
    assert change_form.MANAGER in answer["errors"]
    assert gateway.views == []
    assert await card(sessions, orion) == before
    async with sessions.begin() as session:
        trail = [(row.actor, row.subject) for row in await session.scalars(select(AuditEntry))]
    assert trail == [(who, "change_customer")] * 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"manager": GREG}, change_form.MANAGER),
        ({"deputy": GREG}, change_form.DEPUTY),
        ({"manager": VERA, "deputy": VERA}, change_form.DEPUTY),
        ({"most": "many"}, change_form.MOST),
        ({"most": "-1"}, change_form.MOST),
        ({"news": "0"}, change_form.NEWS),
        ({"news": "366"}, change_form.NEWS),
        ({"news": "²"}, change_form.NEWS),
    ],
)
async def test_what_cannot_be_is_said_below_its_field_and_may_be_mended(
    slack: Slack, catalogue: Catalogue, sessions: Sessions, changes: dict[str, Any], field: str
) -> None:
    orion = await catalogue.customer("Orion")
    answer = await save(slack, orion, **changes)
    assert list(answer["errors"]) == [field]
    await save(slack, orion, manager=VERA)
    assert (await card(sessions, orion)).account_manager == VERA


async def test_a_customer_of_nowhere_is_not_found(slack: Slack, gateway: RecordingGateway) -> None:
    answer = await save(slack, "of another workspace", manager=VERA)
    assert "cannot find that customer" in json.dumps(answer)
    await slack.press(ADMIN, change_form.EDIT, value="of another workspace")
    assert "cannot find that customer" in json.dumps(gateway.views[-1].payload())


async def test_only_admins_see_the_button_on_a_card(
    slack: Slack, catalogue: Catalogue, gateway: RecordingGateway
) -> None:
    await catalogue.customer("Orion")
    await slack.command(ANA, "/customer find orion")
    await slack.command(ADMIN, "/customer find orion", trigger="2")
    shown = [json.dumps(message.blocks) for _, message in gateway.responses]
    assert [change_form.EDIT in one for one in shown] == [False, True]


async def test_several_that_fit_are_offered(slack: Slack, catalogue: Catalogue, gateway: RecordingGateway) -> None:
    for name in ("Orion TV", "Orion Labs"):
        await catalogue.customer(name)
    await slack.command(ADMIN, "/customer-admin customer orion")
    await slack.command(ADMIN, "/customer-admin customer xyz", trigger="2")
    await slack.command(ADMIN, "/customer-admin customer", trigger="3")
    texts = [message.text for _, message in gateway.responses]
    assert "Orion Labs and Orion TV" in texts[0]
    assert "I know no customer called “xyz”" in texts[1]
    assert "/customer-admin customer Orion" in texts[2]


# -- files and admins


HEAD = "id,name,account manager,deputy,adoptable,max adopters,confidential,may be named,news every days\n"


async def import_(sessions: Sessions, tmp_path: Path, rows: str, heard: Heard, new_id: CountingIds) -> Any:
    path = tmp_path / "customers.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    [importer] = [one for one in importers(on_manager_changed=[heard]) if one.what == "customers"]
    clock = FixedClock()
    return await importer.run(
        sessions,
        path,
        workspace_id=WS,
        by="the command line",
        dry_run=False,
        strict=True,
        now=clock.now(),
        new_id=new_id,
        progress=lambda done, total: None,
    )


async def only(sessions: Sessions) -> str:
    async with sessions.begin() as session:
        return (await session.execute(select(Customer.id))).scalar_one()


async def test_an_unchanged_file_does_not_undo_what_an_admin_set_and_a_changed_cell_does(
    slack: Slack, sessions: Sessions, tmp_path: Path, heard: Heard, new_id: CountingIds
) -> None:
    row = "1,Orion,sam@x.example,vera@x.example,yes,5,no,no,\n"
    assert (await import_(sessions, tmp_path, row, heard, new_id)).added == 1
    orion = await only(sessions)
    await save(slack, orion, manager=VERA, deputy=SAM, flags=["confidential"], most="2", named="yes", news="7")
    set_by_hand = await card(sessions, orion)
    again = await import_(sessions, tmp_path, row, heard, new_id)
    assert (again.changed, again.unchanged) == (0, 1)
    assert await card(sessions, orion) == set_by_hand

    newer = "1,Orion Electronics,sam@x.example,vera@x.example,yes,9,no,no,\n"
    assert (await import_(sessions, tmp_path, newer, heard, new_id)).changed == 1
    found = await card(sessions, orion)
    assert (found.name, found.max_adopters) == ("Orion Electronics", 9)  # the file has something new to say of these
    assert (found.account_manager, found.confidential, found.may_be_named) == (VERA, True, True)
    assert heard.changes == [(orion, SAM, VERA)]


async def test_an_import_tells_who_is_new(
    slack: Slack, sessions: Sessions, tmp_path: Path, heard: Heard, new_id: CountingIds
) -> None:
    await import_(sessions, tmp_path, "1,Orion,sam@x.example,,,,,,\n", heard, new_id)
    assert heard.changes == []  # a new customer has nobody who could care yet
    await import_(sessions, tmp_path, "1,Orion,vera@x.example,sam@x.example,,,,,14\n", heard, new_id)
    orion = await only(sessions)
    assert heard.changes == [(orion, SAM, VERA)]
    found = await card(sessions, orion)
    assert (found.deputy, found.news_every_days) == (SAM, 14)


VALUES = st.none() | st.booleans() | st.integers(1, 3)
FIELDS = st.sampled_from(overriding.FIELDS)


@given(
    said=st.dictionaries(FIELDS, VALUES),
    wants=st.lists(st.dictionaries(FIELDS, VALUES), max_size=4),
    news=st.dictionaries(FIELDS, VALUES),
)
def test_an_admins_word_stands_until_a_file_says_something_new(
    said: dict[str, Any], wants: list[dict[str, Any]], news: dict[str, Any]
) -> None:
    holds, kept = dict(said), None
    for wanted in wants:
        differs = {one: value for one, value in wanted.items() if holds.get(one) != value}
        kept = overriding.remember(kept, {one: holds.get(one) for one in differs}, differs)
        holds |= differs
    row, left = overriding.still_said(said, kept)
    assert {**holds, **row} == {**said, **holds}  # the same file once more changes nothing
    assert left == kept
    row, left = overriding.still_said(news, kept)
    for one, value in news.items():
        stands = one in (kept or {}) and (kept or {})[one] == value
        assert (one not in row) is stands
        assert (one in (left or {})) is stands


# -- who looks after whom


async def left(sessions: Sessions, who: str, clock: FixedClock, heard: Heard, *, deleted: bool = True) -> None:
    async with sessions.begin() as session:
        await members.save(session, WS, [{"id": who, "deleted": deleted, "profile": {}}], clock.now())
        await LookedAfter(on_changed=[heard])(session, WS)


async def test_who_left_is_told_once_and_who_is_back_too(
    catalogue: Catalogue, sessions: Sessions, clock: FixedClock, heard: Heard
) -> None:
    orion = await catalogue.customer("Orion", account_manager=SAM)
    await catalogue.customer("Halden", account_manager=ANA)
    for _ in range(2):
        await left(sessions, SAM, clock, heard)
    assert heard.changes == [(orion, SAM, None)]
    assert (await card(sessions, orion)).account_manager == SAM  # until somebody says who is new
    for _ in range(2):
        await left(sessions, SAM, clock, heard, deleted=False)
    assert heard.changes == [(orion, SAM, None), (orion, None, SAM)]


async def test_after_somebody_left_the_new_one_is_told_as_the_first(
    slack: Slack, catalogue: Catalogue, sessions: Sessions, clock: FixedClock, heard: Heard
) -> None:
    orion = await catalogue.customer("Orion", account_manager=SAM)
    await left(sessions, SAM, clock, heard)
    await save(slack, orion, manager=VERA)
    assert heard.changes == [(orion, SAM, None), (orion, None, VERA)]
    await left(sessions, VERA, clock, heard)
    assert heard.changes[-1] == (orion, VERA, None)


async def test_people_of_a_file_are_matched_once_they_are_known(
    catalogue: Catalogue, sessions: Sessions, clock: FixedClock, heard: Heard
) -> None:
    orion = await catalogue.customer("Orion", account_manager_given="new@x.example", deputy_given="other@x.example")
    async with sessions.begin() as session:
        assert await LookedAfter(on_changed=[heard])(session, WS) == 0
        people = [
            {"id": "U0NEW", "profile": {"email": "new@x.example"}},
            {"id": "U0OTHER", "profile": {"email": "other@x.example"}},
        ]
        await members.save(session, WS, people, clock.now())
        assert await LookedAfter(on_changed=[heard])(session, WS) == 1
    found = await card(sessions, orion)
    assert (found.account_manager, found.deputy) == ("U0NEW", "U0OTHER")
    assert heard.changes == [(orion, None, "U0NEW")]


@pytest.mark.parametrize(
    ("away", "gone", "deputy", "acting"),
    [
        (False, False, ANA, SAM),
        (True, False, ANA, ANA),
        (False, True, ANA, ANA),
        (True, False, None, None),
        (True, False, GREG, None),  # a guest is asked nothing
        (False, False, None, SAM),
    ],
)
async def test_who_is_asked(
    catalogue: Catalogue,
    sessions: Sessions,
    clock: FixedClock,
    away: bool,
    gone: bool,
    deputy: str | None,
    acting: str | None,
) -> None:
    orion = await catalogue.customer("Orion", account_manager=SAM, deputy=deputy)
    async with sessions.begin() as session:
        sam = await session.get(Member, (WS, SAM))
        assert sam is not None
        sam.absent_from = date(2026, 11, 20) if away else None
        sam.kind = "deactivated" if gone else "member"
    async with sessions.begin() as session:
        found = await service.managers(session, WS, orion, now=clock.now())
        assert (found.acting.user_id if found.acting else None) == acting
        alone = await service.without_reachable_manager(session, WS)
        assert bool(alone) is (gone and deputy is None)
        assert await service.manages(session, WS, orion, SAM, now=clock.now())
        for user in (ANA, GREG):
            assert await service.manages(session, WS, orion, user, now=clock.now()) is (user == deputy)
        assert [one.id for one in await service.managed_by(session, WS, SAM)] == [orion]


# -- Home


async def rendered(sessions: Sessions, section: Any, user: str, *roles: str) -> str:
    viewer = HomeViewer(workspace_id=WS, user_id=user, team_id=None, roles=frozenset(roles))
    async with sessions.begin() as session:
        return json.dumps(await section.render(session, viewer, Words()), ensure_ascii=False)


async def test_home_says_who_is_asked_while_an_account_manager_is_away(
    catalogue: Catalogue, sessions: Sessions
) -> None:
    await catalogue.customer("Orion", account_manager=SAM, deputy=ANA)
    await catalogue.customer("Halden", account_manager=SAM)
    shown = await rendered(sessions, owed.AwaySection(), SAM)
    for part in ("You look after 2 customers", f"<@{ANA}> will be asked", "1 has no deputy"):
        assert part in shown
    assert await rendered(sessions, owed.AwaySection(), ANA) == "[]"


async def test_home_offers_admins_the_customers_and_the_last_imports(
    catalogue: Catalogue, sessions: Sessions, tmp_path: Path, heard: Heard, new_id: CountingIds
) -> None:
    assert await rendered(sessions, owed.ChangeSection(), ADMIN, "admin") == "[]"
    for rows in ("1,Orion,,,,,,,\n", "1,Orion,,,,4,,,\n2,Halden,,,,,,,\n"):
        await import_(sessions, tmp_path, rows, heard, new_id)
    assert "2 customers" in await rendered(sessions, owed.ChangeSection(), ADMIN, "admin")
    assert change_form.PICK in await rendered(sessions, owed.ChangeSection(), ADMIN, "admin")
    shown = await rendered(sessions, owed.ImportsSection(), ADMIN, "admin")
    assert "customers.csv" in shown
    for section in (owed.ChangeSection(), owed.ImportsSection()):
        assert await rendered(sessions, section, ANA) == "[]"


def test_the_numbers_of_the_form() -> None:
    assert change_form.number("21", 1, 365) == 21
    assert [change_form.number(one, 1, 365) for one in ("", "0", "366", "1.5", "٣", "9" * 30)] == [None] * 6
