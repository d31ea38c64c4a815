"""`canteen import quizzes FILE`: read every question, refuse what is wrong by line, write the rest at once."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.strings import names_any
from bot.core.texts import Text, worded
from bot.db import kept_pictures
from bot.db.engine import Sessions
from bot.db.tables.quizzes import Question
from bot.features.customers import service as customers
from bot.features.customers.importing.reading import FileRefusedError
from bot.features.customers.seams import Progress, Refusal, Report
from bot.features.customers.service import CustomerCard
from bot.features.quizzes import bank, reading
from bot.features.quizzes.checking import Checked, Checker
from bot.features.quizzes.reading import BadRow, Bank, Given
from bot.slack import pictures
from bot.slack.pictures import Picture, PictureError

WHAT = "quizzes"


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A question whose customer, product and picture have been found."""

    key: str
    checked: Checked
    customer_id: str | None
    product_id: str | None
    picture: Picture | None
    fingerprint: str


@dataclass(kw_only=True)
class Findings:
    file: str
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[Text] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)

    def refuse(self, line: int, column: str, why: str, cure: str) -> None:
        self.refused.append(Refusal(file=self.file, line=line, column=column, why=why, cure=cure))
        self.bad_rows.add(line)

    def warn(self, line: int, column: str, why: Text) -> None:
        self.warnings.append(
            worded("{file}:{line}: {column}: {why}", file=self.file, line=str(line), column=column, why=why)
        )


class QuizzesImporter:
    """A `customers.seams.Importer`. Questions that the file does not have are left alone; what is being asked now stays
    as it is."""

    what = WHAT

    def suits(self, path: Path) -> int:
        """A `customers.seams.Droppable`: YAML, or a table with a column of questions."""
        return reading.suits(path)

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
        found = Findings(file=path.name)
        try:
            given = await asyncio.to_thread(reading.read, path)
        except FileRefusedError as error:
            refusal = Refusal(file=path.name, line=1, column="", why=error.why, cure=error.cure)
            return Report(what=WHAT, refused=(refusal,), refused_rows=1, dry_run=dry_run)
        found.warnings += given.warnings
        sound = _check(given, found)
        async with edge_sessions.begin() as session:
            ready = await _link(session, workspace_id, path.parent, sound, found, progress)
            before = await bank.known(session, workspace_id)
        write = not dry_run and not (strict and found.refused)

        async def work(session: AsyncSession) -> Report:
            was = await bank.known(session, workspace_id) if write else before
            report = _report(ready, was, found, dry_run=dry_run, written=write)
            if write:
                for one in ready:
                    await _put(session, workspace_id, one, was.get(one.key), now, new_id)
                await bank.record_import(session, _record(workspace_id, by, path, given, report, now, new_id))
            return report

        return await edge_sessions.run(work)


def _check(given: Bank, found: Findings) -> list[tuple[int, Checked]]:
    sound: list[tuple[int, Checked]] = []
    seen: dict[str, int] = {}
    for row in given.rows:
        if isinstance(row, BadRow):
            found.refuse(row.line, "", row.why, row.cure)
            continue
        checked = _one(row, found)
        if checked is None:
            continue
        key = key_of(checked)
        if key in seen:
            why = worded("the same question stands on line {line}", line=str(seen[key]))
            found.refuse(row.line, "id", why, worded("keep one of them, or give them ids of their own"))
            continue
        seen[key] = row.line
        sound.append((row.line, checked))
    return sound


def _one(row: Given, found: Findings) -> Checked | None:
    checker = Checker(given=row.values)
    checked = checker.check()
    for problem in checker.problems:
        if problem.warning:
            found.warn(row.line, problem.column, worded("{why}; {cure}", why=problem.why, cure=problem.cure))
        else:
            found.refuse(row.line, problem.column, problem.why, problem.cure)
    return checked


def key_of(checked: Checked) -> str:
    """The natural key: the file's own id, else the question's words."""
    if checked.key:
        return checked.key
    first = next(iter(checked.content.wordings.values()))
    return f"words-{sha256(first.text.casefold().encode()).hexdigest()[:32]}"


async def _link(
    session: AsyncSession,
    ws: str,
    folder: Path,
    sound: Sequence[tuple[int, Checked]],
    found: Findings,
    progress: Progress,
) -> list[Ready]:
    secret = await customers.confidential_names(session, ws)
    ready = []
    for number, (line, checked) in enumerate(sound, start=1):
        before = len(found.refused)
        customer = await _customer(session, ws, line, checked, found)
        product = await _product(session, ws, line, checked, found)
        _no_secrets(line, checked, customer, secret, found)
        picture = await asyncio.to_thread(_picture, folder, line, checked, found)
        if len(found.refused) == before:
            ready.append(_ready(checked, customer.id if customer else None, product, picture))
        progress(number, len(sound))
    return ready


def _ready(checked: Checked, customer_id: str | None, product_id: str | None, picture: Picture | None) -> Ready:
    content = replace(checked.content, customer_id=customer_id, picture_hash=picture.hash if picture else None)
    parts = json.dumps([content.stored(), product_id, checked.consent], sort_keys=True)
    return Ready(
        key=key_of(checked),
        checked=replace(checked, content=content),
        customer_id=customer_id,
        product_id=product_id,
        picture=picture,
        fingerprint=sha256(parts.encode()).hexdigest(),
    )


async def _customer(
    session: AsyncSession, ws: str, line: int, checked: Checked, found: Findings
) -> CustomerCard | None:
    if checked.customer is None:
        return None
    card = (await customers.exactly(session, ws, checked.customer)).customer
    if card is None:
        cure = worded("import the customer first, or write its id or name as in the customers' file")
        found.refuse(line, "customer", worded("no one customer is called “{name}”", name=checked.customer), cure)
    elif card.confidential or card.may_be_named is not True:
        if card.confidential:
            found.warn(line, "customer", worded("{name} is confidential; the question waits", name=card.name))
        else:
            found.warn(line, "customer", worded("{name} may not be named yet; the question waits", name=card.name))
    return card


async def _product(session: AsyncSession, ws: str, line: int, checked: Checked, found: Findings) -> str | None:
    if checked.product is None:
        return None
    card = await customers.product_exactly(session, ws, checked.product)
    if card is None:
        cure = worded("import the product first, or write its id or name as in the products' file")
        found.refuse(line, "product", worded("no one product is called “{name}”", name=checked.product), cure)
        return None
    return card.id


def _no_secrets(
    line: int, checked: Checked, customer: CustomerCard | None, secret: Mapping[str, str], found: Findings
) -> None:
    """A question must not name a confidential customer in passing. One about it waits anyway."""
    own = customer.id if customer else None
    names = [name for name, whose in secret.items() if whose != own]
    for wording in checked.content.wordings.values():
        for said in (wording.text, *wording.options, wording.why, wording.alt or ""):
            if names_any(said, names):
                why = worded("it names a confidential customer")
                found.refuse(line, "question", why, worded("take the name out"))
                return


def _picture(folder: Path, line: int, checked: Checked, found: Findings) -> Picture | None:
    """Beside the bank's file or below: nothing else of the machine."""
    if checked.picture_file is None:
        return None
    file = (folder / checked.picture_file).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        why = worded("there is no picture “{name}” beside the file", name=checked.picture_file)
        found.refuse(line, "picture.file", why, worded("check its name and place"))
        return None
    try:
        return pictures.read(file)
    except PictureError as error:
        found.refuse(line, "picture.file", error.why, error.cure)
        return None


async def _put(session: AsyncSession, ws: str, one: Ready, was: Question | None, now: datetime, new_id: NewId) -> None:
    if was is not None and was.fingerprint == one.fingerprint:
        return
    if one.picture is not None:
        picture = one.picture
        await kept_pictures.keep(session, ws, picture.hash, picture.mimetype, picture.data, now)
    content = one.checked.content
    await bank.put_question(
        session,
        {
            "id": was.id if was else new_id(),
            "workspace_id": ws,
            "key": one.key,
            "secret": was.secret if was else new_id(),
            "content": content.stored(),
            "customer_id": one.customer_id,
            "product_id": one.product_id,
            "consent": one.checked.consent,
            "picture_hash": content.picture_hash,
            "picture_url": content.picture_url,
            "source": content.source,
            "author": None,
            "approver": None,
            "editor": None,
            "withdrawn_at": None,
            "fingerprint": one.fingerprint,
            "added_at": now,
            "updated_at": now,
        },
    )


def _report(
    ready: Sequence[Ready], was: Mapping[str, Question], found: Findings, *, dry_run: bool, written: bool
) -> Report:
    same = [one.key in was and was[one.key].fingerprint == one.fingerprint for one in ready]
    new = [one.key not in was for one in ready]
    return Report(
        what=WHAT,
        added=sum(new),
        changed=len(ready) - sum(new) - sum(same),
        unchanged=sum(same),
        refused=tuple(found.refused),
        refused_rows=len(found.bad_rows),
        warnings=tuple(found.warnings),
        written=written,
        dry_run=dry_run,
    )


def _record(ws: str, by: str, path: Path, given: Bank, report: Report, now: datetime, new_id: NewId) -> dict[str, Any]:
    return {
        "id": new_id(),
        "workspace_id": ws,
        "what": WHAT,
        "by": by,
        "at": now,
        "file_name": path.name,
        "file_hash": given.digest,
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": report.refused_rows,
    }
