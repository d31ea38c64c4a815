"""What `doctor` says."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["fine", "note", "serious"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`serious`: something that should work does not, or will not. Whatever is not fine has its cure."""

    level: Level
    what: str
    cure: str = ""
