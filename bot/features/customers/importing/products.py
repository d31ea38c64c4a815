"""Products of an import into the database, with the team that makes each and the customers that use it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.core.texts import Text, worded
from bot.db.tables.customers import Product, ProductCustomer
from bot.features.customers import service
from bot.features.customers.importing import store
from bot.features.customers.importing.changes import Change, Staged, Target
from bot.features.customers.importing.customers import written
from bot.features.customers.importing.rows import Row, near
from bot.features.customers.importing.tally import Job, Tally
from bot.features.customers.rules import closest, name_key

DEFAULTS: Mapping[str, Any] = {"name": "", "team_id": None, "ends_up_in": None}
MOST_GUESSES = 50  # looking for what may have been meant costs a search each


class ProductsWriter:
    target = Target(
        model=Product,
        key="external_id",
        seen="version",
        links=ProductCustomer,
        owner="product_id",
        untouched=frozenset({"version"}),
    )

    def __init__(self) -> None:
        self._teams: dict[str, tuple[str, str]] = {}
        self._guesses = 0

    async def prepare(self, rows: Sequence[Row], *, folder: Path, tally: Tally) -> None:
        """Nothing takes long."""

    async def start(self, job: Job) -> None:
        self._teams = await store.teams(job.session, job.workspace_id)

    async def compare(self, job: Job, rows: Sequence[Row]) -> Sequence[Change]:
        said = {text: name_key(text) for row in rows for text in row.values.get("customers", ())}
        by_external, by_key = await store.customers_called(job.session, job.workspace_id, said)
        existing = await store.products(job.session, job.workspace_id, [row.key for row in rows])
        used = await store.users_of(job.session, job.workspace_id, [old["id"] for old in existing.values()])
        changes: list[Change] = []
        for row in rows:
            problems = self._team_problems(row)
            customers: set[str] = set()
            for text in row.values.get("customers", ()):
                found = {by_external[text]} if text in by_external else by_key.get(said[text], set())
                problems += [] if len(found) == 1 else [await self._customer_problem(job, text, found)]
                customers |= found
            if problems:
                job.tally.refuse(row.line, problems)
                continue
            old = existing.get(row.key)
            before = {name: (old or DEFAULTS)[name] for name in DEFAULTS}
            after = self._after(row, before)
            had = used[old["id"]] if old else set()
            uses = customers if "customers" in row.values else had
            if old is not None and (after, uses) == (before, had):
                job.tally.unchanged += 1
                continue
            job.tally.added += old is None
            job.tally.changed += old is not None
            changes.append(self._change(job, row, after, old, None if old and uses == had else uses))
        return changes

    async def write(self, job: Job, staged: Staged) -> None:  # noqa: ARG002
        await staged.apply()

    def _team_problems(self, row: Row) -> list[tuple[str, Text, Text]]:
        team = row.values.get("team")
        return [] if not team or name_key(team) in self._teams else [unknown_team(team, self._teams)]

    async def _customer_problem(self, job: Job, text: str, found: set[str]) -> tuple[str, Text, Text]:
        if found:
            why = worded("{count} customers are called “{name}”", count=len(found), name=text)
            return ("customers", why, worded("write the customer's external id"))
        guesses: list[str] = []
        if self._guesses < MOST_GUESSES:
            self._guesses += 1
            guesses = [card.name for card in (await service.exactly(job.session, job.workspace_id, text)).closest]
        return (
            "customers",
            worded("there is no customer “{name}”", name=text),
            near(guesses, worded("import customers first, or correct it")),
        )

    def _after(self, row: Row, before: Mapping[str, Any]) -> dict[str, Any]:
        after = {**before, "name": row.values["name"]}
        if "ends_up_in" in row.values:
            after["ends_up_in"] = row.values["ends_up_in"]
        if "team" in row.values:
            team = row.values["team"]
            after["team_id"] = self._teams[name_key(team)][0] if team else None
        return after

    @staticmethod
    def _change(
        job: Job, row: Row, after: Mapping[str, Any], old: Mapping[str, Any] | None, uses: set[str] | None
    ) -> Change:
        values = written(job, row, after, old)
        link = {"workspace_id": job.workspace_id, "product_id": values["id"]}
        links = None if uses is None else [{**link, "customer_id": one} for one in sorted(uses)]
        return Change(values=values, seen=old["version"] if old else None, links=links)


def unknown_team(team: str, teams: Mapping[str, tuple[str, str]]) -> tuple[str, Text, Text]:
    guesses = closest(team, [name for _, name in teams.values()])
    cure = near(guesses, worded("import teams first, or correct it"))
    return ("team", worded("there is no team “{name}”", name=team), cure)
