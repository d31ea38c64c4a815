"""What the database says of itself."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import Base


class SchemaFact(Base):
    """`serves`: the oldest level of the schema whose code may run on this one. `copying`: from where, while
    `canteen move` has not finished here (belongs to the database, not to a workspace; never copied)."""

    __tablename__ = "schema_facts"
    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
