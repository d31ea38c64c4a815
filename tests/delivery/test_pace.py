"""Slots by pace, as one claim after the other gives them out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import pace
from bot.delivery.claim import HORIZON
from bot.delivery.pace import Key, Lanes

BEGIN = datetime(2027, 3, 1, 9, tzinfo=UTC)
EACH = pace.SPEEDS["post"].workspace
BURST = (HORIZON + pace.CATCH_UP) / EACH


def slots(looks: Sequence[timedelta], *, places: int) -> list[tuple[datetime, str]]:
    """What is granted where there is always more to send, into `places` channels by turns."""
    free: dict[Key, datetime] = {}
    granted: list[tuple[datetime, str]] = []
    now, turn = BEGIN, 0
    for since in looks:
        now += since
        channels = [f"C{number}" for number in range(places)]
        keys = {key for channel in channels for key in pace.keys_of("T", "post", channel)}
        lanes = Lanes({key: free.get(key, now) for key in keys}, now=now)
        refused = 0
        while refused < places:
            turn += 1
            channel = channels[turn % places]
            at = lanes.slot("T", "post", channel, earliest=now, within=now + HORIZON)
            refused = 0 if at <= now + HORIZON else refused + 1
            if not refused:
                granted.append((at, channel))
        free |= lanes.granted
    return granted


def test_a_look_that_comes_late_costs_nothing_of_the_pace() -> None:
    late = [timedelta(seconds=1.9)] * 30
    assert len(slots(late, places=10)) >= sum(late, timedelta()) / EACH - BURST


@given(st.lists(st.floats(0.0, 20.0).map(lambda seconds: timedelta(seconds=seconds)), min_size=1, max_size=30))
def test_whenever_claims_look_a_workspace_gets_its_pace_and_a_channel_its_own(looks: Sequence[timedelta]) -> None:
    found = sorted(slots(looks, places=10))
    for first, (at, _channel) in enumerate(found):
        within = [one for one in found[first:] if one[0] < at + timedelta(seconds=10)]
        assert len(within) <= timedelta(seconds=10) / EACH + BURST + 1
    for channel in {channel for _at, channel in found}:
        mine = [at for at, one in found if one == channel]
        assert all(later - earlier >= pace.SPEEDS["post"].channel for earlier, later in pairwise(mine))
