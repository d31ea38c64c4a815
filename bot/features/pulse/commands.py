"""`/customer-admin pulse`: what the questions gave, by channel."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels import service as channels
from bot.features.members import service as members
from bot.features.members.seams import Reply
from bot.features.members.service import Action
from bot.features.pulse import blocks, results, service, staggering
from bot.features.pulse.desk import Desk
from bot.slack.payloads import SlashCommand
from bot.slack.words import Words

DRAWS_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class PulseCommand:
    desk: Desk
    word: str = "pulse"
    command: str = "/customer-admin"

    def help(self, words: Words) -> str:
        return words.say("`pulse [#channel]`: whether people know our customers, and who starts when")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        return await self.desk.edge.sessions.run(lambda session: self._reply(session, invoked, rest, words))

    async def _reply(self, session: AsyncSession, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        """Editors and admins see every channel, everybody else those they are in or own, and any public one by name."""
        ws, user = invoked.who.workspace_id, invoked.who.user_id
        named = await channels.by_name(session, ws, rest) if rest else None
        own = await channels.owned_by(session, ws, user)
        asker = await self.desk.asker(
            session, invoked.who, Action.SEE_PULSE, channel=named or (own[0] if own else None)
        )
        if asker.refusal:
            return Reply(message=asker.refusal)
        every = members.able(asker.person, Action.SEE_EVERY_PULSE)
        others = results.others_for(asker.person)
        known = {one.channel_id for one in await results.known_to(session, asker.person)}
        if named is not None and named.channel_id in known:
            (one,) = await results.of(session, ws, [named], others=others)
            return Reply(view=blocks.results(words, one, may_ask=members.able(asker.person, Action.SET_UP_CHANNEL)))
        mine = {one.channel_id for one in (*own, *await channels.my_channels(session, ws, user))}
        seen = [one for one in await channels.all(session, ws) if every or one.channel_id in mine]
        draws = await staggering.draws(session, ws) if every else []
        view = blocks.overview(
            words,
            await results.of(session, ws, seen[: blocks.MOST_SHOWN], others=others),
            total=len(seen),
            off=await service.is_off(session, ws),
            admin=members.able(asker.person, Action.CHANGE_SETTINGS),
            draws=draws[:DRAWS_SHOWN],
        )
        return Reply(view=view)
