"""Every table, so that the metadata is complete wherever it is imported from."""

from bot.db.tables import channels, customers, delivery, members, questions, stories, workspaces
from bot.db.tables.base import Base

__all__ = ["Base", "channels", "customers", "delivery", "members", "questions", "stories", "workspaces"]
