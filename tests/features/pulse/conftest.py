"""Fixtures of the members' tests, for presses through Bolt."""

from tests.features.members.conftest import edge, slack

__all__ = ["edge", "slack"]
