"""Identifiers and other randomness, handed down as an argument."""

import secrets
from collections.abc import Callable
from random import Random

NewId = Callable[[], str]


def new_id() -> str:
    """24 hexadecimal characters that nobody can guess; safe in Slack's values (75) and ids (255)."""
    return secrets.token_hex(12)


def new_random() -> Random:
    return Random(secrets.randbits(128))  # noqa: S311 - jitter and shuffles, no secrets
