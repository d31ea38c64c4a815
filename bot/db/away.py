"""Whether a failure says something of the database or of us."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

OURS = (ProgrammingError, IntegrityError, DataError, NotSupportedError)


def is_away(error: BaseException) -> bool:
    """The database cannot be reached, is starting, locked or full: it goes on by itself once that is over, and starting
    this process again would help nobody."""
    if isinstance(error, DBAPIError):
        return not isinstance(error, OURS)
    return isinstance(error, (OSError, PoolTimeoutError))
