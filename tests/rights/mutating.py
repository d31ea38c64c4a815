"""Payloads as a broken or hostile sender would make them: fields lost, of another kind, deep, long, odd."""

import random
from collections.abc import Mapping
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 1.5, "", " ", "0", "\x00", "\ud800", "a" * 5000, "💥" * 300, "<!channel>", "../..", ":",
    "::::", "|", "story||", "stop:", [], {}, [None], [[]], {"id": None}, {"id": []}, {"value": {}}, [{}], "Ω" * 70, "١٢٣",
    "1700000000.000100", "U0AADMIN", "C0ALINE", "\u202e", "%00", "'; DROP TABLE members; --",
)  # fmt: skip


def mutated(body: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same with one to four things changed, anywhere in it."""
    made: dict[str, Any] = _copy(body)
    for _ in range(chance.randint(1, 4)):
        places = list(_places(made))
        holder, key = chance.choice(places)
        _change(holder, key, chance)
    return made


def _change(holder: Any, key: Any, chance: random.Random) -> None:
    match chance.randrange(6):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[chance.choice(("unknown", "user", "team", "value", "id", "type", "blocks"))] = _copy(
                chance.choice(ODD)
            )
        case 2 if isinstance(holder[key], str):
            text = holder[key]
            at = chance.randrange(len(text) + 1)
            holder[key] = (
                text[:at] + chance.choice(("", "x", ":", "\x00", "é", "\ud83d", "0")) + text[at + chance.randrange(2) :]
            )
        case 3:
            holder[key] = [holder[key]]
        case 4:
            holder[key] = {"selected_option": holder[key]}
        case _:
            holder[key] = _copy(chance.choice(ODD))


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _places(value: Any, left: int = 12) -> Any:
    """Every (holder, key) in it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(inside):
        yield value, key
        if left:
            yield from _places(inner, left - 1)
