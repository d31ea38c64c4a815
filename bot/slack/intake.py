"""What Slack sends, over either transport: answered within 2.5 s or told that it was not, never 200 before a commit."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.core.clock import ticks
from bot.core.errors import UnreadableError
from bot.slack import shape
from bot.slack.app import UnknownWorkspaceError, kind_of
from bot.slack.direct import Direct

log = logging.getLogger(__name__)
ANSWER_WITHIN = 2.5  # Slack gives up at 3 s; the rest is for the way back


class AckMeter(Protocol):
    def ack(self, kind: str, status: int, seconds: float) -> None: ...

    def unheard(self, kind: str) -> None: ...


@dataclass(kw_only=True)
class Intake:
    """`dispatch` hands one request to the listeners; work that is late goes on and is drained at the end."""

    app: AsyncApp
    direct: Direct
    meter: AckMeter
    _late: set[asyncio.Task[BoltResponse]] = field(default_factory=set)

    async def dispatch(self, body: Mapping[str, Any], headers: Mapping[str, str | Sequence[str]]) -> BoltResponse:
        started, loop = ticks(), asyncio.get_running_loop()
        task = loop.create_task(self._guarded(dict(body), headers))
        answered: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(ANSWER_WITHIN, _wake, answered)  # `asyncio.wait` takes three times as long
        task.add_done_callback(lambda _task: _wake(answered))
        await answered
        timer.cancel()
        if task.done():
            response = task.result()
        else:
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            response = BoltResponse(status=503, body="")
        self.meter.ack(kind_of(body), response.status, ticks() - started)
        return response

    async def drain(self, seconds: float) -> None:
        if self._late:
            await asyncio.wait(set(self._late), timeout=seconds)

    async def _guarded(self, body: dict[str, Any], headers: Mapping[str, str | Sequence[str]]) -> BoltResponse:
        """A failure answers 500, so that Slack retries events; nothing of the payload is logged."""
        try:
            response = await self._dispatched(body, headers)
        except UnknownWorkspaceError as error:
            log.warning("an event for a workspace that is not installed here: %s", error)
            return BoltResponse(status=200, body="")
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("not stored: %s", type(error).__name__)
            return BoltResponse(status=503, body="")
        except UnreadableError as error:
            log.error("not read: %s: %s", error, error.cure)  # noqa: TRY400 - the operator's, not a bug
            return BoltResponse(status=503, body="")
        except Exception as error:
            log.exception("a listener failed", exc_info=_without_text(error))
            return BoltResponse(status=500, body="")
        if response.status == 404:
            self.meter.unheard(kind_of(body))
            return BoltResponse(status=200, body="")
        return response

    async def _dispatched(self, body: dict[str, Any], headers: Mapping[str, str | Sequence[str]]) -> BoltResponse:
        listener = self.direct.listener_for(body)
        if listener is not None:
            return await self.direct.dispatch(listener, body)
        if not shape.fits(body):
            return BoltResponse(status=400, body="")
        return await self.app.async_dispatch(AsyncBoltRequest(body=body, headers=dict(headers), mode="socket_mode"))


class ListenerFailedError(Exception):
    """Stands in for the real exception in logs: its text may quote what a person typed."""


def _without_text(error: BaseException) -> ListenerFailedError:
    return ListenerFailedError(type(error).__name__).with_traceback(error.__traceback__)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
