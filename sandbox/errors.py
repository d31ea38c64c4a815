"""How a request is turned down: by Slack's API, or by what a person can do."""

from typing import Any


class SlackError(Exception):
    """An `ok: false` answer with Slack's own error name; `extra` goes into the body as it is."""

    def __init__(self, code: str, *, messages: list[str] | None = None, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.extra = extra


class RateLimitedError(SlackError):
    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


class CannotDoError(Exception):
    """Something the control API refuses, because a person could not do it."""

    def __init__(self, code: str, detail: str, *, status: int = 400, **extra: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.status = status
        self.extra = extra
