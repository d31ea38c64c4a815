"""Ids and message timestamps, unique within one run."""

import itertools
import secrets

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Ids:
    def __init__(self) -> None:
        self._count = itertools.count(1)
        self._last_micro = 0

    def new(self, prefix: str) -> str:
        """An id as Slack makes them: a letter, then capitals and digits."""
        number, tail = next(self._count), ""
        for _ in range(4):
            number, digit = divmod(number, 36)
            tail = _ALPHABET[digit] + tail
        middle = "".join(secrets.choice(_ALPHABET) for _ in range(4))
        return f"{prefix}0{middle}{tail}{number or ''}"

    def ts(self, now: float) -> str:
        """A message timestamp: never the same twice, never going back."""
        micro = max(int(now * 1_000_000), self._last_micro + 100)
        self._last_micro = micro
        return f"{micro // 1_000_000}.{micro % 1_000_000:06d}"

    def secret(self) -> str:
        return secrets.token_urlsafe(18).replace("-", "a").replace("_", "b")

    def trigger(self) -> str:
        return f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
