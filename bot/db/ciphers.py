"""Enciphering at rest: `cryptography`'s Fernet under one of several keys, each stored text marked with its key.

The library is loaded when a key is given: it takes 40 ms that nobody else should wait for.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect

from bot.core.errors import UnreadableError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

MARK = "enc1:"
LENGTH = 8  # of a key's fingerprint
AS_IT_IS = "-" * LENGTH  # instead of a fingerprint: what follows is plain, and only looks like a mark
HEAD = len(MARK) + LENGTH + 1
MARKED = re.compile(rf"{MARK}([0-9a-f]{{{LENGTH}}}|{AS_IT_IS}):")
SETTING = "CANTEEN_ENCRYPTION_KEYS"


def head_of(name: str) -> str:
    """What a text under the key of this fingerprint begins with."""
    return f"{MARK}{name}:"


def fingerprint(key: str) -> str:
    """Names a key wherever it must not be shown."""
    return hashlib.sha256(b"canteen key " + key.encode("ascii")).hexdigest()[:LENGTH]


def new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode("ascii")


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """`writes`: the fingerprint of the key that enciphers. None: what is written stays plain, and what was enciphered
    by one of the keys is read."""

    writes: str | None = None
    keys: Mapping[str, "Fernet"] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> str:
        """Of the keys, the one that enciphers first; "-" in its place for none."""
        return ",".join([self.writes or "-", *(name for name in self.keys if name != self.writes)])

    def seal(self, plain: str) -> str:
        if self.writes is not None:
            return head_of(self.writes) + self.keys[self.writes].encrypt(plain.encode()).decode("ascii")
        return head_of(AS_IT_IS) + plain if MARKED.match(plain) else plain

    def unseal(self, stored: str) -> str:
        """Raises `UnreadableError`. What bears no mark was written before there was a key."""
        found = MARKED.match(stored)
        if found is None:
            return stored
        if found[1] == AS_IT_IS:
            return stored[HEAD:]
        key = self.keys.get(found[1])
        if key is None:
            raise missing([found[1]])
        from cryptography.fernet import InvalidToken

        try:
            return key.decrypt(stored[HEAD:].encode()).decode()
        except InvalidToken:
            raise UnreadableError(
                f"what is stored under the key {found[1]} was changed since",
                "`canteen keys check --read` says where it is; restore that row from a backup",
                lasting=True,
            ) from None


PLAIN = Keyring()


def keyring(keys: Sequence[str], *, write: bool = True) -> Keyring:
    """The first of `keys` enciphers, all decipher; with `write` off none enciphers."""
    if not keys:
        return PLAIN
    from cryptography.fernet import Fernet

    known = {fingerprint(key): Fernet(key) for key in keys}
    return Keyring(writes=fingerprint(keys[0]) if write else None, keys=known)


def missing(names: Sequence[str]) -> UnreadableError:
    return UnreadableError(
        f"{SETTING} lacks the key {', '.join(names)}, under which this database holds texts",
        "put that key back behind the one that is used now; `canteen keys check` counts what needs it",
        lasting=False,
    )


_rings: "WeakKeyDictionary[Dialect, Keyring]" = WeakKeyDictionary()


def give(dialect: Dialect, ring: Keyring) -> None:
    """Columns of an engine find its keys by its dialect: it is all that a column type is told of where it is."""
    _rings[dialect] = ring


def ring_of(dialect: Dialect) -> Keyring:
    return _rings.get(dialect, PLAIN)
