"""What features implement to have a part of the Home tab (wiring registers them, in the order shown)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.members import service as members
from bot.features.members.service import MEMBER, Action, Person

if TYPE_CHECKING:
    from bot.slack.kit import Block
    from bot.slack.words import Words


class TeamLike(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Whose Home it is. `guest`: only what has public consent. Who has not been read from Slack yet counts as a guest
    in that. `team` is theirs where `team_id` is one that there still is."""

    workspace_id: str
    user_id: str
    team_id: str | None
    roles: frozenset[str]
    guest: bool = False
    kind: str = MEMBER
    team: TeamLike | None = None

    def may(self, action: Action, **related: bool) -> bool:
        """As `members.able`."""
        who = Person(workspace_id=self.workspace_id, user_id=self.user_id, name="", kind=self.kind, roles=self.roles)
        return members.able(who, action, **related)


def viewer_of(person: Person, team: TeamLike | None = None) -> Viewer:
    return Viewer(
        workspace_id=person.workspace_id,
        user_id=person.user_id,
        team_id=person.team_id,
        roles=person.roles,
        guest=person.is_guest or not person.is_known,
        kind=person.kind,
        team=team,
    )


TeamsOf = Callable[[AsyncSession, str], Awaitable[Sequence[TeamLike]]]
"""All teams of a workspace, in the order to show."""


class Section(Protocol):
    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        """At most 30 blocks; none where the section has nothing for this person."""
        ...
