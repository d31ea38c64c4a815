"""Language tags: what is written in several languages is shown in the one that a reader knows best."""

from collections.abc import Iterable, Sequence


def primary(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0].casefold()


def speaks(languages: Iterable[str], wanted: str) -> bool:
    return primary(wanted) in {primary(language) for language in languages}


def best_language(available: Sequence[str], wanted: str) -> str:
    """Of `available` (the original first): the very tag, else the same language elsewhere, else the original."""
    for language in available:
        if language.casefold() == wanted.casefold():
            return language
    return next((language for language in available if primary(language) == primary(wanted)), available[0])
