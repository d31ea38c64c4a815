"""Questions about customers and the answers back."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace


class Question(InWorkspace, Base):
    """`state`: open (with the account manager), waiting (with the editors), answered, closed.
    `request` is the natural key of the submission: the view's id."""

    __tablename__ = "questions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    channel_id: Mapped[str | None] = mapped_column(String(SLACK_ID))  # where the story was read, for totals only
    asker: Mapped[str] = mapped_column(String(SLACK_ID), info={"personal": "who asked"})
    text: Mapped[str] = mapped_column(Text, info={"personal": "what was asked"})
    files: Mapped[list[dict[str, Any]]]
    source_ts: Mapped[str | None] = mapped_column(String(32))  # the asker's own DM, when it began as one
    state: Mapped[str] = mapped_column(String(16))
    with_user: Mapped[str | None] = mapped_column(String(SLACK_ID), info={"personal": "who was asked"})
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("workspace_id", "request"),
        Index("ix_questions_workspace_id_customer_id", "workspace_id", "customer_id"),
        Index("ix_questions_workspace_id_with_user_state", "workspace_id", "with_user", "state"),
    )


class Answer(InWorkspace, Base):
    """One thing said about a question by either side (`direction`: answer, or follow_up from the asker)."""

    __tablename__ = "answers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))  # "<channel>:<ts>" of a message, or a view's id
    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id"), index=True)
    direction: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(SLACK_ID), info={"personal": "who answered"})
    text: Mapped[str] = mapped_column(Text, info={"personal": "what was answered"})
    files: Mapped[list[dict[str, Any]]]
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("workspace_id", "request"),)


class KeptText(InWorkspace, Base):
    """What someone wrote to the app outside any thread, kept until they say which customer it is about."""

    __tablename__ = "kept_texts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(SLACK_ID), info={"personal": "who wrote"})
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    ts: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text, info={"personal": "what was written"})
    files: Mapped[list[dict[str, Any]]]
    at: Mapped[datetime]
    question_id: Mapped[str | None] = mapped_column(ForeignKey("questions.id"))
    __table_args__ = (UniqueConstraint("workspace_id", "channel_id", "ts"),)
