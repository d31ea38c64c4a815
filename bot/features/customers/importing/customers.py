"""Customers of an import into the database. A column that the file does not have stays as it was."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bot.core.texts import Text, worded
from bot.db import kept_pictures
from bot.db.tables.customers import Customer, CustomerName
from bot.features.customers import service
from bot.features.customers.importing import store
from bot.features.customers.importing.changes import Change, Staged, Target
from bot.features.customers.importing.fields import is_person_key
from bot.features.customers.importing.rows import Row
from bot.features.customers.importing.tally import MOST_QUESTIONS, Job, Tally
from bot.features.customers.matching import tell
from bot.features.customers.overriding import still_said
from bot.features.customers.rules import name_key
from bot.features.customers.seams import ManagerChanged, NamingQuestion, Picture, ReadPicture

DEFAULTS: Mapping[str, Any] = {
    "name": "",
    "aliases": [],
    "industry": None,
    "country": None,
    "customer_since": None,
    "size_rank": None,
    "revenue_band": None,
    "website": None,
    "logo": None,
    "account_manager": None,
    "account_manager_given": None,
    "deputy": None,
    "deputy_given": None,
    "news_every_days": None,
    "overridden": None,
    "adoptable": True,
    "max_adopters": None,
    "confidential": False,
    "may_be_named": None,
}
PLAIN = (
    *("name", "aliases", "industry", "country", "size_rank", "revenue_band", "website"),
    *("max_adopters", "news_every_days"),
)


def fingerprint(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def written(job: Job, row: Row, after: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, Any]:
    """All columns of what is known by an id of the company's and by name: a customer, a product."""
    return {
        "id": old["id"] if old else job.new_id(),
        "workspace_id": job.workspace_id,
        "external_id": row.key,
        "name_key": name_key(after["name"]),
        "fingerprint": fingerprint(after),
        "updated_at": job.now,
        **after,
    }


class CustomersWriter:
    target = Target(
        model=Customer,
        key="external_id",
        seen="version",
        links=CustomerName,
        owner="customer_id",
        untouched=frozenset({"version", "manager_left"}),
    )

    def __init__(self, read_picture: ReadPicture | None, on_manager_changed: Sequence[ManagerChanged] = ()) -> None:
        self._read_picture = read_picture
        self._on_manager_changed = on_manager_changed
        self._managers: dict[str, str | None] = {}
        self._logos: dict[str, str | None] = {}  # what the file says to the picture's hash
        self._read: list[Picture] = []  # of the rows that were prepared last

    async def prepare(self, rows: Sequence[Row], *, folder: Path, tally: Tally) -> None:
        """Pictures are read and made safe, which takes up to a second each."""
        self._read = []
        for row in rows:
            given = row.values.get("logo")
            if given and not given.startswith("https://") and given not in self._logos:
                picture = await asyncio.to_thread(self._picture, given, folder, row.line, tally)
                self._logos[given] = None if picture is None else picture.hash
                self._read += [] if picture is None else [picture]

    async def start(self, job: Job) -> None:
        """What was unanswered before; for a dry run `compare` adds and takes away what this file would change."""
        count, first = await service.unanswered_naming(job.session, job.workspace_id, MOST_QUESTIONS)
        job.tally.unanswered = count
        job.tally.questions = [NamingQuestion(customer_id=card.id, name=card.name) for card in first]

    async def compare(self, job: Job, rows: Sequence[Row]) -> Sequence[Change]:
        await self._keep_pictures(job)
        existing = await store.customers(job.session, job.workspace_id, [row.key for row in rows])
        changes: list[Change] = []
        for row in rows:
            old = existing.get(row.key)
            before = {name: (old or DEFAULTS)[name] for name in DEFAULTS}
            after = await self._after(job, row, before, known=old is not None)
            if old is not None and after == before:
                job.tally.unchanged += 1
                continue
            job.tally.added += old is None
            job.tally.changed += old is not None
            if job.dry_run:
                self._note_naming(job, old, after)
            changes.append(self._change(job, row, after, old))
        return changes

    async def write(self, job: Job, staged: Staged) -> None:
        moved = await store.with_other_manager(job.session, staged.rows)
        await staged.apply()
        await tell(self._on_manager_changed, job.session, job.workspace_id, moved, now=job.now)

    async def _after(self, job: Job, row: Row, before: Mapping[str, Any], *, known: bool) -> dict[str, Any]:
        given, overridden = still_said(row.values, before["overridden"])
        after = {**before, "overridden": overridden, **{name: given[name] for name in PLAIN if name in given}}
        for name in ("adoptable", "confidential"):
            if name in given:
                after[name] = bool(given[name])
        if "customer_since" in given:
            after["customer_since"] = date.fromisoformat(given["customer_since"]) if given["customer_since"] else None
        for who in ("account_manager", "deputy"):
            if who in given:
                await self._set_person(job, row, who, before, after)
        if "logo" in given:
            after["logo"] = self._logo(row, before["logo"])
        if given.get("may_be_named") is not None:
            after["may_be_named"] = _naming(job, row, before["may_be_named"], known=known)
        return after

    async def _set_person(self, job: Job, row: Row, who: str, before: Mapping[str, Any], after: dict[str, Any]) -> None:
        """`who`: account_manager or deputy. Somebody unknown is kept as given and matched when people are saved
        (`matching.LookedAfter`)."""
        given = row.values[who]
        after[f"{who}_given"] = given
        found = await self._find(job, given) if given else None
        if found is None and given == before[f"{who}_given"]:
            found = before[who]
        after[who] = found
        if given and found is None:
            job.tally.warn(_nobody_yet(who, given), row.line)

    async def _find(self, job: Job, given: str) -> str | None:
        if given not in self._managers:
            self._managers[given] = await service.find_manager(job.session, job.workspace_id, given)
        return self._managers[given]

    def _logo(self, row: Row, before: str | None) -> str | None:
        """An https address, or the hash of a picture that lies beside the file. A bad one never costs the customer."""
        given: str | None = row.values["logo"]
        if given is None or given.startswith("https://"):
            return given
        return self._logos[given] or before

    def _picture(self, given: str, folder: Path, line: int, tally: Tally) -> Picture | None:
        path = (folder / given).resolve()
        if self._read_picture is None or not path.is_relative_to(folder.resolve()):
            tally.warn(worded("the logo {file} is left out: it must lie in the file's own folder", file=given), line)
            return None
        try:
            return self._read_picture(path)
        except (ValueError, OSError) as error:
            why = getattr(error, "why", str(error))
            tally.warn(worded("the logo {file} is left out: {why}", file=given, why=why), line)
            return None

    async def _keep_pictures(self, job: Job) -> None:
        """Ahead of the customers that show them: by their hash they are known, whatever becomes of the import."""
        for picture in [] if job.dry_run else self._read:
            await kept_pictures.keep(
                job.session, job.workspace_id, picture.hash, picture.mimetype, picture.data, job.now
            )

    @staticmethod
    def _change(job: Job, row: Row, after: Mapping[str, Any], old: Mapping[str, Any] | None) -> Change:
        values = written(job, row, after, old)
        names = _names(after)
        if old is not None and names == _names(old):
            return Change(values=values, seen=old["version"])
        link = {"workspace_id": job.workspace_id, "customer_id": values["id"]}
        links = [{**link, "name_key": name} for name in sorted(names)]
        return Change(values=values, seen=old["version"] if old else None, links=links)

    @staticmethod
    def _note_naming(job: Job, old: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
        if after["may_be_named"] is None and old is None:
            job.tally.ask(NamingQuestion(customer_id=None, name=after["name"]))
        if after["may_be_named"] is not None and old is not None and old["may_be_named"] is None:
            job.tally.unanswered -= 1
            job.tally.answered.add(old["id"])


def _names(customer: Mapping[str, Any]) -> set[str]:
    return {name_key(name) for name in (customer["name"], *customer["aliases"])}


def _naming(job: Job, row: Row, before: bool | None, *, known: bool) -> bool:
    """A file never widens what an admin has answered: an old export must not undo a customer's no."""
    answer = bool(row.values["may_be_named"])
    if known and before is False and answer:
        job.tally.warn(worded("an admin has said that this customer may not be named; that stays"), row.line)
        return False
    return answer


def _nobody_yet(who: str, given: str) -> Text:
    deputy = who == "deputy"
    if is_person_key(given):
        if deputy:
            return worded(
                "the deputy {person} is nobody in Slack yet; they are matched once they are known", person=given
            )
        return worded(
            "the account manager {person} is nobody in Slack yet; the customer is matched once they are known",
            person=given,
        )
    if deputy:
        return worded("the deputy “{person}” is a name: write their e-mail or Slack id", person=given)
    return worded(
        "the account manager “{person}” is a name: without an e-mail or Slack id editors are asked", person=given
    )
