"""What is on its way in a world: answers, relays, what was held back, what a channel missed."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from tests.rights.world import World, put


async def build(session: AsyncSession, world: World) -> None:
    await _answered(session, world)
    await _relayed(session, world)
    await put(
        session, world, "occurrences", id=world.id("o-late"), slot_id=None, channel_id=world.place("line"), kind="story",
        due_at=world.now, local_day=world.now.date(), state="skipped", reason="late", decided_at=world.now,
    )  # fmt: skip


async def _answered(session: AsyncSession, world: World) -> None:
    await put(
        session, world, "questions", id=world.id("ask-answered"), request=world.id("ask-answered"), state="answered",
        customer_id=world.id("orion"), asker=world.user("asker"), text=world.name("asked"), with_user=world.user("am"),
        answered_at=world.now,
    )  # fmt: skip
    for name, direction, author in (("said", "answer", "am"), ("further", "follow_up", "asker")):
        await put(
            session, world, "answers", id=world.id(f"ans-{name}"), request=world.id(f"ans-{name}"), direction=direction,
            question_id=world.id("ask-answered"), author=world.user(author), text=world.name(f"ans{name}"),
            sent_to=[world.user("am")] if direction == "follow_up" else [],
        )  # fmt: skip


async def _relayed(session: AsyncSession, world: World) -> None:
    for name, values in (
        ("owed", {"went_out_at": world.now}),
        ("stuck", {"embargo_until": world.now - timedelta(days=1), "held_back_at": world.now}),
    ):
        await put(
            session, world, "customer_updates", id=world.id(f"u-{name}"), request=world.id(name), author=world.user("am"),
            customer_id=world.id("orion"), kind="news", headline=world.name(f"update{name}"),
            text=world.name(f"update{name} text"), channels=[], recalled_in=[], at=world.now, **values,
        )  # fmt: skip
    await put(
        session, world, "relay_bundles", id=world.id("bundle"), user_id=world.user("adopter"), key="updates.relays:here",
    )  # fmt: skip
    await put(
        session, world, "relays", update_id=world.id("u-owed"), user_id=world.user("adopter"), state="owed",
        adoption_id=world.id("a-mine"), bundle_id=world.id("bundle"),
    )  # fmt: skip
