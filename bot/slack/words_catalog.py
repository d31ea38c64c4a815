"""`make words`: collects every text of `say`, `say_n`, `worded` and `worded_n` below `bot/` and brings the catalogues
up to date.

The texts are read from the syntax tree, not from tokens: in Python 3.11 an f-string is a single token, and texts within
one would be missed.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot.slack.words import FOLDER

CODE = Path(__file__).parent.parent
TEMPLATE = FOLDER / "canteen.pot"
TEXTS = {"say": 1, "say_n": 2, "worded": 1, "worded_n": 2}  # how many texts the call begins with


@dataclass(frozen=True, kw_only=True)
class Found:
    """`texts`: one, or one and many. Empty where the words are not literal."""

    texts: tuple[str, ...]
    path: str
    line: int


def found(code: Path = CODE) -> Iterator[Found]:
    """Every call of those four, by file and line. `words.say(text)` with a variable has no texts."""
    for path in sorted(code.rglob("*.py")):
        relative = path.relative_to(code.parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (wanted := _wanted(node.func)):
                yield Found(texts=_texts(node.args[:wanted], wanted), path=relative, line=node.lineno)


def _wanted(function: ast.expr) -> int:
    """How many texts the call begins with."""
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return TEXTS.get(name, 0)


def _texts(given: list[ast.expr], wanted: int) -> tuple[str, ...]:
    texts = tuple(one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return texts if len(texts) == wanted else ()


def collect(code: Path = CODE) -> Catalog:
    """The template. Without dates and line numbers, so that it changes only when a text does."""
    catalog = Catalog(project="Canteen", charset="utf-8", fuzzy=False)
    for one in sorted(found(code), key=lambda one: (one.path, one.line)):
        if one.texts:
            catalog.add(one.texts if len(one.texts) == 2 else one.texts[0], locations=[(one.path, one.line)])
    return catalog


def written(catalog: Catalog) -> bytes:
    """As it stands in a file: sorted by text, with a header that tells editors what they need, and no dates."""
    lines = ["Content-Type: text/plain; charset=utf-8"]
    if catalog.locale is not None:
        lines += [f"Language: {catalog.locale}", f"Plural-Forms: {catalog.plural_forms}"]
    header = "".join(f'"{line}\\n"\n' for line in lines)
    made = BytesIO()
    made.write(f'msgid ""\nmsgstr ""\n{header}\n'.encode())
    write_po(made, catalog, width=100, sort_output=True, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return made.getvalue()


def renew(path: Path, template: Catalog) -> list[str]:
    """Bring a `.po` file up to date; gives the texts that have no translation yet."""
    language = path.parent.parent.name
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    catalog.update(template, no_fuzzy_matching=True)
    path.write_bytes(written(catalog))
    return [str(message.id) for message in catalog if message.id and not complete(message.string)]


def complete(string: object) -> bool:
    """Translated, in all its forms."""
    return all(string) and len(string) > 1 if isinstance(string, tuple | list) else bool(string)


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    template = collect()
    TEMPLATE.write_bytes(written(template))
    missing = 0
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/canteen.po")):
        for text in renew(path, template):
            missing += 1
            sys.stdout.write(f"{path.parent.parent.name}: not translated: {text}\n")
    sys.stdout.write(f"{len(template)} texts, {missing} translations missing.\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
