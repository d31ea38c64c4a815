"""*Get its data*: for whoever looks after a customer, and of what was said only what was said to them."""

import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.db.engine import Sessions
from bot.db.tables.customers import Customer
from bot.db.tables.members import AuditEntry, Member
from bot.db.tables.updates import CustomerUpdate
from bot.features.customers import service as customers
from bot.features.exports import blocks, buttons
from bot.features.exports.making import Making
from bot.features.exports.rules import CUSTOMER, Wish
from bot.registry.exports import write_own
from bot.slack.words import Words
from tests.features.exports.conftest import ADMIN, MAX, OWNER, SAM, WORLD, Desk, on_sqlite
from tests.features.exports.test_own import sheets
from tests.features.members.people import NOW, WS
from tests.rights.world import put

ORION = "orion"
Sheets = dict[str, list[dict[str, str]]]


async def an_update(session: Any, number: str, **values: Any) -> None:
    given = {"author": SAM, "kind": "win", "headline": None, "channels": [], "at": NOW, **values}
    await put(session, WORLD, "customer_updates", id=number, request=number, customer_id=ORION, **given)


@pytest.fixture
async def company(desk: Desk) -> Desk:
    """Sam looks after Orion, which Otto did before; Max has it, and writes with both."""
    otto, old = "U0OTTO", NOW - timedelta(days=30)
    async with desk.sessions.begin() as session:
        await put(session, WORLD, "members", user_id=otto, name="Otto Berg", kind="member", zone="UTC", locale="en")
        await session.execute(update(Member).where(Member.user_id == MAX).values(name="Máx 李"))
        await put(session, WORLD, "customers", id=ORION, name="Órion & Söhne", name_key="orion", account_manager=SAM)
        await an_update(session, "u1", text="=HYPERLINK(1)", headline="Zoë's win")
        await an_update(session, "u2", text="NOT ANY MORE", withdrawn_at=NOW)
        await put(
            session, WORLD, "adoptions", id="a1", request="a1", customer_id=ORION, user_id=MAX, via="press", since=old
        )
        await put(
            session, WORLD, "adoptions", id="a2", request="a2", customer_id=ORION, user_id=ADMIN, via="press", since=old, ended_at=NOW
        )  # fmt: skip
        await put(
            session,
            WORLD,
            "relays",
            update_id="u1",
            user_id=MAX,
            adoption_id="a1",
            state="sent",
            sent_at=NOW,
            thanked_at=NOW,
        )
        for partner in (SAM, otto):
            await put(session, WORLD, "exchanges", id=f"e-{partner}", customer_id=ORION, adopter=MAX, partner=partner)
            for state in ("sent", "held", "kept"):
                await put(
                    session, WORLD, "exchange_notes", id=f"{partner}{state}", request=f"{partner}{state}", state=state,
                    exchange_id=f"e-{partner}", author=MAX, text=f"{state} to {partner}", at=NOW,
                )  # fmt: skip
        for number, (to, state) in enumerate(((SAM, "open"), (otto, "open"), (otto, "answered"))):
            await put(
                session, WORLD, "questions", id=f"q{number}", request=f"q{number}", customer_id=ORION, asker=OWNER,
                with_user=to, state=state, text=f"question {number}", asked_at=NOW + timedelta(minutes=number),
            )  # fmt: skip
        for direction in ("answer", "follow_up"):
            await put(
                session, WORLD, "answers", id=direction, request=direction, question_id="q2", direction=direction,
                author=otto if direction == "answer" else OWNER, text=f"the {direction}", at=NOW,
            )  # fmt: skip
    return desk


async def got(desk: Desk) -> Sheets:
    ((file, place, words),) = await desk.sent()
    assert place == f"D{SAM[1:]}"
    assert "Órion &amp; Söhne" in words
    assert "canteen-órion-söhne-" in desk.files.name_of[file]
    return sheets(desk.files.bytes_of[file])


async def test_what_whoever_looks_after_it_may_read(company: Desk) -> None:
    await company.slack.press(SAM, blocks.GET_CUSTOMER, value=ORION)
    found = await got(company)
    first, second = found["updates.csv"]
    assert [first[name] for name in ("headline", "text", "delivered to", "thanked", "asked")] == [
        "Zoë's win", "'=HYPERLINK(1)", "1", "1", "0",
    ]  # fmt: skip
    assert (second["text"], second["state"]) == ("", "taken back")
    assert [row["name"] for row in found["adopters.csv"]] == ["Máx 李"]
    assert [(row["with"], row["text"]) for row in found["exchanges.csv"]] == [("Máx 李", f"sent to {SAM}")]
    said = [(row["what"], row["by"] != "", row["text"]) for row in found["questions.csv"]]
    assert said == [("question", True, "question 0"), ("question", False, "question 2"), ("answer", True, "the answer")]
    assert "NOT ANY MORE" not in str(found)


@on_sqlite
async def test_it_is_kept_in_the_audit_trail_and_others_are_refused(company: Desk) -> None:
    for who in (SAM, MAX, ADMIN):
        await company.slack.press(who, blocks.GET_CUSTOMER, value=ORION)
    await company.slack.press(SAM, blocks.GET_CUSTOMER, value="of another workspace")
    async with company.sessions.begin() as session:
        rows = await session.execute(
            select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.role, AuditEntry.detail)
            .where(AuditEntry.action.in_(["export.customer", "refused"]))
        )  # fmt: skip
        found = sorted(tuple(row) for row in rows)
    assert [row[:4] for row in found] == [
        (ADMIN, "refused", "export_customer", "admin"),
        (MAX, "refused", "export_customer", "member"),
        (SAM, "export.customer", ORION, "account_manager"),
        (SAM, "refused", "export_customer", "member"),
    ]
    assert all(row[4] == {} for row in found)
    assert len(await company.sent(3)) == 1


@on_sqlite
async def test_whoever_looks_after_it_no_longer_gets_nothing(company: Desk) -> None:
    """Made already, and not handed over."""
    await company.slack.press(SAM, blocks.GET_CUSTOMER, value=ORION)
    await company.sent(1)
    assert company.files.bytes_of
    async with company.sessions.begin() as session:
        await session.execute(update(Customer).values(account_manager=OWNER))
    assert await company.sent(4) == []
    assert company.files.messages == []


@on_sqlite
async def test_the_button_is_on_the_card_of_ones_own_customer(company: Desk) -> None:
    async with company.sessions.begin() as session:
        card = await customers.get(session, WS, ORION)
        assert card is not None
        shown = {who: await buttons.get_data(session, Words(), card, user=who) for who in (SAM, MAX, ADMIN, "")}
    assert [who for who, found in shown.items() if found] == [SAM]


@on_sqlite
async def test_a_customer_with_ten_thousand_updates_is_flat_in_memory(company: Desk, sessions: Sessions) -> None:
    text = "They doubled the spring order, and asked when the line would be ready for it. " * 10
    row = {
        "workspace_id": WS, "customer_id": ORION, "author": SAM, "kind": "news", "text": text, "channels": [],
        "offered": False, "at": NOW,
    }  # fmt: skip
    async with sessions.begin() as session:
        rows = [{**row, "id": f"many{number}", "request": f"many{number}"} for number in range(10_000)]
        await session.execute(insert(CustomerUpdate), rows)
    del rows
    wish = Wish(workspace_id=WS, user=SAM, what=CUSTOMER, subject=ORION)
    tracemalloc.start()
    data = await Making(sessions=sessions, write_own=write_own).make(wish, Words())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sheets(data)["updates.csv"]) == 10_002
    assert peak < 6_000_000, peak  # of 8 MB that it holds
