"""The pulse: rounds of three questions in a channel. No row here says what anybody answered.

Each round has one row of totals and one row of marks. Every answer rewrites both as a whole, so that neither the order
of rows, nor a time, nor the number of the transaction that wrote a row says which answer came from whom.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal


class PulseSetting(InWorkspace, Base):
    """`off`: nobody in the workspace is asked."""

    __tablename__ = "pulse_settings"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    off: Mapped[bool] = mapped_column(default=False)


class PulseRound(InWorkspace, Base):
    """The questions asked once in a channel. `before_posts`: nothing had been posted there yet. `key` makes the marks;
    it is destroyed with them when the round closes."""

    __tablename__ = "pulse_rounds"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    number: Mapped[int]
    before_posts: Mapped[bool]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    key: Mapped[str | None] = mapped_column(String(64), info={"secret": True})
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel_id", "number"),
        ForeignKeyConstraint(
            ["workspace_id", "channel_id"], ["channels.workspace_id", "channels.channel_id"], ondelete="CASCADE"
        ),
        Index("ix_pulse_rounds_closes_at", "closes_at"),
    )


class PulseTotals(Base):
    """By question: how many answered it, and the sum of what they chose from 1 to 5. Deleted where the round closes
    with fewer than five answers to every question."""

    __tablename__ = "pulse_totals"
    round_id: Mapped[str] = mapped_column(ForeignKey("pulse_rounds.id", ondelete="CASCADE"), primary_key=True)
    totals: Mapped[dict[str, Any]]


class PulseVoices(Base):
    """Who has answered, while the round is open: the sorted marks of them all in one value."""

    __tablename__ = "pulse_voices"
    round_id: Mapped[str] = mapped_column(ForeignKey("pulse_rounds.id", ondelete="CASCADE"), primary_key=True)
    marks: Mapped[bytes] = mapped_column(
        LargeBinary,
        info=personal(
            "marks of those who have answered the pulse, so that each answers once; what they answered is nowhere",
            seen_by="nobody",
            kept="until the round closes, at most a few days",
        ),
    )


class PulseDraw(InWorkspace, Base):
    """Channels that start one after the other, as drawn: `seed`, `first_day`, `weeks` and `channels` give `drawn` again
    (the first day of each)."""

    __tablename__ = "pulse_draws"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seed: Mapped[str] = mapped_column(String(64))
    first_day: Mapped[date]
    weeks: Mapped[int]
    channels: Mapped[list[str]]
    drawn: Mapped[dict[str, Any]]
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("who drew in which order channels start", seen_by="admins")
    )


class PulseStart(InWorkspace, Base):
    """The draw that gave a channel its first day: the newest, where there were several."""

    __tablename__ = "pulse_starts"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    draw_id: Mapped[str] = mapped_column(ForeignKey("pulse_draws.id", ondelete="CASCADE"))
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "channel_id"], ["channels.workspace_id", "channels.channel_id"], ondelete="CASCADE"
        ),
    )
