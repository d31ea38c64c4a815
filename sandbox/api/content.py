"""Checks of what a call wants shown: blocks, views, attachments, metadata, text."""

from typing import Any

from sandbox import elements, text
from sandbox.api.registry import Call
from sandbox.errors import SlackError
from sandbox.kit import (
    Problem,
    check_attachments,
    check_blocks,
    check_metadata,
    check_text,
    check_view,
    fallback_text,
)
from sandbox.slack import Slack
from sandbox.store import Json


def refuse(problems: list[Problem]) -> None:
    """Raise Slack's answer for these problems, if there are any."""
    if problems:
        lines = [f"{p.message} [json-pointer:{p.pointer}]" for p in problems]
        raise SlackError(problems[0].code, messages=[f"[ERROR] {line}" for line in lines], errors=lines)


def blocks(call: Call, value: Any) -> list[Json]:
    """A message's blocks, checked and each with a block_id; an absent or empty list is no blocks."""
    if value is None or value == []:
        return []
    refuse(check_blocks(value, "message"))
    check_files(call.slack, call.grant.user, value, "/blocks")
    return elements.with_ids(call.slack.ids, value)


def check_files(slack: Slack, poster: str, value: Any, under: str) -> None:
    """A slack_file must be there, processed, a picture, and open to the poster; a new upload is not yet."""
    for pointer, wanted in _slack_files(value, under):
        by_url = wanted.get("url", "")
        found = slack.store.files.get(wanted.get("id", "")) or next(
            (f for f in slack.store.files.values() if by_url and f"/files/{f.id}/" in by_url), None
        )
        usable = (
            found is not None
            and not found.deleted
            and found.completed
            and slack.clock.now() >= found.ready_at
            and found.mimetype in ("image/png", "image/jpeg", "image/gif")
            and (found.user == poster or any(poster in slack.store.channels[c].members for c in found.shared_in))
        )
        if not usable:
            line = f"invalid slack file [json-pointer:{pointer}]"
            raise SlackError("invalid_blocks", messages=[f"[ERROR] {line}"], errors=[line])


def _slack_files(part: Any, pointer: str) -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    if isinstance(part, list):
        for number, one in enumerate(part):
            found += _slack_files(one, f"{pointer}/{number}")
    elif isinstance(part, dict):
        for name, one in part.items():
            if name == "slack_file" and isinstance(one, dict):
                found.append((f"{pointer}/slack_file", one))
            else:
                found += _slack_files(one, f"{pointer}/{name}")
    return found


def view(call: Call, *, kinds: tuple[str, ...]) -> Json:
    value = call.args.nested("view")
    if not isinstance(value, dict):
        raise SlackError("invalid_arguments", messages=["[ERROR] must provide an object [json-pointer:/view]"])
    return checked_view(call.slack, call.grant.user, value, kinds=kinds)


def checked_view(slack: Slack, poster: str, value: Json, *, kinds: tuple[str, ...]) -> Json:
    if value.get("type") not in kinds:
        raise SlackError(
            "invalid_arguments",
            messages=[f"[ERROR] unsupported type: {value.get('type')} [json-pointer:/view/type]"],
        )
    refuse(check_view(value))
    check_files(slack, poster, value.get("blocks"), "/view/blocks")
    return value


def attachments(call: Call) -> list[Json]:
    value = call.args.nested("attachments", code="invalid_attachments")
    if value in (None, []):
        return []
    refuse(check_attachments(value))
    return list(value)


def metadata(call: Call) -> Json | None:
    value = call.args.nested("metadata", code="invalid_metadata_format")
    if value in (None, {}):
        return None
    refuse(check_metadata(value))
    return dict(value)


def check_length(given: str, *, update: bool) -> None:
    code = check_text(given, update=update)
    if code:
        raise SlackError(code)


def summary(given: str, shown: list[Json], *, link_urls: bool = True) -> str:
    """The message's text: what was given, else what Slack builds from the blocks."""
    return text.stored(given or (fallback_text(shown) if shown else ""), link_urls=link_urls)
