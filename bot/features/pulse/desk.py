"""What every handler of the pulse needs: who is asking, whether they may, and the secret that hides who answered."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels.service import Channel
from bot.features.edge import Edge
from bot.features.members import asking
from bot.features.members.asking import Asker
from bot.features.members.service import Action
from bot.features.pulse.rules import Defaults
from bot.slack.payloads import Who


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`secret` comes from the settings and is never stored: see `rules.mark`."""

    edge: Edge
    defaults: Defaults
    secret: bytes

    async def asker(self, session: AsyncSession, who: Who, action: Action, *, channel: Channel | None = None) -> Asker:
        """Rights are read now, from Slack's signed ids; a refusal stays in the audit trail."""
        owns = channel is not None and channel.is_owned_by(who.user_id)
        about = [channel.channel_id] if channel is not None else []
        return await asking.asker(self.edge, session, who, action, owns_channel=owns, about=about, for_guests=False)

    def new_key(self) -> str:
        """For one round: as random as two ids that nobody can guess."""
        return self.edge.new_id() + self.edge.new_id()
