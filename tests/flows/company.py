"""A small company in files, and the local Slack it lives in."""

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-flows-1", "xapp-flows-1", "flows0123456789abcdef"
ADMIN, MAKER, MANAGER, OTHER, GUEST, OUTSIDER = "U0ADA", "U0MAX", "U0SAM", "U0OTTO", "U0GUS", "U0OUT"
EVERYBODY = [ADMIN, MAKER, MANAGER, OTHER]


def world(*, channels: int = 3, delivery: str = "socket", request_url: str = "") -> dict[str, Any]:
    """Channels C0LINE0, C0LINE1, ... with everybody in them; one private, one with a guest, one shared, one archived."""
    lines = [{"id": f"C0LINE{n}", "name": f"line-{n}", "members": EVERYBODY} for n in range(channels)]
    app = {
        "id": "A0CANTEEN", "name": "Canteen", "bot_user": "U0CANTEEN", "bot_id": "B0CANTEEN", "bot_token": BOT_TOKEN,
        "app_token": APP_TOKEN, "signing_secret": SECRET, "manifest": str(ROOT / "config" / "slack-manifest.yaml"),
        "delivery": delivery,
    }  # fmt: skip
    return {
        "teams": [{"id": "T0FLOW", "name": "Flow Works", "domain": "flow"}],
        "people": [
            {"id": ADMIN, "name": "ada", "real_name": "Ada Lund", "email": "ada@flow.example", "kind": "admin", "tz": "Europe/Lisbon"},
            {"id": MAKER, "name": "max", "real_name": "Max Órfão", "email": "max@flow.example", "tz": "Asia/Kolkata"},
            {"id": MANAGER, "name": "sam", "real_name": "Sam Ortega", "email": "sam@flow.example", "tz": "America/Sao_Paulo"},
            {"id": OTHER, "name": "otto", "real_name": "Otto Berg", "email": "otto@flow.example", "tz": "Europe/Lisbon"},
            {"id": GUEST, "name": "gus", "real_name": "Gus Guest", "kind": "guest", "tz": "Europe/Lisbon"},
            {"id": OUTSIDER, "name": "olga", "real_name": "Olga Out", "kind": "external", "tz": "Europe/Lisbon"},
        ],
        "channels": [
            *lines,
            {"id": "C0SECRET", "name": "leads", "private": True, "members": [ADMIN, MAKER]},
            {"id": "C0GUESTS", "name": "fit-out", "members": [ADMIN, MAKER, GUEST]},
            {"id": "C0SHARED", "name": "with-orion", "shared": True, "members": [ADMIN, MANAGER, OUTSIDER]},
            {"id": "C0OLD", "name": "old", "archived": True, "members": [ADMIN]},
        ],
        "apps": [{**app, "request_url": request_url} if request_url else app],
    }  # fmt: skip


def write(folder: Path, *, stories: int = 4) -> Path:
    """teams.csv, people.csv, customers.csv, products.csv and stories/; the first story is about Orion and Line 2."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "teams.csv").write_text("name\nLine 2\nFinance\n", encoding="utf-8")
    (folder / "people.csv").write_text(
        "email,team\nmax@flow.example,Line 2\notto@flow.example,Finance\n", encoding="utf-8"
    )
    (folder / "customers.csv").write_text(
        "external id,name,aliases,country,customer since,account manager,adoptable,confidential,may be named\n"
        "C-1,Orion,Orion TV,Sweden,2009-03-16,sam@flow.example,yes,no,yes\n"
        "C-2,Hälden,,Norway,2017-09-01,sam@flow.example,yes,no,yes\n"
        "C-3,Quiet & Co,,Portugal,2020-01-01,sam@flow.example,no,yes,no\n",
        encoding="utf-8",
    )
    (folder / "products.csv").write_text(
        "id,name,team,customers,ends up in\nPB-7,PB-7 power board,Line 2,C-1|C-2,televisions\n", encoding="utf-8"
    )
    inside = folder / "stories"
    inside.mkdir(exist_ok=True)
    for number in range(stories):
        customer = "C-1" if number % 2 == 0 else "C-2"
        (inside / f"story-{number:02}.md").write_text(_story(number, customer), encoding="utf-8")
    (inside / "news-00.md").write_text(NEWS, encoding="utf-8")
    return folder


def _story(number: int, customer: str) -> str:
    return f"""---
kind: story
customer: {customer}
products: [PB-7]
headline: Set number {number} ships with your power board
snippet: It left the dock on Monday. It starts in under a second. People noticed.
quote: {{text: "It simply works.", name: Eva Lind, role: Head of hardware}}
consent: {"public" if number == 0 else "internal"}
published: 2026-10-{number % 27 + 1:02}
variants:
  pt-BR: {{headline: "A televisão {number} sai com a sua placa", snippet: "Saiu na segunda-feira.", body: "Um *texto* em português."}}
---
## How it began

The **board** was too warm. <!channel> & <@U0MAX> would agree.

- first try
- second try
"""


NEWS = """---
kind: news
customer: Orion
headline: Orion doubles its spring order
snippet: Twice as many boards from March on.
consent: internal
published: 2026-11-20
expires: 2099-01-01
---
They told us on Friday.
"""
