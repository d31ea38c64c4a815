"""A database that ends the next transaction as one that lost a race."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


@contextmanager
def first_one_loses() -> Iterator[list[str]]:
    """The first transaction inside the block that comes to its commit is rolled back. Gives what was lost, then what
    was committed: a test that names both cannot pass without a second try."""
    ends: list[str] = []

    def at_commit(_session: Session) -> None:
        ends.append("committed" if ends else "lost")
        if len(ends) == 1:
            raise DBAPIError("COMMIT", {}, Exception("deadlock detected"))

    event.listen(Session, "before_commit", at_commit)
    try:
        yield ends
    finally:
        event.remove(Session, "before_commit", at_commit)
