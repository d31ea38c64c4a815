"""What account managers tell, to whom it was relayed, what was said below it, and who was reminded."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import Enciphered, EncipheredJson

WAITING = text("state = 'waiting'")
TO_GO_OUT = text("went_out_at IS NULL")
TO_OFFER = text("draft_id IS NULL AND offered IS true")
TO_OFFER_LITE = text("draft_id IS NULL AND offered IS 1")  # as it is asked for there
FINISHED = "730 days after the last word"
REMINDED = "400 days"
BOTH = "the account manager and the adopter"


class CustomerUpdate(InWorkspace, Base):
    """`request` is the natural key of the submission. `picture`: Slack's id of the file that was shared. `recalled_in`:
    those of `channels` out of which an owner took it."""

    __tablename__ = "customer_updates"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    author: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("who wrote the update", seen_by="whoever reads the update")
    )
    kind: Mapped[str] = mapped_column(String(16))
    headline: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("what was written above it", seen_by="whoever reads the update")
    )
    text: Mapped[str] = mapped_column(Enciphered, info=personal("what was written", seen_by="whoever reads the update"))
    link: Mapped[str | None] = mapped_column(
        Enciphered, info=personal("an address the author gave with it", seen_by="whoever reads the update")
    )
    picture: Mapped[str | None] = mapped_column(String(SLACK_ID))
    channels: Mapped[list[str]]  # channel ids
    offered: Mapped[bool]
    draft_id: Mapped[str | None] = mapped_column(String(32))
    embargo_until: Mapped[datetime | None]
    went_out_at: Mapped[datetime | None]  # when its adopters were looked up: with it, or after its embargo
    held_back_at: Mapped[datetime | None]  # instead: its author might not write about the customer any more
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who took the update back", seen_by="its author")
    )
    recalled_in: Mapped[list[str] | None]
    receipt_at: Mapped[datetime | None]  # when the author's receipt was last shown anew
    __table_args__ = (
        UniqueConstraint("workspace_id", "request"),
        Index("ix_customer_updates_workspace_id_customer_id_at", "workspace_id", "customer_id", "at"),
        Index("ix_customer_updates_workspace_id_author_at", "workspace_id", "author", "at"),
        Index("ix_customer_updates_workspace_id_at", "workspace_id", "at"),
        Index("ix_customer_updates_workspace_id_went_out_at", "workspace_id", "went_out_at"),
        Index("ix_customer_updates_to_go_out", "workspace_id", postgresql_where=TO_GO_OUT, sqlite_where=TO_GO_OUT),
        Index("ix_customer_updates_to_offer", "workspace_id", postgresql_where=TO_OFFER, sqlite_where=TO_OFFER_LITE),
    )


class RelayBundle(InWorkspace, Base):
    """One direct message that carries one relay or several. `key` is its delivery's; `closed_at`: rendered, so that
    nothing more goes into it."""

    __tablename__ = "relay_bundles"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("whom the message is for", seen_by="nobody in Slack")
    )
    key: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_relay_bundles_workspace_id_user_id", "workspace_id", "user_id", "closed_at"),)


class Relay(InWorkspace, Base):
    """An update, to one adopter. `state`: waiting (in no message yet), owed, sent, left_out, failed; `why` a code."""

    __tablename__ = "relays"
    update_id: Mapped[str] = mapped_column(ForeignKey("customer_updates.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal("who gets the update", seen_by="the account manager, where it could not be delivered"),
    )
    adoption_id: Mapped[str] = mapped_column(String(32))
    bundle_id: Mapped[str | None] = mapped_column(ForeignKey("relay_bundles.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    why: Mapped[str | None] = mapped_column(
        String(64),
        info=personal(
            "why it was not sent: a pause, an end, or what Slack said",
            seen_by="the account manager: of pauses how many, else who",
        ),
    )
    sent_at: Mapped[datetime | None]
    thanked_at: Mapped[datetime | None] = mapped_column(
        info=personal("when the adopter thanked", seen_by="the account manager")
    )
    asked_at: Mapped[datetime | None] = mapped_column(
        info=personal("when the adopter asked about it", seen_by="the account manager")
    )
    __table_args__ = (
        Index("ix_relays_workspace_id_user_id", "workspace_id", "user_id"),
        Index("ix_relays_workspace_id_state", "workspace_id", "state"),
        Index("ix_relays_waiting", "workspace_id", postgresql_where=WAITING, sqlite_where=WAITING),
    )


class Exchange(InWorkspace, Base):
    """What one adopter and whoever looks after the customer say to each other. `offer_state`: asked, yes, no."""

    __tablename__ = "exchanges"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    adopter: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("the adopter who writes", seen_by=BOTH, kept=FINISHED)
    )
    partner: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("the account manager or deputy who is written to", seen_by=BOTH, kept=FINISHED)
    )
    root_id: Mapped[int | None] = mapped_column(BigInteger)  # the delivery in whose thread the adopter gets the answers
    opened_at: Mapped[datetime]
    offered_by: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("who offered the exchange as a story", seen_by=BOTH, kept=FINISHED)
    )
    offer_state: Mapped[str | None] = mapped_column(
        String(16), info=personal("whether the other one agreed to that", seen_by=BOTH, kept=FINISHED)
    )
    offered_at: Mapped[datetime | None]
    draft_id: Mapped[str | None] = mapped_column(String(32))
    __table_args__ = (UniqueConstraint("workspace_id", "customer_id", "adopter", "partner"),)


class Note(InWorkspace, Base):
    """One message of an exchange. `request` is "<channel>:<ts>". `state`: held (until its author sends it on), kept
    (not to be sent), sent. `group_id`: those that are sent on by one press. `root_id`: the delivery below which an
    adopter wrote it."""

    __tablename__ = "exchange_notes"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))
    exchange_id: Mapped[str | None] = mapped_column(ForeignKey("exchanges.id"), index=True)
    group_id: Mapped[str] = mapped_column(String(32))
    root_id: Mapped[int | None] = mapped_column(BigInteger)
    author: Mapped[str] = mapped_column(String(SLACK_ID), info=personal("who wrote it", seen_by=BOTH, kept=FINISHED))
    text: Mapped[str] = mapped_column(
        Enciphered, info=personal("what was written in the thread", seen_by=BOTH, kept=FINISHED)
    )
    files: Mapped[list[dict[str, Any]]] = mapped_column(
        EncipheredJson, info=personal("pictures sent with it", seen_by=BOTH, kept=FINISHED)
    )
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("workspace_id", "request"),
        Index("ix_exchange_notes_workspace_id_group_id", "workspace_id", "group_id"),
    )


class SharedPicture(InWorkspace, Base):
    """A picture that came with an update or a note, to be copied for whoever reads it. `state`: wanted, kept (its
    bytes are in `pictures` under `hash`), failed."""

    __tablename__ = "shared_pictures"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    file_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    update_id: Mapped[str | None] = mapped_column(ForeignKey("customer_updates.id"))
    note_id: Mapped[str | None] = mapped_column(ForeignKey("exchange_notes.id"))
    url: Mapped[str] = mapped_column(
        Text, info=personal("Slack's address of a picture somebody sent", seen_by="nobody in Slack")
    )
    state: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime]
    __table_args__ = (Index("ix_shared_pictures_state_try_at", "state", "try_at"),)


class NothingNew(InWorkspace, Base):
    """When somebody last said that there is nothing new about a customer."""

    __tablename__ = "nothing_new"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("who said that there is nothing new", seen_by="nobody in Slack")
    )


class NewsReminder(InWorkspace, Base):
    """One direct message about customers without news; `week` is the Monday of the person's own week."""

    __tablename__ = "news_reminders"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        info=personal("who was reminded of customers without news", seen_by="the person", kept=REMINDED),
    )
    week: Mapped[date]
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None] = mapped_column(
        info=personal(
            "when the person answered it, so that the deputy is not asked", seen_by="nobody in Slack", kept=REMINDED
        )
    )
    __table_args__ = (UniqueConstraint("workspace_id", "user_id", "week"),)


class RemindedCustomer(InWorkspace, Base):
    """A customer that a reminder named."""

    __tablename__ = "reminded_customers"
    reminder_id: Mapped[str] = mapped_column(ForeignKey("news_reminders.id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), primary_key=True, index=True)
    at: Mapped[datetime]
