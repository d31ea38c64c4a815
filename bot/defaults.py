"""What Canteen does when nobody has said otherwise: `config/defaults.toml`, read once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.errors import UserMistakeError
from bot.features.channels.rules import Defaults as ChannelDefaults
from bot.features.stories.rules import Limits as StoryLimits

FILE = Path(__file__).parent.parent / "config" / "defaults.toml"
LENGTH = re.compile(r"^(\d+)([smhd])$")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, kw_only=True)
class Defaults:
    channels: ChannelDefaults
    lateness: Mapping[str, timedelta]
    stories: StoryLimits


@cache
def load_defaults(path: Path = FILE) -> Defaults:
    """Raises `UserMistakeError` naming the key that is not understood."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    for part, kind in (("channels", ChannelDefaults), ("stories", StoryLimits)):
        known = {field.name for field in fields(kind)}
        unknown = set(given.get(part, {})) - known
        if unknown:
            raise UserMistakeError(
                f"{path.name}: [{part}] {min(unknown)} is not known", f"known: {', '.join(sorted(known))}"
            )
    return Defaults(
        channels=ChannelDefaults(**{key: _value(key, value) for key, value in given["channels"].items()}),
        lateness={key: _length(key, value) for key, value in given["lateness"].items()},
        stories=StoryLimits(**{key: _value(key, value) for key, value in given.get("stories", {}).items()}),
    )


def _value(key: str, value: Any) -> Any:
    return _length(key, value) if isinstance(value, str) else value


def _length(key: str, value: str) -> timedelta:
    found = LENGTH.match(value)
    if found is None:
        raise UserMistakeError(
            f"defaults.toml: {key} is not a length of time: {value}", 'write "15s", "10m", "4h" or "14d"'
        )
    return timedelta(seconds=int(found[1]) * SECONDS[found[2]])
