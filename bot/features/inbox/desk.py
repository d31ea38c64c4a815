"""What every handler of the inbox has: who pressed, in which words, and the way to answer them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.features.edge import Edge
from bot.features.inbox import blocks, deciding, windows
from bot.features.inbox.blocks import Looked
from bot.features.inbox.owed import lines
from bot.features.inbox.rules import Draft, Refusal
from bot.features.inbox.seams import DraftKind
from bot.features.members import asking, showing
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.slack.kit import View
from bot.slack.payloads import Press, Who
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, kw_only=True)
class Desk:
    edge: Edge
    kinds: Mapping[str, DraftKind]

    async def person(self, session: "AsyncSession", who: Who) -> tuple[Person, Words]:
        person = await members.get(session, who.workspace_id, who.user_id, now=self.edge.clock.now())
        return person, words_of(person)

    async def may(
        self, session: "AsyncSession", who: Who, action: Action, *, own: bool = False, about: Draft | None = None
    ) -> bool:
        """What is refused stays in the audit trail."""
        things = [about.concerns] if about is not None else []
        return await asking.may(self.edge, session, who, action, own=own, about=things)

    async def show(self, body: Mapping[str, Any], pressed: Press, view: View, words: Words) -> None:
        """In the place of the inbox's own window where the press came from there, else as `showing` does."""
        await showing.show(self.edge, body, pressed, view, words)

    async def look(self, session: "AsyncSession", draft: Draft, who: Who, words: Words, *, back: bool = False) -> View:
        """A draft with its post, and what this person may do with it."""
        (line,) = await lines(session, draft.workspace_id, self.kinds, [draft], words)
        kind = self.kinds.get(draft.kind)
        decided = ""
        if not draft.is_waiting:
            decided = windows.refused(words, Refusal.ALREADY, draft, await self.decider(session, draft))
        own = draft.author == who.user_id and not await deciding.may_approve(session, draft, who.user_id)
        looked = Looked(
            line=line,
            preview=await kind.preview(session, draft, words) if kind and _can_be_shown(draft) else None,
            unfinished=(await kind.why_unfinished(session, draft, words) or "") if kind else "",
            own=own,
            decided=decided,
            back=back,
        )
        return blocks.look(words, looked)

    @staticmethod
    async def decider(session: "AsyncSession", draft: Draft | None) -> str:
        if draft is None or draft.decided_by is None:
            return ""
        person = await members.known(session, draft.workspace_id, draft.decided_by)
        return person.name if person else ""


def _can_be_shown(draft: Draft) -> bool:
    """Slack takes no empty text: without these there is no post to look at, only what was offered."""
    return bool(draft.content.headline and draft.content.text)
