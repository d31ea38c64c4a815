"""What Canteen does when nobody has said otherwise: `config/defaults.toml`, read once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.errors import UserMistakeError
from bot.core.keeping import Keep
from bot.features.channels.rules import Defaults as ChannelDefaults
from bot.features.pulse.rules import Defaults as PulseDefaults
from bot.features.quizzes.rules import Limits as QuizLimits
from bot.features.stories.rules import Limits as StoryLimits
from bot.features.updates.rules import Defaults as UpdateDefaults

FILE = Path(__file__).parent.parent / "config" / "defaults.toml"
LENGTH = re.compile(r"^(\d{1,6})([smhd])$")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, kw_only=True)
class Defaults:
    channels: ChannelDefaults
    lateness: Mapping[str, timedelta]
    stories: StoryLimits
    updates: UpdateDefaults
    quizzes: QuizLimits = field(default_factory=QuizLimits)
    pulse: PulseDefaults = field(default_factory=PulseDefaults)
    keep: Keep = field(default_factory=Keep)


@cache
def load_defaults(path: Path = FILE) -> Defaults:
    """Raises `UserMistakeError` naming the key that is not understood."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UserMistakeError(
            f"{path.name} cannot be read", "it belongs into config/: take it from the checkout"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UserMistakeError(
            f"{path.name} is not TOML: {error}", "see https://toml.io for how it is written"
        ) from None
    known = {"channels", "lateness", "stories", "quizzes", "updates", "pulse", "keep"}
    for part, values in given.items():
        if part not in known or not isinstance(values, dict):
            raise UserMistakeError(f"{path.name}: {part} is not known", f"known: [{'], ['.join(sorted(known))}]")
    return Defaults(
        channels=ChannelDefaults(**_part(path, given, "channels", ChannelDefaults)),
        lateness={key: _length(path, f"[lateness] {key}", value) for key, value in given.get("lateness", {}).items()},
        stories=StoryLimits(**_part(path, given, "stories", StoryLimits)),
        updates=UpdateDefaults(**_part(path, given, "updates", UpdateDefaults)),
        quizzes=QuizLimits(**_part(path, given, "quizzes", QuizLimits)),
        pulse=PulseDefaults(**_part(path, given, "pulse", PulseDefaults)),
        keep=Keep(**_part(path, given, "keep", Keep)),
    )


def _part(path: Path, given: Mapping[str, Any], part: str, kind: type[Any]) -> Any:
    """The values of one section, each of the kind that its field has."""
    known = {field.name: field.type for field in fields(kind)}
    found: dict[str, Any] = {}
    for key, value in given.get(part, {}).items():
        where = f"[{part}] {key}"
        if key not in known:
            raise UserMistakeError(f"{path.name}: {where} is not known", f"known: {', '.join(sorted(known))}")
        if known[key] in {timedelta, "timedelta"}:
            found[key] = _length(path, where, value)
        elif known[key] in {bool, "bool"}:
            if not isinstance(value, bool):
                raise UserMistakeError(f"{path.name}: {where} is neither true nor false: {value}", "write one of them")
            found[key] = value
        elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            found[key] = value
        else:
            raise UserMistakeError(f"{path.name}: {where} is not a number: {value}", "write a whole number, such as 5")
    return found


def _length(path: Path, where: str, value: Any) -> timedelta:
    found = LENGTH.match(value) if isinstance(value, str) else None
    if found is None:
        raise UserMistakeError(
            f"{path.name}: {where} is not a length of time: {value}", 'write "15s", "10m", "4h" or "14d"'
        )
    return timedelta(seconds=int(found[1]) * SECONDS[found[2]])
