"""The library of stories and news, their pictures, and what was posted where."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import Enciphered

SHOWN = "30 days; longer while something shows it"
READERS = "whoever reads the story"
WRITTEN = "the story: words of whoever sent it in, and perhaps about people"
AS_IMPORTED = "until its file changes and is imported again, or erased"


class Picture(InWorkspace, Base):
    """Re-encoded bytes by the hash of those bytes. `slack_file` is set once Slack has processed an upload."""

    __tablename__ = "pictures"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    mimetype: Mapped[str] = mapped_column(String(32))
    data: Mapped[bytes] = mapped_column(
        LargeBinary,
        info=personal(
            "pictures of stories, and copies of those sent with questions",
            seen_by="whoever sees the message",
            kept=SHOWN,
        ),
    )
    slack_file: Mapped[str | None] = mapped_column(String(SLACK_ID))
    added_at: Mapped[datetime]


class Story(InWorkspace, Base):
    """A story or a news item (`kind`: story, news). `source` is its file's path below the imported folder, or
    `inbox:<id>` where editors wrote it."""

    __tablename__ = "stories"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    source: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    language: Mapped[str] = mapped_column(String(35))
    headline: Mapped[str] = mapped_column(Enciphered, info=personal(WRITTEN, seen_by=READERS, kept=AS_IMPORTED))
    snippet: Mapped[str] = mapped_column(Enciphered, info=personal(WRITTEN, seen_by=READERS, kept=AS_IMPORTED))
    body: Mapped[str] = mapped_column(Enciphered, info=personal(WRITTEN, seen_by=READERS, kept=AS_IMPORTED))
    quote_text: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("what a customer's person said", seen_by=READERS, kept=AS_IMPORTED)
    )
    quote_name: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("who at the customer said it", seen_by=READERS, kept=AS_IMPORTED)
    )
    quote_role: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("their role", seen_by=READERS, kept=AS_IMPORTED)
    )
    picture_hash: Mapped[str | None] = mapped_column(String(64))
    picture_url: Mapped[str | None] = mapped_column(Text)
    picture_alt: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("what the picture shows, people too", seen_by=READERS, kept=AS_IMPORTED)
    )
    video_url: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[str] = mapped_column(String(16))  # public or internal
    published_on: Mapped[date]
    expires_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None]
    credit_user: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who sent it in and asked to be named in the post", seen_by=READERS)
    )
    fingerprint: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("workspace_id", "source"),)


class StoryProduct(InWorkspace, Base):
    __tablename__ = "story_products"
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)
    __table_args__ = (Index("ix_story_products_workspace_id", "workspace_id"),)


class StoryVariant(InWorkspace, Base):
    """The same story in another language (BCP 47)."""

    __tablename__ = "story_variants"
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    headline: Mapped[str] = mapped_column(Enciphered, info=personal(WRITTEN, seen_by=READERS, kept=AS_IMPORTED))
    snippet: Mapped[str] = mapped_column(Enciphered, info=personal(WRITTEN, seen_by=READERS, kept=AS_IMPORTED))
    quote_text: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("the quote in that language", seen_by=READERS, kept=AS_IMPORTED)
    )
    body: Mapped[str] = mapped_column(Enciphered, info=personal(WRITTEN, seen_by=READERS, kept=AS_IMPORTED))
    picture_alt: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("what the picture shows, people too", seen_by=READERS, kept=AS_IMPORTED)
    )
    __table_args__ = (Index("ix_story_variants_workspace_id", "workspace_id"),)


class Post(InWorkspace, Base):
    """A story in a channel, by one occurrence. `reason` is what the chooser recorded: a code and its parameters."""

    __tablename__ = "posts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    occurrence_id: Mapped[str] = mapped_column(ForeignKey("occurrences.id"), unique=True)
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id"))
    customer_id: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    ts: Mapped[str | None] = mapped_column(String(32))
    posted_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(64))  # sent, uncertain, or why it was never sent
    recalled_at: Mapped[datetime | None]
    recalled_by: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who recalled the post", seen_by="nobody in Slack")
    )
    __table_args__ = (
        Index("ix_posts_workspace_id_channel_id_due_at", "workspace_id", "channel_id", "due_at"),
        Index("ix_posts_workspace_id_story_id", "workspace_id", "story_id"),
        Index("ix_posts_workspace_id_posted_at", "workspace_id", "posted_at"),
    )
