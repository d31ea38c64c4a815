"""A Markdown file's front matter: YAML between two lines of three dashes, every key with the line it stands on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bot.core.texts import Text, worded

LARGEST_FILE = 256 * 1024
LARGEST_FRONT = 32 * 1024
DEEPEST = 8
KEY = re.compile(r"(\w+):")


class FrontMatterError(ValueError):
    """`why` and `cure` are for the person who wrote the file."""

    def __init__(self, line: int, why: Text, cure: Text, key: str = "") -> None:
        super().__init__(why)
        self.line, self.why, self.cure, self.key = line, why, cure, key


@dataclass(frozen=True, kw_only=True)
class Document:
    """`lines` has the line of each key by its path, such as `quote.text`; `body` begins on line `body_line`."""

    front: Mapping[str, Any]
    lines: Mapping[str, int]
    body: str
    body_line: int

    def line(self, key: str) -> int:
        """Of the key, or of the nearest one around it."""
        path = key
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1)


class _Loader(yaml.SafeLoader):
    """Neither aliases (a few lines of them unfold into gigabytes), nor deep nesting, nor a key twice."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise self._refusal(worded("it uses a YAML alias (*name)"), worded("write the value out again"))
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._refusal(
                worded("it is nested more than {limit} levels deep", limit=DEEPEST), worded("write it flatter")
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refusal(self, why: Text, cure: Text) -> FrontMatterError:
        return FrontMatterError(self.line + 2, why, cure)


def read(raw: bytes) -> Document:
    """Raises `FrontMatterError` for anything that is not UTF-8 text with front matter."""
    if len(raw) > LARGEST_FILE:
        why = worded("the file has {count} bytes; {limit} are allowed", count=len(raw), limit=LARGEST_FILE)
        raise FrontMatterError(1, why, worded("shorten the text"))
    try:
        content = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()  # its place is counted without the mark at the beginning
        why, cure = worded("the file is not UTF-8"), worded("save it again as UTF-8")
        raise FrontMatterError(before.count("\n") + 1, why, cure, _key_before(before)) from error
    front, body = _split(content)
    if (size := len(front.encode())) > LARGEST_FRONT:
        why = worded("the front matter has {count} bytes; {limit} are allowed", count=size, limit=LARGEST_FRONT)
        raise FrontMatterError(1, why, worded("shorten it"))
    values, lines = _parse(front)
    body_line = front.count("\n") + 3
    blank = len(body) - len(body.lstrip("\n"))
    lines["body"] = body_line + blank
    return Document(front=values, lines=lines, body=body.strip("\n"), body_line=body_line + blank)


def _split(content: str) -> tuple[str, str]:
    first, _, rest = content.partition("\n")
    if first.rstrip() != "---":
        cure = worded("begin the file with a line of three dashes: ---")
        raise FrontMatterError(1, worded("there is no front matter"), cure)
    front: list[str] = []
    lines = rest.split("\n")
    for number, line in enumerate(lines):
        if line.rstrip() == "---":
            return "".join(f"{kept}\n" for kept in front), "\n".join(lines[number + 1 :])
        front.append(line)
    cure = worded("close it with a line of three dashes: ---")
    raise FrontMatterError(1, worded("the front matter does not end"), cure)


def _parse(front: str) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        loader = _Loader(front)
        node = loader.get_single_node()
        lines: dict[str, int] = {}
        _lines(node, "", lines)
        values = {} if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        why = worded("this is not YAML: {problem}", problem=str(error.problem))
        raise FrontMatterError(mark.line + 2 if mark else 1, why, worded("put the value in quotes")) from error
    except yaml.reader.ReaderError as error:
        before = front[: error.position]
        line, key = before.count("\n") + 2, _key_before(f"---\n{before}")
        why = worded("this is not YAML: {problem}", problem=str(error.reason))
        raise FrontMatterError(line, why, worded("type the text again"), key) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, FrontMatterError):
            raise
        why = worded("the front matter cannot be read as YAML")
        raise FrontMatterError(1, why, worded("put text in quotes")) from error
    if not isinstance(values, dict):
        cure = worded("write one `key: value` on each line")
        raise FrontMatterError(2, worded("the front matter is not a list of keys"), cure)
    return values, lines


def _key_before(content: str) -> str:
    """The key under which something stands that follows `content`, the beginning of a file."""
    dashes, *lines = content.replace("\r", "\n").split("\n")
    if dashes.rstrip() != "---":
        return ""
    if any(line.rstrip() == "---" for line in lines):
        return "body"
    keys = [found[1] for line in lines if (found := KEY.match(line))]
    return keys[-1] if keys else ""


def _lines(node: Any, path: str, lines: dict[str, int]) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        name = f"{path}.{key.value}" if path else str(key.value)
        if name in lines:
            why = worded("{key} stands there twice", key=name)
            raise FrontMatterError(key.start_mark.line + 2, why, worded("keep one of them"), name)
        lines[name] = key.start_mark.line + 2
        _lines(value, name, lines)
