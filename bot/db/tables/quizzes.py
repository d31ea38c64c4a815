"""The bank of questions, the rounds that ask them in channels, and people's answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import Enciphered, EncipheredJson

NOBODY = "nobody in Slack"
SELF = "the person"
ANSWERS_KEPT = (
    "400 days after it closed; where scores are turned off, until the reveal; deleted when the quiz is withdrawn, and"
    " when the person is shown its right answer before the reveal"
)
WRITTEN, ASKED = "the question, its options and why one is right, in its author's words", "whoever is asked it"
OPEN = text("revealed_at IS NULL")


class Question(InWorkspace, Base):
    """One question of the bank. `content`: its wordings by language (the original's first), with the options as they
    were written, and which of them is right. `secret` shuffles the options and names them; it never leaves here."""

    __tablename__ = "quiz_questions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(128))  # the file's own id, else made from the question's words
    secret: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]] = mapped_column(EncipheredJson, info=personal(WRITTEN, seen_by=ASKED))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    product_id: Mapped[str | None] = mapped_column(ForeignKey("products.id"))
    consent: Mapped[str] = mapped_column(String(16))  # public or internal, as stories have it
    picture_hash: Mapped[str | None] = mapped_column(String(64))
    picture_url: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("where the fact comes from, as its author wrote it", seen_by=ASKED)
    )
    author: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who wrote the question, and so may not answer it", seen_by=NOBODY)
    )
    approver: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who approved the question, and so may not answer it", seen_by=NOBODY)
    )
    editor: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who last changed the question, and so may not answer it", seen_by=NOBODY)
    )
    withdrawn_at: Mapped[datetime | None]
    fingerprint: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)


class Quiz(InWorkspace, Base):
    """One round: a question asked in the channels where it was due together. `content` is a copy, so that a change of
    the bank never touches a round; `result` is counted once, when it is revealed."""

    __tablename__ = "quizzes"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("quiz_questions.id"))
    secret: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(info=personal(WRITTEN, seen_by=ASKED))
    author: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who wrote the question, and so may not answer it", seen_by=NOBODY)
    )
    approver: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who approved the question, and so may not answer it", seen_by=NOBODY)
    )
    editor: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who last changed the question, and so may not answer it", seen_by=NOBODY)
    )
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]  # the last of its channels' closing times
    revealed_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    __table_args__ = (
        # Two processes at two channels' slots: one open round of a question, settled by this name.
        Index(
            "uq_quizzes_open_question",
            "workspace_id",
            "question_id",
            unique=True,
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
        Index("ix_quizzes_open", "closes_at", postgresql_where=OPEN, sqlite_where=OPEN),
    )


class QuizPost(InWorkspace, Base):
    """A round in one channel. `shown`: the number of answers that its message says. `shut`: the message says that the
    channel's time is over while the round still runs elsewhere."""

    __tablename__ = "quiz_posts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    quiz_id: Mapped[str] = mapped_column(ForeignKey("quizzes.id"), index=True)
    occurrence_id: Mapped[str] = mapped_column(ForeignKey("occurrences.id"), unique=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    question_id: Mapped[str] = mapped_column(String(32))
    locale: Mapped[str] = mapped_column(String(35))  # the channel's when it was asked: a round keeps its language
    zone: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    ts: Mapped[str | None] = mapped_column(String(32))
    posted_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(64))  # sent, uncertain, or why it was never sent
    shown: Mapped[int] = mapped_column(default=0)
    tallied_at: Mapped[datetime | None]
    shut: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index("ix_quiz_posts_workspace_id_channel_id_due_at", "workspace_id", "channel_id", "due_at"),
        Index("ix_quiz_posts_workspace_id_posted_at", "workspace_id", "posted_at"),
    )


class QuizAnswer(InWorkspace, Base):
    """A person's answer to a round, the newest press. `option` counts as in the round's content; `acted_at` is Slack's
    action_ts in microseconds."""

    __tablename__ = "quiz_answers"
    quiz_id: Mapped[str] = mapped_column(ForeignKey("quizzes.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal("whose answer to a quiz it is", seen_by=SELF, kept=ANSWERS_KEPT),
    )
    option: Mapped[int] = mapped_column(info=personal("what the person chose", seen_by=SELF, kept=ANSWERS_KEPT))
    acted_at: Mapped[int] = mapped_column(
        BigInteger,
        info=personal("when they pressed, so that the newest press counts", seen_by=NOBODY, kept=ANSWERS_KEPT),
    )
    channel_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        info=personal("where they pressed: whose standings it counts in", seen_by=NOBODY, kept=ANSWERS_KEPT),
    )
    __table_args__ = (Index("ix_quiz_answers_workspace_id_user_id", "workspace_id", "user_id"),)


class QuizShown(InWorkspace, Base):
    """Who was shown a question's right answer before it was out: in its draft, or while correcting it. A draft becomes
    the question of the same id."""

    __tablename__ = "quiz_shown"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal("who was shown a question's right answer, and so may not answer it", seen_by=NOBODY),
    )


class QuizDesk(InWorkspace, Base):
    """What a workspace's quizzes share. `scores`: an admin's word on scores of persons, None for the default.
    `tallied_at`: the last edit of a tally, by whichever process."""

    __tablename__ = "quiz_desks"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    scores: Mapped[bool | None]
    tallied_at: Mapped[datetime | None]
