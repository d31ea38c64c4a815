"""Whoever pressed something, and whether they may: read now, from Slack's signed ids."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.edge import Edge
from bot.features.members import blocks, service
from bot.features.members.service import ADMIN, Action, Person
from bot.slack.kit import Message
from bot.slack.payloads import Who
from bot.slack.words import Words, words_of


@dataclass(frozen=True, kw_only=True)
class Asker:
    """`refusal` is what the person is told instead, where they may not."""

    person: Person
    words: Words
    refusal: Message | None


async def may(
    edge: Edge,
    session: AsyncSession,
    who: Who,
    action: Action,
    *,
    own: bool = False,
    owns_channel: bool = False,
    manages_customer: bool = False,
    about: Collection[str | None] = (),
) -> bool:
    """What is refused stays in the audit trail. `about`: as `service.audit` takes it."""
    if not who.outsider and await service.may(
        session, who.workspace_id, who.user_id, action,
        own=own, owns_channel=owns_channel, manages_customer=manages_customer,
    ):  # fmt: skip
        return True
    await refused(edge, session, who, action, about=about)
    return False


async def refused(
    edge: Edge, session: AsyncSession, who: Who, action: Action, *, about: Collection[str | None] = ()
) -> None:
    """Keep in the audit trail that somebody tried what they may not do."""
    now, new_id = edge.clock.now(), edge.new_id
    await service.refused(session, who.workspace_id, who.user_id, action, about=about, now=now, new_id=new_id)


async def asker(
    edge: Edge,
    session: AsyncSession,
    who: Who,
    action: Action,
    *,
    owns_channel: bool = False,
    about: Collection[str | None] = (),
    for_guests: bool = True,
) -> Asker:
    """`for_guests`: a guest who may not hears whom to ask; else that it is not for them."""
    person = await service.get(session, who.workspace_id, who.user_id)
    words = words_of(person)
    if await may(edge, session, who, action, owns_channel=owns_channel, about=about):
        return Asker(person=person, words=words, refusal=None)
    if who.outsider or not person.is_person or (person.is_guest and not for_guests):
        return Asker(person=person, words=words, refusal=blocks.not_for_you(words))
    admins = await service.with_role(session, who.workspace_id, ADMIN)
    return Asker(person=person, words=words, refusal=blocks.not_admin(words, admins))
