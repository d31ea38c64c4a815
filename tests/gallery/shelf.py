"""A shelf of pieces: each is what one function gave for one state, with the function kept to see that none is missing."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.slack.kit import Block, Message, View
from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One thing that Slack would show. `payload` as it would be sent."""

    name: str
    kind: str
    payload: dict[str, Any]
    state: str

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "kind": self.kind, "payload": self.payload, "state": self.state}

    @property
    def file_name(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.name.casefold()).strip("-")


@dataclass
class Shelf:
    words: Words
    pieces: list[Piece] = field(default_factory=list)
    shown: set[Callable[..., Any]] = field(default_factory=set)

    def show(self, state: str, make: Callable[..., Message | View], *given: Any, **more: Any) -> None:
        """`make` with our words and what is given, as a message or view in that state."""
        made = make(self.words, *given, **more)
        self.shown.add(make)
        kind = "message" if isinstance(made, Message) else made.type
        if isinstance(made, Message):
            payload: dict[str, Any] = {"text": made.text, **({"blocks": list(made.blocks)} if made.blocks else {})}
        else:
            payload = made.payload()
        self._put(make, kind, payload, state)

    def said(self, state: str, make: Callable[..., str], *given: Any, **more: Any) -> None:
        """A sentence that is shown by itself, as the answer to one press."""
        text = make(self.words, *given, **more)
        self.shown.add(make)
        self._put(make, "message", {"text": text, "ephemeral": True}, state)

    def part(self, state: str, make: Callable[..., Sequence[Block]], *given: Any, **more: Any) -> Sequence[Block]:
        """A part of Home on a page of its own, also given back for whole pages."""
        blocks = list(make(self.words, *given, **more))
        self.shown.add(make)
        if blocks:
            self._put(make, "home", {"type": "home", "blocks": blocks}, state)
        return blocks

    def _put(self, make: Callable[..., Any], kind: str, payload: dict[str, Any], state: str) -> None:
        feature = make.__module__.split(".")[-2]
        name = f"{feature}: {make.__name__.replace('_', ' ')} ({state})"
        if any(piece.name == name for piece in self.pieces):
            raise ValueError(f"two pieces are called {name}")
        self.pieces.append(Piece(name=name, kind=kind, payload=payload, state=state))
