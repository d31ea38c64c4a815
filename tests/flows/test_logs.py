"""With CANTEEN_LOG=debug and trouble of every kind, nothing that operators look at (the log, the metrics, the probes,
the audit trail) holds a secret or anything that anybody wrote."""

import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.commands.data import bring_in
from bot.db.ciphers import new_key
from tests.flows import company, owing
from tests.flows.company import MAKER, MANAGER
from tests.flows.conftest import Flow, flowing

CANARY = "kanarie"  # every text below has a word that begins so, and nothing else does
STORY = f"""---
kind: story
customer: {CANARY}-id
products: [{CANARY}-product]
headline: The {CANARY}headline
snippet: The {CANARY}snippet left the dock.
quote: {{text: "A {CANARY}quote.", name: {CANARY}speaker, role: {CANARY}role}}
consent: internal
published: 2026-10-01
variants:
  pt-BR: {{headline: "{CANARY}titulo", snippet: "{CANARY}trecho", body: "{CANARY}corpo"}}
---
The {CANARY}body.
"""


@pytest.fixture(params=["socket", "http"])
async def flow(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Flow]:
    """With a customer, a product, a team and a story that are all canaries."""
    database = f"sqlite:///{tmp_path / 'canteen.db'}"
    async with flowing(tmp_path, database, transport=request.param) as made:
        made.env["CANTEEN_LOG"] = "debug"
        await made.install(stories=0)
        made.env["CANTEEN_ENCRYPTION_KEYS"] = new_key()
        files = write(tmp_path / "canaries")
        async with made.parts() as parts:
            for what in ("teams", "customers", "products", "stories"):
                report = await bring_in(parts, what, files / ("stories" if what == "stories" else f"{what}.csv"))
                assert report.refused == (), report.refused
        yield made


def write(folder: Path) -> Path:
    (folder / "stories").mkdir(parents=True)
    (folder / "stories" / f"{CANARY}file.md").write_text(STORY, encoding="utf-8")
    (folder / "teams.csv").write_text(f"name\n{CANARY}team\n", encoding="utf-8")
    (folder / "customers.csv").write_text(
        "external id,name,aliases,country,account manager,adoptable,confidential,may be named\n"
        f"{CANARY}-id,{CANARY}name,{CANARY}alias,Sweden,sam@flow.example,yes,no,yes\n",
        encoding="utf-8",
    )
    (folder / "products.csv").write_text(
        f"id,name,team,customers,ends up in\n{CANARY}-product,{CANARY}board,Line 2,{CANARY}-id,{CANARY}sets\n",
        encoding="utf-8",
    )
    return folder


@pytest.mark.row("F10")
async def test_neither_what_people_wrote_nor_a_secret_is_shown_to_operators(flow: Flow) -> None:
    await flow.start()
    await posting_in_trouble(flow)
    await people_at_work(flow)
    shown = await a_database_in_trouble(flow) + await served(flow) + await trail(flow)
    log = flow.log()
    assert " DEBUG " in log
    assert "canteen_deliveries_total" in shown
    assert "channel.add" in shown
    everything = log + shown
    assert re.findall(rf"\S*{CANARY}\S*", everything, re.IGNORECASE) == []
    secrets = [company.BOT_TOKEN, company.APP_TOKEN, company.SECRET, flow.env["CANTEEN_ENCRYPTION_KEYS"], "enc1:"]
    marks = ["xoxb-", "xapp-", "/respond/", "/socket/", "v0="]
    assert [secret for secret in secrets + marks if secret in everything] == []


async def served(flow: Flow) -> str:
    """What everybody inside can ask for without a signature."""
    said = ""
    for path in ("metrics", "healthz", "readyz"):
        async with flow.http.get(f"http://{flow.env['CANTEEN_HTTP']}/{path}") as answer:
            said += f"{answer.status} {await answer.text()}\n"
    return said


async def trail(flow: Flow) -> str:
    """As it is stored, and as `canteen audit` prints it: with the names of today beside the ids, and nothing else."""
    with closing(sqlite3.connect(flow.folder / "canteen.db")) as there:
        rows = there.execute("SELECT * FROM audit").fetchall()
    code, printed = await flow.canteen("audit", "--limit", "1000", "--json")
    assert code == 0
    entries = json.loads(printed)
    assert len(entries) == len(rows) > 3
    return f"{rows}\n{[{**entry, 'actor_name': '', 'subject_name': ''} for entry in entries]}\n"


async def posting_in_trouble(flow: Flow) -> None:
    """One channel refuses the post; of another one the answer is lost, and an upload of nothing goes wrong."""
    await owing.set_up(flow, owing.lines(2))
    refused = {"what": "error_before", "error": "invalid_blocks", "channel": "C0LINE0"}
    lost = {"methods": ["chat.postMessage"], "what": "error_after", "status": 500, "times": 1, "channel": "C0LINE1"}
    await owing.faults(flow, refused, lost)
    await owing.owe(flow, owing.lines(2))
    async with flow.parts() as parts:

        async def ended() -> bool:
            found = await owing.states(parts)
            return (found["sent"], found["failed"]) == (1, 1)

        await owing.until(flow, ended)
    await owing.faults(flow)


async def people_at_work(flow: Flow) -> None:
    """Reading, finding, asking, a form that is refused, and direct messages, one of them with a file."""
    await flow.act(MAKER, "press", action="Read the whole story")
    await flow.act(MAKER, "close", all=True)
    for words in ("find", "ask", "nonsense"):
        await flow.act(MAKER, "command", channel="C0LINE0", text=f"/customer {words} {CANARY}name")
    seen = await flow.act(MAKER, "submit", values={"Your question": f"Is it {CANARY}question?"})
    assert seen["notices"] == [], seen["notices"]
    home = await dm_of(flow, MAKER)
    await flow.act(MAKER, "type", channel=home, text=f"What about {CANARY}dm?")
    await flow.act(MAKER, "drop", channel=home, files=[{"name": f"{CANARY}.txt", "text": CANARY, "alt": CANARY}])
    async with flow.parts() as parts:

        async def heard() -> bool:
            asked = await owing.count(parts, "questions", "text LIKE 'enc1:%'")
            return asked == 1 and await owing.count(parts, "deliveries", f"target = '{MANAGER}'") >= 1

        await owing.until(flow, heard)


async def dm_of(flow: Flow, user: str) -> str:
    found: list[Any] = [one["id"] for one in (await flow.seen(user))["conversations"] if one.get("with") == "U0CANTEEN"]
    return str(found[0]) if found else "U0CANTEEN"


async def a_database_in_trouble(flow: Flow) -> str:
    """Locked by another writer while somebody writes: the error quotes no values. What is served meanwhile."""
    other = sqlite3.connect(flow.folder / "canteen.db", isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    await flow.act(MAKER, "type", channel=await dm_of(flow, MAKER), text=f"And {CANARY}locked?")

    async def noticed() -> bool:
        return "OperationalError" in flow.log()

    await flow.until(noticed)
    said = await served(flow)
    other.execute("ROLLBACK")
    other.close()
    assert "the database takes nothing" in said
    return said
