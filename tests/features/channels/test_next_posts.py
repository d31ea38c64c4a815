"""*Next five posts*: what the channel's times get, and what editors planned between them."""

from datetime import datetime, time, timedelta

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.channels import occurrences, planning, service
from bot.slack.words import Words
from tests.features.channels.kinds import LINE2, NOW, WS, FakeKind, channel, company, wish

WEDNESDAY = NOW + timedelta(days=1)  # 09:00
KINDS = {"story": FakeKind(), "quiz": FakeKind(name="quiz")}


async def planned(sessions: Sessions, new_id: NewId, *moments: tuple[str, datetime]) -> None:
    """A channel with a story every day at 10:00."""
    async with sessions.begin() as session:
        await company(session)
        await channel(session, new_id, wish(LINE2, *[(day, time(10)) for day in range(7)]), now=NOW)
        for number, (kind, at) in enumerate(moments):
            asked = {"request": f"draft:d{number}:{LINE2}", "by": "U0EDITOR", "new_id": new_id, "now": NOW}
            assert await planning.plan(session, WS, LINE2, kind, at, **asked) is not None  # type: ignore[arg-type]


async def shown(sessions: Sessions, n: int = 5) -> list[tuple[datetime, str, str | None]]:
    async with sessions.begin() as session:
        place = await service.get(session, WS, LINE2)
        assert place is not None
        found = await service.next_posts(session, place, KINDS, Words(), now=NOW, n=n)
    return [(one.coming.due_at, one.coming.kind, one.preview.headline if one.preview else None) for one in found]


async def test_what_was_planned_stands_in_its_place_and_takes_no_other(sessions: Sessions, new_id: NewId) -> None:
    await planned(sessions, new_id, ("quiz", WEDNESDAY), ("story", WEDNESDAY + timedelta(days=200)))
    ten = NOW + timedelta(hours=1)
    assert await shown(sessions, n=3) == [
        (ten, "story", "Item <1>"),
        (WEDNESDAY, "quiz", "Planned"),
        (ten + timedelta(days=1), "story", "Item <2>"),
    ]


async def test_what_was_taken_back_or_has_gone_by_does_not_stand_there(sessions: Sessions, new_id: NewId) -> None:
    await planned(sessions, new_id, ("story", WEDNESDAY), ("story", NOW))
    async with sessions.begin() as session:
        gone = {"reason": "recalled", "now": NOW}
        await occurrences.left_out(session, WS, LINE2, "story", WEDNESDAY, **gone)  # type: ignore[arg-type]
    assert "Planned" not in {headline for _, _, headline in await shown(sessions)}


async def test_a_channels_next_post_may_be_a_planned_one(sessions: Sessions, new_id: NewId) -> None:
    soon = NOW + timedelta(minutes=10)
    await planned(sessions, new_id, ("quiz", soon))
    async with sessions.begin() as session:
        (standing,) = await service.standings(session, WS, KINDS, now=NOW)
    assert standing.next is not None
    assert (standing.next.due_at, standing.next.kind) == (soon, "quiz")
