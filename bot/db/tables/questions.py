"""Questions about customers and the answers back."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import Enciphered, EncipheredJson

ANSWERED = "730 days after it was answered or closed"
BRIEFLY = "30 days"


class Question(InWorkspace, Base):
    """`state`: open (with the account manager), waiting (with the editors), answered, closed.
    `request` is the natural key of the submission: the view's id."""

    __tablename__ = "questions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    channel_id: Mapped[str | None] = mapped_column(String(SLACK_ID))  # where the story was read, for totals only
    asker: Mapped[str] = mapped_column(
        String(SLACK_ID),
        info=personal("who asked, so that the answer finds them", seen_by="whoever is asked to answer", kept=ANSWERED),
    )
    text: Mapped[str] = mapped_column(
        Enciphered,
        info=personal(
            "what was asked",
            seen_by="whoever is asked to answer; once answered, later askers, without the name",
            kept=ANSWERED,
        ),
    )
    files: Mapped[list[dict[str, Any]]] = mapped_column(
        EncipheredJson,
        info=personal("pictures sent with the question", seen_by="whoever is asked to answer", kept=ANSWERED),
    )
    source_ts: Mapped[str | None] = mapped_column(String(32))  # the asker's own DM, when it began as one
    state: Mapped[str] = mapped_column(String(16))
    with_user: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who was asked", seen_by="the asker and the editors", kept=ANSWERED)
    )
    passed_at: Mapped[datetime | None]  # given to the editors for good: by the account manager, or unreachable
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("workspace_id", "request"),
        Index("ix_questions_workspace_id_customer_id", "workspace_id", "customer_id"),
        Index("ix_questions_workspace_id_with_user_state", "workspace_id", "with_user", "state"),
        Index("ix_questions_workspace_id_asker", "workspace_id", "asker"),
        Index("ix_questions_workspace_id_state", "workspace_id", "state"),
        Index("ix_questions_state", "state", "workspace_id"),  # of all workspaces: those with unanswered ones
    )


class Answer(InWorkspace, Base):
    """One thing said about a question by either side (`direction`: answer, or follow_up from the asker)."""

    __tablename__ = "answers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))  # "<channel>:<ts>" of a message, or a view's id
    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id"), index=True)
    direction: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("who wrote it", seen_by="the other side of the question", kept=ANSWERED)
    )
    text: Mapped[str] = mapped_column(
        Enciphered,
        info=personal("what was written", seen_by="the other side; an answer also by later askers", kept=ANSWERED),
    )
    files: Mapped[list[dict[str, Any]]] = mapped_column(
        EncipheredJson, info=personal("pictures sent with it", seen_by="the other side of the question", kept=ANSWERED)
    )
    sent_to: Mapped[list[str]] = mapped_column(  # Slack ids: in whose threads a follow-up stands
        info=personal("who was sent a follow-up", seen_by="nobody in Slack", kept=ANSWERED)
    )
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("workspace_id", "request"),)


class KeptText(InWorkspace, Base):
    """What someone wrote to the app outside any thread, kept until they say which customer it is about."""

    __tablename__ = "kept_texts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        info=personal("who wrote to Canteen outside any thread", seen_by="nobody in Slack", kept=BRIEFLY),
    )
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    ts: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(
        Enciphered,
        info=personal(
            "what they wrote, kept while they are asked which customer it is about", seen_by="the person", kept=BRIEFLY
        ),
    )
    files: Mapped[list[dict[str, Any]]] = mapped_column(
        EncipheredJson, info=personal("pictures sent with it", seen_by="the person", kept=BRIEFLY)
    )
    at: Mapped[datetime]
    question_id: Mapped[str | None] = mapped_column(ForeignKey("questions.id"))
    became: Mapped[str | None] = mapped_column(String(64))  # what another feature made of it: "spotted:<id>"
    __table_args__ = (UniqueConstraint("workspace_id", "channel_id", "ts"),)


class PictureCopy(InWorkspace, Base):
    """A picture shared in a direct message, to be shown to whoever the message is relayed to. It belongs to a question,
    or to one thing said about it. `state`: wanted, kept (its bytes are in `pictures` under `hash`), failed."""

    __tablename__ = "picture_copies"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    file_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id"), index=True)
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("answers.id"))
    url: Mapped[str] = mapped_column(
        Text, info=personal("Slack's address of a picture somebody sent", seen_by="nobody in Slack", kept=ANSWERED)
    )
    state: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime]
    __table_args__ = (Index("ix_picture_copies_state_try_at", "state", "try_at"),)
