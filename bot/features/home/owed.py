"""Renders Home from the current state: the frame, then the sections that wiring registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery import settling
from bot.delivery.queue import Owed
from bot.delivery.rendering import Rendered, Renderer, Skip
from bot.features.home import blocks
from bot.features.home.seams import Section, TeamsOf, Viewer, viewer_of
from bot.features.home.service import KIND
from bot.features.members import blocks as members_blocks
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.kit import Block
from bot.slack.words import Words, words_of


def renderers(*, sections: Sequence[Section], teams: TeamsOf) -> dict[str, Renderer]:
    return {KIND: HomeView(sections=sections, teams=teams)}


@dataclass(frozen=True, kw_only=True)
class HomeView:
    sections: Sequence[Section]
    teams: TeamsOf

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        person = await members.get(session, owed.workspace_id, owed.target)
        if not members.able(person, Action.OPEN_HOME):
            return Skip(reason=f"recipient_{person.kind}")
        words = words_of(person)
        # Guests may have a team and are not asked for one.
        asked = person.team_id is not None or not person.is_guest
        teams = await self.teams(session, person.workspace_id) if asked else ()
        viewer = viewer_of(person, next((team for team in teams if team.id == person.team_id), None))
        sections = [await section.render(session, viewer, words) for section in self.sections]
        ask = person.is_known and person.team_asked_at is None
        team = blocks.my_team(words, team_id=person.team_id, teams=teams, ask=ask)
        return blocks.home_view(words, name=person.name, team=team, sections=sections)

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        """Whoever saw the question about their team has been asked."""
        person = await members.known(session, owed.workspace_id, owed.target)
        if person is None or person.is_guest or person.team_id or person.team_asked_at:
            return
        if await self.teams(session, owed.workspace_id):
            await members.team_asked(session, owed.workspace_id, owed.target, now)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """Nobody is told: the next opening publishes it again."""

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        """Whoever has no Home needs none."""


TROUBLED = timedelta(days=7)


@dataclass(frozen=True)
class TroubleSection:
    """For admins: what could not be delivered."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if not viewer.may(Action.SEE_TROUBLE):
            return []
        found = await settling.in_trouble(session, viewer.workspace_id, await db_now(session) - TROUBLED)
        uncertain, failed = found.get("uncertain", 0), found.get("failed", 0)
        return blocks.trouble(words, uncertain=uncertain, failed=failed, days=TROUBLED.days)


@dataclass(frozen=True)
class PeopleSection:
    """For admins: who looks after Canteen."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if not viewer.may(Action.GIVE_ROLES):
            return []
        admins = await members.with_role(session, viewer.workspace_id, members.ADMIN)
        editors = await members.with_role(session, viewer.workspace_id, members.EDITOR)
        return members_blocks.people_section(
            words,
            admins=[person.user_id for person in admins],
            editors=[person.user_id for person in editors],
        )
