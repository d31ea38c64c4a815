"""Teams, and who is in which, of an import into the database."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.core.texts import worded
from bot.db.tables.customers import Team
from bot.features.customers.importing import store
from bot.features.customers.importing.products import unknown_team
from bot.features.customers.importing.rows import Row
from bot.features.customers.importing.tally import Job, Tally
from bot.features.customers.rules import name_key
from bot.features.members import service as members


class TeamsWriter:
    def __init__(self) -> None:
        self._teams: dict[str, tuple[str, str]] = {}

    async def prepare(self, rows: Sequence[Row], *, folder: Path, tally: Tally) -> None:
        """Nothing takes long."""

    async def start(self, job: Job) -> None:
        self._teams = await store.teams(job.session, job.workspace_id)
        if job.tally.columns and "channels" in job.tally.columns.at:
            job.tally.warn(
                worded("channels are not taken from this file: say which teams sit in a channel when you add it")
            )

    async def write(self, job: Job, rows: Sequence[Row]) -> Sequence[Row]:
        fresh: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        writing: list[Row] = []
        for row in rows:
            name = row.values["name"]
            team_id, before = self._teams.get(row.key, ("", ""))
            if before == name:
                job.tally.unchanged += 1
                continue
            writing.append(row)
            record = {"id": team_id or job.new_id(), "workspace_id": job.workspace_id, "name": name}
            (changed if team_id else fresh).append({**record, "name_key": row.key})
        job.tally.added += len(fresh)
        job.tally.changed += len(changed)
        if job.writing:
            await store.add(job.session, Team, fresh)
            await store.change(job.session, Team, changed)
        return writing

    async def finish(self, job: Job) -> None:
        """Nothing is left to do."""


class PeopleWriter:
    """Someone Slack has not told us of yet gets the team as soon as it does. Who has been given the same team before is
    left alone: they may have chosen another since."""

    def __init__(self) -> None:
        self._teams: dict[str, tuple[str, str]] = {}

    async def prepare(self, rows: Sequence[Row], *, folder: Path, tally: Tally) -> None:
        """Nothing takes long."""

    async def start(self, job: Job) -> None:
        self._teams = await store.teams(job.session, job.workspace_id)

    async def write(self, job: Job, rows: Sequence[Row]) -> Sequence[Row]:
        given = await store.given_teams(job.session, job.workspace_id, [row.key for row in rows])
        records: list[dict[str, Any]] = []
        writing: list[Row] = []
        for row in rows:
            team = self._teams.get(name_key(row.values["team"]))
            if team is None:
                job.tally.refuse(row.line, [unknown_team(row.values["team"], self._teams)])
                continue
            if given.get(row.key) == team[0]:
                job.tally.unchanged += 1
                continue
            if row.key in given:
                job.tally.changed += 1
            else:
                job.tally.added += 1
            writing.append(row)
            records.append({"workspace_id": job.workspace_id, "person": row.key, "team_id": team[0]})
        if job.writing:
            await store.give_teams(job.session, records)
            for record in records:
                await self._set_known(job, record["person"], record["team_id"])
        return writing

    @staticmethod
    async def _set_known(job: Job, person: str, team_id: str) -> None:
        look = members.by_email if "@" in person else members.known
        found = await look(job.session, job.workspace_id, person if "@" in person else person.upper())
        if found is not None:
            await members.set_team(job.session, job.workspace_id, found.user_id, team_id, job.now)

    async def finish(self, job: Job) -> None:
        """Nothing is left to do."""
