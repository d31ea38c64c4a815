"""Row G11: after erasing, every column of every table is searched, the file's bytes, and the log."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.core.ids import new_id
from bot.db.engine import Sessions
from bot.db.tables import Base
from bot.db.tables.delivery import Delivery, Pace
from bot.db.tables.members import AuditEntry
from bot.db.tables.quizzes import Quiz, QuizAnswer
from bot.db.tables.updates import Relay
from bot.db.tables.workspaces import Workspace
from bot.delivery.forgetting import DELETE_FILE, TAKE_BACK, DeletesFile, Forgotten, TakenBack, delete_files
from bot.delivery.sender import Sender
from bot.erasure import erasing, leftovers
from bot.erasure.customer import which
from bot.erasure.person import whom
from bot.erasure.rules import PERSON
from bot.features.quizzes import store as quizzes
from bot.features.quizzes.standings import Played, points_of
from bot.metrics import Metrics
from tests.delivery.pretend_slack import PretendSlack
from tests.erasure.filling import CONTENT, NOW, WORKSPACE, a_row, a_set, everything, holding
from tests.faults.proof import Proof

HER, HER_DM, MAIL, NAME = "U0ERASEME", "D0ERASEME", "erase.me@flow.example", "Rosalind Canaré"
WORDS = "zanzibarwords"
OTHER = "U0ERASEMENOT"  # begins as hers does
CUSTOMER = "Quokka & Söhne"


@pytest.fixture
async def workspace(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        values = {"name": "One", "bot_token": "xoxb-1", "bot_id": "B1", "bot_user_id": "U0BOT", "scopes": []}
        session.add(Workspace(id=WORKSPACE, **values, state="active", locale="en", added_at=NOW))


def tools(sessions: Sessions) -> erasing.Tools:
    return erasing.Tools(sessions=sessions, new_id=new_id, now=NOW, by="U0ADMIN")


async def send_all(sessions: Sessions, slack: PretendSlack) -> None:
    """What is owed by then, as a bot that runs does."""
    renderers = {TAKE_BACK: TakenBack(), DELETE_FILE: DeletesFile()}
    sender = Sender(sessions=sessions, gateway=slack, renderers=renderers, new_id=new_id, metrics=Metrics())  # type: ignore[arg-type]
    while True:
        async with sessions.begin() as session:
            await session.execute(update(Pace).values(next_free_at=NOW - timedelta(days=1)))
            await session.execute(update(Delivery).where(Delivery.state == "pending").values(due_at=NOW))
            left = await session.scalar(select(func.count()).where(Delivery.state == "pending"))
        if not left:
            return
        await sender.turn("lease")
        await sender.settle()


def of_person(number: int) -> dict[str, dict[str, Any]]:
    """She stands in one column of each table that can hold an id, the `number`th of them; her words beside it."""
    values: dict[str, dict[str, Any]] = {}
    for name, rule in PERSON.items():
        ids = [*rule.row.split(), *rule.nobody.split()]
        ids += [
            one for one in rule.stand_in.split() if one not in {"detail", "inputs", "result", "sent_to", "overridden"}
        ]
        if not ids:
            continue
        mine = ids[number % len(ids)]
        values[name] = {**dict.fromkeys(ids, OTHER), mine: HER}
        if mine in rule.row.split():
            values[name] |= {one: WORDS for one in rule.goes.split() if one in {"text", "headline", "body", "note"}}
        for whose, names in rule.words.items():
            if whose == mine:
                values[name] |= dict.fromkeys(names.split(), WORDS)
    return values


def _she(number: int) -> dict[str, dict[str, Any]]:
    values = of_person(number)
    first = number == 0
    values["members"] = {"user_id": HER if first else f"{OTHER}{number}", "kind": "member"}
    if first:
        values["members"] |= {"name": NAME, "email": MAIL, "dm_channel": HER_DM}
    values["given_teams"] = {"person": MAIL if first else f"other{number}@flow.example"}
    values["customers"] |= {
        "account_manager_given": NAME,
        "overridden": {"account_manager": NAME},
        "name": f"C{number}",
    }
    values["hat_draws"] |= {"inputs": {"people": [{"user": HER, "held": 0, "barred": []}], "customers": []}}
    values["hat_draws"]["result"] = {"drawn": {HER: "c1"}, "names": [HER], "in": 1}
    values["audit"] |= {"detail": {"user": HER, "text": f"<@{HER}> was given it"}}
    values["answers"] |= {"sent_to": [HER, OTHER], "request": f"{HER_DM}:17{number}.0001"}
    values["look_ups"] = {"user_id": HER if first else f"{OTHER}{number}"}
    values["dm_turns"] |= {"day": NOW.date() + timedelta(days=number)}
    values["news_reminders"] |= {"week": NOW.date() + timedelta(days=number)}
    values["quizzes"] |= {"revealed_at": NOW if number % 2 else None, "result": None}
    values["quiz_answers"] = {"user_id": HER, "acted_at": 1_700_000_000_000_000 + number}
    values["relays"] = {"user_id": HER, "why": "paused"}
    values["deliveries"] = {"target": HER, "channel": HER_DM, "key": f"home:{HER}:{number}", "ref": {"user": HER}}
    values["deliveries"] |= {"method": ["post", "update", "publish"][number % 3], "ts": f"17000000{number:02}.000100"}
    values["pace"] = {"channel": HER if first else f"C{number}", "method": "chat.postMessage"}
    values["seen_events"] = {"key": f"press:{HER}:{number}"}
    values["imports"] = {"by": MAIL}
    values["dropped_files"] |= {"data": f"email\n{MAIL}\n".encode()}
    return values


@pytest.mark.row("G11")
async def test_nothing_of_a_person_is_left(
    sessions: Sessions, workspace: None, caplog: pytest.LogCaptureFixture, proof: Proof
) -> None:
    caplog.set_level(logging.DEBUG)
    leftovers.overwrite(sessions.engine)
    async with sessions.begin() as session:
        for number in range(4):
            await a_set(session, f"s{number}", _she(number))
        await a_set(session, "other", {"members": {"user_id": OTHER, "kind": "member", "name": "Somebody"}})
        before = await everything(session)
        answers = await session.scalar(select(func.count()).select_from(QuizAnswer))
    secrets = (HER_DM, MAIL, NAME, WORDS)
    assert len(holding(before, HER)) > 50  # the search finds what is there
    assert all(holding(before, one) for one in secrets)

    async with sessions.begin() as session:
        one = await whom(session, WORKSPACE, MAIL.upper())
    assert one is not None
    seen = await erasing.look_at_person(tools(sessions), one, one.needles(new_id))
    async with sessions.begin() as session:
        assert await everything(session) == before  # looking changes nothing
    slack = PretendSlack()
    for row in (0, 3):
        slack.messages.append({"channel": HER_DM, "ts": f"17000000{row:02}.000100", "text": WORDS})
    caplog.clear()
    done = await erasing.erase_person(tools(sessions), one, one.needles(new_id))
    await send_all(sessions, slack)
    assert [message.get("deleted") for message in slack.messages] == [True, True]
    await leftovers.compact(sessions.engine)

    async with sessions.begin() as session:
        after = await everything(session)
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "erase.person"))).one()
        left = await session.scalar(select(func.count()).select_from(QuizAnswer))
        relays = await session.scalar(
            select(func.count()).select_from(Relay).where(Relay.user_id.startswith("erased-"))
        )
    found = holding(_without_others(after), HER, *secrets)
    assert found == set()
    assert holding(after, OTHER)  # whose id begins as hers does
    assert answers is not None
    assert left == answers - 2  # two rounds were open: nothing was counted yet
    assert relays == 4  # receipts count as before
    assert (entry.actor, entry.subject) == ("U0ADMIN", done.reference)
    assert {line.table for line in done.lines} <= {line.table for line in seen.lines} | {"customer_updates"}
    _nothing_in_file_and_log(sessions, caplog, HER.encode(), *(one.encode() for one in secrets))
    again = await erasing.erase_person(tools(sessions), one, one.needles(new_id))
    assert again.nothing
    proof.found(f"{len(before)} columns of {len(Base.metadata.tables)} tables, file and log searched: nothing found")


def _without_others(cells: dict[tuple[str, str], list[str]]) -> dict[tuple[str, str], list[str]]:
    return {place: [text.replace(OTHER, "") for text in texts] for place, texts in cells.items()}


def _nothing_in_file_and_log(sessions: Sessions, caplog: pytest.LogCaptureFixture, *words: bytes) -> None:
    assert [word for word in words if word.decode() in caplog.text] == []
    if sessions.engine.dialect.name == "sqlite":
        path = Path(str(sessions.engine.url.database))
        beside = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
        assert [
            (one.name, word)
            for one in beside
            for word in words
            if word in one.read_bytes().replace(OTHER.encode(), b"")
        ] == []


@pytest.mark.row("G11")
async def test_nothing_of_a_customer_is_left(
    sessions: Sessions, workspace: None, caplog: pytest.LogCaptureFixture, proof: Proof
) -> None:
    caplog.set_level(logging.DEBUG)
    leftovers.overwrite(sessions.engine)
    hanging = _hanging_on("customers")
    async with sessions.begin() as session:
        gone = await a_set(session, "e", _about(hanging))
        await a_set(session, "o", {"customers": {"name": "Orion"}})
        await session.execute(update(QuizAnswer).values(user_id=OTHER, option=1))
        before = await everything(session)
    customer_id = gone["customers"]["id"]
    secrets = (customer_id, CUSTOMER, WORDS)
    assert len(holding(before, *secrets)) > 40

    async with sessions.begin() as session:
        (one,) = await which(session, WORKSPACE, "quokka & SÖHNE")
    await erasing.look_at_customer(tools(sessions), one, one.needles(new_id))
    async with sessions.begin() as session:
        assert await everything(session) == before
    slack = PretendSlack()
    slack.messages.append({"channel": "C1", "ts": "1700000001.000100", "text": WORDS})
    caplog.clear()
    done = await erasing.erase_customer(tools(sessions), one, one.needles(new_id))
    await send_all(sessions, slack)
    assert slack.messages[0].get("deleted")
    await leftovers.compact(sessions.engine)

    async with sessions.begin() as session:
        after = await everything(session)
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "erase.customer"))).one()
        left = await session.scalar(select(func.count()).select_from(QuizAnswer))
        others = await which(session, WORKSPACE, "ocustomersexternalid")
    assert holding(after, *secrets) == set()
    assert left == 2  # whoever knew the answer keeps the point
    assert entry.subject == done.reference
    assert [other.names[0] for other in others] == ["Orion"]
    _nothing_in_file_and_log(sessions, caplog, *(one.encode() for one in secrets))
    proof.found(f"{len(hanging)} tables hang on a customer: nothing found in {len(before)} columns, file and log")


async def test_pictures_that_nothing_shows_any_more_are_deleted_in_slack_too(
    sessions: Sessions, workspace: None
) -> None:
    named: dict[str, dict[str, Any]] = {
        "customers": {"name": CUSTOMER}, "customer_names": {"name_key": "quokka & söhne"}, "quizzes": {"result": None},
    }  # fmt: skip
    only_here = {"hash": "only here", "slack_file": "F0ONLY"}
    async with sessions.begin() as session:
        await a_set(session, "e", {**named, "stories": {"picture_hash": "only here"}, "pictures": only_here})
        made = await a_set(session, "o", {"stories": {"picture_hash": "both"}})
        picture = {**made["pictures"], "hash": "both", "slack_file": "F0BOTH"}
        await a_row(session, Base.metadata.tables["pictures"], "o", made, picture)
        (one,) = await which(session, WORKSPACE, "quokka & SÖHNE")
    done = await erasing.erase_customer(tools(sessions), one, one.needles(new_id))
    slack = PretendSlack(deleted_files=["F0GONE"])
    async with sessions.begin() as session:
        await delete_files(session, WORKSPACE, ["F0GONE"], now=NOW)  # somebody was faster
    await send_all(sessions, slack)
    assert done.files == ["F0ONLY"]
    assert sorted(slack.deleted_files) == ["F0GONE", "F0ONLY"]
    async with sessions.begin() as session:
        states = set(await session.scalars(select(Delivery.state).where(Delivery.kind == DELETE_FILE)))
    assert states == {"sent"}


def _hanging_on(root: str) -> list[str]:
    found = {root}
    for table in Base.metadata.sorted_tables:
        if any(key.column.table.name in found for key in table.foreign_keys):
            found.add(table.name)
    return sorted(found - {"quiz_answers", "quiz_posts", "reminded_customers"})


def _about(tables: list[str]) -> dict[str, dict[str, Any]]:
    """Its words wherever somebody writes; its name where it is called so."""
    written = {
        "text", "headline", "snippet", "body", "quote_text", "quote_name", "quote_role", "picture_alt", "note", "reason",
        "industry", "country", "revenue_band", "website", "source", "link",
    }  # fmt: skip
    values: dict[str, dict[str, Any]] = {
        name: {column.name: WORDS for column in Base.metadata.tables[name].c if column.name in written}
        for name in tables
    }
    asked = {**CONTENT, "wordings": [{**CONTENT["wordings"][0], "text": WORDS, "options": [WORDS, CUSTOMER]}]}  # type: ignore[index]
    values["customers"] |= {"name": CUSTOMER, "name_key": "quokka & söhne", "aliases": [CUSTOMER.upper()]}
    values["customer_names"] = {"name_key": "quokka & söhne"}
    values["posts"] = {"reason": {"text": WORDS}}
    values["quiz_questions"] |= {"content": asked}
    values["quizzes"] = {"content": asked, "revealed_at": NOW, "result": None}
    values["quiz_posts"] = {"outcome": "sent"}
    values["dropped_files"] = {"data": CUSTOMER.encode(), "report": {"text": CUSTOMER}}
    values["draft_sketches"] = {"content": {"text": f"about {CUSTOMER}"}}
    values["deliveries"] = {
        "target": "C1", "channel": "C1", "method": "post", "key": "stories.post:epostsid", "ref": {"post": "epostsid"},
        "ts": "1700000001.000100",
    }  # fmt: skip
    values["audit"] = {"subject": "ecustomersid", "detail": {"customer": "ecustomersid"}}
    values["audit_about"] = {"thing": "ecustomersid"}
    values["hat_draws"] = {
        "inputs": {"customers": [{"id": "ecustomersid"}]},
        "result": {"drawn": {OTHER: "ecustomersid"}},
    }
    return values


async def test_points_of_others_and_counts_stay(sessions: Sessions, workspace: None) -> None:
    """Four revealed rounds make a batch. She was right in each, and so was somebody else."""
    async with sessions.begin() as session:
        for number in range(4):
            values: dict[str, dict[str, Any]] = {
                "quizzes": {"revealed_at": NOW, "closes_at": NOW, "result": {"counts": [0, 3], "winner": None}},
                "quiz_posts": {"outcome": "sent", "channel_id": "C1"},
            }
            made = await a_set(session, f"r{number}", values | {"members": {"user_id": f"U0M{number}"}})
            table = Base.metadata.tables["quiz_answers"]
            for user in (HER, OTHER):
                row = {"user_id": user, "option": 1, "channel_id": "C1"}
                await a_row(session, table, "", made, row)
    whole = await _points(sessions)
    assert (whole[HER], whole[OTHER]) == (3, 3)
    async with sessions.begin() as session:
        one = await whom(session, WORKSPACE, HER)
    assert one is not None
    await erasing.erase_person(tools(sessions), one, one.needles(new_id))
    points = await _points(sessions)
    assert points[OTHER] == 3
    assert HER not in points
    async with sessions.begin() as session:
        ids = list(await session.scalars(select(Quiz.id)))
        counted = await quizzes.answered(session, ids)
        users = list(await session.scalars(select(QuizAnswer.user_id).where(QuizAnswer.user_id.startswith("erased-"))))
    assert set(counted.values()) == {3}  # hers, theirs, and the row that each set comes with
    assert len(set(users)) == 4  # nothing ties one of her answers to the next


async def _points(sessions: Sessions) -> dict[str, int]:
    async with sessions.begin() as session:
        rounds = await quizzes.played(
            session, WORKSPACE, "C1", since=NOW - timedelta(days=1), until=NOW + timedelta(days=1)
        )
    return points_of([Played(quiz_id=one.quiz_id, right=one.right) for one in rounds])


async def test_messages_are_forgotten_also_where_a_race_was_lost(sessions: Sessions, workspace: None) -> None:
    async with sessions.begin() as session:
        await a_set(session, "s", _she(1))
        one = await whom(session, WORKSPACE, HER)
    lost: list[Session] = []

    def lose(session: Session) -> None:
        if not lost and any(isinstance(row, Delivery) for row in session.dirty):
            lost.append(session)
            raise DBAPIError("COMMIT", {}, Exception("deadlock detected"))

    assert one is not None
    event.listen(Session, "before_commit", lose)
    try:
        done = await erasing.erase_person(tools(sessions), one, one.needles(new_id))
    finally:
        event.remove(Session, "before_commit", lose)
    assert lost
    assert done.messages == Forgotten(emptied=1)
    async with sessions.begin() as session:
        assert HER not in str((await session.execute(select(Delivery.target, Delivery.key, Delivery.ref))).all())
