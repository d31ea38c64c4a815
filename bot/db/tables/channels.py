"""Configured Slack channels, their weekly slots, and the times those fall due."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal


class Channel(InWorkspace, Base):
    """`state`: active, paused or removed. `outsiders`: Slack Connect (is_ext_shared). `guests_see_internal`: the admin
    allows more than public consent although guests are there. `guests_answer`: guests' answers to quizzes count.
    `starts_at`: nothing is posted before; drawn for channels that start one after the other."""

    __tablename__ = "channels"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(35))
    holidays_of: Mapped[str | None] = mapped_column(String(16))  # "PT", or "BR-SP" with a subdivision
    state: Mapped[str] = mapped_column(String(16), default="active")
    state_reason: Mapped[str | None] = mapped_column(Text)
    private: Mapped[bool] = mapped_column(default=False)
    outsiders: Mapped[bool] = mapped_column(default=False)
    guests_see_internal: Mapped[bool] = mapped_column(default=False)
    guests_answer: Mapped[bool] = mapped_column(default=False)
    quiz_minutes: Mapped[int | None]  # how long a quiz is open; None: a day
    pulse_off: Mapped[bool] = mapped_column(default=False)
    starts_at: Mapped[datetime | None]
    added_by: Mapped[str] = mapped_column(
        String(SLACK_ID),
        info=personal("who set the channel up and is told of trouble there", seen_by="nobody in Slack"),
    )
    added_at: Mapped[datetime]
    refreshed_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_channels_zone", "zone"),
        Index("ix_channels_refreshed_at", "refreshed_at"),
    )


class ChannelOwner(InWorkspace, Base):
    """May pause the channel, change its times, post now and recall there, and is told of trouble. Where a channel has
    none, whoever added it stands in."""

    __tablename__ = "channel_owners"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal(
            "who owns the channel: may pause it, change its times and post there, and is told of trouble",
            seen_by="admins, and the channel's owners",
            kept="until an admin names others or erased",
        ),
    )
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "channel_id"], ["channels.workspace_id", "channels.channel_id"], ondelete="CASCADE"
        ),
        Index("ix_channel_owners_workspace_id_user_id", "workspace_id", "user_id"),
    )


class ChannelTeam(InWorkspace, Base):
    """The team sits in the channel."""

    __tablename__ = "channel_teams"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "channel_id"], ["channels.workspace_id", "channels.channel_id"], ondelete="CASCADE"
        ),
    )


class ChannelPerson(InWorkspace, Base):
    """Who is in a configured channel; kept so that guests are known before a post and Home can say "my channels"."""

    __tablename__ = "channel_people"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal(
            "who is in a channel that gets posts: finds guests, and one's own channels for Home",
            seen_by="nobody in Slack",
            kept="until they leave the channel or it is removed",
        ),
    )
    __table_args__ = (Index("ix_channel_people_workspace_id_user_id", "workspace_id", "user_id"),)


class Slot(InWorkspace, Base):
    """Every `weekday` (0 Monday) at `local_time` in the channel's zone the channel gets one `kind`."""

    __tablename__ = "slots"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    kind: Mapped[str] = mapped_column(String(16))
    weekday: Mapped[int]
    local_time: Mapped[time]
    starts_at: Mapped[datetime]  # nothing before this falls due: a new slot has no past
    removed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel_id", "kind", "weekday", "local_time"),
        ForeignKeyConstraint(
            ["workspace_id", "channel_id"], ["channels.workspace_id", "channels.channel_id"], ondelete="CASCADE"
        ),
        Index("ix_slots_weekday_local_time", "weekday", "local_time"),  # what falls due now, of all workspaces
    )


class Occurrence(InWorkspace, Base):
    """One time a slot fell due, or one post-now (`slot_id` None). `state`: filled or skipped, with a reason code."""

    __tablename__ = "occurrences"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    slot_id: Mapped[str | None] = mapped_column(ForeignKey("slots.id", ondelete="SET NULL"))
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    kind: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime]
    local_day: Mapped[date]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime]
    request: Mapped[str | None] = mapped_column(String(128))  # the natural key of a post-now
    __table_args__ = (
        UniqueConstraint("slot_id", "due_at"),
        UniqueConstraint("workspace_id", "request"),
        Index("ix_occurrences_workspace_id_channel_id_due_at", "workspace_id", "channel_id", "due_at"),
    )


class QuietDate(InWorkspace, Base):
    __tablename__ = "quiet_dates"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    name: Mapped[str] = mapped_column(Text)


class WeeklyTotal(InWorkspace, Base):
    """Counts without persons: what happened how often in a channel in the week that began on the Monday `week`."""

    __tablename__ = "weekly_totals"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)  # post, open, question
    count: Mapped[int]
