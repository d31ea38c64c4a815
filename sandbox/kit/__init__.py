"""Block Kit as strict as Slack: pure checks of blocks, views, attachments, metadata and text."""

from sandbox.kit.check import check_attachments, check_blocks, check_metadata, check_text, check_view
from sandbox.kit.fallback import fallback_text
from sandbox.kit.problem import Problem, Surface

__all__ = [
    "Problem",
    "Surface",
    "check_attachments",
    "check_blocks",
    "check_metadata",
    "check_text",
    "check_view",
    "fallback_text",
]
