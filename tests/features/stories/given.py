"""A small company to test with: its teams, products, customers, people, one channel, and stories on disk."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.tables.channels import Channel, ChannelPerson, ChannelTeam, Occurrence
from bot.db.tables.customers import Customer, CustomerName, Product, ProductCustomer, Team
from bot.db.tables.members import Member, Role
from bot.db.tables.workspaces import Workspace
from bot.features.channels.seams import Due
from bot.features.customers.seams import Report
from bot.features.stories.importing import StoriesImporter
from bot.slack import kit
from bot.slack.words import Words
from tests.features.members.people import WS as WS

CHANNEL = "C0LINE2"
AMARA, EDITOR, ADMIN, SAM, GUEST = "U0AMARA", "U0EDITOR", "U0ADMIN", "U0SAM", "U0GUEST"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

STORY = """---
kind: {kind}
customer: {customer}
products: [PB-7]
headline: {headline}
snippet: {snippet}
quote:
  text: {quote}
  name: Ines Falk
  role: Head of product
consent: {consent}
published: {published}
variants:
  pt-PT:
    headline: O novo televisor
    snippet: Já está nas lojas.
    body: |
      Tudo em **português**.
---
# From the bench to the shop

They **sold** out. [Read more](https://orion.example/sets)
"""


def story(**values: str) -> str:
    given = {
        "kind": "story",
        "customer": "NL-001",
        "headline": "Orion's new set ships with your power board",
        "snippet": "It is in the shops from Monday. It uses half the power.",
        "quote": "It simply never fails.",
        "consent": "internal",
        "published": "2026-11-01",
    }
    return STORY.format(**{**given, **values})


def png(size: tuple[int, int] = (40, 30)) -> bytes:
    data = BytesIO()
    Image.new("RGB", size, "teal").save(data, "PNG")
    return data.getvalue()


def ask_button(words: Words, customer_id: str, post_id: str) -> kit.Element:
    return kit.button(words.say("Ask about this customer"), action="questions:ask", value=f"{customer_id}:{post_id}")


def _person(user: str, kind: str = "member", locale: str = "en-US") -> Member:
    return Member(
        workspace_id=WS, user_id=user, name=user, kind=kind, zone="Europe/Lisbon", locale=locale, refreshed_at=NOW
    )


def _customer(number: int, name: str, *, confidential: bool = False, named: bool | None = True) -> Customer:
    return Customer(
        id=f"cust{number}",
        workspace_id=WS,
        external_id=f"NL-00{number}",
        name=name,
        name_key=name.casefold(),
        aliases=[],
        account_manager=SAM if number == 1 else None,
        confidential=confidential,
        may_be_named=named,
        fingerprint="",
        updated_at=NOW,
    )


async def company(session: AsyncSession) -> None:
    session.add(
        Workspace(id=WS, name="Northlight", bot_token="xoxb", bot_id="B0", bot_user_id="U0BOT", scopes=[], added_at=NOW)
    )
    session.add_all(
        [_person(AMARA, locale="pt-PT"), _person(EDITOR), _person(ADMIN), _person(SAM), _person(GUEST, "guest")]
    )
    session.add_all(
        [
            Role(workspace_id=WS, user_id=user, role=role, given_at=NOW)
            for user, role in ((EDITOR, "editor"), (ADMIN, "admin"))
        ]
    )
    session.add(Team(id="line2", workspace_id=WS, name="Line 2", name_key="line 2"))
    session.add_all(
        [
            _customer(1, "Orion"),
            _customer(2, "Halden"),
            _customer(3, "Kestrelane", confidential=True),
            _customer(4, "Omorido", named=None),
        ]
    )
    await session.flush()
    names = ("orion", "halden", "kestrelane", "omorido")
    for number, name in enumerate(names, start=1):
        session.add(CustomerName(workspace_id=WS, customer_id=f"cust{number}", name_key=name))
    session.add(
        Product(
            id="pb7",
            workspace_id=WS,
            external_id="PB-7",
            name="PB-7 power board",
            name_key="pb-7 power board",
            team_id="line2",
            fingerprint="",
            updated_at=NOW,
        )
    )
    await session.flush()
    session.add(ProductCustomer(workspace_id=WS, product_id="pb7", customer_id="cust1"))
    await channel(session)


async def channel(session: AsyncSession, **values: Any) -> None:
    session.add(
        Channel(
            **{
                "workspace_id": WS,
                "channel_id": CHANNEL,
                "name": "line-2",
                "zone": "Europe/Lisbon",
                "locale": "en-US",
                "added_by": ADMIN,
                "added_at": NOW,
                "refreshed_at": NOW,
                **values,
            }
        )
    )
    await session.flush()
    place = {"workspace_id": WS, "channel_id": CHANNEL}
    session.add(ChannelTeam(**place, team_id="line2"))
    session.add_all([ChannelPerson(**place, user_id=user) for user in (AMARA, SAM)])
    await session.flush()


async def occurrence(session: AsyncSession, name: str, *, kind: str = "story", due_at: datetime = NOW) -> Due:
    session.add(
        Occurrence(
            id=name,
            workspace_id=WS,
            channel_id=CHANNEL,
            kind=kind,
            due_at=due_at,
            local_day=due_at.date(),
            state="filled",
            decided_at=due_at,
        )
    )
    await session.flush()
    return Due(occurrence_id=name, kind=kind, due_at=due_at)


def folder(root: Path, files: Mapping[str, str | bytes]) -> Path:
    place = root / "stories"
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


async def bring_in(sessions: Sessions, path: Path, new_id: Any, **values: Any) -> Report:
    given = {"workspace_id": WS, "by": "cli", "dry_run": False, "strict": False, "now": NOW, "new_id": new_id}
    return await StoriesImporter().run(sessions, path, progress=lambda done, total: None, **{**given, **values})
