"""Customers, products, teams and the record of imports."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal

AS_IMPORTED = "until an import says otherwise, or erased"


class Team(InWorkspace, Base):
    """`name_key` is the name casefolded and squeezed: what makes two spellings one team."""

    __tablename__ = "teams"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(String(255))
    __table_args__ = (UniqueConstraint("workspace_id", "name_key"),)


class Customer(InWorkspace, Base):
    """`may_be_named` is None until an admin has answered. `fingerprint` is of the imported row, `version` goes up with
    every change. `overridden`: what files said of the fields that an admin has changed since. `manager_left`: the
    account manager whose leaving has been noticed. `news_every_days` None: as the workspace has it."""

    __tablename__ = "customers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(String(255), index=True)
    aliases: Mapped[list[str]]
    industry: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(Text)
    customer_since: Mapped[date | None]
    size_rank: Mapped[int | None]
    revenue_band: Mapped[str | None] = mapped_column(Text)
    website: Mapped[str | None] = mapped_column(Text)
    logo: Mapped[str | None] = mapped_column(Text)  # a hash of pictures, or an https URL
    account_manager: Mapped[str | None] = mapped_column(
        String(SLACK_ID),
        index=True,
        info=personal("who looks after the customer", seen_by="whoever may see the customer", kept=AS_IMPORTED),
    )
    account_manager_given: Mapped[str | None] = mapped_column(
        Text,
        info=personal(
            "the e-mail, id or name as imported, matched again when people are read",
            seen_by="nobody in Slack",
            kept=AS_IMPORTED,
        ),
    )
    deputy: Mapped[str | None] = mapped_column(
        String(SLACK_ID),
        index=True,
        info=personal(
            "who looks after the customer when the account manager is away",
            seen_by="whoever may see the customer",
            kept=AS_IMPORTED,
        ),
    )
    deputy_given: Mapped[str | None] = mapped_column(
        Text,
        info=personal(
            "the e-mail, id or name as imported, matched again when people are read",
            seen_by="nobody in Slack",
            kept=AS_IMPORTED,
        ),
    )
    manager_left: Mapped[str | None] = mapped_column(
        String(SLACK_ID),
        info=personal(
            "the account manager whose leaving has been told",
            seen_by="nobody in Slack",
            kept="until there is another, or they are back",
        ),
    )
    overridden: Mapped[dict[str, Any] | None] = mapped_column(
        info=personal(
            "what a file said before an admin changed it; of account managers the e-mail, id or name",
            seen_by="nobody in Slack",
            kept="until a file says something else",
        )
    )
    news_every_days: Mapped[int | None]
    adoptable: Mapped[bool] = mapped_column(default=True)
    max_adopters: Mapped[int | None]
    confidential: Mapped[bool] = mapped_column(default=False)
    may_be_named: Mapped[bool | None]
    fingerprint: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=0, onupdate=text("version + 1"))
    __table_args__ = (UniqueConstraint("workspace_id", "external_id"),)


class CustomerName(InWorkspace, Base):
    """A customer's name or one of its aliases, as `name_key`: what a search looks through."""

    __tablename__ = "customer_names"
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    name_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    __table_args__ = (Index("ix_customer_names_workspace_id_name_key", "workspace_id", "name_key"),)


class Product(InWorkspace, Base):
    __tablename__ = "products"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(String(255))
    team_id: Mapped[str | None] = mapped_column(ForeignKey("teams.id"))
    ends_up_in: Mapped[str | None] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=0, onupdate=text("version + 1"))
    __table_args__ = (UniqueConstraint("workspace_id", "external_id"),)


class ProductCustomer(InWorkspace, Base):
    """The customer uses the product."""

    __tablename__ = "product_customers"
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    __table_args__ = (Index("ix_product_customers_workspace_id", "workspace_id"),)


class GivenTeam(InWorkspace, Base):
    """The team an import gave to a person (e-mail or Slack id, casefolded), applied as soon as that person is known."""

    __tablename__ = "given_teams"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    person: Mapped[str] = mapped_column(
        String(255),
        primary_key=True,
        info=personal(
            "e-mail or Slack id as imported, so that the team is known before the person is",
            seen_by="nobody in Slack",
            kept=AS_IMPORTED,
        ),
    )
    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"))


class ImportRecord(InWorkspace, Base):
    __tablename__ = "imports"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    what: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(Text, info=personal("who imported a file", seen_by="whoever runs Canteen"))
    at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(Text)
    file_hash: Mapped[str] = mapped_column(String(64))
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[int]
    __table_args__ = (Index("ix_imports_workspace_id", "workspace_id"),)
