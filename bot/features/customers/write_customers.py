"""Customers of an import into the database. A column that the file does not have stays as it was."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bot.features.customers import bulk, service
from bot.features.customers.fields import is_person_key
from bot.features.customers.rows import Row
from bot.features.customers.rules import name_key
from bot.features.customers.seams import NamingQuestion, ReadPicture
from bot.features.customers.tally import MOST_QUESTIONS, Job

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
    "adoptable": True,
    "max_adopters": None,
    "confidential": False,
    "may_be_named": None,
}
PLAIN = (*("name", "aliases", "industry", "country", "size_rank", "revenue_band", "website"), "max_adopters")


def fingerprint(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


class CustomersWriter:
    def __init__(self, read_picture: ReadPicture | None) -> None:
        self._read_picture = read_picture
        self._managers: dict[str, str | None] = {}
        self._logos: dict[str, str | None] = {}

    async def start(self, job: Job) -> None:
        """What was unanswered before; `write` adds and takes away what this file changes."""
        count, first = await service.unanswered_naming(job.session, job.workspace_id, MOST_QUESTIONS)
        job.tally.unanswered = count
        job.tally.questions = [NamingQuestion(customer_id=card.id, name=card.name) for card in first]

    async def write(self, job: Job, rows: Sequence[Row]) -> None:
        existing = await bulk.customers(job.session, job.workspace_id, [row.key for row in rows])
        fresh: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for row in rows:
            old = existing.get(row.key)
            before = {name: (old or DEFAULTS)[name] for name in DEFAULTS}
            after = await self._after(job, row, before, known=old is not None)
            if old is not None and after == before:
                job.tally.unchanged += 1
                continue
            record = self._record(job, row, after, old["id"] if old else job.new_id())
            (fresh if old is None else changed).append(record)
            self._note_naming(job, record, before, known=old is not None)
        job.tally.added += len(fresh)
        job.tally.changed += len(changed)
        if not job.dry_run:
            await self._save(job, fresh, changed)

    async def _after(self, job: Job, row: Row, before: Mapping[str, Any], *, known: bool) -> dict[str, Any]:
        given = row.values
        after = {**before, **{name: given[name] for name in PLAIN if name in given}}
        for name in ("adoptable", "confidential"):
            if name in given:
                after[name] = bool(given[name])
        if "customer_since" in given:
            after["customer_since"] = date.fromisoformat(given["customer_since"]) if given["customer_since"] else None
        if "account_manager" in given:
            await self._set_manager(job, row, before, after)
        if "logo" in given:
            after["logo"] = await self._logo(job, row, before["logo"])
        if given.get("may_be_named") is not None:
            after["may_be_named"] = _naming(job, row, before["may_be_named"], known=known)
        return after

    async def _set_manager(self, job: Job, row: Row, before: Mapping[str, Any], after: dict[str, Any]) -> None:
        """Somebody unknown is kept as given and matched when people are saved (`service.match_account_managers`)."""
        given = row.values["account_manager"]
        after["account_manager_given"] = given
        found = await self._find(job, given) if given else None
        if found is None and given == before["account_manager_given"]:
            found = before["account_manager"]
        after["account_manager"] = found
        if given and found is None:
            job.tally.warn(
                f"the account manager {given} is nobody in Slack yet; the customer is matched once they are known"
                if is_person_key(given)
                else f"the account manager “{given}” is a name: without an e-mail or Slack id editors are asked",
                row.line,
            )

    async def _find(self, job: Job, given: str) -> str | None:
        if given not in self._managers:
            self._managers[given] = await service.find_manager(job.session, job.workspace_id, given)
        return self._managers[given]

    async def _logo(self, job: Job, row: Row, before: str | None) -> str | None:
        """An https address, or the hash of a picture that lies beside the file. A bad one never costs the customer."""
        given: str | None = row.values["logo"]
        if given is None or given.startswith("https://"):
            return given
        if given not in self._logos:
            self._logos[given] = await self._read(job, row, given)
        return self._logos[given] or before

    async def _read(self, job: Job, row: Row, given: str) -> str | None:
        path = (job.folder / given).resolve()
        if self._read_picture is None or not path.is_relative_to(job.folder.resolve()):
            job.tally.warn(f"the logo {given} is left out: it must lie in the file's own folder", row.line)
            return None
        try:
            picture = await asyncio.to_thread(self._read_picture, Path(path))
        except (ValueError, OSError) as error:
            job.tally.warn(f"the logo {given} is left out: {error}", row.line)
            return None
        if not job.dry_run:
            await bulk.add_picture(
                job.session,
                {
                    "workspace_id": job.workspace_id,
                    "hash": picture.hash,
                    "mimetype": picture.mimetype,
                    "data": picture.data,
                    "slack_file": None,
                    "added_at": job.now,
                },
            )
        return picture.hash

    @staticmethod
    def _record(job: Job, row: Row, after: Mapping[str, Any], customer_id: str) -> dict[str, Any]:
        return {
            "id": customer_id,
            "workspace_id": job.workspace_id,
            "external_id": row.key,
            "name_key": name_key(after["name"]),
            "fingerprint": fingerprint(after),
            "updated_at": job.now,
            **after,
        }

    @staticmethod
    def _note_naming(job: Job, record: Mapping[str, Any], before: Mapping[str, Any], *, known: bool) -> None:
        if record["may_be_named"] is None and not known:
            written = None if job.dry_run else record["id"]
            job.tally.ask(NamingQuestion(customer_id=written, name=record["name"]))
        if record["may_be_named"] is not None and known and before["may_be_named"] is None:
            job.tally.unanswered -= 1
            job.tally.questions = [one for one in job.tally.questions if one.customer_id != record["id"]]

    @staticmethod
    async def _save(job: Job, fresh: Sequence[Mapping[str, Any]], changed: Sequence[Mapping[str, Any]]) -> None:
        await bulk.add_customers(job.session, fresh)
        await bulk.change_customers(job.session, changed)
        names = {row["id"]: [name_key(name) for name in (row["name"], *row["aliases"])] for row in (*fresh, *changed)}
        await bulk.replace_names(job.session, job.workspace_id, names, fresh={row["id"] for row in fresh})

    async def finish(self, job: Job) -> None:
        """Nothing is left to do."""


def _naming(job: Job, row: Row, before: bool | None, *, known: bool) -> bool:
    """A file never widens what an admin has answered: an old export must not undo a customer's no."""
    answer = bool(row.values["may_be_named"])
    if known and before is False and answer:
        job.tally.warn("an admin has said that this customer may not be named; that stays", row.line)
        return False
    return answer
