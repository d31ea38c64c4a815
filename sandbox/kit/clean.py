"""What must hold before any rule is looked at: plain JSON, not absurdly deep or large, text that can be stored.

It runs without recursion, so that no payload can exhaust the stack; the rules after it may trust what they read.
"""

import math

from sandbox.kit.problem import Problem

MAX_DEPTH = 64
MAX_NODES = 200_000


def at(pointer: str, key: str | int) -> str:
    """The pointer of a member, escaped as RFC 6901 wants it."""
    text = str(key).replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{text.encode('utf-8', 'replace').decode()}"


def bad_text(text: str) -> str | None:
    """Why a text cannot be stored, if so: NUL and lone surrogates have no place in one."""
    if "\x00" in text:
        return "must not contain NUL characters"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "must be valid Unicode: it holds half of a surrogate pair"
    return None


def check_clean(value: object, pointer: str, code: str) -> list[Problem]:
    problems: list[Problem] = []
    todo: list[tuple[object, str, int]] = [(value, pointer, 0)]
    seen = 0
    while todo:
        here, where, depth = todo.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_NODES:
            what = "is nested too deeply" if depth > MAX_DEPTH else "has too many parts"
            return [*problems, Problem(pointer=where, message=what, code=code)]
        if isinstance(here, dict):
            for key in here:
                if not isinstance(key, str) or bad_text(key):
                    problems.append(Problem(pointer=where, message="invalid property name", code=code))
            todo += [(item, at(where, key), depth + 1) for key, item in here.items() if isinstance(key, str)]
        elif isinstance(here, list):
            todo += [(item, at(where, index), depth + 1) for index, item in enumerate(here)]
        elif why := _bad_leaf(here):
            problems.append(Problem(pointer=where, message=why, code=code))
    return problems


def _bad_leaf(value: object) -> str | None:
    if isinstance(value, str):
        return bad_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a finite number"
    if value is None or isinstance(value, bool | int | float):
        return None
    return "is not JSON"
