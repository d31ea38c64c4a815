"""Approving, rejecting and changing drafts: who may, and of two who press at once one. In the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.strings import why_unusable
from bot.features.channels import service as channels
from bot.features.inbox import service, store, telling
from bot.features.inbox.rules import APPROVED, LONGEST_REASON, REJECTED, Content, Draft, Refusal, others_among
from bot.features.inbox.seams import DraftKind, Plan
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.words import Words

Kinds = Mapping[str, DraftKind]
LATE_PRESS = timedelta(minutes=5)  # a minute chosen may be over by the time the form is sent
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What became of it. `refusal` with `why`, a sentence where there is more to say than the code does."""

    draft: Draft | None
    refusal: Refusal | None = None
    why: str = ""


async def may_edit(session: AsyncSession, draft: Draft, user: str) -> bool:
    own = draft.author == user
    return await members.may(session, draft.workspace_id, user, Action.EDIT_DRAFT, own=own)


async def may_approve(session: AsyncSession, draft: Draft, user: str) -> bool:
    """Not one's own, unless there is nobody else to ask."""
    return await members.may(
        session,
        draft.workspace_id,
        user,
        Action.APPROVE,
        own=draft.author == user,
        only_editor=await _only_editor(session, draft.workspace_id, user),
    )


async def may_see_answer(session: AsyncSession, draft: Draft, user: str) -> bool:
    """What only the author and an approver may know before it is out, such as a quiz's right answer."""
    own, approves = draft.author == user, await may_approve(session, draft, user)
    return await members.may(session, draft.workspace_id, user, Action.SEE_RIGHT_ANSWER, own=own, approved=approves)


async def _only_editor(session: AsyncSession, ws: str, user: str) -> bool:
    editors = [person.user_id for person in await members.with_role(session, ws, members.EDITOR)]
    return not others_among(editors, user)


async def approve(
    session: AsyncSession,
    kinds: Kinds,
    ws: str,
    draft_id: str,
    plan: Plan,
    *,
    revision: int,
    by: str,
    words: Words,
    now: datetime,
    new_id: NewId,
) -> Decision:
    """Into the library, and onto the calendar where `plan` says so. `revision`: what the editor has looked at."""
    draft, refusal = await _for_decision(session, ws, draft_id, by, revision=revision, now=now, new_id=new_id)
    if draft is None or refusal is not None:
        return Decision(draft=draft, refusal=refusal)
    kind = kinds.get(draft.kind)
    if kind is None:
        return Decision(draft=draft, refusal=Refusal.UNKNOWN_KIND)
    if unfinished := await kind.why_unfinished(session, draft, words):
        return Decision(draft=draft, refusal=Refusal.UNFINISHED, why=unfinished)
    if wrong := await _wrong_plan(session, kind, draft, plan, words, now):
        return wrong
    published = await kind.publish(session, draft, plan, by=by, now=now, new_id=new_id)
    await store.change(session, ws, draft_id, state=APPROVED, decided_by=by, decided_at=now, published=published)
    own = draft.author == by
    detail = {"own": own, "only_editor": own, "kind": draft.kind, "channels": list(plan.channel_ids)}
    about = [draft.concerns, *plan.channel_ids]
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=by, action="draft.approve", subject=draft_id, detail=detail,
        about=about,
    )  # fmt: skip
    return Decision(draft=await _told(session, ws, draft_id, plan, by=by, now=now))


async def _wrong_plan(
    session: AsyncSession, kind: DraftKind, draft: Draft, plan: Plan, words: Words, now: datetime
) -> Decision | None:
    if not plan.channel_ids:
        return None
    configured = await channels.some(session, draft.workspace_id, plan.channel_ids)
    if not kind.can_schedule or len(configured) < len(set(plan.channel_ids)):
        return Decision(draft=draft, refusal=Refusal.PLACE)
    if plan.at is None or not now - LATE_PRESS <= plan.at <= now + FURTHEST:
        return Decision(draft=draft, refusal=Refusal.PAST)
    why = await kind.why_not_planned(session, draft, replace(plan, at=max(plan.at, now)), words)
    return Decision(draft=draft, refusal=Refusal.PLACE, why=why) if why else None


async def reject(
    session: AsyncSession, ws: str, draft_id: str, reason: str, *, by: str, now: datetime, new_id: NewId
) -> Decision:
    """Its author is told, in the editor's words."""
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON or why_unusable(said):
        return Decision(draft=None, refusal=Refusal.REASON)
    draft, refusal = await _for_decision(session, ws, draft_id, by, revision=None, now=now, new_id=new_id)
    if draft is None or refusal is not None:
        return Decision(draft=draft, refusal=refusal)
    await store.change(session, ws, draft_id, state=REJECTED, decided_by=by, decided_at=now, reason=said)
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=by, action="draft.reject", subject=draft_id,
        about=[draft.concerns],
    )  # fmt: skip
    return Decision(draft=await _told(session, ws, draft_id, Plan(), by=by, now=now))


async def _for_decision(
    session: AsyncSession, ws: str, draft_id: str, by: str, *, revision: int | None, now: datetime, new_id: NewId
) -> tuple[Draft | None, Refusal | None]:
    """The draft, locked until the transaction ends: of two who press at once the second finds it decided."""
    draft = await store.get(session, ws, draft_id, lock=True)
    if draft is None:
        return None, Refusal.NOT_FOUND
    if revision is None:
        allowed = await members.may(session, ws, by, Action.EDIT_DRAFT)  # an editor's own they take back
    else:
        allowed = await may_approve(session, draft, by)
    if not allowed:
        await members.refused(session, ws, by, Action.APPROVE, about=[draft.concerns], now=now, new_id=new_id)
        editor = await members.may(session, ws, by, Action.EDIT_DRAFT)
        return draft, Refusal.OWN_DRAFT if editor else Refusal.NOT_AN_EDITOR
    if not draft.is_waiting:
        return draft, Refusal.ALREADY
    if revision is not None and revision != draft.revision:
        return draft, Refusal.CHANGED
    return draft, None


async def _told(session: AsyncSession, ws: str, draft_id: str, plan: Plan, *, by: str, now: datetime) -> Draft | None:
    draft = await store.get(session, ws, draft_id)
    if draft is not None:
        await telling.verdict(session, draft, plan, by=by, now=now)
        await telling.refresh_homes(session, ws, {draft.author, by}, now=now)
    return draft


async def take_back(
    session: AsyncSession, ws: str, draft_id: str, *, by: str, now: datetime, new_id: NewId
) -> Decision:
    """By its author, while it waits."""
    draft = await store.get(session, ws, draft_id, lock=True)
    own = draft is not None and draft.author == by
    if draft is None or not await members.may(session, ws, by, Action.TAKE_BACK, own=own):
        about = [draft.concerns] if draft is not None else []
        await members.refused(session, ws, by, Action.TAKE_BACK, about=about, now=now, new_id=new_id)
        return Decision(draft=None, refusal=Refusal.NOT_FOUND)
    if not await service.drop(session, ws, draft_id, by=by, now=now):
        return Decision(draft=draft, refusal=Refusal.ALREADY)
    return Decision(draft=await store.get(session, ws, draft_id))


async def change(
    session: AsyncSession,
    ws: str,
    draft_id: str,
    content: Content,
    *,
    revision: int,
    by: str,
    now: datetime,
    new_id: NewId,
) -> Decision:
    """Edited by an editor or its author, while it waits."""
    draft = await store.get(session, ws, draft_id, lock=True)
    if draft is None:
        return Decision(draft=None, refusal=Refusal.NOT_FOUND)
    if not await may_edit(session, draft, by):
        await members.refused(session, ws, by, Action.EDIT_DRAFT, about=[draft.concerns], now=now, new_id=new_id)
        return Decision(draft=draft, refusal=Refusal.NOT_AN_EDITOR)
    if not draft.is_waiting:
        return Decision(draft=draft, refusal=Refusal.ALREADY)
    if revision != draft.revision:
        return Decision(draft=draft, refusal=Refusal.CHANGED)
    await store.change(session, ws, draft_id, **content.values(), edited_by=by)
    await telling.refresh_homes(session, ws, {draft.author, by}, now=now)
    return Decision(draft=await store.get(session, ws, draft_id))
