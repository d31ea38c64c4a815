"""Identifiers, handed down as an argument."""

import secrets
from collections.abc import Callable

NewId = Callable[[], str]


def new_id() -> str:
    """24 hexadecimal characters that nobody can guess; safe in Slack's values (75) and ids (255)."""
    return secrets.token_hex(12)
