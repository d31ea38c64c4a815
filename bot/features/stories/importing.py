"""`canteen import stories FOLDER`: read every file, refuse what is wrong by name, write the rest in one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.strings import names_any
from bot.core.texts import worded
from bot.db import kept_pictures
from bot.db.engine import Sessions
from bot.features.customers import service as customers
from bot.features.customers.seams import NamingQuestion, Progress, Report
from bot.features.customers.service import CustomerCard
from bot.features.stories import reading, rules, shelf
from bot.features.stories.findings import Findings, files_of
from bot.features.stories.reading import StoryFile
from bot.features.stories.rules import USUAL, Limits
from bot.features.stories.shelf import Known
from bot.slack import pictures
from bot.slack.pictures import MIMETYPES, PictureError

MOST_QUESTIONS = 100


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A picture, re-encoded and waiting in a file, so that hundreds of them do not fill the memory."""

    hash: str
    mimetype: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class Linked:
    """A story whose customer and products have been found."""

    story: StoryFile
    customer: CustomerCard | None
    products: tuple[str, ...]
    picture: Path | None
    fingerprint: str


class StoriesImporter:
    """A `customers.seams.Importer`. Files that the folder has no longer are left alone; a recalled story comes back
    only when its file has changed."""

    what = "stories"

    def __init__(self, limits: Limits = USUAL) -> None:
        self._limits = limits

    def suits(self, path: Path) -> int:
        """A `customers.seams.Droppable`: a Markdown file with front matter is a story."""
        if path.suffix.casefold() not in {".md", ".markdown"}:
            return 0
        with path.open("rb") as file:
            return int(file.read(3 + 3).removeprefix(b"\xef\xbb\xbf").startswith(b"---"))

    async def run(
        self,
        edge_sessions: Sessions,
        path: Path,
        *,
        workspace_id: str,
        by: str,
        dry_run: bool,
        strict: bool,
        now: datetime,
        new_id: NewId,
        progress: Progress,
    ) -> Report:
        found = Findings()
        root, files = await asyncio.to_thread(files_of, path, found)
        total = 2 * len(files)
        read = await self._read(root, files, found, lambda done: progress(done, total))
        async with edge_sessions.begin() as session:
            linked = await self._link(session, workspace_id, root, read, found)
            before = await shelf.known(session, workspace_id)
        with TemporaryDirectory(prefix="canteen-") as folder:
            ready, waiting = await self._pictures(
                linked, before, Path(folder), found, lambda done: progress(len(files) + done, total)
            )
            write = not dry_run and not (strict and found.refused) and bool(files)

            async def work(session: AsyncSession) -> Report:
                known = await shelf.known(session, workspace_id) if write else before
                report = _report(ready, known, found, dry_run=dry_run, written=write)
                if write:
                    for one in ready:
                        was = known.get(one.story.source)
                        await self._put(session, workspace_id, one, was, waiting, now, new_id)
                    await _record(session, workspace_id, by, root, read, report, now, new_id)
                return report

            report = await edge_sessions.run(work)
        progress(total, total)
        return report

    async def _read(self, root: Path, files: Sequence[Path], found: Findings, progress: Any) -> list[StoryFile]:
        stories = []
        for number, file in enumerate(files, start=1):
            story, problems = await asyncio.to_thread(reading.read_file, root, file, self._limits)
            found.take(file.relative_to(root).as_posix(), problems)
            if story is not None:
                stories.append(story)
            progress(number)
        return stories

    async def _link(
        self, session: AsyncSession, ws: str, root: Path, stories: Sequence[StoryFile], found: Findings
    ) -> list[Linked]:
        """Find each customer and product by id or name, each only once."""
        customers_by_name: dict[str, CustomerCard | None] = {}
        products_by_name: dict[str, str | None] = {}
        secret = await customers.confidential_names(session, ws)
        linked = []
        for story in stories:
            before = len(found.refused)
            customer = await self._customer(session, ws, story, customers_by_name, found)
            products = await self._products(session, ws, story, products_by_name, found)
            _no_secrets(story, customer, secret, found)
            picture = _picture_path(root, story, found)
            if len(found.refused) == before:
                parts = [story.hash, customer.id if customer else "", *products, _digest(picture)]
                fingerprint = sha256("\n".join(parts).encode()).hexdigest()
                linked.append(
                    Linked(story=story, customer=customer, products=products, picture=picture, fingerprint=fingerprint)
                )
        return linked

    async def _customer(
        self,
        session: AsyncSession,
        ws: str,
        story: StoryFile,
        cache: dict[str, CustomerCard | None],
        found: Findings,
    ) -> CustomerCard | None:
        if story.customer is None:
            return None
        if story.customer not in cache:
            looked = await customers.exactly(session, ws, story.customer)
            cache[story.customer] = looked.customer
        card = cache[story.customer]
        line = story.lines.get("customer", 1)
        if card is None:
            cure = worded("import the customer first, or write its id or name as in the customers' file")
            why = worded("no one customer is called “{name}”", name=story.customer)
            found.refuse(story.source, line, "customer", why, cure)
        elif not rules.named_in_channels(confidential=card.confidential, may_be_named=card.may_be_named):
            where = f"{story.source}:{line}"
            if card.confidential:
                said = worded("{where}: {customer} is confidential; the story waits", where=where, customer=card.name)
            else:
                said = worded(
                    "{where}: {customer} may not be named yet; the story waits until it may",
                    where=where,
                    customer=card.name,
                )
            found.warnings.append(said)
        return card

    async def _products(
        self, session: AsyncSession, ws: str, story: StoryFile, cache: dict[str, str | None], found: Findings
    ) -> tuple[str, ...]:
        products = []
        for name in story.products:
            if name not in cache:
                card = await customers.product_exactly(session, ws, name)
                cache[name] = card.id if card else None
            if (product := cache[name]) is None:
                cure = worded("import the product first, or write its id or name as in the products' file")
                why = worded("no one product is called “{name}”", name=name)
                line = story.lines.get("products", 1)
                found.refuse(story.source, line, "products", why, cure)
            else:
                products.append(product)
        return tuple(dict.fromkeys(products))

    async def _pictures(
        self, linked: Sequence[Linked], before: Mapping[str, Known], folder: Path, found: Findings, progress: Any
    ) -> tuple[list[Linked], dict[Path, Prepared]]:
        """Those stories whose pictures are sound, and the pictures of those that are new or changed."""
        ready: list[Linked] = []
        prepared: dict[Path, Prepared] = {}
        for number, one in enumerate(linked, start=1):
            was = before.get(one.story.source)
            if one.picture is not None and (was is None or was.fingerprint != one.fingerprint):
                try:
                    if one.picture not in prepared:
                        prepared[one.picture] = await asyncio.to_thread(_prepare, one.picture, folder)
                except PictureError as error:
                    line = one.story.lines.get("picture.file", 1)
                    found.refuse(one.story.source, line, "picture.file", error.why, error.cure)
                    continue
            ready.append(one)
            progress(number)
        return ready, prepared

    async def _put(
        self,
        session: AsyncSession,
        ws: str,
        one: Linked,
        was: Known | None,
        waiting: Mapping[Path, Prepared],
        now: datetime,
        new_id: NewId,
    ) -> None:
        if was is not None and was.fingerprint == one.fingerprint:
            return
        prepared = waiting.get(one.picture) if one.picture else None
        if prepared is not None and not await shelf.has_picture(session, ws, prepared.hash):
            data = await asyncio.to_thread(prepared.path.read_bytes)
            await kept_pictures.keep(session, ws, prepared.hash, prepared.mimetype, data, now)
        published = one.story.published or (was.published_on if was else now.astimezone(UTC).date())
        expires = rules.expiry(one.story.kind, published, one.story.expires, self._limits)
        values = _values(ws, one, was.id if was else new_id(), (published, expires), prepared, now)
        await shelf.put(session, values, products=one.products, variants=one.story.variants)


def _no_secrets(story: StoryFile, customer: CustomerCard | None, secret: Mapping[str, str], found: Findings) -> None:
    """A story must not name a confidential customer in passing. About one, it waits anyway."""
    own = customer.id if customer else None
    others = [name for name, whose in secret.items() if whose != own]
    for key, said in story.texts():
        if names_any(said, others):
            line = story.lines.get(key, 1)
            why = worded("it names a confidential customer")
            found.refuse(story.source, line, key, why, worded("take the name out"))
            return


def _picture_path(root: Path, story: StoryFile, found: Findings) -> Path | None:
    """Beside the story's file or in the folder, at most in the one around it: nothing else of the machine."""
    if story.picture_file is None:
        return None
    line = story.lines.get("picture.file", 1)
    around = root.resolve().parent
    for base in ((root / story.source).parent, root):
        file = (base / story.picture_file).resolve()
        if file.is_relative_to(around) and file.is_file():
            return file
    why = worded("there is no picture “{file}” in the folder or the one around it", file=story.picture_file)
    found.refuse(story.source, line, "picture.file", why, worded("check its name and place"))
    return None


def _digest(path: Path | None) -> str:
    if path is None:
        return ""
    with path.open("rb") as file:
        digest = sha256()
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _prepare(path: Path, folder: Path) -> Prepared:
    picture = pictures.read(path)
    file = folder / f"{picture.hash}.{MIMETYPES[picture.mimetype]}"
    file.write_bytes(picture.data)
    return Prepared(hash=picture.hash, mimetype=picture.mimetype, path=file)


def _report(
    ready: Sequence[Linked], known: Mapping[str, Known], found: Findings, *, dry_run: bool, written: bool
) -> Report:
    was = [known.get(one.story.source) for one in ready]
    same = [old is not None and old.fingerprint == one.fingerprint for one, old in zip(ready, was, strict=True)]
    recalled = [
        worded("{where}: it was recalled and stays so until its file changes", where=one.story.source)
        for one, old, unchanged in zip(ready, was, same, strict=True)
        if unchanged and old is not None and old.withdrawn
    ]
    asked = {one.customer.id: one.customer.name for one in ready if one.customer and one.customer.may_be_named is None}
    questions = [
        NamingQuestion(customer_id=one, name=name) for one, name in sorted(asked.items(), key=lambda at: at[1])
    ]
    return Report(
        what="stories",
        added=sum(old is None for old in was),
        changed=sum(old is not None and not unchanged for old, unchanged in zip(was, same, strict=True)),
        unchanged=sum(same),
        refused=tuple(found.refused),
        refused_rows=len({refusal.file for refusal in found.refused}),
        warnings=(*found.warnings, *recalled),
        questions=tuple(questions[:MOST_QUESTIONS]),
        unanswered=len(questions),
        written=written,
        dry_run=dry_run,
    )


def _values(
    ws: str, one: Linked, story_id: str, days: tuple[date, date | None], picture: Prepared | None, now: datetime
) -> dict[str, Any]:
    story = one.story
    return {
        "id": story_id,
        "workspace_id": ws,
        "source": story.source,
        "kind": story.kind,
        "customer_id": one.customer.id if one.customer else None,
        "language": story.language,
        "headline": story.wording.headline,
        "snippet": story.wording.snippet,
        "body": story.wording.body,
        "quote_text": story.wording.quote,
        "quote_name": story.quote_name,
        "quote_role": story.quote_role,
        "picture_hash": picture.hash if picture else None,
        "picture_url": story.picture_url,
        "picture_alt": story.wording.alt,
        "video_url": story.video_url,
        "consent": story.consent,
        "published_on": days[0],
        "expires_on": days[1],
        "withdrawn_at": None,
        "fingerprint": one.fingerprint,
        "updated_at": now,
    }


async def _record(
    session: AsyncSession,
    ws: str,
    by: str,
    root: Path,
    read: Sequence[StoryFile],
    report: Report,
    now: datetime,
    new_id: NewId,
) -> None:
    digest = sha256("\n".join(f"{story.source} {story.hash}" for story in read).encode()).hexdigest()
    await shelf.record(
        session,
        {
            "id": new_id(),
            "workspace_id": ws,
            "what": "stories",
            "by": by,
            "at": now,
            "file_name": root.name,
            "file_hash": digest,
            "added": report.added,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "refused": report.refused_rows,
        },
    )
