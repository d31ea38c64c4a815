"""What Slack does to text: entities, links, and finding who is mentioned."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.store import Json, Store

SPLIT_AT = 4_000
LONGEST = 40_000

_CONTROL = r"<(?:[@#][A-Z0-9]+(?:\|[^<>]*)?|![a-z]+(?:\^[^<>]*)?(?:\|[^<>]*)?|(?:https?://|mailto:|tel:)[^<>|\s]+(?:\|[^<>]*)?)>"
_TOKEN = re.compile(rf"({_CONTROL})|&(?!amp;|lt;|gt;)|<|>")
_MENTION = re.compile(
    r"<@[A-Z0-9]+(?:\|[^<>]*)?>|<!(?:channel|here|everyone)(?:\|[^<>]*)?>|<!subteam\^[A-Z0-9]+(?:\|[^<>]*)?>"
)
_BARE = re.compile(r"(?<![\w@<!/.])@(?:here|channel|everyone)\b")
_URL = re.compile(r"(?<![<|\w])https?://[^\s<>|]+[^\s<>|.,;:!?)\]'\"]")


def stored(text: str, *, link_urls: bool = True) -> str:
    """An app's `text` as Slack keeps it: control sequences stay, all other `&`, `<` and `>` become entities."""
    escaped = _TOKEN.sub(lambda m: m[1] or {"&": "&amp;", "<": "&lt;", ">": "&gt;"}[m[0]], text)
    return _URL.sub(lambda m: f"<{m[0]}>", escaped) if link_urls else escaped


def typed(text: str, store: Store, team: str) -> str:
    """What a person typed, as events carry it: everything escaped, then names they picked become mentions."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = _URL.sub(lambda m: f"<{m[0]}>", escaped)
    handles = {person.name: person.id for person in store.in_team(team)}
    channels = {c.name: c.id for c in store.channels.values() if c.team == team and c.kind == "public"}

    def mention(match: re.Match[str]) -> str:
        name = match[2].lower()
        if match[1] == "#":
            return f"<#{channels[name]}|{name}>" if name in channels else match[0]
        if name in ("here", "channel", "everyone"):
            return f"<!{name}>"
        return f"<@{handles[name]}>" if name in handles else match[0]

    return re.sub(r"(?<![\w<])([@#])([\w.-]*\w)", mention, escaped)


def command_text(text: str, store: Store, team: str) -> str:
    """With `should_escape`, people and channels in a command's text arrive as ids with their names."""

    def named(match: re.Match[str]) -> str:
        person = next((p for p in store.in_team(team) if p.id == match[1]), None)
        return f"<@{match[1]}|{person.name}>" if person else match[0]

    return re.sub(r"<@([A-Z0-9]+)>", named, typed(text, store, team))


def split(text: str) -> list[str]:
    """Slack cuts a long text without blocks into several messages."""
    text = text[:LONGEST]
    return [text[at : at + SPLIT_AT] for at in range(0, len(text), SPLIT_AT)] or [""]


def mentions(text: str, blocks: list[Json], *, link_names: bool = False) -> list[str]:
    """Everything in a message that would notify someone, from its text and its blocks, each once."""
    found = _MENTION.findall(text)
    if link_names:
        found += _BARE.findall(text)
    for block in blocks:
        found += _in_block(block)
    return list(dict.fromkeys(found))


def _in_block(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _in_block(one)
        return
    if not isinstance(part, Mapping):
        return
    kind = part.get("type")
    if kind in ("mrkdwn", "markdown") and isinstance(part.get("text"), str):
        yield from _MENTION.findall(part["text"])
        if not part.get("verbatim"):
            yield from _BARE.findall(part["text"])
        return
    if kind == "user" and "user_id" in part:
        yield f"<@{part['user_id']}>"
    elif kind == "usergroup" and "usergroup_id" in part:
        yield f"<!subteam^{part['usergroup_id']}>"
    elif kind == "broadcast" and "range" in part:
        yield f"<!{part['range']}>"
    for value in part.values():
        yield from _in_block(value)
