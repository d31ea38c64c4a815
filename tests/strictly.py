"""Every message and view that a test makes the bot say is checked as strictly as Slack would, wherever it was going.

It is noted rather than raised alone: what a sender or a handler catches would otherwise go unseen.
"""

from collections.abc import Generator
from typing import Any

import pytest

from bot.slack.kit import Message, View
from sandbox.kit import Problem, check_blocks, check_text, check_view

FOUND: list[str] = []


def _note(what: str, problems: list[Problem]) -> None:
    FOUND.extend(f"{what}: {problem}" for problem in problems)


def watch() -> None:
    """From now on, in this process."""
    made, payload = Message.__post_init__, View.payload

    def message(self: Message) -> None:
        made(self)
        _note(f"message {self.text[:60]!r}", check_blocks(list(self.blocks), "message"))
        if (error := check_text(self.text, update=True)) is not None:
            FOUND.append(f"message {self.text[:60]!r}: {error}")

    def view(self: View) -> dict[str, Any]:
        given = payload(self)
        _note(f"{self.type} {self.title or self.callback_id!r}", check_view(given))
        return given

    Message.__post_init__ = message  # type: ignore[method-assign]
    View.payload = view  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    FOUND.clear()
    outcome = yield
    if FOUND:
        pytest.fail("Slack would refuse what the bot made here:\n" + "\n".join(sorted(set(FOUND))[:10]), pytrace=False)
    return outcome
