"""What every handler of this feature needs: who is asking, whether they may, and how to show them a window."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels.rules import Channel, Defaults
from bot.features.channels.seams import ContentKind
from bot.features.edge import Edge
from bot.features.members import asking, showing
from bot.features.members import service as members
from bot.features.members.asking import Asker
from bot.features.members.service import Action, Person
from bot.slack.kit import Element, View
from bot.slack.payloads import Press, Who
from bot.slack.words import Words

RefreshHome = Callable[[AsyncSession, str, str], Awaitable[object]]
"""Called with a session, a workspace and a person: their Home is out of date."""

ChannelButton = Callable[[Words, str], Element]
"""Another feature's button for a channel, by the channel's id."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    edge: Edge
    kinds: Mapping[str, ContentKind]
    defaults: Defaults
    refresh_home: RefreshHome

    async def asker(self, session: AsyncSession, who: Who, action: Action, *, channel: Channel | None = None) -> Asker:
        """Rights are read now, from Slack's signed ids; a refusal stays in the audit trail."""
        owns = channel is not None and channel.is_owned_by(who.user_id)
        about = [channel.channel_id] if channel is not None else []
        return await asking.asker(self.edge, session, who, action, owns_channel=owns, about=about)

    async def may(self, session: AsyncSession, person: Person, action: Action, *, channel: Channel) -> bool:
        """Without a word in the audit trail: for deciding what to offer, not whether to do it."""
        owns = channel.is_owned_by(person.user_id)
        return await members.may(session, person.workspace_id, person.user_id, action, owns_channel=owns)

    async def show(self, body: Mapping[str, Any], press: Press, view: View, words: Words | None = None) -> None:
        """`words`: the asker's, for saying that Slack did not open it."""
        await showing.show(self.edge, body, press, view, words or Words())
