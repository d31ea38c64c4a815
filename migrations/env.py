"""Alembic's environment: one connection handed in by `bot.db.migrate`, batch mode on SQLite."""

from typing import Any

from alembic import context

from bot.db import beside, levels
from bot.db.tables import Base

connection = context.config.attributes["connection"]


def applied(*, step: Any, **_more: Any) -> None:
    levels.write_serves(connection, step.up_revision_id)


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transaction_per_migration=True,
    on_version_apply=applied,
)
beside.leave_for_later(connection, context.get_context().impl)
with context.begin_transaction():
    context.run_migrations()
