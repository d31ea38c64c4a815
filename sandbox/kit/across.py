"""Rules that look across blocks: ids that must differ, totals of a payload, things that may be there once."""

from collections.abc import Iterator
from typing import Any

from sandbox.kit.clean import at
from sandbox.kit.spec import Run, length

TEXT_MAX = 12_000
TEXT_AND_BLOCKS_MAX = 13_200
BLOCK_COSTS = 100
_AT_MOST = {"data_visualization": 2, "plan": 1}
_TABLES = {"table": 10_000, "data_table": 20_000}
_NESTED = {"container": "child_blocks", "carousel": "elements", "plan": "tasks"}

Placed = tuple[str, dict[str, Any]]


def each_block(blocks: object, pointer: str) -> Iterator[Placed]:
    """Every block with its pointer, nested ones after the block they stand in."""
    for index, block in enumerate(blocks if isinstance(blocks, list) else []):
        if isinstance(block, dict):
            where = at(pointer, index)
            yield where, block
            if inner := _NESTED.get(str(block.get("type"))):
                yield from each_block(block.get(inner), at(where, inner))


def _own_parts(block: dict[str, Any], pointer: str) -> Iterator[Placed]:
    """Every object inside a block, in reading order, without those of nested blocks."""
    nested = _NESTED.get(str(block.get("type")))
    todo: list[tuple[object, str]] = [(value, at(pointer, key)) for key, value in block.items() if key != nested][::-1]
    while todo:
        here, where = todo.pop()
        if isinstance(here, dict):
            yield where, here
            todo += [(value, at(where, key)) for key, value in here.items()][::-1]
        elif isinstance(here, list):
            todo += [(value, at(where, index)) for index, value in enumerate(here)][::-1]


def check_across(blocks: object, pointer: str, run: Run) -> None:
    placed = list(each_block(blocks, pointer))
    _differ([(where, block) for where, block in placed], "block_id", run)
    focused = 0
    for where, block in placed:
        parts = list(_own_parts(block, where))
        _differ(parts, "action_id", run)
        for place, part in parts:
            focused += part.get("focus_on_load") is True
            if part.get("focus_on_load") is True and focused > 1:
                run.say(at(place, "focus_on_load"), "only one element may be focused on load")
    _totals(placed, pointer, run)


def _differ(parts: list[Placed], name: str, run: Run) -> None:
    seen: set[str] = set()
    for where, part in parts:
        value = part.get(name)
        if isinstance(value, str):
            if value in seen:
                run.say(at(where, name), f"`{name}` already exists")
            seen.add(value)


def _totals(placed: list[Placed], pointer: str, run: Run) -> None:
    for where, _ in _of(placed, *_TABLES)[1:]:
        run.say(where, "only one table is allowed in a message", "only_one_table_allowed")
    for kind, most in _AT_MOST.items():
        for where, _ in _of(placed, kind)[most:]:
            run.say(where, f"no more than {most} {kind} blocks are allowed in a message")
    for kind, most in _TABLES.items():
        if sum(_text_in(block, where) for where, block in _of(placed, kind)) > most:
            run.say(pointer, f"the cells of all {kind} blocks must have less than {most + 1} characters")
    if run.surface == "message":
        _whole(placed, pointer, run)


def _whole(placed: list[Placed], pointer: str, run: Run) -> None:
    # Slack publishes only the 12,000 of markdown; the rest was measured by others and is said to be a
    # buffer for what holds the text. Tables have budgets of their own.
    texts = [_text_in(block, where) for where, block in placed if str(block.get("type")) not in _TABLES]
    if sum(texts) > TEXT_MAX or sum(texts) + BLOCK_COSTS * len(placed) > TEXT_AND_BLOCKS_MAX:
        run.say(pointer, f"the blocks together must have less than {TEXT_MAX + 1} characters", "msg_blocks_too_long")


def _of(placed: list[Placed], *kinds: str) -> list[Placed]:
    return [(where, block) for where, block in placed if block.get("type") in kinds]


def _text_in(block: dict[str, Any], pointer: str) -> int:
    texts = [part.get("text") for _, part in _own_parts(block, pointer)] + [block.get("text")]
    return sum(length(text) for text in texts if isinstance(text, str))
