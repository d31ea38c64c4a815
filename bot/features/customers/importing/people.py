"""Teams, and who is in which, of an import into the database."""

from collections.abc import Sequence
from pathlib import Path

from bot.core.texts import worded
from bot.db.tables.customers import GivenTeam, Team
from bot.features.customers.importing import store
from bot.features.customers.importing.changes import Change, Staged, Target
from bot.features.customers.importing.products import unknown_team
from bot.features.customers.importing.rows import Row
from bot.features.customers.importing.tally import Job, Tally
from bot.features.customers.rules import name_key
from bot.features.members import service as members


class TeamsWriter:
    target = Target(model=Team, key="name_key", seen="name")

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

    async def compare(self, job: Job, rows: Sequence[Row]) -> Sequence[Change]:
        changes: list[Change] = []
        for row in rows:
            name = row.values["name"]
            team_id, before = self._teams.get(row.key, ("", None))
            if before == name:
                job.tally.unchanged += 1
                continue
            job.tally.added += before is None
            job.tally.changed += before is not None
            values = {"id": team_id or job.new_id(), "workspace_id": job.workspace_id, "name": name}
            changes.append(Change(values={**values, "name_key": row.key}, seen=before))
        return changes

    async def write(self, job: Job, staged: Staged) -> None:  # noqa: ARG002
        await staged.apply()


class PeopleWriter:
    """Someone Slack has not told us of yet gets the team as soon as it does. Who has been given the same team before is
    left alone: they may have chosen another since."""

    target = Target(model=GivenTeam, key="person", seen="team_id")

    def __init__(self) -> None:
        self._teams: dict[str, tuple[str, str]] = {}

    async def prepare(self, rows: Sequence[Row], *, folder: Path, tally: Tally) -> None:
        """Nothing takes long."""

    async def start(self, job: Job) -> None:
        self._teams = await store.teams(job.session, job.workspace_id)

    async def compare(self, job: Job, rows: Sequence[Row]) -> Sequence[Change]:
        given = await store.given_teams(job.session, job.workspace_id, [row.key for row in rows])
        changes: list[Change] = []
        for row in rows:
            team = self._teams.get(name_key(row.values["team"]))
            if team is None:
                job.tally.refuse(row.line, [unknown_team(row.values["team"], self._teams)])
                continue
            if given.get(row.key) == team[0]:
                job.tally.unchanged += 1
                continue
            job.tally.added += row.key not in given
            job.tally.changed += row.key in given
            values = {"workspace_id": job.workspace_id, "person": row.key, "team_id": team[0]}
            changes.append(Change(values=values, seen=given.get(row.key)))
        return changes

    async def write(self, job: Job, staged: Staged) -> None:
        await staged.apply()
        teams = await store.teams_of_known(job.session, job.workspace_id, staged.rows)
        await members.set_teams(job.session, job.workspace_id, teams, job.now)
