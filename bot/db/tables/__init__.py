"""Every table, so that the metadata is complete wherever it is imported from."""

from bot.db.tables import (
    adoptions,
    channels,
    customers,
    delivery,
    drops,
    inbox,
    members,
    pulse,
    questions,
    quizzes,
    schema,
    stories,
    updates,
    workspaces,
)
from bot.db.tables.base import Base

__all__ = [
    "Base",
    "adoptions",
    "channels",
    "customers",
    "delivery",
    "drops",
    "inbox",
    "members",
    "pulse",
    "questions",
    "quizzes",
    "schema",
    "stories",
    "updates",
    "workspaces",
]
