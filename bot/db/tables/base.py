"""What every table shares: names for constraints (a race is settled by a named one) and its workspace."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.db.types import Json, UtcDateTime

SLACK_ID = 32  # Slack gives no maximum; the longest seen are 11 characters


FOR_EVER = "until erased"


def personal(purpose: str, *, seen_by: str, kept: str = FOR_EVER) -> dict[str, str]:
    """A column's `info` when what stands in it is about a person: what `canteen privacy` prints. `kept` says what the
    code does, not what would be nice."""
    return {"personal": purpose, "seen_by": seen_by, "kept": kept}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[str]: Json,
        list[dict[str, Any]]: Json,
    }


class InWorkspace:
    """`workspace_id` is Slack's team id."""

    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), index=False)
