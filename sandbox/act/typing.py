"""Saying things: messages, commands, edits, files, reactions."""

import base64
import binascii
import re
from typing import Any

from sandbox import posting, reactions, respond, text, uploads
from sandbox.act import finding
from sandbox.act.request import Request
from sandbox.delivery import interactions
from sandbox.errors import CannotDoError, SlackError
from sandbox.manifest import Command
from sandbox.slack import Slack
from sandbox.store import Channel, File, Message
from sandbox.world import App

LONGEST = 12_000


async def say(slack: Slack, ask: Request) -> None:
    channel = finding.channel(slack, ask.user, ask.get("channel"))
    words = ask.need("text")
    if words.startswith("/") and not ask.get("thread_ts") and _command(slack, ask.user, words):
        await command(slack, ask)
        return
    if words.startswith("/") and re.match(r"/[a-z0-9_-]+(\s|$)", words):
        _unknown(slack, ask.user, channel, words)
        return
    _writable(slack, ask.user, channel)
    root = _root(slack, ask, channel)
    if len(words) > LONGEST:
        raise CannotDoError("too_long", f"a message has at most {LONGEST} characters")
    body = text.typed(words, slack.store, channel.team)
    posting.post(slack, channel, ask.user, body, thread_ts=root.ts if root else None, blocks=_rich(slack, words))


def _rich(slack: Slack, words: str) -> list[Any]:
    """People's messages carry their words as rich text too, as Slack's clients send them."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    return [{"type": "rich_text", "block_id": slack.ids.secret()[:5], "elements": [section]}]


def _root(slack: Slack, ask: Request, channel: Channel) -> Message | None:
    if not ask.get("thread_ts"):
        return None
    _, found = finding.message(slack, ask.user, {"channel": channel.id, "ts": ask.get("thread_ts")})
    if found.ephemeral_to:
        raise CannotDoError("no_thread", "nobody can answer in the thread of a private message", status=409)
    return channel.messages.get(found.thread_ts or found.ts, found)


def _writable(slack: Slack, user: str, channel: Channel) -> None:
    if slack.store.kind(user) in ("deactivated", "bot"):
        raise CannotDoError("cannot_write", f"{user} cannot write", status=409)
    if channel.archived:
        raise CannotDoError("is_archived", "the channel is archived", status=409)
    if channel.read_only and slack.store.kind(user) != "admin":
        raise CannotDoError("read_only", "only admins write here", status=409)
    app = slack.store.app_of_bot(channel.other(user)) if channel.is_dm else None
    if app and (not app.manifest.messages_tab or app.manifest.messages_tab_read_only):
        raise CannotDoError("messages_tab_disabled", f"{app.name} takes no messages", status=409)


async def command(slack: Slack, ask: Request) -> None:
    channel = finding.channel(slack, ask.user, ask.get("channel"))
    words = ask.need("text")
    found = _command(slack, ask.user, words)
    if found is None:
        _unknown(slack, ask.user, channel, words)
        return
    if channel.archived:
        raise CannotDoError("is_archived", "the channel is archived", status=409)
    app, wanted = found
    name, _, rest = words.partition(" ")
    reply = await interactions.command(slack, app, wanted, ask.user, channel, rest.strip())
    if not reply.ok:
        code = "operation_timeout" if reply.reason == "http_timeout" else "dispatch_failed"
        kind = "timeout" if reply.reason == "http_timeout" else "error"
        slack.notice(ask.user, kind, f'{name} failed with the error "{code}"', channel.id)
        return
    try:
        respond.to_command(slack, app, channel, ask.user, reply.body)
    except SlackError as error:
        slack.notice(ask.user, "error", f'{name} failed with the error "{error.code}"', channel.id)


def _command(slack: Slack, user: str, words: str) -> tuple[App, Command] | None:
    """Commands are for people of the app's own team."""
    name = words.split(maxsplit=1)[0]
    person = slack.store.people[user]
    if person.kind == "external":
        return None
    for app in slack.store.apps_in(person.team):
        for one in app.manifest.commands:
            if one.command == name:
                return app, one
    return None


def _unknown(slack: Slack, user: str, channel: Channel, words: str) -> None:
    name = words.split(maxsplit=1)[0]
    slack.notice(
        user,
        "error",
        f'{name} is not a valid command. In Slack, all messages that start with "/" are commands.',
        channel.id,
    )


async def edit(slack: Slack, ask: Request) -> None:
    channel, message = _own(slack, ask)
    words = ask.need("text")
    posting.edit(
        slack,
        channel,
        message,
        mark=True,
        text=text.typed(words, slack.store, channel.team),
        blocks=_rich(slack, words),
    )


async def delete(slack: Slack, ask: Request) -> None:
    channel, message = _own(slack, ask)
    posting.delete(slack, channel, message)


def _own(slack: Slack, ask: Request) -> tuple[Channel, Message]:
    channel, message = finding.message(slack, ask.user, ask.get("in"))
    if message.user != ask.user or message.subtype not in (None, "file_share"):
        raise CannotDoError("not_yours", "only one's own messages can be changed", status=409)
    _writable(slack, ask.user, channel)
    return channel, message


async def drop(slack: Slack, ask: Request) -> None:
    channel = finding.channel(slack, ask.user, ask.get("channel"))
    _writable(slack, ask.user, channel)
    root = _root(slack, ask, channel)
    entries = ask.get("files")
    if not isinstance(entries, list) or not entries:
        raise CannotDoError("missing_argument", "files is needed: [{name, base64 or text}]")
    files = [take_file(slack, ask.user, channel.team, entry) for entry in entries]
    words = text.typed(str(ask.get("text") or ""), slack.store, channel.team)
    uploads.share(slack, channel, ask.user, files, text=words, thread_ts=root.ts if root else None)


def take_file(slack: Slack, user: str, team: str, entry: Any) -> File:
    """A file from a person's own machine, processed at once."""
    if not isinstance(entry, dict) or not entry.get("name") or not ({"base64", "text"} & set(entry)):
        raise CannotDoError("invalid_file", "each file needs a name and base64 or text")
    try:
        data = base64.b64decode(entry["base64"], validate=True) if "base64" in entry else str(entry["text"]).encode()
    except (binascii.Error, ValueError, TypeError):
        raise CannotDoError("invalid_file", f"{entry['name']}: not base64") from None
    made = uploads.new(slack, team, user, str(entry["name"]), len(data), alt=str(entry.get("alt") or ""))
    made.data, made.uploaded = data, True
    uploads.finish(slack, made, delay=0.0)
    return made


async def react(slack: Slack, ask: Request) -> None:
    channel, message = finding.message(slack, ask.user, ask.get("in"))
    if channel.archived or message.ephemeral_to:
        raise CannotDoError("cannot_react", "there is no reacting to this", status=409)
    reactions.add(slack, channel, message, ask.user, ask.need("name").strip(":"))


async def unreact(slack: Slack, ask: Request) -> None:
    channel, message = finding.message(slack, ask.user, ask.get("in"))
    reactions.remove(slack, channel, message, ask.user, ask.need("name").strip(":"))
