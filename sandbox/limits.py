"""Slack's rate limits: per method, workspace and app in any minute; posting also per channel.

Slack publishes the tiers but not the bursts, so: a tier's whole minute may be spent at once, and a channel takes
three messages at once, then one a second. A minute counts as 59 s here, so that a program that keeps exactly to a tier
is not refused for the jitter of its own requests.
"""

import math
from collections import deque

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
HUNDREDS_A_MINUTE = 600
WINDOW = 59.0
CHANNEL_BURST = 3.0
CHANNEL_RATE = 1.0


class Limits:
    def __init__(self) -> None:
        self._calls: dict[tuple[str, str, str], deque[float]] = {}
        self._channels: dict[tuple[str, str], tuple[float, float]] = {}

    def clear(self) -> None:
        self._calls.clear()
        self._channels.clear()

    def wait(self, app: str, team: str, method: str, per_minute: int, now: float) -> int:
        """Seconds to wait before this call would be let in; 0 lets it in and counts it."""
        calls = self._calls.setdefault((app, team, method), deque())
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if len(calls) < per_minute:
            calls.append(now)
            return 0
        return max(1, math.ceil(calls[0] + WINDOW - now))

    def wait_to_post(self, app: str, channel: str, now: float) -> int:
        tokens, since = self._channels.get((app, channel), (CHANNEL_BURST, now))
        tokens = min(CHANNEL_BURST, tokens + (now - since) * CHANNEL_RATE)
        if tokens < 1.0 - 1e-6:
            self._channels[app, channel] = (tokens, now)
            return max(1, math.ceil((1.0 - tokens) / CHANNEL_RATE))
        self._channels[app, channel] = (tokens - 1.0, now)
        return 0
