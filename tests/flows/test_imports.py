"""A file dropped into the app's direct message, to the end, over real HTTP and WebSocket."""

import json
from typing import Any

from tests.flows.company import ADMIN, MAKER
from tests.flows.conftest import Flow, over_socket
from tests.flows.test_questions import BOT, heard

CUSTOMERS = "external id,name,country\nC-1,Orion,Sweden\nC-7,Nordwind,Norway\nC-8,,Spain\n"


async def pressed(flow: Flow, who: str, message: dict[str, Any], label: str) -> None:
    await flow.act(who, "press", action=label, **{"in": {"channel": message["channel"], "ts": message["ts"]}})


@over_socket
async def test_dropped_reported_imported_and_found(flow: Flow) -> None:
    await flow.start()
    await flow.act(ADMIN, "drop", channel=BOT, files=[{"name": "export.csv", "text": CUSTOMERS}])
    report = await heard(flow, ADMIN, "1 added, 1 unchanged, and 1 refused")
    said = json.dumps(report, ensure_ascii=False)
    assert "line 4, name: the name is empty" in said
    assert "Nordwind" not in json.dumps(
        await flow.act(ADMIN, "command", channel="C0LINE0", text="/customer find Nordw")
    )
    await pressed(flow, ADMIN, report, "Import")
    done = await heard(flow, ADMIN, "is imported: 1 added, 1 unchanged, and 1 refused")
    assert done["ts"] == report["ts"]
    found = await flow.act(ADMIN, "command", channel="C0LINE0", text="/customer find Nordwind")
    assert "Norway" in json.dumps(found)

    await flow.act(MAKER, "drop", channel=BOT, files=[{"name": "export.csv", "text": CUSTOMERS}])
    await heard(flow, MAKER, "Only admins of Canteen can do this")
