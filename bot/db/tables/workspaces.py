"""Installations, processes and what has been taken in from Slack."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import Enciphered


class Workspace(Base):
    """One installation. `state` is active, or dead after Slack refused the token (mended by `workspace add`)."""

    __tablename__ = "workspaces"
    id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(
        Text
    )  # where its people open Slack, as Slack last said: addresses of messages
    bot_token: Mapped[str] = mapped_column(Enciphered, info={"secret": True})
    bot_id: Mapped[str] = mapped_column(String(SLACK_ID))
    bot_user_id: Mapped[str] = mapped_column(String(SLACK_ID))
    scopes: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(16), default="active")
    locale: Mapped[str] = mapped_column(String(35), default="en")
    posting_stopped_at: Mapped[datetime | None]
    posting_stopped_by: Mapped[str | None] = mapped_column(
        String(SLACK_ID),
        info=personal("who stopped all posting", seen_by="nobody in Slack", kept="until posting is started again"),
    )
    people_cursor: Mapped[str | None] = mapped_column(Text)  # where the reading of users.list goes on; None: not begun
    people_read_at: Mapped[datetime | None] = mapped_column(index=True)  # when users.list was last read to its end
    added_at: Mapped[datetime]
    installed_at: Mapped[datetime | None]  # when Slack first took the token that is used now
    __table_args__ = (
        Index(
            "ix_workspaces_being_read", "id", postgresql_where=text("people_cursor IS NOT NULL"),
            sqlite_where=text("people_cursor IS NOT NULL"),
        ),
    )  # fmt: skip


class SeenEvent(InWorkspace, Base):
    """An event, press, submission or command that has had its effect. `outcome` is what a repeat is told."""

    __tablename__ = "seen_events"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    key: Mapped[str] = mapped_column(
        String(255),
        primary_key=True,
        info=personal(
            "which press, form or event has had its effect; a press names who", seen_by="nobody in Slack", kept="2 days"
        ),
    )
    outcome: Mapped[str | None] = mapped_column(Enciphered)
    at: Mapped[datetime] = mapped_column(index=True)


class Heartbeat(Base):
    """One row a running process: when its ticker last moved (belongs to the machine, not to a workspace)."""

    __tablename__ = "heartbeats"
    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime]
    ticked_at: Mapped[datetime]
    keys: Mapped[str | None] = mapped_column(String(255))  # fingerprints of those it has; the first enciphers, "-" none


class CipherKey(Base):
    """The fingerprint of a key that has enciphered something here. It goes when nothing is left under it."""

    __tablename__ = "cipher_keys"
    fingerprint: Mapped[str] = mapped_column(String(8), primary_key=True)
    since: Mapped[datetime]
