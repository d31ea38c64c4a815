"""Which command somebody meant by what they typed after a slash."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.features.members.seams import Command

HELP = {"help", "?", "hilfe", "aide", "ajuda", "ayuda"}


@dataclass(frozen=True, kw_only=True)
class Meant:
    """`command` None: help is wanted, or the `word` is unknown and `close` ones may have been meant."""

    command: Command | None
    word: str = ""
    rest: str = ""
    close: tuple[str, ...] = ()


def meant(text: str, commands: Sequence[Command]) -> Meant:
    """Upper and lower case are one. `commands` are those of the slash command that was used."""
    typed, _, rest = text.strip().partition(" ")
    word = typed.casefold()
    for command in commands:
        if command.word == word:
            return Meant(command=command, word=word, rest=rest.strip())
    if word in HELP or not word:
        return Meant(command=None)
    known = sorted({command.word for command in commands if command.word})
    return Meant(command=None, word=typed, close=tuple(get_close_matches(word, known, n=3, cutoff=0.6)))
