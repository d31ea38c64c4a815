"""Text from people and files is data: the one place where it is escaped, its mentions defused, its links checked.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from datetime import datetime

from bot.core.strings import CONTROL, INVISIBLE, https_url, why_unusable

__all__ = [
    "channel_link",
    "clean",
    "escape",
    "https_url",
    "link",
    "mention",
    "slack_time",
    "spoken",
    "unescape",
    "why_unusable",
]

BROADCAST = re.compile(r"@(here|channel|everyone)\b", re.IGNORECASE)


def escape(text: str) -> str:
    """For mrkdwn and top-level text: exactly `&`, `<` and `>`, then what Slack might still read as a broadcast."""
    safe = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return BROADCAST.sub("@\u2060\\1", safe)


def spoken(said: str) -> str:
    """Our own mrkdwn for a message's `text`, which is read aloud: without the marks for bold and for typing."""
    return said.replace("*", "").replace("`", "")


def unescape(text: str) -> str:
    """Message events arrive escaped; what is stored is what the person typed."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clean(text: str) -> str:
    return CONTROL.sub("", INVISIBLE.sub("", text))


def link(url: str, shown: str) -> str:
    """A mrkdwn link whose label is our own words; for an unusable URL only the label."""
    usable = https_url(url)
    return escape(shown) if usable is None else f"<{usable.replace('&', '&amp;')}|{escape(shown).replace('|', '¦')}>"


def message_link(address: str, shown: str) -> str:
    """As `link`, for the address of a message of ours (`delivery.links`): the local Slack's is not https."""
    return f"<{address.replace('&', '&amp;')}|{escape(shown).replace('|', '¦')}>"


def mention(user_id: str) -> str:
    """A live mention, for ids from Slack's own payloads only."""
    return f"<@{user_id}>" if re.fullmatch(r"[UW][A-Z0-9]+", user_id) else ""


def channel_link(channel_id: str) -> str:
    return f"<#{channel_id}>" if re.fullmatch(r"[CG][A-Z0-9]+", channel_id) else ""


def slack_time(moment: datetime, pattern: str, fallback: str) -> str:
    """Slack shows it in each reader's own zone: `pattern` such as "{date_short_pretty} at {time}"."""
    return f"<!date^{int(moment.timestamp())}^{pattern}|{fallback}>"
