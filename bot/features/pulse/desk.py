"""What every handler of the pulse needs: who is asking, whether they may, and the secret that hides who answered."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels.service import Channel
from bot.features.edge import Edge
from bot.features.members import blocks as members_blocks
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.pulse.rules import Defaults
from bot.slack.kit import Message
from bot.slack.payloads import Who
from bot.slack.words import Words, words_of


@dataclass(frozen=True, kw_only=True)
class Asker:
    """`refusal` is what the person is told instead, where they may not."""

    person: Person
    words: Words
    refusal: Message | None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`secret` comes from the settings and is never stored: see `rules.mark`."""

    edge: Edge
    defaults: Defaults
    secret: bytes

    async def asker(self, session: AsyncSession, who: Who, action: Action, *, channel: Channel | None = None) -> Asker:
        """Rights are read now, from Slack's signed ids; a refusal stays in the audit trail."""
        ws, user = who.workspace_id, who.user_id
        person = await members.get(session, ws, user)
        words = words_of(person)
        owns = channel is not None and channel.is_owned_by(user)
        if not who.outsider and await members.may(session, ws, user, action, owns_channel=owns):
            return Asker(person=person, words=words, refusal=None)
        now = self.edge.clock.now()
        await members.refused(session, ws, user, action, now=now, new_id=self.edge.new_id)
        if who.outsider or person.is_guest or not person.is_person:
            return Asker(person=person, words=words, refusal=members_blocks.not_for_you(words))
        admins = await members.with_role(session, ws, members.ADMIN)
        return Asker(person=person, words=words, refusal=members_blocks.not_admin(words, admins))

    def new_key(self) -> str:
        """For one round: as random as two ids that nobody can guess."""
        return self.edge.new_id() + self.edge.new_id()
