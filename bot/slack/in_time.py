"""No request leaves this process after its moment, even where the process was stopped between two lines.

What is looked at before a call may be long over when the call's bytes are written: a connection was waited for, or the
machine stood still. By then another process may have made the call. So the moment is compared once more when the bytes
go to the socket, where nothing is waited for any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp

from bot.core.clock import ticks


@dataclass(kw_only=True)
class Moment:
    """`moment` is on the clock of `ticks`. `over`: a request was held back by it, and nothing of it was sent."""

    moment: float
    over: bool = False


_until: ContextVar[Moment | None] = ContextVar("not_after", default=None)


class TooLateError(Exception):
    """Nothing was sent."""


@contextmanager
def not_after(moment: float | None) -> Iterator[Moment | None]:
    """Of requests that are begun within the block, in a session that is `watched`."""
    until = None if moment is None else Moment(moment=moment)
    token = _until.set(until)
    try:
        yield until
    finally:
        _until.reset(token)


def watched() -> aiohttp.TraceConfig:
    """aiohttp tells of headers and body before it writes them, headers together with the body's first part."""
    tracing = aiohttp.TraceConfig()
    tracing.on_request_headers_sent.append(_hold_back)
    tracing.on_request_chunk_sent.append(_hold_back)
    return tracing


async def _hold_back(_session: aiohttp.ClientSession, _context: SimpleNamespace, _what: object) -> None:
    until = _until.get()
    if until is not None and ticks() > until.moment:
        until.over = True
        raise TooLateError
