"""A hat's message, its result, and what its opener and those without a place are told, as things are at sending."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.queue import Owed
from bot.delivery.rendering import Rendered, Skip
from bot.features.adoptions import hat_blocks, hat_store, hats, owing
from bot.features.adoptions.draw import inputs_of, why_none
from bot.features.adoptions.hat_blocks import HatLook, ResultLook
from bot.features.adoptions.rules import CANCELLED, OPEN, Hat
from bot.features.channels import service as channels
from bot.features.channels.seams import Audience
from bot.features.customers import service as customers
from bot.features.customers.service import Viewer
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.kit import Message
from bot.slack.words import Words, words_of

FAILED = "hat_failed"


def _viewer(audience: Audience) -> Viewer:
    return Viewer(outsider=audience.outsiders, public_only=audience.public_only, in_channel=True)


async def _hat(session: AsyncSession, owed: Owed) -> Hat | None:
    return await hat_store.hat(session, owed.workspace_id, str(owed.ref["hat"]))


class _Kept:
    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        """It is where it should be: nothing to note."""

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """The operator sees it among the failed deliveries."""

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        """Nothing hangs on it: nothing to note."""


class HatPost(_Kept):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        hat = await _hat(session, owed)
        audience = await channels.audience(session, owed.workspace_id, owed.target)
        if hat is None or audience is None or audience.outsiders:
            return Skip(reason="removed")
        if owed.method == "post":
            if hat.state != OPEN:
                return Skip(reason="over")
            if why := await channels.why_not_now(session, owed.workspace_id, owed.target):
                return Skip(reason=why)
        words = words_of(audience)
        in_hat = await hat_store.in_hat(session, owed.workspace_id, hat.filters) if hat.state == OPEN else []
        cards = await customers.customers(session, owed.workspace_id, [one.customer_id for one in in_hat])
        viewer = _viewer(audience)
        opener = await members.known(session, owed.workspace_id, hat.opened_by)
        look = HatLook(
            hat=hat,
            count=len(in_hat),
            are_in=await hat_store.count_in(session, hat.id),
            names=[card.name for one in in_hat if customers.visible(card := cards[one.customer_id], viewer)],
            about=await self._about(session, hat, words),
            opened_by=opener.name if opener else "",
        )
        return hat_blocks.hat_post(words, look)

    @staticmethod
    async def _about(session: AsyncSession, hat: Hat, words: Words) -> str:
        chosen = hat.filters
        products = await customers.products(session, hat.workspace_id, [chosen.product] if chosen.product else [])
        product = products[chosen.product].name if chosen.product in products else ""
        return hat_blocks.filters_text(
            words, product=product, industry=chosen.industry or "", country=chosen.country or ""
        )

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:  # noqa: ARG002
        await self._not_posted(session, owed, now=now)

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:  # noqa: ARG002
        await self._not_posted(session, owed, now=now)

    @staticmethod
    async def _not_posted(session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        """Nobody could join: there is no draw, and whoever opened it hears why."""
        hat = await _hat(session, owed)
        if owed.method != "post" or hat is None or hat.state != OPEN:
            return
        await hat_store.change(session, hat.id, state=CANCELLED, ended_at=now)
        ref = {"hat": hat.id}
        await owing.told(session, hat.workspace_id, hat.opened_by, FAILED, once=hat.id, now=now, ref=ref)


class HatResult(_Kept):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        hat = await _hat(session, owed)
        audience = await channels.audience(session, owed.workspace_id, owed.target)
        if hat is None or audience is None or audience.outsiders:
            return Skip(reason="removed")
        if why := await channels.why_not_now(session, owed.workspace_id, owed.target):
            return Skip(reason=why)
        drawn = dict(hat.result.get("drawn", {}))
        viewer, cards = _viewer(audience), await hats.drawn_customers(session, hat)
        shown = {card.id: card.name for card in cards if customers.visible(card, viewer)}
        still = await hat_store.named_in(session, hat.id)  # somebody may not want it any more since it was drawn
        named = [user for user in hat.result.get("names", ()) if user in drawn and user in still]
        people = await members.people(session, owed.workspace_id, named)
        told = [
            (people[user].name, shown.get(drawn[user], ""))
            for user in named
            if user in people and members.able(people[user], Action.BE_NAMED)
        ]
        look = ResultLook(
            drew=len(drawn),
            were_in=int(hat.result.get("in", 0)),
            customers=list(shown.values()),
            hidden=len(set(drawn.values())) - len(shown),
            named=sorted(told, key=lambda one: one[0].casefold()),
        )
        return hat_blocks.hat_result(words_of(audience), look)


async def told(session: AsyncSession, owed: Owed, words: Words) -> Message | Skip:
    """To somebody without a place or away, or to whoever opened a hat that could not be posted."""
    hat = await _hat(session, owed)
    if hat is None:
        return Skip(reason="gone")
    channel = await channels.get(session, owed.workspace_id, hat.channel_id)
    name = channel.name if channel else "…"
    if owed.ref["what"] == FAILED:
        return hat_blocks.hat_failed(words, name)
    if owed.ref["what"] == hats.WAS_AWAY:
        return hat_blocks.was_away(words, name)
    return hat_blocks.no_place(words, name, why_none(inputs_of(hat.inputs), str(owed.ref["user"])))
