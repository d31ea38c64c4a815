"""Whatever is asked here, by whomever: nothing of it is logged (faults F10)."""

import logging
from collections.abc import Iterator

import pytest

from bot.commands.app import NOISY
from tests.rights import door, world

SECRETS = (world.SECRET, door.SECRET.decode(), "xoxb-", "v0=", "hooks.example")


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """At the level that says most, with the loggers as the program has them."""
    caplog.set_level(logging.DEBUG)
    for noisy in NOISY:
        caplog.set_level(logging.WARNING, logger=noisy)
    yield
    found = [line for line in caplog.text.splitlines() if any(secret in line for secret in SECRETS)]
    assert found == []
