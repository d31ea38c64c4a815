"""Slack takes every message, whatever people write."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.updates import blocks
from bot.features.updates.blocks import Item, Receipt
from bot.features.updates.reminders import blocks as remind_blocks
from bot.features.updates.reminders.blocks import Row
from bot.features.updates.rules import AT_MOST, KINDS, Tally, Update
from bot.slack.words import Words
from sandbox.kit import check_blocks

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WORDS = Words(locale="en-US", zone="UTC")
SAID = st.text(st.sampled_from("ab &<>*_`@#\n😀漢"), min_size=1, max_size=3000).filter(lambda one: bool(one.strip()))
NAMES = st.text(st.sampled_from("ab &<😀"), min_size=1, max_size=200)
UPDATES = st.builds(
    Update,
    workspace_id=st.just("T"),
    id=st.just("u"),
    customer_id=st.just("c"),
    author=st.just("U1"),
    kind=st.sampled_from(KINDS),
    headline=st.none() | SAID.map(lambda one: one[:150]),
    text=SAID,
    link=st.none() | st.just("https://orion.example/a?b=1&c=2"),
    picture=st.none(),
    channels=st.just(()),
    offered=st.booleans(),
    draft_id=st.none(),
    embargo_until=st.none() | st.just(NOW + timedelta(days=1)),
    at=st.just(NOW),
    edited=st.booleans(),
    withdrawn=st.booleans(),
    receipt_at=st.none(),
)
ITEMS = st.builds(
    Item,
    update=UPDATES,
    customer=NAMES,
    author=NAMES,
    picture=st.none() | st.just("F0123456789"),
    can_ask=st.booleans(),
)


@settings(max_examples=60)
@given(st.lists(ITEMS, min_size=1, max_size=AT_MOST))
def test_as_many_updates_as_one_message_may_have_fit_into_it(items: list[Item]) -> None:
    message = blocks.relayed(WORDS, items)
    assert check_blocks(list(message.blocks), "message") == []
    assert message.text.strip()
    assert "<@" not in message.text
    assert "<!" not in message.text


@settings(max_examples=40)
@given(ITEMS)
def test_a_post_in_a_channel_fits(item: Item) -> None:
    assert check_blocks(list(blocks.channel_post(WORDS, item).blocks), "message") == []
    view = blocks.reading(WORDS, replace(item, update=replace(item.update, withdrawn=False))).payload()
    assert len(view["blocks"]) < 100


@settings(max_examples=40)
@given(UPDATES, NAMES, st.lists(NAMES, max_size=25))
def test_a_receipt_fits(update: Update, customer: str, names: list[str]) -> None:
    users = {f"U{number}": name for number, name in enumerate(names)}
    counted = Tally(
        waiting=1, delivered=2, thanked=tuple(users), asked=1, unreached={"gone": tuple(users), "ended": ("U9",)}
    )
    message = blocks.receipt(WORDS, Receipt(update=update, customer=customer, tally=counted, names=users, now=NOW))
    assert check_blocks(list(message.blocks), "message") == []


def test_whoever_was_not_reached_is_named_and_beyond_twenty_counted() -> None:
    names = {f"U{number:02}": f"Adopter {number:02}" for number in range(23)}
    twenty = blocks.unreached(WORDS, "refused", sorted(names)[:20], names)
    assert all(name in twenty for name in sorted(names.values())[:20])
    more = blocks.unreached(WORDS, "refused", sorted(names), names)
    assert more.endswith("Adopter 19, and 3 others.")


@settings(max_examples=20)
@given(
    st.lists(
        st.builds(Row, customer_id=st.just("c"), customer=NAMES, adopters=st.integers(1, 9), last_news=st.none()),
        min_size=1,
        max_size=5,
    )
)
def test_a_reminder_fits(rows: list[Row]) -> None:
    assert check_blocks(list(remind_blocks.reminder(WORDS, "r", rows, now=NOW).blocks), "message") == []
