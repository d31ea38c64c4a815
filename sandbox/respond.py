"""What an app says back: through a response_url, or in its answer to a command."""

from typing import Any

from sandbox import elements, posting, text
from sandbox.errors import SlackError
from sandbox.kit import check_attachments, check_blocks, check_text, fallback_text
from sandbox.slack import Slack
from sandbox.store import Channel, Json, Message
from sandbox.tickets import ResponseUrl
from sandbox.world import App

_KEYS = frozenset(
    [
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "mrkdwn",
        "unfurl_links",
        "unfurl_media",
        "metadata",
        "parse",
        "link_names",
        "username",
        "icon_emoji",
        "icon_url",
    ]
)


def by_url(slack: Slack, key: str, body: Any) -> None:
    """Carry out one POST to a response_url; every try counts as a use."""
    url = slack.tickets.use_url(key, slack.clock.now())
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    app = slack.store.apps.get((url.team, url.app_id))
    channel = slack.store.channels[url.channel]
    if app is None:
        raise SlackError("invalid_payload")
    original = channel.messages.get(url.message_ts or "")
    if original is not None and original.deleted:
        original = None
    if body.get("delete_original"):
        if original is None:
            raise SlackError("message_not_found")
        posting.delete(slack, channel, original)
        return
    said = _checked(slack, body)
    if body.get("replace_original") and original is not None:
        _replace(slack, channel, original, said)
        return
    _say(slack, app, channel, url, body, said)


def _replace(slack: Slack, channel: Channel, original: Message, said: Json) -> None:
    posting.edit(slack, channel, original, mark=False, **said)


def _say(slack: Slack, app: App, channel: Channel, url: ResponseUrl, body: Json, said: Json) -> None:
    aloud = body.get("response_type") == "in_channel"
    thread = body.get("thread_ts") or None
    posting.post(
        slack,
        channel,
        app.bot_user,
        app=app,
        body=said.pop("text"),
        ephemeral_to=None if aloud else url.user,
        thread_ts=thread or (url.thread_ts if not aloud else None),
        unfurl_links=body.get("unfurl_links"),
        unfurl_media=body.get("unfurl_media"),
        **said,
    )


def to_command(slack: Slack, app: App, channel: Channel, user: str, body: Any) -> None:
    """A command's own answer may be a text or a message; an empty one says nothing."""
    if isinstance(body, str):
        body = {"text": body} if body.strip() else None
    if not isinstance(body, dict) or not body:
        return
    said = _checked(slack, body)
    posting.post(
        slack,
        channel,
        app.bot_user,
        app=app,
        body=said.pop("text"),
        ephemeral_to=None if body.get("response_type") == "in_channel" else user,
        **said,
    )


def _checked(slack: Slack, body: Json) -> Json:
    unknown = set(body) - _KEYS
    if unknown:
        raise SlackError("invalid_payload", messages=[f"[ERROR] unknown field: {sorted(unknown)[0]}"])
    blocks, attachments, given = body.get("blocks") or [], body.get("attachments") or [], body.get("text") or ""
    problems = [
        *(check_blocks(blocks, "message") if blocks else ()),
        *(check_attachments(attachments) if attachments else ()),
    ]
    if problems:
        raise SlackError(problems[0].code, messages=[str(p) for p in problems])
    code = check_text(given, update=False)
    if code:
        raise SlackError(code)
    if not given and not blocks and not attachments:
        raise SlackError("no_text")
    return {
        "text": text.stored(given or fallback_text(blocks)),
        "blocks": elements.with_ids(slack.ids, blocks),
        "attachments": attachments,
    }
