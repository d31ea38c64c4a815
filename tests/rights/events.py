"""Events as Slack sends them, one for each listener, and a few that people cause."""

from collections.abc import Mapping
from typing import Any

from bot.features.channels.facts import EVENTS
from tests.rights.payloads import Event
from tests.rights.world import World


def _channel(world: World) -> Mapping[str, Any]:
    return {
        "channel": world.place("line"),
        "old_channel_id": world.place("line"),
        "new_channel_id": world.place("moved"),
    }


def _message(text: str, *, thread: str = "", files: bool = False) -> Event:
    def fields(world: World) -> Mapping[str, Any]:
        shared = [{"id": "F1", "name": "teams.csv", "mimetype": "text/csv", "url_private": "https://files.slack.com/f"}]
        said: dict[str, Any] = {"channel_type": "im", "text": text, "ts": "1700000001.000100"}
        if thread:
            said["thread_ts"] = world.ts(thread)
        return {**said, **({"files": shared, "subtype": "file_share"} if files else {})}

    return Event(kind="message", fields=fields)


def _joined(world: World) -> Mapping[str, Any]:
    profile = {"real_name": "New", "email": "new@example.com"}
    return {"user": {"id": "U0NEW", "team_id": world.ws, "profile": profile, "tz": "UTC", "locale": "en-GB"}}


CHANNELS = tuple(Event(kind=kind, fields=_channel) for kind in EVENTS)
MESSAGES = (
    _message("What is new with them?"),
    _message("It goes on.", thread="a-mine"),
    _message("", files=True),
    _message("edited", thread="text"),
)
OTHERS = (
    Event(kind="app_home_opened", fields=lambda _: {"tab": "home"}),
    Event(kind="team_join", fields=_joined),
    Event(kind="app_uninstalled"),
    Event(kind="tokens_revoked", fields=lambda world: {"tokens": {"bot": [f"U0{world.letter}BOT"]}}),
)
ALL = (*MESSAGES, *CHANNELS, *OTHERS)
