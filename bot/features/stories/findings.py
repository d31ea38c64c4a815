"""Which files of a folder are stories, and what is found wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bot.core.texts import Text, worded
from bot.features.customers.seams import Refusal
from bot.features.stories.reading import Problem

MOST_FILES = 20_000


@dataclass(kw_only=True)
class Findings:
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[Text] = field(default_factory=list)

    def take(self, file: str, problems: Sequence[Problem]) -> None:
        for problem in problems:
            if problem.warning:
                where = f"{file}:{problem.line}: {problem.column}"
                self.warnings.append(worded("{where}: {why}; {cure}", where=where, why=problem.why, cure=problem.cure))
            else:
                self.refuse(file, problem.line, problem.column, problem.why, problem.cure)

    def refuse(self, file: str, line: int, column: str, why: Text, cure: Text) -> None:
        self.refused.append(Refusal(file=file, line=line, column=column, why=why, cure=cure))


def files_of(path: Path, found: Findings) -> tuple[Path, list[Path]]:
    """The folder, and its stories in order; none where something is wrong with it."""
    root = path if path.is_dir() else path.parent
    if path.is_dir():
        files = list(islice((file for file in path.rglob("*.md") if _is_story(path, file)), MOST_FILES + 1))
        if len(files) > MOST_FILES:
            why = worded("there are over {limit} files", limit=MOST_FILES)
            found.refuse(path.name, 0, "", why, worded("import them folder by folder"))
            files = []
        elif not files:
            why = worded("there is no Markdown file (.md) in it")
            found.refuse(path.name, 0, "", why, worded("check the folder's name"))
        return root, sorted(files)
    if path.is_file():
        return root, [path]
    found.refuse(path.name, 0, "", worded("there is no such folder"), worded("check the name"))
    return root, []


def _is_story(root: Path, file: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.is_file() and not hidden and file.name.casefold() != "readme.md"
