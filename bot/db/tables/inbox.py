"""The editors' inbox: what was offered or written, until it is in the library or turned down."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import Enciphered, EncipheredJson

DRAFTED = "400 days once turned down or taken back, others until erased"
EDITORS = "the editors"
READERS = "the editors; whoever reads it once it is posted"


class Draft(InWorkspace, Base):
    """`kind`: story, news, question. `state`: waiting, approved, rejected, taken_back. `origin` says where it came
    from: `what` (update, exchange, spotted, written) and an `id`. `request` is the natural key of the offer.
    `revision` goes up with every change, so that nobody approves what they have not seen. `details`: what only this
    kind has."""

    __tablename__ = "drafts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(
        String(SLACK_ID),
        info=personal("who offered or wrote it, so that they hear what became of it", seen_by=EDITORS, kept=DRAFTED),
    )
    credit: Mapped[bool] = mapped_column(
        default=False, info=personal("whether the author asked to be named in the post", seen_by=EDITORS, kept=DRAFTED)
    )
    origin: Mapped[dict[str, Any]]
    headline: Mapped[str] = mapped_column(
        Enciphered, info=personal("what they wrote above it", seen_by=READERS, kept=DRAFTED)
    )
    text: Mapped[str] = mapped_column(Enciphered, info=personal("what they wrote", seen_by=READERS, kept=DRAFTED))
    body: Mapped[str] = mapped_column(
        Enciphered, info=personal("what they wrote, at length", seen_by=READERS, kept=DRAFTED)
    )
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    product_ids: Mapped[list[str]]
    quote_text: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("what a customer's person said", seen_by=READERS, kept=DRAFTED)
    )
    quote_name: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("who at the customer said it", seen_by=READERS, kept=DRAFTED)
    )
    quote_role: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("their role", seen_by=READERS, kept=DRAFTED)
    )
    picture_hash: Mapped[str | None] = mapped_column(String(64))
    picture_alt: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("what a picture shows, in somebody's words", seen_by=READERS, kept=DRAFTED)
    )
    language: Mapped[str] = mapped_column(String(35))
    consent: Mapped[str] = mapped_column(String(16))
    expires_on: Mapped[date | None]
    details: Mapped[dict[str, Any]] = mapped_column(
        EncipheredJson,
        info=personal(
            "what else they wrote: where it was seen, a question's options and why one is right",
            seen_by=READERS,
            kept=DRAFTED,
        ),
    )
    offered_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    edited_by: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who changed it last", seen_by=EDITORS, kept=DRAFTED)
    )
    decided_by: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who approved or rejected it", seen_by=EDITORS, kept=DRAFTED)
    )
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(
        Enciphered,
        info=personal("why it was rejected, in the editor's words", seen_by="the author and the editors", kept=DRAFTED),
    )
    published: Mapped[str | None] = mapped_column(String(32))  # the id of what it became
    __table_args__ = (
        UniqueConstraint("workspace_id", "request"),
        Index("ix_drafts_workspace_id_state_offered_at", "workspace_id", "state", "offered_at"),
        Index("ix_drafts_workspace_id_author", "workspace_id", "author"),
        Index("ix_drafts_workspace_id_published", "workspace_id", "published"),
    )


class DraftSketch(InWorkspace, Base):
    """What stood in a form when its preview was asked for; it becomes the draft's when the preview is confirmed.
    `subject` is the draft's or the story's id, "" for a new one."""

    __tablename__ = "draft_sketches"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    by: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("whose form it was", seen_by="nobody in Slack", kept="for a day")
    )
    subject: Mapped[str] = mapped_column(String(48))
    kind: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any]] = mapped_column(
        EncipheredJson,
        info=personal("what stood in a form while its preview was looked at", seen_by="the person", kept="for a day"),
    )
    made_at: Mapped[datetime]
    __table_args__ = (Index("ix_draft_sketches_made_at", "made_at"),)


class DraftPicture(InWorkspace, Base):
    """A picture put into a form or dropped to the app, to be fetched and re-encoded. `state`: wanted, kept (its bytes
    are in `pictures` under `hash`), failed (`why`)."""

    __tablename__ = "draft_pictures"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    file_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    draft_id: Mapped[str | None] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(
        Text, info=personal("Slack's address of a picture somebody sent", seen_by="nobody in Slack")
    )
    state: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str | None] = mapped_column(String(64))
    why: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime]
    __table_args__ = (Index("ix_draft_pictures_state_try_at", "state", "try_at"),)
