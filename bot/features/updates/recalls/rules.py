"""How much of an update somebody may take out of channels, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How much of an update somebody may take back: `all`, for its adopters too, or only its posts in the channels they
    own. `taken`: out of these they did."""

    all: bool = False
    channels: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.all or self.channels or self.taken)


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """`reach` None: may not, or it is not there. `already`: had been. `stays`: the story that editors made of it."""

    reach: Reach | None = None
    already: bool = False
    stays: bool = False
