"""What happened in one run, written to a file and read back at the next start."""

import base64
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from sandbox.slack import Slack
from sandbox.store import Channel, File, Json, Message, Notice, View

_VERSION = 1


def save(slack: Slack, path: Path) -> None:
    """Write channels, messages, files, views and notices; faults, limits and open triggers end with the run."""
    store = slack.store
    kept: Json = {
        "version": _VERSION,
        "channels": [_channel(c) for c in store.channels.values()],
        "messages": [asdict(m) for m in slack.ledger.messages()],
        "files": [asdict(f) | {"data": base64.b64encode(f.data).decode()} for f in store.files.values()],
        "views": [asdict(v) for v in store.views.values() if v.id in store.homes.values()],
        "homes": [[app, user, view] for (app, user), view in store.homes.items()],
        "notices": {user: [asdict(n) for n in notices] for user, notices in store.notices.items()},
        "deactivated": sorted(store.deactivated),
        "dnd": store.dnd,
    }
    partial = path.with_suffix(path.suffix + ".part")
    partial.write_text(json.dumps(kept), encoding="utf-8")
    partial.replace(path)


def load(slack: Slack, path: Path) -> None:
    """Take up where the file ends; a file of another kind is refused with a ValueError."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(kept, dict) or kept.get("version") != _VERSION:
        raise ValueError(f"{path} was not written by this version of the local Slack")
    store = slack.store
    for row in kept["channels"]:
        channel = Channel(**{**row, "members": set(row["members"])})
        if channel.is_dm:
            store.add_dm(channel)
        else:
            store.channels[channel.id] = channel
    for row in kept["messages"]:
        message = Message(**row)
        message.n = slack.ledger.number()
        slack.ledger.add_message(message)
        store.channels[message.channel].add(message)
    for row in kept["files"]:
        store.files[row["id"]] = File(**{**row, "data": base64.b64decode(row["data"])})
    for row in kept["views"]:
        store.views[row["id"]] = View(**row)
    store.homes = {(app, user): view for app, user, view in kept["homes"]}
    store.notices = {user: [Notice(**one) for one in rows] for user, rows in kept["notices"].items()}
    store.deactivated = set(kept["deactivated"])
    store.dnd = {user: (start, end) for user, (start, end) in kept.get("dnd", {}).items()}


def _channel(channel: Channel) -> dict[str, Any]:
    plain = {one.name: getattr(channel, one.name) for one in fields(channel) if one.name not in ("messages", "threads")}
    return {**plain, "members": sorted(channel.members)}
