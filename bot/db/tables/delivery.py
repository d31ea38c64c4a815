"""What Canteen owes Slack, and how fast it may be paid."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import SerialId

OPERATOR = "whoever runs Canteen"
KEPT = "400 days once sent or skipped, others until erased"
PENDING = text("state = 'pending'")
LEASED = text("state IN ('claimed', 'sending')")
TROUBLED = text("state IN ('uncertain', 'failed')")


class Delivery(InWorkspace, Base):
    """One message owed to one place.

    `state`: pending, claimed, sending, sent, skipped, failed, uncertain, unresolved (outcome unknown, being looked up).
    `method`: post, update, delete, publish, upload, share, react, delete_file. `target`: a channel id, or a user id for
    a DM or Home.
    `opaque` goes into the message's metadata. `revision` grows with each enqueue under the same key.
    """

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(SerialId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(48))
    key: Mapped[str] = mapped_column(
        String(160), info=personal("which message it is; some keys name a person's id", seen_by=OPERATOR, kept=KEPT)
    )
    method: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("the person or channel a message is for", seen_by=OPERATOR, kept=KEPT)
    )
    ref: Mapped[dict[str, Any]] = mapped_column(
        info=personal("ids of what the message is about, and of whom", seen_by="nobody in Slack", kept=KEPT)
    )
    under_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"), index=True)
    due_at: Mapped[datetime]  # moved on by pacing and waiting; `wanted_at` keeps what was asked for
    wanted_at: Mapped[datetime]
    late_after: Mapped[datetime | None]  # skipped instead of sent after this
    state: Mapped[str] = mapped_column(String(16), default="pending")
    rank: Mapped[int] = mapped_column(default=0)  # among what is due and cannot all go: the lowest first
    revision: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    opaque: Mapped[str] = mapped_column(String(32))
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    sending_at: Mapped[datetime | None]
    unknown_at: Mapped[datetime | None]  # when the outcome became unknown
    looked_at: Mapped[datetime | None]  # when history was first read completely without finding it
    channel: Mapped[str | None] = mapped_column(  # where it went: the DM's id for a user
        String(SLACK_ID), info=personal("the direct message or channel it went to", seen_by=OPERATOR, kept=KEPT)
    )
    ts: Mapped[str | None] = mapped_column(String(32))
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    error: Mapped[str | None] = mapped_column(Text)
    owner_told: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_deliveries_pending", "due_at", "id", postgresql_where=PENDING, sqlite_where=PENDING),
        Index("ix_deliveries_leased", "lease_until", postgresql_where=LEASED, sqlite_where=LEASED),
        Index("ix_deliveries_troubled", "workspace_id", "wanted_at", postgresql_where=TROUBLED, sqlite_where=TROUBLED),
        Index("ix_deliveries_workspace_id_channel_ts", "workspace_id", "channel", "ts"),
        Index("ix_deliveries_state", "state"),
        Index("ix_deliveries_created_at", "created_at"),  # what is old enough to be thrown away
    )


class Pace(InWorkspace, Base):
    """When the next call of `method` to `channel` ('' for the whole workspace) may be made, across all processes."""

    __tablename__ = "pace"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    method: Mapped[str] = mapped_column(String(48), primary_key=True)
    channel: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal(
            "the person or channel last written to, for Slack's pace", seen_by="nobody in Slack", kept="an hour"
        ),
    )
    next_free_at: Mapped[datetime]
    limited_until: Mapped[datetime | None]  # a 429 said so; shown to the operator
