"""A kind of content that remembers what it was asked, and a workspace with a channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery.queue import enqueue
from bot.features.channels import service, store
from bot.features.channels.facts import Facts
from bot.features.channels.following import learned
from bot.features.channels.rules import Setup, Weekly
from bot.features.channels.seams import Audience, Due, Preview
from bot.features.members import service as members
from bot.slack.words import Words
from tests.features.members.people import NOW, WS, user, workspace

LINE2 = "C0LINE2"
ADMIN = "U0ADMIN"
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
TUESDAY = 1  # NOW is a Tuesday, 09:00 UTC


@dataclass
class FakeKind:
    """`items` runs out as posts are owed. `fails` raises in `fill` for these channels."""

    name: str = "story"
    lateness: timedelta = timedelta(hours=4)
    items: int = 40
    fails: set[str] = field(default_factory=set)
    filled: list[tuple[Audience, Due]] = field(default_factory=list)

    def label(self, words: Words) -> str:
        return {"story": "Stories", "news": "News"}.get(self.name, "Quiz")

    async def preview(
        self, session: AsyncSession, audience: Audience, due: Sequence[Due], words: Words
    ) -> Sequence[Preview]:
        return [
            Preview(
                due_at=one.due_at,
                headline=f"Item <{n + 1}>" if n < self.items else None,
                why="because Line 2 makes it" if n < self.items else "nothing is left",
            )
            for n, one in enumerate(due)
        ]

    async def planned(
        self, session: AsyncSession, audience: Audience, due: Sequence[Due], words: Words
    ) -> Mapping[str, Preview]:
        """What was planned with a request of its own."""
        return {one.occurrence_id: Preview(due_at=one.due_at, headline="Planned", why="by the editors") for one in due}

    async def fill(self, session: AsyncSession, audience: Audience, due: Due, *, now: datetime) -> str | None:
        if audience.channel_id in self.fails:
            raise RuntimeError("broken content")
        if not self.items:
            return "nothing_left"
        self.items -= 1
        self.filled.append((audience, due))
        await enqueue(
            session,
            now=now,
            workspace_id=audience.workspace_id,
            kind="stories.post",
            key=f"post:{due.occurrence_id}",
            method="post",
            target=audience.channel_id,
            ref={"occurrence": due.occurrence_id},
        )
        return None

    async def test_post(
        self, session: AsyncSession, audience: Audience, *, to_user: str, request: str, now: datetime
    ) -> bool:
        if self.items:
            await enqueue(
                session,
                now=now,
                workspace_id=audience.workspace_id,
                kind="stories.test",
                key=f"test:{request}",
                method="post",
                target=to_user,
                ref={},
            )
        return bool(self.items)

    async def left(self, session: AsyncSession, audience: Audience, *, now: datetime) -> int:
        return self.items


def wish(channel_id: str = LINE2, *times: tuple[int, time], **changes: Any) -> Setup:
    """Stories at `times` (Tuesdays at 10:00 if none are given), in UTC."""
    values: dict[str, Any] = {
        "channel_id": channel_id,
        "name": channel_id.removeprefix("C0").lower(),
        "zone": "UTC",
        "locale": "en-GB",
        "weekly": tuple(Weekly(kind="story", weekday=day, at=at) for day, at in times or [(TUESDAY, time(10))]),
        **changes,
    }
    return Setup(**values)


async def company(session: AsyncSession, ws: str = WS) -> None:
    """An admin, an editor, a member, a guest."""
    await workspace(session, ws)
    people = [
        user(ADMIN, name="Ada", tz="UTC", locale="en-GB"),
        user("U0EDITOR", name="Edda", tz="UTC", locale="en-GB"),
        user("U0AMARA", name="Amara", tz="UTC", locale="en-GB"),
        user("U0GUEST", name="Greta", tz="UTC", locale="en-GB", is_restricted=True),
    ]
    await members.save(session, ws, [{**person, "team_id": ws} for person in people], NOW)
    await members.bootstrap_admins(session, ws, [ADMIN], NOW)


async def channel(
    session: AsyncSession,
    new_id: NewId,
    setup: Setup | None = None,
    *,
    people: Sequence[str] = ("U0AMARA",),
    now: datetime = BEFORE,
    ws: str = WS,
) -> None:
    """Set up since `now`, and its people read."""
    wanted = setup or wish()
    await service.add(session, ws, wanted, by=ADMIN, new_id=new_id, now=now)
    facts = Facts(name=wanted.name, archived=False, private=False, outsiders=wanted.outsiders, member=True)
    await learned(session, ws, wanted.channel_id, facts, people, new_id=new_id, now=now)


__all__ = ["ADMIN", "BEFORE", "LINE2", "NOW", "TUESDAY", "WS", "FakeKind", "channel", "company", "store", "wish"]
