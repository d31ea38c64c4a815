"""Identifiers, handed down as an argument."""

import secrets
from collections.abc import Callable
from itertools import count

NewId = Callable[[], str]


def new_id() -> str:
    """24 hexadecimal characters that nobody can guess; safe in Slack's values (75) and ids (255)."""
    return secrets.token_hex(12)


def in_order(new_id: NewId) -> NewId:
    """For many rows that are written at once: ids that grow, so that neighbours in a file are neighbours in the
    database, which writes them in two thirds of the time. Their last 18 characters are as hard to guess as ever."""
    numbers = count()
    return lambda: f"{next(numbers):06x}{new_id()[6:]}"
