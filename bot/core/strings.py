"""What text no field takes, and which addresses are safe to show: pure checks for files, forms and messages alike."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

# Bidirectional overrides and invisible characters can make a link or a name look like another.
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
WORD = re.compile(r"\w+")
SURROGATE = re.compile("[\ud800-\udfff]")
MAX_COMBINING = 8
# No character below U+0300 combines, so that ordinary text is passed by one quick look.
SUSPICIOUS = re.compile("[\u0300-\U0010ffff]{%d,}" % (MAX_COMBINING + 1))  # noqa: UP031 - braces are the pattern's own


def why_unusable(text: str) -> str | None:
    """A code for text that no field takes: `nul`, `surrogate`, `combining`; None for ordinary text."""
    if "\x00" in text:
        return "nul"
    if text.isascii():
        return None
    if SURROGATE.search(text):
        return "surrogate"
    return "combining" if any(_overloaded(found.group()) for found in SUSPICIOUS.finditer(text)) else None


def _overloaded(text: str) -> bool:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            return True
    return False


def names_any(said: str, names: Iterable[str]) -> bool:
    """Whether one of `names` (keys, as customers have them) is mentioned, as whole words. Japanese and Chinese set no
    spaces between them."""
    words = _spaced(said)
    return any(_spaced(name) in words or (name >= "\u3000" and name in said.casefold()) for name in names)


def _spaced(said: str) -> str:
    return f" {' '.join(WORD.findall(said.casefold()))} "


def https_url(url: str | None) -> str | None:
    """The URL if it is plain https with a host, no user part, no invisible characters; else None."""
    if not url or len(url) > 3000 or INVISIBLE.search(url) or CONTROL.search(url) or re.search(r"[\s<>|]", url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme == "https" and host and "@" not in parts.netloc else None
