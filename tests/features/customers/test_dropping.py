"""Files dropped into the direct message with Canteen: who may, what is shown, imported once, erased in time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.clock import ticks
from bot.core.ids import new_id as fresh_id
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.customers import Customer, ImportRecord, Team
from bot.db.tables.delivery import Delivery, Pace
from bot.db.tables.drops import DroppedFile
from bot.db.tables.members import AuditEntry, Member
from bot.db.tables.stories import Story
from bot.db.tables.workspaces import Workspace
from bot.defaults import load_defaults
from bot.delivery.sender import Sender
from bot.features.customers.dropping import handlers, owed
from bot.features.customers.dropping.jobs import LEASE, EraseDrops, WorkOnDrops, droppable
from bot.features.customers.dropping.rules import Drop, State
from bot.features.customers.dropping.service import ImportDrops
from bot.features.customers.importing.files import importers
from bot.features.customers.seams import Report
from bot.features.edge import Edge
from bot.features.members import service as members
from bot.features.questions import handlers as questions_handlers
from bot.features.questions.owed import renderers as questions_renderers
from bot.features.stories.importing import StoriesImporter
from bot.metrics import Metrics
from bot.slack import words as words_module
from bot.slack.errors import Fault, SlackFault
from sandbox.kit import check_blocks
from tests.doubles import CountingIds, FixedClock, RecordingGateway
from tests.features.members.bolt import Slack, make_edge
from tests.features.members.people import WS
from tests.features.questions.conftest import dm, words_in
from tests.features.stories.conftest import SlackWithFiles

ADA, BEA, GREG, EXTERNAL = "U0ADA", "U0BEA", "U0GREG", "U0EXT"
CUSTOMERS = "id,name,country\nC1,Acme,Portugal\nC2,Halden,Norway\n"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


async def no_channel(session: Any, ws: str, post_id: str) -> None:
    return None


@dataclass
class Desk:
    """People who drop files and press; the clock's work; what they then see."""

    sessions: Sessions
    gateway: RecordingGateway
    app: Slack
    slack: SlackWithFiles
    sender: Sender
    clock: FixedClock
    work: WorkOnDrops
    edge: Edge
    files: dict[str, bytes] = field(default_factory=dict)
    stamps: int = 0

    async def drop(
        self,
        user: str,
        *files: tuple[str, str | bytes],
        text: str = "",
        mimetype: str = "text/csv",
        event: str = "",
        **changes: Any,
    ) -> str:
        self.stamps += 1
        ts = f"1800000000.{self.stamps:06d}"
        given = []
        for number, (name, content) in enumerate(files):
            file_id = f"F{self.stamps}X{number}"
            url = f"https://files.slack.com/{file_id}"
            self.files[url] = content.encode() if isinstance(content, str) else content
            given.append({"id": file_id, "name": name, "mimetype": mimetype, "url_private": url})
        body: dict[str, Any] = {
            "type": "message",
            "subtype": "file_share",
            "user": user,
            "text": text,
            "ts": ts,
            "team": WS,
        }
        body |= {"channel": dm(user), "channel_type": "im", "files": given, **changes}
        assert (await self.app.event(body, event_id=event or f"Ev{self.stamps}")).status == 200
        return ts

    async def deleted(self, user: str, ts: str) -> None:
        self.stamps += 1
        event: dict[str, Any] = {
            "type": "message",
            "subtype": "message_deleted",
            "channel": dm(user),
            "channel_type": "im",
        }
        event |= {"deleted_ts": ts, "ts": f"{ts}8", "previous_message": {"type": "message", "user": user, "ts": ts}}
        assert (await self.app.event(event, event_id=f"Ev{self.stamps}")).status == 200

    async def press(self, user: str, action: str, value: str, *, at: str = "") -> None:
        self.stamps += 1
        body = {
            "type": "block_actions",
            "team": {"id": WS},
            "user": {"id": user, "team_id": WS},
            "trigger_id": f"1.2.{self.stamps}",
            "actions": [
                {"action_id": action, "block_id": "b", "action_ts": at or f"9.{self.stamps}", "type": "button"}
                | {"value": value}
            ],
            "container": {"type": "message", "channel_id": dm(user), "message_ts": "5.5"},
            "response_url": "https://hooks.example/1",
        }
        assert (await self.app.send(body)).status == 200

    async def pass_by(self, rounds: int = 3) -> None:
        """The clock's work is done and what is owed is sent."""
        await self.work(self.clock.now())
        await EraseDrops(edge=self.edge)(self.clock.now())
        for _ in range(rounds):
            async with self.sessions.begin() as session:
                past = await db_now(session) - timedelta(seconds=1)
                await session.execute(update(Pace).values(next_free_at=past, limited_until=None))
                await session.execute(update(Delivery).where(Delivery.state == "pending").values(due_at=past))
            await self.sender.turn("lease")
            await self.sender.settle()

    def seen(self, user: str) -> list[dict[str, Any]]:
        found = self.slack.made(dm(user))
        for message in found:
            assert check_blocks(list(message["blocks"] or []), "message") == []
        return found

    def shown(self, user: str = ADA) -> str:
        (message,) = self.seen(user)
        return words_in(message)

    def buttons(self, user: str = ADA) -> dict[str, tuple[str, str]]:
        """Action and value by label, of the only message."""
        (message,) = self.seen(user)
        rows = [block for block in message["blocks"] if block["type"] == "actions"]
        found = [element for row in rows for element in row["elements"]]
        return {one["text"]["text"]: (one["action_id"], one.get("value", "")) for one in found}

    async def push(self, label: str, user: str = ADA, *, at: str = "") -> None:
        action, value = self.buttons(user)[label]
        await self.press(user, action, value, at=at)

    async def count(self, model: Any) -> int:
        async with self.sessions.begin() as session:
            return (await session.execute(select(func.count()).select_from(model))).scalar_one()

    async def kept(self) -> DroppedFile:
        async with self.sessions.begin() as session:
            return (await session.scalars(select(DroppedFile))).one()

    def told(self) -> str:
        return self.gateway.responses[-1][1].text


@pytest.fixture
async def sessions(engine: AsyncEngine, clock: FixedClock) -> Sessions:
    clock.set(NOW)
    return Sessions(engine, clock_offset=NOW - datetime.now(UTC))


@pytest.fixture
async def desk(
    sessions: Sessions, gateway: RecordingGateway, clock: FixedClock, new_id: CountingIds
) -> AsyncIterator[Desk]:
    people: list[dict[str, Any]] = [
        {"id": ADA, "profile": {"real_name": "Ada Admin"}},
        {"id": BEA, "profile": {"real_name": "Bea"}},
        {"id": GREG, "profile": {"real_name": "Greg"}, "is_restricted": True},
    ]
    async with sessions.begin() as session:
        session.add(
            Workspace(
                id=WS, name="Works", bot_token="xoxb-1", bot_id="B1", bot_user_id="U0CANTEEN", scopes=[], added_at=NOW
            )
        )
        await members.save(session, WS, people, clock.now())
        await members.bootstrap_admins(session, WS, [ADA], clock.now())
    edge = make_edge(sessions, gateway, clock, new_id)
    files: dict[str, bytes] = {}
    gateway.answers["download"] = lambda url: files.get(url, SlackFault("http_404", Fault.GONE))
    all_importers = [*importers(), StoriesImporter(load_defaults().stories)]
    kinds = list(droppable(all_importers))
    slack = SlackWithFiles()
    sender = Sender(
        sessions=sessions,
        gateway=slack,  # type: ignore[arg-type]
        renderers={**owed.renderers(kinds), **questions_renderers()},
        new_id=fresh_id,
        metrics=Metrics(),
    )
    async with aiohttp.ClientSession() as http:
        app = Slack(edge, http)
        owner = ImportDrops(new_id=edge.new_id)
        questions_handlers.register(app.app, edge, channel_of_post=no_channel, drop_owners=[owner])
        handlers.register(app.app, edge, kinds=kinds)
        work = WorkOnDrops(edge=edge, importers=all_importers)
        yield Desk(
            sessions=sessions,
            gateway=gateway,
            app=app,
            slack=slack,
            sender=sender,
            clock=clock,
            work=work,
            edge=edge,
            files=files,
        )


async def test_a_file_is_reported_first_and_imported_when_its_admin_says_so(desk: Desk) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS + "C3,,Spain\n"))
    await desk.pass_by()
    assert "2 added and 1 refused" in desk.shown()
    assert "line 4, name: the name is empty" in desk.shown()
    assert await desk.count(Customer) == 0
    await desk.push("Import")
    await desk.pass_by()
    assert "is imported: 2 added and 1 refused." in desk.shown()
    assert "2 customers are named in no channel and to no guest" in desk.shown()
    assert desk.buttons() == {}
    assert await desk.count(Customer) == 2
    drop = await desk.kept()
    assert (drop.data, drop.url, drop.state) == (None, "", "imported")
    async with desk.sessions.begin() as session:
        record = (await session.scalars(select(ImportRecord))).one()
    assert (record.by, record.file_name, record.added, record.refused) == (ADA, "export.csv", 2, 1)


async def test_what_was_checked_is_what_is_imported(desk: Desk) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    desk.files.clear()
    await desk.push("Import")
    await desk.pass_by()
    assert await desk.count(Customer) == 2


@pytest.mark.row("D10")
async def test_pressed_twice_it_is_imported_once(desk: Desk) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    action, value = desk.buttons()["Import"]
    await desk.press(ADA, action, value, at="7.7")
    await desk.press(ADA, action, value, at="7.7")
    assert desk.gateway.responses == []
    await desk.press(ADA, action, value)
    assert "It is being imported" in desk.told()
    await desk.pass_by()
    await desk.press(ADA, action, value)
    assert "imported already" in desk.told()
    await desk.pass_by()
    assert await desk.count(ImportRecord) == 1


async def test_discarded_it_is_erased_and_nothing_was_imported(desk: Desk) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    action, value = desk.buttons()["Import"]
    await desk.push("Discard")
    await desk.pass_by()
    assert "is discarded" in desk.shown()
    await desk.press(ADA, action, value)
    assert "discarded already" in desk.told()
    await desk.pass_by()
    drop = await desk.kept()
    assert (drop.data, drop.report, await desk.count(Customer)) == (None, None, 0)


async def test_a_deleted_message_discards_its_file(desk: Desk) -> None:
    ts = await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    await desk.deleted(ADA, ts)
    await desk.pass_by()
    assert "is discarded" in desk.shown()
    assert (await desk.kept()).data is None


async def test_the_same_file_again_changes_nothing_and_says_so(desk: Desk) -> None:
    for _ in range(2):
        await desk.drop(ADA, ("export.csv", CUSTOMERS))
        await desk.pass_by()
        if await desk.count(Customer) == 0:
            await desk.push("Import")
            await desk.pass_by()
    assert "changes nothing: everything in it is here already" in words_in(desk.seen(ADA)[-1])


async def test_the_same_event_and_a_second_one_about_it_have_one_effect(desk: Desk) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS), event="Ev7")
    desk.stamps -= 1
    await desk.drop(ADA, ("export.csv", CUSTOMERS), event="Ev7")
    desk.stamps -= 1
    await desk.drop(ADA, ("export.csv", CUSTOMERS), event="Ev8")
    await desk.pass_by()
    assert await desk.count(DroppedFile) == 1
    assert "2 added" in desk.shown()


async def test_several_files_are_each_their_own(desk: Desk) -> None:
    await desk.drop(ADA, ("teams.csv", "team\nLine 2\n"), ("export.csv", CUSTOMERS))
    await desk.pass_by()
    said = [words_in(message) for message in desk.seen(ADA)]
    assert "I read *teams.csv* as *Teams*." in said[0]
    assert "I read *export.csv* as *Customers*." in said[1]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", "Account ID,Account Name,Industry\n1,Acme,TVs\n", "customers"),
        ("b.csv", "product id;product;team\n1;Board;Line 2\n", "products"),
        ("c.csv", "team,channels\nLine 2,#line-2\n", "teams"),
        ("d.csv", "e-mail\tteam\na@b.example\tLine 2\n", "people"),
        ("e.md", "---\nkind: story\n---\nText", "stories"),
    ],
)
async def test_what_it_is_is_known_by_its_beginning(desk: Desk, name: str, content: str, kind: str) -> None:
    await desk.drop(ADA, (name, content))
    await desk.pass_by()
    assert (await desk.kept()).what == kind


async def test_a_list_of_customers_without_ids_is_refused_with_a_cure_rather_than_read_as_teams(desk: Desk) -> None:
    await desk.drop(
        ADA, ("customers.csv", "name,industry,country,customer since,may be named\nAcme,TVs,Portugal,2019,yes\n")
    )
    await desk.pass_by()
    assert (await desk.kept()).what == "customers"
    assert "external id" in desk.shown()
    assert "cannot be imported" in desk.shown()


async def test_one_column_of_many_that_happens_to_fit_makes_no_list_of_teams(desk: Desk) -> None:
    await desk.drop(ADA, ("list.csv", "name,salary,birthday\nAcme,1,2\n"))
    await desk.pass_by()
    assert "cannot be imported" in desk.shown()


async def test_where_it_is_unclear_the_admin_says_what_it_is(desk: Desk) -> None:
    await desk.drop(ADA, ("list.csv", "id,name\n1,Acme\n"))
    await desk.pass_by()
    assert list(desk.buttons()) == ["Customers", "Products", "Discard"]
    await desk.push("Products")
    await desk.pass_by()
    assert "as *Products*" in desk.shown()
    await desk.push("It is something else")
    await desk.pass_by()
    assert {"Customers", "Products", "Teams", "People", "Stories"} <= desk.buttons().keys()
    await desk.push("Customers")
    await desk.pass_by()
    await desk.push("Import")
    await desk.pass_by()
    assert await desk.count(Customer) == 1


async def test_an_unheard_of_kind_in_a_button_changes_nothing(desk: Desk) -> None:
    await desk.drop(ADA, ("list.csv", "id,name\n1,Acme\n"))
    await desk.pass_by()
    value = desk.buttons()["Customers"][1]
    await desk.press(ADA, "customers:drop_as_secrets", value)
    assert (await desk.kept()).state == "asking"


async def test_columns_nobody_knows_are_refused_with_a_cure(desk: Desk) -> None:
    await desk.drop(ADA, ("list.csv", "Firma,Ort\nAcme,Faro\n"))
    await desk.pass_by()
    assert "cannot be imported" in desk.shown()
    assert "column names" in desk.shown()
    assert (await desk.kept()).data is None


async def test_a_workbook_is_refused_with_a_cure(desk: Desk) -> None:
    await desk.drop(ADA, ("list.xlsx", b"PK\x03\x04rest"), mimetype="application/zip")
    await desk.pass_by()
    assert "it is a spreadsheet, not CSV" in desk.shown()
    assert "CSV UTF-8" in desk.shown()


async def test_what_is_too_large_or_gone_is_said(desk: Desk) -> None:
    await desk.drop(ADA, ("list.csv", CUSTOMERS))
    desk.gateway.answers["download"] = SlackFault("file_too_large", Fault.CONTENT)
    await desk.pass_by()
    assert "up to 10 MB" in desk.shown()


async def test_fetching_is_tried_again_while_slack_is_away(desk: Desk) -> None:
    files = desk.gateway.answers["download"]
    await desk.drop(ADA, ("list.csv", CUSTOMERS))
    desk.gateway.answers["download"] = SlackFault("reset", Fault.WAIT)
    await desk.pass_by()
    assert "I am reading" in desk.shown()
    desk.gateway.answers["download"] = files
    desk.clock.advance(timedelta(seconds=10))
    await desk.pass_by()
    assert "2 added" in desk.shown()


async def test_who_is_no_admin_is_told_kindly_and_it_is_audited(desk: Desk) -> None:
    await desk.drop(BEA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    assert "Only admins of Canteen can do this" in desk.shown(BEA)
    assert ADA in desk.shown(BEA)
    assert await desk.count(DroppedFile) == 0
    async with desk.sessions.begin() as session:
        (entry,) = await session.scalars(select(AuditEntry).where(AuditEntry.action == "refused"))
    assert (entry.actor, entry.subject) == (BEA, "import")


async def test_words_beside_a_refused_file_are_not_lost(desk: Desk) -> None:
    await desk.drop(BEA, ("export.csv", CUSTOMERS), text="Is this list right?")
    await desk.pass_by()
    said = " ".join(words_in(message) for message in desk.seen(BEA))
    assert "Only admins" in said
    assert "Which customer is this about?" in said


@pytest.mark.parametrize(("user", "changes"), [(GREG, {}), (BEA, {"user_team": "T0OTHER"})])
async def test_guests_and_outsiders_hear_nothing_of_admins(desk: Desk, user: str, changes: dict[str, str]) -> None:
    await desk.drop(user, ("export.csv", CUSTOMERS), **changes)
    await desk.pass_by()
    assert "members of this company" in desk.shown(user)
    assert await desk.count(DroppedFile) == 0


async def test_nobody_presses_on_another_admins_file(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await members.change_role(session, WS, BEA, "admin", give=True, by=ADA, now=NOW, new_id=fresh_id)
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    action, value = desk.buttons()["Import"]
    await desk.press(BEA, action, value)
    assert "not here any more" in desk.told()
    assert (await desk.kept()).state == "checked"


async def test_who_is_no_admin_any_more_imports_nothing(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await members.change_role(session, WS, BEA, "admin", give=True, by=ADA, now=NOW, new_id=fresh_id)
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.drop(ADA, ("teams.csv", "team\nLine 2\n"))
    await desk.pass_by()
    values = [
        element["value"]
        for message in desk.seen(ADA)
        for block in message["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") == "customers:drop_import"
    ]
    await desk.press(ADA, "customers:drop_import", values[1])
    async with desk.sessions.begin() as session:
        await members.change_role(session, WS, ADA, "admin", give=False, by=BEA, now=NOW, new_id=fresh_id)
    await desk.press(ADA, "customers:drop_import", values[0])
    assert "Only admins" in desk.told()
    await desk.pass_by()
    assert (await desk.count(Customer), await desk.count(Team)) == (0, 0)


async def test_after_a_day_it_is_erased_and_says_so(desk: Desk) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    desk.clock.advance(timedelta(hours=24, minutes=1))
    await desk.pass_by()
    assert "not imported within a day" in desk.shown()
    assert (await desk.kept()).data is None
    desk.clock.advance(timedelta(days=2))
    await desk.pass_by()
    assert await desk.count(DroppedFile) == 0


async def test_an_import_that_was_written_is_not_made_again_when_its_note_was_lost(desk: Desk) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    await desk.push("Import")
    taken = await desk.sessions.run(desk.work._take)
    assert taken is not None
    await desk.work._import(taken, desk.work._by_word["customers"], CUSTOMERS.encode())
    await desk.pass_by()
    assert "I am importing" in desk.shown()  # another process has it until its lease ends
    desk.clock.advance(LEASE + timedelta(seconds=1))
    await desk.pass_by()
    assert "is imported: 2 added." in desk.shown()
    assert await desk.count(ImportRecord) == 1


async def test_a_fault_of_ours_is_tried_again_and_said_in_the_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    await desk.pass_by()
    await desk.push("Import")

    async def fails(*given: Any, **more: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(type(desk.work._by_word["customers"]), "run", fails)
    for _ in range(5):
        with pytest.raises(RuntimeError):
            await desk.pass_by()
        desk.clock.advance(LEASE + timedelta(seconds=1))
    await desk.pass_by()
    assert "Something went wrong" in desk.shown()
    assert (await desk.kept()).data is None


async def test_a_process_that_lost_its_lease_settles_nothing(desk: Desk) -> None:
    await desk.drop(ADA, ("export.csv", CUSTOMERS))
    taken = await desk.sessions.run(desk.work._take)
    assert taken is not None
    desk.clock.advance(LEASE + timedelta(seconds=1))
    await desk.pass_by()
    await desk.work._fetch(replace(taken))
    assert (await desk.kept()).state == "checked"


async def test_twenty_refused_rows_are_shown_and_all_in_a_window(desk: Desk) -> None:
    rows = "".join(f"C{n},,Spain {'&<' * 100}\n" for n in range(300))
    await desk.drop(ADA, ("export.csv", f"id,name,size rank\n{rows.replace('Spain', 'x')}C999,Fine,\n"))
    await desk.pass_by()
    assert "1 added and 300 refused" in desk.shown()
    assert "line 11" in desk.shown()
    assert "line 12," not in desk.shown()
    await desk.push("Show all that is refused")
    shown = str(desk.gateway.views[-1].payload())
    assert "line 101," in shown
    assert "There may be more" in shown


async def test_a_report_is_in_its_readers_language(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "words" / "pt_PT" / "LC_MESSAGES" / "canteen.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid "“{found}” is not a whole number from {lowest} to {highest}"\n'
        'msgstr "“{found}” não é um número inteiro de {lowest} a {highest}"\n\n'
        'msgid "write such a number"\nmsgstr "escreva um número assim"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(words_module, "FOLDER", tmp_path / "words")
    words_module._catalogue.cache_clear()
    try:
        async with desk.sessions.begin() as session:
            await session.execute(update(Member).where(Member.user_id == ADA).values(locale="pt-PT"))
        await desk.drop(ADA, ("export.csv", "id,name,size rank\n1,Acme,many\n"))
        await desk.pass_by()
        assert "“many” não é um número inteiro de 1 a 1\u00a0000\u00a0000 → escreva um número assim" in desk.shown()
    finally:
        words_module._catalogue.cache_clear()


HOSTILE = ("\x00", "\ud800".encode("utf-8", "surrogatepass"), "e" + "\u0301" * 1_000_000)


@pytest.mark.parametrize("bad", HOSTILE, ids=["nul", "surrogate", "combining"])
@pytest.mark.row("F9")
async def test_what_is_no_text_is_refused_quickly_and_shown_safely(desk: Desk, bad: str | bytes) -> None:
    """Faults F9."""
    cell = bad.encode() if isinstance(bad, str) else bad
    content = b"id,name,country\nC1,Acme,ab" + cell + b"\nC2,Fine,Norway\n"
    begun = ticks()
    report = await _checked(desk, content)
    assert (report.added, report.refused_rows) == (1, 1)
    assert ticks() - begun < 5  # the whole of it, on a busy machine; a cell alone is timed in test_reading
    await desk.drop(ADA, ("export.csv", content))
    await desk.pass_by()
    assert "line 2" in desk.shown()


async def _checked(desk: Desk, content: bytes) -> Report:
    taken = Drop(
        workspace_id=WS,
        id="x",
        user_id=ADA,
        name="x.csv",
        url="",
        state=State.CHECKING,
        what="customers",
        choices=(),
        report=None,
        at=NOW,
        pressed_at=None,
        tries=0,
        try_at=NOW,
    )
    return await desk.work._import(taken, desk.work._by_word["customers"], content)


@pytest.mark.row("F1", "F7")
async def test_names_and_cells_are_only_text(desk: Desk) -> None:
    """Faults F1 and F7: what stands in a file neither calls anybody nor becomes a formula or a link."""
    row = "C1,Acme,<!channel> =HYPERLINK(1) @here\n"
    await desk.drop(ADA, ("<!here> *x* <@U1>.csv", f"id,name,adoptable\n{row}"))
    await desk.pass_by()
    shown = desk.shown()
    assert "<!channel>" not in shown
    assert "<!here>" not in shown
    assert "<@U1>" not in shown
    assert "&lt;!channel&gt; =HYPERLINK(1) @\u2060here" in shown


async def test_a_name_that_is_no_file_name_is_read_all_the_same(desk: Desk) -> None:
    await desk.drop(ADA, ("../../etc/\x01pass\u202ewd" + "é" * 300 + ".csv", CUSTOMERS))
    await desk.pass_by()
    assert "2 added" in desk.shown()


async def test_a_story_is_imported_from_its_file(desk: Desk) -> None:
    story = "---\nkind: story\nheadline: A set with our board\nsnippet: It is out.\nconsent: internal\n---\nThe whole story.\n"
    await desk.drop(ADA, ("orion.md", story), mimetype="text/markdown")
    await desk.pass_by()
    await desk.push("Import")
    await desk.pass_by()
    assert await desk.count(Story) == 1


async def test_a_picture_dropped_with_a_story_is_not_joined_to_it_and_that_is_said(desk: Desk) -> None:
    story = "---\nkind: story\nheadline: A set with our board\nsnippet: It is out.\nconsent: internal\n---\nThe whole story.\n"
    await desk.drop(ADA, ("orion.md", story), ("orion.png", b"png"), mimetype="image/png")
    await desk.pass_by()
    assert "not joined to the story" in "".join(words_in(one) for one in desk.seen(ADA))
    await desk.drop(ADA, ("halden.md", story))
    await desk.pass_by()
    assert "not joined to the story" not in words_in(desk.seen(ADA)[-1])
