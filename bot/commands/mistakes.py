"""What went wrong, as one line and its cure: never a traceback for what a person can mend, never a secret."""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.core.errors import UserMistakeError
from bot.slack.errors import Fault, SlackFault

CURES = {
    Fault.INSTALLATION: "reinstall the app, then `canteen workspace add` with the new token",
    Fault.SCOPE: "reinstall the app with the current manifest, then `canteen workspace add` with the new token",
    Fault.LIMITED: "wait a minute and try again",
    Fault.PLACE: "invite Canteen to the channel, or choose another",
}
AWAY = "check that it runs and DATABASE_URL is right; `canteen doctor` says more"


def as_mistake(error: BaseException) -> UserMistakeError | None:
    """None for what nobody at the command line can mend: a bug, which deserves its traceback."""
    if isinstance(error, UserMistakeError):
        return error
    if isinstance(error, SlackFault):
        cure = CURES.get(error.fault, "check SLACK_API_URL and the network; `canteen doctor` says more")
        return UserMistakeError(f"Slack did not do it ({error.code})", cure)
    if isinstance(error, DBAPIError):
        # The driver's own message may quote the address and what was written; its kind says enough.
        said = error.orig or error
        kind = type(said.__cause__ or said).__name__  # SQLAlchemy's own around the driver's is nearly always "Error"
        return UserMistakeError(f"the database did not do it ({kind})", AWAY)
    if isinstance(error, SQLAlchemyError):
        return UserMistakeError(f"the database did not do it ({type(error).__name__})", AWAY)
    if isinstance(error, PermissionError | IsADirectoryError | NotADirectoryError | FileNotFoundError):
        return UserMistakeError(f"{error.filename or 'a file'}: {error.strerror}", "check the path and its rights")
    if isinstance(error, OSError | TimeoutError):
        return UserMistakeError(f"the database or Slack cannot be reached ({type(error).__name__})", AWAY)
    return None
