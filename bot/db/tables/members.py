"""People, their roles and the audit trail."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace


class Member(InWorkspace, Base):
    """A person of Slack. `kind`: member, guest, single_channel_guest, external, bot, deactivated."""

    __tablename__ = "members"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    name: Mapped[str] = mapped_column(Text, info={"personal": "the name shown in Slack"})
    email: Mapped[str | None] = mapped_column(Text, info={"personal": "the e-mail, for matching imports"})
    kind: Mapped[str] = mapped_column(String(24), default="member")
    zone: Mapped[str] = mapped_column(String(64), default="UTC", info={"personal": "the time zone"})
    locale: Mapped[str] = mapped_column(String(35), default="en", info={"personal": "the language"})
    team_id: Mapped[str | None] = mapped_column(String(32), info={"personal": "the team"})
    team_asked_at: Mapped[datetime | None]
    home_opened_at: Mapped[datetime | None] = mapped_column(info={"personal": "when Home was last opened"})
    dm_channel: Mapped[str | None] = mapped_column(String(SLACK_ID))
    paused_until: Mapped[datetime | None] = mapped_column(info={"personal": "a pause asked for"})
    quiet_from: Mapped[time | None] = mapped_column(info={"personal": "quiet hours"})
    quiet_until: Mapped[time | None] = mapped_column(info={"personal": "quiet hours"})
    refreshed_at: Mapped[datetime]

    __table_args__ = (Index("ix_members_workspace_id_email", "workspace_id", "email"),)


class LookUp(InWorkspace, Base):
    """Somebody to be read from Slack with users.info: seen for the first time, or not read for a day."""

    __tablename__ = "look_ups"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True, info={"personal": "who was seen"})
    due_at: Mapped[datetime]


class Role(InWorkspace, Base):
    """`role`: admin or editor; account managers come from the catalogue."""

    __tablename__ = "roles"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True, info={"personal": "who has the role"})
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    given_at: Mapped[datetime]


class AuditEntry(InWorkspace, Base):
    """Who changed what. `detail` holds ids and settings, never customer text."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    actor: Mapped[str] = mapped_column(String(SLACK_ID), info={"personal": "who acted"})
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    detail: Mapped[dict[str, Any]]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_audit_workspace_id_at", "workspace_id", "at"),)
