"""What `doctor` says about keys: which of them what is stored needs, by their fingerprints."""

from collections.abc import AsyncIterator

from bot.commands.findings import Finding
from bot.db.ciphers import PLAIN, SETTING
from bot.db.keys import Counted, Key, counted, in_use
from bot.wiring import Parts


async def enciphered(parts: Parts) -> AsyncIterator[Finding]:
    ring = parts.sessions.keyring
    if ring == PLAIN and not await in_use(parts.sessions):
        yield Finding(level="fine", what=f"tokens and texts are stored as they are: {SETTING} is not set")
        return
    found = await counted(parts.sessions)
    for key in found.keys:
        for finding in _of(key, found):
            yield finding
    if found.plain and ring.writes is not None:
        yield Finding(
            level="note", what=f"{found.plain} values are not enciphered yet", cure="run `canteen keys rotate`"
        )


def _of(key: Key, found: Counted) -> list[Finding]:
    if not key.known:
        what = f"{key.rows} values are under the key {key.fingerprint}, which {SETTING} lacks"
        return [Finding(level="serious", what=what, cure="put it back, behind the one that is used now")]
    said = []
    if key.writes:
        said.append(Finding(level="fine", what=f"{key.rows} values are enciphered with the key {key.fingerprint}"))
        if key.strangers:
            what = (
                f"{', '.join(key.strangers)} runs without the key {key.fingerprint}, and cannot read what is under it"
            )
            said.append(Finding(level="serious", what=what, cure=f"restart it with the same {SETTING}"))
    elif key.rows:
        what = f"{key.rows} values are under the key {key.fingerprint}, which enciphers nothing new"
        said.append(Finding(level="note", what=what, cure="run `canteen keys rotate`"))
    elif not key.writers and any(one.writes for one in found.keys):
        what = f"nothing is under the key {key.fingerprint}"
        said.append(Finding(level="note", what=what, cure=f"it may go from {SETTING}"))
    return said
