"""Who has which customer, the hats they are drawn from, first visits, swaps and hellos."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import Enciphered

ACTIVE = text("ended_at IS NULL")
BY_ITS_MANAGER = "the person, the customer's account manager and deputy, and admins"


class Adoption(InWorkspace, Base):
    """`via`: press, command, hat, swap. `ended_why`: own, manager, admin, swapped, left. `request` is the natural key
    of what made it. Nobody has a customer twice at a time."""

    __tablename__ = "adoptions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(192))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("who adopted the customer", seen_by=BY_ITS_MANAGER)
    )
    via: Mapped[str] = mapped_column(String(16))
    draw_id: Mapped[str | None] = mapped_column(ForeignKey("hat_draws.id"), index=True)
    since: Mapped[datetime]
    paused_until: Mapped[datetime | None] = mapped_column(
        info=personal("until when the person wants no news of this customer", seen_by="the person")
    )
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(
        String(16), info=personal("why they no longer have the customer", seen_by="nobody in Slack")
    )
    hello_at: Mapped[datetime | None] = mapped_column(
        info=personal("when whoever looks after the customer last said hello", seen_by=BY_ITS_MANAGER)
    )
    __table_args__ = (
        UniqueConstraint("workspace_id", "request"),
        Index(
            "uq_adoptions_active",
            "workspace_id",
            "user_id",
            "customer_id",
            unique=True,
            postgresql_where=ACTIVE,
            sqlite_where=ACTIVE,
        ),
        Index("ix_adoptions_workspace_id_customer_id", "workspace_id", "customer_id"),
        Index("ix_adoptions_workspace_id_user_id", "workspace_id", "user_id"),
    )


class HatDraw(InWorkspace, Base):
    """`state`: open, drawn, cancelled. `filters`: product, industry, country, where they were chosen. `seed` and
    `inputs` are what the draw was made from, `result` what came out: the same again gives the same."""

    __tablename__ = "hat_draws"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    opened_by: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("who opened the hat draw and may cancel it", seen_by="whoever reads its post")
    )
    opened_at: Mapped[datetime]
    filters: Mapped[dict[str, Any]]
    draw_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    ended_at: Mapped[datetime | None]
    seed: Mapped[str] = mapped_column(String(64))  # made when the hat is opened: a restored backup draws the same
    inputs: Mapped[dict[str, Any]] = mapped_column(
        info=personal(
            "who drew, and what they could not draw, so that the draw can be repeated", seen_by="nobody in Slack"
        )
    )
    told_at: Mapped[datetime | None]  # when everybody was owed their message after the draw
    result: Mapped[dict[str, Any]] = mapped_column(
        info=personal("who drew which customer", seen_by="whoever runs Canteen, to check a draw")
    )
    __table_args__ = (
        UniqueConstraint("workspace_id", "request"),
        Index("ix_hat_draws_state_draw_at", "state", "draw_at"),
        Index("ix_hat_draws_workspace_id_state", "workspace_id", "state"),
    )


class HatEntry(InWorkspace, Base):
    """What somebody last said to a hat: in, or not. `acted_at` is Slack's action_ts: the newer press wins."""

    __tablename__ = "hat_entries"
    draw_id: Mapped[str] = mapped_column(ForeignKey("hat_draws.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID), primary_key=True, info=personal("who wants to draw a customer", seen_by="nobody in Slack")
    )
    is_in: Mapped[bool] = mapped_column(info=personal("in, or not", seen_by="the person"))
    named: Mapped[bool] = mapped_column(
        default=False,
        info=personal("whether their name may stand in the result", seen_by="the person; if so, whoever reads it"),
    )
    acted_at: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    __table_args__ = (Index("ix_hat_entries_workspace_id_user_id", "workspace_id", "user_id"),)


class FirstVisit(InWorkspace, Base):
    """An adopter and an account manager find a date. `state`: with_manager, with_adopter, agreed, declined, over.
    `dates` are the proposed days, in ISO form, of whoever wrote last; `note` is theirs too."""

    __tablename__ = "first_visits"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))
    adoption_id: Mapped[str] = mapped_column(ForeignKey("adoptions.id"), index=True)
    manager: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("whom the adopter asked for a visit", seen_by="the adopter")
    )
    dates: Mapped[list[str]] = mapped_column(
        info=personal("days proposed for a visit", seen_by="the adopter and the account manager")
    )
    note: Mapped[str] = mapped_column(
        Enciphered, info=personal("what was said about the visit", seen_by="the adopter and the account manager")
    )
    state: Mapped[str] = mapped_column(
        String(16), info=personal("whose turn it is, or what came of it", seen_by="the adopter and the account manager")
    )
    agreed_on: Mapped[date | None] = mapped_column(
        info=personal("the day they agreed on", seen_by="the adopter and the account manager")
    )
    turn: Mapped[int] = mapped_column(default=1)  # grows with each thing said
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("workspace_id", "request"),)


class Swap(InWorkspace, Base):
    """Somebody asked a colleague to swap customers. `state`: asked, agreed, declined, over."""

    __tablename__ = "swaps"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(128))
    adoption_id: Mapped[str] = mapped_column(ForeignKey("adoptions.id"), index=True)
    asked: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("who was asked to swap customers", seen_by="the colleague who asked")
    )
    state: Mapped[str] = mapped_column(String(16), info=personal("what they answered", seen_by="both colleagues"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("workspace_id", "request"),
        Index("ix_swaps_workspace_id_asked", "workspace_id", "asked"),
    )


class Hello(InWorkspace, Base):
    """What an account manager wrote to a new adopter."""

    __tablename__ = "hellos"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    request: Mapped[str] = mapped_column(String(192))
    adoption_id: Mapped[str] = mapped_column(ForeignKey("adoptions.id"), index=True)
    author: Mapped[str] = mapped_column(String(SLACK_ID), info=personal("who said hello", seen_by="the adopter"))
    text: Mapped[str] = mapped_column(Enciphered, info=personal("what they wrote", seen_by="the adopter"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("workspace_id", "request"),)
