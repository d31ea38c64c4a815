from tests.features.members.conftest import _as_strict_as_slack, edge, slack

__all__ = ["_as_strict_as_slack", "edge", "slack"]
