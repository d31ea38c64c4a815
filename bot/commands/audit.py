"""`audit`: who did what to what, when, and in which role."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from json import dumps
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands.app import out, show_json, show_table, with_parts
from bot.commands.places import workspace_of
from bot.core.errors import UserMistakeError
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members import trail
from bot.features.members.trail import Entry, Page, Wanted
from bot.slack.text import channel_link
from bot.wiring import Parts


def register(app: typer.Typer) -> None:
    app.command("audit")(audit)


def audit(
    by: Annotated[str, typer.Option("--by", help="who: a Slack id, an e-mail, or a word as it stands there")] = "",
    about: Annotated[
        str, typer.Option("--about", help="of a customer or channel: its name or id, such as Orion or #line-2")
    ] = "",
    action: Annotated[str, typer.Option("--action", help="what: its name or how that begins, such as channel.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="from this day or minute on, UTC"),
    ] = None,
    before: Annotated[str, typer.Option("--before", help="what is older than the entry with this id")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="how many at most")] = 50,
    workspace: Annotated[str | None, typer.Option("--workspace", help="its id, where there are several")] = None,
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """The audit trail: who did what to what, when and in which role. The newest first.

    Example: `canteen audit --about Orion --by clara@example.com --action update. --since 2026-11-01`
    """

    async def work(parts: Parts) -> tuple[Page, dict[str, str]]:
        ws = await workspace_of(parts, workspace)
        async with parts.sessions.begin() as session:
            start = await _start(session, ws, before)
            moment = since.replace(tzinfo=UTC) if since is not None else None
            thing, actor = await _thing(session, ws, about), await _actor(session, ws, by)
            wanted = Wanted(by=actor, action=action, since=moment, about=thing)
            page = await trail.listed(session, ws, wanted, before=start, limit=limit)
            return page, await _names(session, ws, page.entries)

    page, names = with_parts(work)
    rows = [_row(entry, names) for entry in page.entries]
    if json:
        show_json(rows)
        return
    if not rows:
        out.print("None.")
        return
    show_table("Audit trail", ("at", "who", "role", "action", "about", "detail", "id"), [_cells(row) for row in rows])
    if page.older:
        given = {
            "--by": by,
            "--about": about,
            "--action": action,
            "--since": since.isoformat()[:16] if since else "",
            "--limit": limit,
        }
        given |= {"--workspace": workspace, "--before": rows[-1]["id"]}
        again = shlex.join(word for name, value in given.items() if value for word in (name, str(value)))
        out.print(f"Older ones: canteen audit {again}", markup=False)


async def _start(session: AsyncSession, ws: str, before: str) -> Entry | None:
    start = await trail.entry(session, ws, before) if before else None
    if before and start is None:
        raise UserMistakeError(f"there is no entry {before}", "`canteen audit` shows the id of each")
    return start


async def _actor(session: AsyncSession, ws: str, by: str) -> str:
    if "@" not in by:
        return by
    person = await members.by_email(session, ws, by)
    if person is None:
        raise UserMistakeError(f"nobody is known as {by}", "write a Slack id or an e-mail as Slack has it")
    return person.user_id


async def _thing(session: AsyncSession, ws: str, about: str) -> frozenset[str] | None:
    """Its id; a channel that was removed is found by its id alone."""
    if not about:
        return None
    channel = await channels.by_name(session, ws, about)
    if channel is not None:
        return frozenset({channel.channel_id})
    found = await customers.exactly(session, ws, about)
    card = found.customer or await customers.get(session, ws, about)
    if card is None and not channel_link(about):
        if found.candidates:
            ids = ", ".join(one.external_id for one in found.candidates)
            raise UserMistakeError(f"several customers are called {about}", f"write the id of one: {ids}")
        raise UserMistakeError(f"there is no customer or channel {about}", "write its name or id as it was set up")
    return frozenset({card.id if card is not None else about})


async def _names(session: AsyncSession, ws: str, entries: Sequence[Entry]) -> dict[str, str]:
    """Of people, customers and channels among them, by id."""
    ids = {one for entry in entries for one in (entry.actor, entry.subject, *entry.about)}
    people = {one: person.name for one, person in (await members.people(session, ws, ids)).items()}
    named = {one: card.name for one, card in (await customers.customers(session, ws, sorted(ids))).items()}
    places = {one.channel_id: f"#{one.name}" for one in await channels.some(session, ws, ids)}
    return people | named | places


def _row(entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "actor": entry.actor,
        "actor_name": names.get(entry.actor),
        "role": entry.role,
        "action": entry.action,
        "subject": entry.subject,
        "subject_name": names.get(entry.subject),
        "concerns": [{"id": one, "name": names.get(one)} for one in entry.about],
        "detail": entry.detail,
    }


def _cells(row: Mapping[str, Any]) -> list[str]:
    who = f"{row['actor']} {row['actor_name'] or ''}".strip()
    about = [f"{row['subject']} {row['subject_name'] or ''}".strip()]
    about += [one["name"] or one["id"] for one in row["concerns"]]
    detail = dumps(row["detail"], ensure_ascii=False, default=str) if row["detail"] else ""
    return [row["at"], who, row["role"] or "", row["action"], ", ".join(about), detail, row["id"]]
