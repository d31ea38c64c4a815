"""Finding out whether a message was made when the answer got lost: by its key in the metadata, in history.

Absent means two complete reads, 5 s and 30 s after the outcome became unknown. What cannot be read becomes `uncertain`
and is never sent again blindly.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.delivery.calls import EVENT_TYPE
from bot.delivery.outcomes import Outcome, Tallied, ended, note, run_tallied
from bot.delivery.rendering import Renderer
from bot.metrics import Metrics
from bot.slack.errors import LATER, Fault, SlackFault
from bot.slack.gateway import Gateway

log = logging.getLogger(__name__)
FIRST, SECOND = timedelta(seconds=5), timedelta(seconds=30)
MARGIN = timedelta(minutes=2)  # the database's clock and Slack's may disagree
PAGE, PAGES, BATCH = 200, 50, 500
EVERY = 2.0


@dataclass(frozen=True, kw_only=True)
class Place:
    workspace_id: str
    target: str
    thread_ts: str | None


@dataclass(frozen=True, kw_only=True)
class Reconciler:
    sessions: Sessions
    gateway: Gateway
    renderers: Mapping[str, Renderer]
    metrics: Metrics
    first: timedelta = FIRST
    second: timedelta = SECOND

    async def keep_going(self) -> None:
        """Rounds until cancelled. A task of its own: reading history at Slack's pace may take minutes."""
        while True:
            try:
                await self.run()
            except (SQLAlchemyError, OSError) as error:
                log.warning("the database did not answer a look-up: %s", type(error).__name__)
            await asyncio.sleep(EVERY)

    async def run(self) -> int:
        """One round over everything whose outcome is unknown and old enough; how many were settled."""
        settled = 0
        for place, rows in (await self._waiting()).items():
            try:
                found = await self._read(place, oldest=min(row.sending_at or row.wanted_at for row in rows))
            except SlackFault as fault:
                if fault.fault in LATER:
                    log.info("history could not be read yet: %s", fault.code)
                else:
                    settled += await self._uncertain(rows, fault.code)
                continue
            settled += await self._settle(rows, found)
        return settled

    async def _waiting(self) -> dict[Place, list[Delivery]]:
        """One read of a place serves every delivery that is unknown there."""
        async with self.sessions.begin() as session:
            now = await db_now(session)
            rows = await session.scalars(
                select(Delivery)
                .join(Workspace, Workspace.id == Delivery.workspace_id)
                .where(Delivery.state == "unresolved", Workspace.state == "active")
                .order_by(Delivery.unknown_at)
                .limit(BATCH)
            )
            ready = [row for row in rows if row.unknown_at is not None and now >= row.unknown_at + self._wait(row)]
        places: dict[Place, list[Delivery]] = {}
        for row in ready:
            place = Place(workspace_id=row.workspace_id, target=row.target, thread_ts=row.thread_ts)
            places.setdefault(place, []).append(row)
        return places

    def _wait(self, row: Delivery) -> timedelta:
        return self.first if row.looked_at is None else self.second

    async def _read(self, place: Place, *, oldest: datetime) -> Mapping[str, tuple[str, str]]:
        """Key to (channel, ts) of every message of ours since `oldest`. Raises where the read is not complete."""
        channel = place.target
        if channel[:1] in {"U", "W"}:
            opened = await self.gateway.call(place.workspace_id, "conversations.open", users=channel)
            channel = str(opened["channel"]["id"])
        method = "conversations.replies" if place.thread_ts else "conversations.history"
        found: dict[str, tuple[str, str]] = {}
        cursor: str | None = None
        for _ in range(PAGES):
            page = await self.gateway.call(
                place.workspace_id,
                method,
                channel=channel,
                ts=place.thread_ts,
                oldest=f"{(oldest - MARGIN).timestamp():.6f}",
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor,
            )
            for message in page.get("messages", ()):
                key = _key(message)
                if key:
                    found[key] = (channel, str(message["ts"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return found
        raise SlackFault("history_too_long", Fault.CONTENT)

    async def _settle(self, rows: Sequence[Delivery], found: Mapping[str, tuple[str, str]]) -> int:
        settled = 0
        for seen in rows:

            async def work(session: AsyncSession, tallied: Tallied, delivery_id: int = seen.id) -> bool:
                row = await session.get(Delivery, delivery_id, with_for_update=True)
                if row is None or row.state != "unresolved":
                    return False
                return await self._decide(session, row, found.get(row.opaque), tallied, now=await db_now(session))

            settled += await run_tallied(self.sessions, self.metrics, work)
        return settled

    async def _decide(
        self, session: AsyncSession, row: Delivery, place: tuple[str, str] | None, tallied: Tallied, *, now: datetime
    ) -> bool:
        if place is not None:
            row.channel, row.ts = place
            outcome = ended("sent", revision=row.revision)
        elif row.looked_at is None:
            row.looked_at = now
            return False
        else:
            outcome = Outcome(again_at=now, error="not_found_in_history")
        await note(session, row, outcome, now=now, renderer=self.renderers.get(row.kind), metrics=tallied)
        return True

    async def _uncertain(self, rows: Sequence[Delivery], code: str) -> int:
        async def work(session: AsyncSession, tallied: Tallied) -> None:
            now = await db_now(session)
            for seen in rows:
                row = await session.get(Delivery, seen.id, with_for_update=True)
                if row is not None and row.state == "unresolved":
                    outcome = ended("uncertain", code)
                    renderer = self.renderers.get(row.kind)
                    await note(session, row, outcome, now=now, renderer=renderer, metrics=tallied)

        await run_tallied(self.sessions, self.metrics, work)
        return len(rows)


def _key(message: Mapping[str, object]) -> str | None:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    key = payload.get("key") if isinstance(payload, Mapping) else None
    return key if isinstance(key, str) else None
