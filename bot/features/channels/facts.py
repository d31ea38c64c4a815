"""What Slack says about a channel, read once into frozen values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`outsiders`: people of another company can read there (Slack Connect). `member`: Canteen is in it.
    `direct`: a message between people, not a channel."""

    name: str
    archived: bool
    private: bool
    outsiders: bool
    member: bool
    direct: bool = False


def read_facts(answer: Mapping[str, Any]) -> Facts:
    """From conversations.info. A share that was offered counts from the moment it is pending."""
    channel = answer.get("channel")
    channel = channel if isinstance(channel, Mapping) else {}
    return Facts(
        name=str(channel.get("name") or ""),
        archived=bool(channel.get("is_archived")),
        private=bool(channel.get("is_private")),
        outsiders=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
        member=bool(channel.get("is_member")),
        direct=bool(channel.get("is_im") or channel.get("is_mpim")),
    )


GONE = {
    "channel_archive": "is_archived",
    "group_archive": "is_archived",
    "channel_deleted": "channel_deleted",
    "group_deleted": "channel_deleted",
    "channel_left": "not_in_channel",
    "group_left": "not_in_channel",
}
EVENTS = (
    *GONE,
    "member_joined_channel",
    "member_left_channel",
    "channel_rename",
    "group_rename",
    "channel_unarchive",
    "group_unarchive",
    "channel_shared",
    "channel_unshared",
    "channel_id_changed",
)


@dataclass(frozen=True, kw_only=True)
class Happened:
    """An event about a channel. `other`: the channel's new id or new name."""

    workspace_id: str
    event_id: str
    what: str
    channel_id: str
    user_id: str = ""
    other: str = ""
    still_shared: bool = False


def read_event(body: Mapping[str, Any]) -> Happened | None:
    """None for what does not name a workspace, an event and a channel."""
    event = body.get("event")
    event = event if isinstance(event, Mapping) else {}
    channel = event.get("channel")
    channel_id, name = channel, event.get("name")
    if isinstance(channel, Mapping):
        channel_id, name = channel.get("id"), channel.get("name")
    if event.get("type") == "channel_id_changed":
        channel_id, name = event.get("old_channel_id"), event.get("new_channel_id")
    workspace_id, event_id = body.get("team_id"), body.get("event_id")
    if not (isinstance(workspace_id, str) and isinstance(event_id, str) and isinstance(channel_id, str)):
        return None
    user = event.get("user")
    return Happened(
        workspace_id=workspace_id,
        event_id=event_id,
        what=str(event.get("type") or ""),
        channel_id=channel_id,
        user_id=user if isinstance(user, str) else "",
        other=name if isinstance(name, str) else "",
        still_shared=bool(event.get("is_ext_shared")),
    )
