"""The journeys are about what people see, not about how quick the machine is that walks them."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def unhurried() -> Iterator[None]:
    """Slack's three seconds are half a minute here, for a browser, a program and the local Slack on one busy machine;
    that they are three is tested in tests/sandbox."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("sandbox.tickets.TRIGGER_LIFE", 30.0)
        changed.setattr("sandbox.delivery.socket.PATIENCE", 30.0)
        yield
