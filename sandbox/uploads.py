"""Files: bytes taken in, processed a little later, shared into channels."""

import mimetypes

from sandbox import posting
from sandbox.delivery import events
from sandbox.slack import Slack
from sandbox.store import Channel, File, Json, Message
from sandbox.world import App

PROCESSING = 1.0


def new(slack: Slack, team: str, user: str, name: str, size: int, *, alt: str = "") -> File:
    made = File(
        id=slack.ids.new("F"),
        team=team,
        user=user,
        name=name,
        title=name,
        size=size,
        alt=alt,
        created=slack.clock.now(),
        upload_key=slack.ids.secret(),
    )
    slack.store.files[made.id] = made
    return made


def finish(slack: Slack, file: File, *, delay: float) -> None:
    """The upload is complete; Slack knows its type only after processing it."""
    file.completed = True
    file.mimetype = _sniffed(file)
    file.ready_at = slack.clock.now() + delay


def may_have(slack: Slack, user: str, file: File) -> bool:
    """Whether it is this one's own, was handed over in a form, or stands where this one can look."""
    if user == file.user or user in file.given_to:
        return True
    places = [slack.store.channels[one] for one in file.shared_in]
    return any(one.kind == "public" or user in one.members for one in places)


def _sniffed(file: File) -> str:
    for magic, kind in ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif")):
        if file.data.startswith(magic):
            return kind
    guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return "application/octet-stream" if guessed.startswith("image/") else guessed


def share(
    slack: Slack,
    channel: Channel,
    user: str,
    files: list[File],
    *,
    text: str = "",
    thread_ts: str | None = None,
    app: App | None = None,
    blocks: list[Json] | None = None,
) -> Message:
    """Post a message that carries the files, and tell apps of each."""
    made = posting.post(
        slack,
        channel,
        user,
        text,
        app=app,
        files=[file.id for file in files],
        subtype=None if app else "file_share",
        thread_ts=thread_ts,
        blocks=blocks or [],
    )
    for file in files:
        file.shared_in.append(channel.id)
        file.shares[channel.id] = made.ts
        body: Json = {"file_id": file.id, "user_id": user, "file": {"id": file.id}, "channel_id": channel.id}
        events.channel_event(slack, channel, "file_shared", body, members_only=True)
    return made
