"""From Slack: somebody asks to be forgotten. The admins are told, once a day at most, and what to type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery import queue
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Skip
from bot.features.edge import Edge
from bot.features.members import asking, forget_blocks, manners, service, showing
from bot.features.members.service import ADMIN, Action
from bot.slack.listening import readable
from bot.slack.payloads import Who, press
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from bot.slack.kit import View

TELL = "members.forget"


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    edge: Edge

    def register(self, app: AsyncApp) -> None:
        app.action(forget_blocks.FORGET)(readable(self.on_ask))

    async def on_ask(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        words, view = await self.edge.sessions.run(lambda session: self._asked(session, pressed.who))
        await ack()
        if view is not None:
            await showing.show(self.edge, body, pressed, view, words)

    async def _asked(self, session: AsyncSession, who: Who) -> tuple[Words, View | None]:
        """Guests may; whoever belongs to another company is refused."""
        ws, user, now = who.workspace_id, who.user_id, self.edge.clock.now()
        words = words_of(await service.get(session, ws, user))
        if not await asking.may(self.edge, session, who, Action.CHANGE_OWN):
            return words, None
        admins = [person for person in await service.with_role(session, ws, ADMIN) if person.user_id != user]
        keys = {person.user_id: f"{TELL}:{user}:{person.user_id}:{now.date().isoformat()}" for person in admins}
        known = [await queue.find(session, workspace_id=ws, key=key) for key in keys.values()]
        for admin, key in keys.items():
            await queue.enqueue(
                session, now=now, workspace_id=ws, kind=TELL, key=key, method="post", target=admin, ref={"user": user}
            )
        if not any(known):
            await service.audit(
                session, new_id=self.edge.new_id, now=now, ws=ws, actor=user, action="erase.asked", subject=user
            )
        return words, forget_blocks.asked(words, admins)


class TellAdmin(Quiet):
    """Waits for the admin's quiet hours; also to one who wants no messages: somebody asked for it."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, now = owed.workspace_id, await db_now(session)
        admin = await service.get(session, ws, owed.target, now=now)
        asks = await service.known(session, ws, str(owed.ref.get("user", "")))
        if asks is None:
            return Skip(reason="gone")
        if not await service.may(session, ws, admin.user_id, Action.GIVE_ROLES):
            return Skip(reason="not_admin")
        when = await manners.when_awake(session, ws, admin.user_id, now=now)
        return Later(until=when) if when > now else forget_blocks.to_admin(words_of(admin), asks)
