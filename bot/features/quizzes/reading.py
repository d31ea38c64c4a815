"""A bank of questions in a file, YAML or CSV: each question as given, with the line where it begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from bot.core.texts import Text, worded
from bot.features.customers.importing.reading import Broken, FileRefusedError, inspect, records

LARGEST = 2 * 1024 * 1024
DEEPEST = 8
MOST = 5_000
SPLIT = worded("split the file")
COLUMNS = {
    "id": "id",
    "external id": "id",
    "question": "question",
    "right": "right",
    "answer": "right",
    "why": "why",
    "customer": "customer",
    "product": "product",
    "language": "language",
    "consent": "consent",
    "source": "source",
    "options": "options",
    "picture": "picture",
    "picture file": "picture.file",
    "picture url": "picture.url",
    "picture alt": "picture.alt",
    "alt": "picture.alt",
}
OPTION = re.compile(r"option ?([1-9]\d?)")


@dataclass(frozen=True, kw_only=True)
class Given:
    """One question as it stands in the file, not checked yet."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class BadRow:
    line: int
    why: Text
    cure: Text


@dataclass(frozen=True, kw_only=True)
class Bank:
    rows: tuple[Given | BadRow, ...]
    digest: str
    warnings: tuple[Text, ...] = ()


def read(path: Path) -> Bank:
    """Raises `FileRefusedError` for a file that is no bank of questions at all."""
    if path.suffix.casefold() in {".yaml", ".yml"}:
        return _read_yaml(path)
    if path.suffix.casefold() == ".csv":
        return _read_csv(path)
    raise FileRefusedError(
        worded("{file} is neither .yaml nor .csv", file=path.name), worded("give it one of these endings")
    )


def suits(path: Path) -> int:
    """How well a file fits, by its beginning: as many as it has of a bank's columns or keys, 0 where none."""
    with path.open("rb") as file:
        head = file.read(4096).decode("utf-8-sig", "replace").casefold()
    if path.suffix.casefold() in {".yaml", ".yml"}:
        return sum(f"{key}:" in head for key in ("question", "options", "right", "why"))
    first = {" ".join(re.sub(r"[\"_]", " ", cell).split()) for cell in re.split(r"[,;\t]", head.split("\n")[0])}
    if path.suffix.casefold() != ".csv" or "question" not in first:
        return 0
    return sum(name in COLUMNS or bool(OPTION.fullmatch(name)) for name in first)


# -- YAML -------------------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """Neither aliases (a few lines of them unfold into gigabytes), nor deep nesting."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise FileRefusedError(
                worded("line {line} uses a YAML alias (*name)", line=str(self.line + 1)),
                worded("write the value out again"),
            )
        self.depth += 1
        if self.depth > DEEPEST:
            raise FileRefusedError(
                worded("line {line} is nested over {most} levels deep", line=str(self.line + 1), most=DEEPEST),
                worded("write it flatter"),
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _read_yaml(path: Path) -> Bank:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise FileRefusedError(
            worded("{file} cannot be read", file=path.name), worded("check the path and its permissions")
        ) from error
    if len(raw) > LARGEST:
        raise FileRefusedError(
            worded("{file} has over {most} bytes", file=path.name, most=LARGEST), worded("split it into several files")
        )
    try:
        text = raw.decode("utf-8-sig")
        loader = _Loader(text)
        node = loader.get_single_node()
        rows = tuple(_rows(loader, _list_of(node)))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FileRefusedError(
            worded("line {line} is not YAML: {problem}", line=str(line), problem=error.reason),
            worded("save it again as UTF-8"),
        ) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise FileRefusedError(
            worded("line {line} is not YAML: {problem}", line=str(line), problem=str(error.reason)),
            worded("type the text again"),
        ) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileRefusedError(
            worded("line {line} is not YAML: {problem}", line=str(line), problem=str(error.problem)),
            worded("put the value in quotes"),
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FileRefusedError(
            worded("{file} cannot be read as YAML", file=path.name), worded("put text in quotes")
        ) from error
    return Bank(rows=rows, digest=sha256(raw).hexdigest())


def _list_of(node: Any) -> Any:
    """A list, or the list under `questions`."""
    if isinstance(node, yaml.MappingNode):
        node = next((value for key, value in node.value if key.value == "questions"), None)
    if not isinstance(node, yaml.SequenceNode):
        raise FileRefusedError(
            worded("there is no list of questions"), worded("begin with `questions:` and write a list below it")
        )
    if len(node.value) > MOST:
        raise FileRefusedError(
            worded("there are {count} questions; {most} are allowed", count=len(node.value), most=MOST), SPLIT
        )
    return node


def _rows(loader: _Loader, node: Any) -> Iterator[Given | BadRow]:
    for one in node.value:
        line = one.start_mark.line + 1
        value = loader.construct_document(one) if isinstance(one, yaml.MappingNode) else None
        if isinstance(value, dict):
            yield Given(line=line, values={str(key): said for key, said in value.items()})
        else:
            yield BadRow(
                line=line,
                why=worded("it is no question"),
                cure=worded("write its keys below one another, such as question:"),
            )


# -- CSV --------------------------------------------------------------------------------------------------------------


def _read_csv(path: Path) -> Bank:
    source = inspect(path)
    lines = records(source)
    head = next(lines, None)
    if head is None or isinstance(head, Broken):
        raise FileRefusedError(
            worded("{file} has no row of column names", file=path.name),
            worded("write one first: question, option 1, ..."),
        )
    names = [" ".join(cell.casefold().replace("_", " ").split()) for cell in head.cells]
    known = [name if OPTION.fullmatch(name) else COLUMNS.get(name, "") for name in names]
    if "question" not in known:
        raise FileRefusedError(
            worded("{file} has no column “question”", file=path.name), worded("name the columns in the first row")
        )
    ignored = tuple(
        worded("{file}: the column “{name}” is not known and left out", file=path.name, name=name)
        for name, key in zip(names, known, strict=True)
        if not key and name
    )
    rows: list[Given | BadRow] = []
    for row in lines:
        if len(rows) >= MOST:
            raise FileRefusedError(worded("there are over {most} questions", most=MOST), SPLIT)
        if isinstance(row, Broken):
            rows.append(BadRow(line=row.line, why=row.why, cure=row.cure))
        elif any(cell.strip() for cell in row.cells):
            rows.append(Given(line=row.line, values=_values(known, row.cells)))
    return Bank(rows=tuple(rows), digest=source.sha256, warnings=ignored)


def _values(known: list[str], cells: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    options: list[str] = []
    picture: dict[str, str] = {}
    for key, cell in zip(known, cells, strict=False):
        said = cell.strip()
        if not key or not said:
            continue
        if OPTION.fullmatch(key):
            options.append(said)
        elif key == "options":
            options += [part.strip() for part in said.split("|")]
        elif key == "picture":
            picture["url" if said.startswith("https://") else "file"] = said
        elif key.startswith("picture."):
            picture[key.removeprefix("picture.")] = said
        else:
            values[key] = said
    return {**values, "options": options, **({"picture": picture} if picture else {})}
