from tests.features.members.conftest import edge, slack

__all__ = ["edge", "slack"]
