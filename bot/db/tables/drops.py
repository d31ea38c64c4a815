"""Files that admins drop into the direct message with Canteen, to be imported."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal
from bot.db.types import Enciphered, EncipheredBytes, EncipheredJson

BRIEFLY = "until it is imported or discarded, a day at most"
ROW = "2 days"


class DroppedFile(InWorkspace, Base):
    """`data` are the very bytes that were checked, kept until they are imported. `state`: `dropping.rules.State`;
    what a process is working on (`fetching`, `checking`, `importing`) is looked at again after `try_at`. `what` is the
    importer's word, None while nobody knows; `choices` are the words it may be. `report` is the last report, packed.
    `pressed_at` is when *Import* was pressed: with it the import's own record is found again."""

    __tablename__ = "dropped_files"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID), info=personal("which admin dropped a file to be imported", seen_by="the admin", kept=ROW)
    )
    channel_id: Mapped[str] = mapped_column(String(SLACK_ID))
    ts: Mapped[str] = mapped_column(String(32))
    file_id: Mapped[str] = mapped_column(String(SLACK_ID))
    name: Mapped[str] = mapped_column(
        Enciphered, info=personal("how they named the file", seen_by="the admin", kept=ROW)
    )
    url: Mapped[str] = mapped_column(
        Text, info=personal("Slack's address of the file", seen_by="nobody in Slack", kept=ROW)
    )
    state: Mapped[str] = mapped_column(String(16))
    what: Mapped[str | None] = mapped_column(String(16))
    choices: Mapped[list[str]]
    data: Mapped[bytes | None] = mapped_column(
        EncipheredBytes,
        info=personal(
            "a file about customers or people, as dropped, while an admin decides", seen_by="nobody", kept=BRIEFLY
        ),
    )
    report: Mapped[dict[str, Any] | None] = mapped_column(
        EncipheredJson,
        info=personal("what an import of the file would do, with cells that are wrong", seen_by="the admin", kept=ROW),
    )
    at: Mapped[datetime]
    pressed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel_id", "ts", "file_id"),
        Index("ix_dropped_files_state_try_at", "state", "try_at"),
        Index("ix_dropped_files_at", "at"),
    )
