"""Text from people and files is data: the one place where it is escaped, its mentions defused, its links checked.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
import unicodedata
from datetime import datetime
from urllib.parse import urlsplit

# Bidirectional overrides and invisible characters can make a link or a name look like another.
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BROADCAST = re.compile(r"@(here|channel|everyone)\b", re.IGNORECASE)
MAX_COMBINING = 8


def escape(text: str) -> str:
    """For mrkdwn and top-level text: exactly `&`, `<` and `>`, then what Slack might still read as a broadcast."""
    safe = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return BROADCAST.sub("@\u2060\\1", safe)


def unescape(text: str) -> str:
    """Message events arrive escaped; what is stored is what the person typed."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clean(text: str) -> str:
    return CONTROL.sub("", INVISIBLE.sub("", text))


def why_unusable(text: str) -> str | None:
    """A code for text that no field takes: `nul`, `surrogate`, `combining`; None for ordinary text."""
    if "\x00" in text:
        return "nul"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "surrogate"
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            return "combining"
    return None


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


def link(url: str, shown: str) -> str:
    """A mrkdwn link whose label is our own words; for an unusable URL only the label."""
    usable = https_url(url)
    return escape(shown) if usable is None else f"<{usable.replace('&', '&amp;')}|{escape(shown).replace('|', '¦')}>"


def mention(user_id: str) -> str:
    """A live mention, for ids from Slack's own payloads only."""
    return f"<@{user_id}>" if re.fullmatch(r"[UW][A-Z0-9]+", user_id) else ""


def channel_link(channel_id: str) -> str:
    return f"<#{channel_id}>" if re.fullmatch(r"[CG][A-Z0-9]+", channel_id) else ""


def slack_time(moment: datetime, pattern: str, fallback: str) -> str:
    """Slack shows it in each reader's own zone: `pattern` such as "{date_short_pretty} at {time}"."""
    return f"<!date^{int(moment.timestamp())}^{pattern}|{fallback}>"
