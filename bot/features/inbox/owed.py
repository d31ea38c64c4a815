"""What the inbox owes Slack, rendered from the state at the moment of sending, and its parts of Home."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.delivery.uploads import Uploads
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.home.seams import Viewer
from bot.features.inbox import blocks, pictures, store, telling
from bot.features.inbox.blocks import Line
from bot.features.inbox.rules import TAKEN_BACK, WAITING, Draft
from bot.features.inbox.seams import DraftKind
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.stories import service as stories
from bot.slack.kit import Block
from bot.slack.words import Words, words_of

Kinds = Mapping[str, DraftKind]


def renderers(kinds: Sequence[DraftKind]) -> dict[str, Renderer]:
    by_name = {kind.name: kind for kind in kinds}
    return {
        telling.NEW: NewDrafts(kinds=by_name),
        telling.VERDICT: Verdicts(),
        telling.POSTED: WasPosted(),
        pictures.PICTURE: Uploads(),
    }


async def lines(session: AsyncSession, ws: str, kinds: Kinds, drafts: Sequence[Draft], words: Words) -> list[Line]:
    people = await members.people(session, ws, {draft.author for draft in drafts})
    about = await customers.customers(session, ws, sorted({draft.content.customer_id or "" for draft in drafts} - {""}))
    return [
        Line(
            draft=draft,
            author=people[draft.author].name if draft.author in people else "",
            label=kinds[draft.kind].label(words) if draft.kind in kinds else draft.kind,
            customer=about[draft.content.customer_id].name if draft.content.customer_id in about else "",
        )
        for draft in drafts
    ]


@dataclass(frozen=True, kw_only=True)
class NewDrafts(Quiet):
    """Comes unasked, so it waits for the person's manners and takes their turn."""

    kinds: Kinds

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, user, now = owed.workspace_id, str(owed.ref["user"]), await db_now(session)
        editor = await members.get(session, ws, user)
        if not members.able(editor, Action.APPROVE):
            return Skip(reason="no_editor")
        waiting = [draft for draft in await store.waiting(session, ws, limit=20) if draft.author != user]
        if not waiting:
            return Skip(reason="nothing_waits")
        when = await members.when_to_write(session, ws, user, now=now)
        if when is None:
            return Skip(reason="stopped")
        if when <= now:
            when = await members.take_turn(session, ws, user, key=owed.key, now=now)
        if when > now:
            return Later(until=when)
        words = words_of(editor)
        total = await store.count_waiting(session, ws)
        return blocks.new_drafts(words, await lines(session, ws, self.kinds, waiting, words), total)


class Verdicts(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        draft = await store.get(session, ws, str(owed.ref["draft"]))
        author = await members.get(session, ws, draft.author if draft else "")
        if draft is None or draft.state in {WAITING, TAKEN_BACK} or not members.able(author, Action.READ_INSIDE):
            return Skip(reason="gone")
        editor = await members.known(session, ws, draft.decided_by or "")
        at = owed.ref.get("at")
        return blocks.verdict(
            words_of(author),
            draft,
            editor=editor.name if editor else "",
            at=datetime.fromisoformat(at) if at else None,
        )


class WasPosted(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        draft = await store.get(session, ws, str(owed.ref["draft"]))
        author = await members.get(session, ws, draft.author if draft else "")
        place = await self._place(session, owed)
        if draft is None or place is None or not members.able(author, Action.READ_INSIDE):
            return Skip(reason="gone")
        name = await _channel_name(session, ws, place, author.user_id)
        return blocks.posted(words_of(author), draft, name)

    @staticmethod
    async def _place(session: AsyncSession, owed: Owed) -> str | None:
        """None where it was taken back meanwhile."""
        if "channel" in owed.ref:
            return str(owed.ref["channel"])
        post = await stories.get_post(session, owed.workspace_id, str(owed.ref["post"]))
        return None if post is None or post.recalled else post.channel_id


async def _channel_name(session: AsyncSession, ws: str, channel_id: str, user: str) -> str:
    """ "" for a private channel that the person is not in."""
    channel = await channels.get(session, ws, channel_id)
    if channel is None:
        return ""
    if not channel.private:
        return channel.name
    mine = await channels.my_channels(session, ws, user)
    return channel.name if any(one.channel_id == channel_id for one in mine) else ""


# -- Home -------------------------------------------------------------------------------------------------------------


class InboxSection:
    """The editors' part of Home: what waits, the oldest first, and what can be written."""

    def __init__(self, kinds: Sequence[DraftKind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest or not viewer.may(Action.APPROVE):
            return ()
        ws = viewer.workspace_id
        waiting = await store.waiting(session, ws, limit=blocks.SHOWN_ON_HOME)
        return blocks.section(
            words,
            await lines(session, ws, self._kinds, waiting, words),
            total=await store.count_waiting(session, ws),
            kinds={name: kind.label(words) for name, kind in self._kinds.items()},
        )


class MyOffers:
    """What somebody offered lately, and how it stands."""

    def __init__(self, kinds: Sequence[DraftKind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        ws, user = viewer.workspace_id, viewer.user_id
        found = await store.by_author(session, ws, user, limit=blocks.SHOWN_OF_MINE)
        if not found:
            return ()
        may_edit = await members.may(session, ws, user, Action.EDIT_DRAFT, own=True)
        shown = [
            Line(draft=line.draft, author=line.author, label=line.label, where=await _where(session, line.draft))
            for line in await lines(session, ws, self._kinds, found, words)
        ]
        return blocks.mine(words, shown, may_edit=may_edit)


async def _where(session: AsyncSession, draft: Draft) -> str:
    """The channel in which it stands, where the author may know it."""
    if draft.published is None:
        return ""
    channel_id = await stories.first_place(session, draft.workspace_id, draft.published)
    return await _channel_name(session, draft.workspace_id, channel_id, draft.author) if channel_id else ""
