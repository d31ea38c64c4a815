"""What people of a world have with each other, and what is on its way: adoptions, updates, questions, answers."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.rights.world import World, put, sent


async def build(session: AsyncSession, world: World) -> None:
    await _adoptions(session, world)
    await _updates(session, world)
    await _questions(session, world)
    await _answered(session, world)
    await _relayed(session, world)
    await put(
        session, world, "occurrences", id=world.id("o-late"), slot_id=None, channel_id=world.place("line"), kind="story",
        due_at=world.now, local_day=world.now.date(), state="skipped", reason="late", decided_at=world.now,
    )  # fmt: skip


def root(world: World) -> int:
    """The message below which the adopter writes."""
    return 1000 * ord(world.letter)


async def _adoptions(session: AsyncSession, world: World) -> None:
    for name, person, customer, values in (
        ("mine", "adopter", "orion", {}),
        ("mates", "mate", "halden", {}),
        ("over", "member", "orion", {"ended_at": world.now - timedelta(days=90), "ended_why": "own"}),
        ("paused", "adopter", "unnamed", {"paused_until": world.now + timedelta(days=5)}),
    ):
        await put(
            session, world, "adoptions", id=world.id(f"a-{name}"), request=world.id(name), customer_id=world.id(customer),
            user_id=world.user(person), via="press", since=world.now - timedelta(days=100), **values,
        )  # fmt: skip
        await sent(
            session, world, "adoptions.intro", f"adoption:{world.id(f'a-{name}')}", world.user(person), f"a-{name}",
            adoption=world.id(f"a-{name}"), number=root(world) if name == "mine" else None,
        )  # fmt: skip
    soon = (world.now + timedelta(days=3)).date().isoformat()
    for name, state, adoption in (("v-manager", "with_manager", "mine"), ("v-adopter", "with_adopter", "paused")):
        await put(
            session, world, "first_visits", id=world.id(name), request=world.id(name), adoption_id=world.id(f"a-{adoption}"),
            manager=world.user("am"), dates=[soon], note=world.name("note"), state=state, turn=1,
        )  # fmt: skip
    await put(
        session, world, "swaps", id=world.id("swap"), request=world.id("swap"), adoption_id=world.id("a-mine"),
        asked=world.user("mate"), state="asked",
    )  # fmt: skip
    for name, place, state in (
        ("open", "line", "open"),
        ("drawn", "guests", "drawn"),
        ("cancelled", "quiet", "cancelled"),
    ):
        await put(
            session, world, "hat_draws", id=world.id(f"h-{name}"), request=world.id(name), channel_id=world.place(place),
            opened_by=world.user("owner"), draw_at=world.now + timedelta(days=2), state=state, seed=world.id("seed"),
        )  # fmt: skip


async def _updates(session: AsyncSession, world: World) -> None:
    given: Mapping[str, dict[str, Any]] = {
        "sent": {"went_out_at": world.now, "channels": [world.place("line")]},
        "own": {"went_out_at": world.now},
        "back": {"withdrawn_at": world.now, "withdrawn_by": world.user("am")},
        "held": {"embargo_until": world.now + timedelta(days=1)},
    }
    for name, values in given.items():
        await put(
            session, world, "customer_updates", id=world.id(f"u-{name}"), request=world.id(name),
            customer_id=world.id("orion"), author=world.user("am"), kind="news", headline=world.name(f"update{name}"),
            text=world.name(f"update{name} text"), **{"channels": [], "recalled_in": [], "at": world.now, **values},
        )  # fmt: skip
        if name in {"sent", "own"}:
            await put(
                session, world, "relays", update_id=world.id(f"u-{name}"), user_id=world.user("adopter"),
                adoption_id=world.id("a-mine"), state="sent", sent_at=world.now,
            )  # fmt: skip
        for place in values.get("channels", ()):
            await sent(
                session, world, "updates.post", f"updates.post:{world.id(f'u-{name}')}:{place}", place, f"u-{name}",
                update=world.id(f"u-{name}"), channel=place,
            )  # fmt: skip
    await put(
        session, world, "news_reminders", id=world.id("reminder"), user_id=world.user("am"), week=world.now.date()
    )
    await put(session, world, "reminded_customers", reminder_id=world.id("reminder"), customer_id=world.id("orion"))
    await _exchanges(session, world)


async def _exchanges(session: AsyncSession, world: World) -> None:
    for name, customer, values in (
        ("quiet", "orion", {}),
        ("offered", "unnamed", {"offer_state": "asked", "offered_by": world.user("am"), "offered_at": world.now}),
    ):
        await put(
            session, world, "exchanges", id=world.id(f"e-{name}"), customer_id=world.id(customer),
            adopter=world.user("adopter"), partner=world.user("am"), **values,
        )  # fmt: skip
        for author in ("adopter", "am"):
            note = f"n-{name}-{author}"
            await put(
                session, world, "exchange_notes", id=world.id(note), request=world.id(note),
                exchange_id=world.id(f"e-{name}"), group_id=world.id(note), author=world.user(author),
                text=world.name("note"), state="sent",
            )  # fmt: skip
    await put(
        session, world, "exchange_notes", id=world.id("n-held"), request=world.id("n-held"), group_id=world.id("g-held"),
        author=world.user("adopter"), text=world.name("held"), state="held", root_id=root(world),
    )  # fmt: skip


async def _questions(session: AsyncSession, world: World) -> None:
    for name, customer, values in (
        ("open", "orion", {"state": "open", "with_user": world.user("am")}),
        ("waiting", "lonely", {"state": "waiting"}),
        ("closed", "orion", {"state": "closed"}),
    ):
        await put(
            session, world, "questions", id=world.id(f"ask-{name}"), request=world.id(f"ask-{name}"),
            customer_id=world.id(customer), asker=world.user("asker"), text=world.name(f"question{name}"), **values,
        )  # fmt: skip
    for name in ("text", "photo"):
        files = [
            {"id": f"F0{world.letter}", "name": "photo.png", "mimetype": "image/png", "url_private": "https://f.slack"}
        ]
        await put(
            session, world, "kept_texts", id=world.id(f"k-{name}"), user_id=world.user("adopter"), channel_id="D0",
            ts=world.ts(name), text=world.name(f"kept{name}"), files=files if name == "photo" else [],
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
