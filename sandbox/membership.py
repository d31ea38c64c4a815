"""Who is in which channel, DMs, and what happens to channels as a whole."""

from sandbox import posting
from sandbox.delivery import events
from sandbox.slack import Slack
from sandbox.store import Channel, Json


def open_dm(slack: Slack, team: str, one: str, two: str) -> tuple[Channel, bool]:
    """The DM of two people and whether it was there already."""
    found = slack.store.dm(one, two)
    if found:
        return found, True
    made = Channel(
        id=slack.ids.new("D"),
        team=team,
        name=two,
        kind="dm",
        members={one, two},
        created=int(slack.clock.now()),
    )
    slack.store.add_dm(made)
    slack.viewers.touch(made.members)
    return made, False


def join(slack: Slack, channel: Channel, user: str, *, inviter: str | None = None) -> None:
    channel.members.add(user)
    noun = "group" if channel.kind == "private" else "channel"
    posting.post(slack, channel, user, f"<@{user}> has joined the {noun}", subtype=f"{noun}_join")
    event = _membership(slack, channel, user)
    if inviter:
        event["inviter"] = inviter
    events.channel_event(slack, channel, "member_joined_channel", event, members_only=True)
    slack.viewers.touch()


def leave(slack: Slack, channel: Channel, user: str) -> None:
    app = slack.store.app_of_bot(user)
    event = _membership(slack, channel, user)
    channel.members.discard(user)
    if app:
        name = "group_left" if channel.kind == "private" else "channel_left"
        left = {"type": name, "channel": channel.id, "actor_id": user}
        events.publish(slack, app, name, left, channel=channel)
    events.channel_event(slack, channel, "member_left_channel", event, members_only=True)
    slack.viewers.touch()


def archive(slack: Slack, channel: Channel, user: str, *, archived: bool) -> None:
    channel.archived = archived
    name = _prefix(channel) + ("_archive" if archived else "_unarchive")
    events.channel_event(slack, channel, name, {"channel": channel.id, "user": user})
    slack.viewers.touch()


def rename(slack: Slack, channel: Channel, name: str) -> None:
    channel.name = name
    body = {"channel": {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}}
    events.channel_event(slack, channel, _prefix(channel) + "_rename", body)
    slack.viewers.touch()


def delete(slack: Slack, channel: Channel, user: str) -> None:
    channel.deleted = True
    events.channel_event(slack, channel, _prefix(channel) + "_deleted", {"channel": channel.id, "actor_id": user})
    slack.viewers.touch()


def _membership(slack: Slack, channel: Channel, user: str) -> Json:
    letter = "G" if channel.kind == "private" else "C"
    team = slack.store.people[user].home_team
    return {"user": user, "channel": channel.id, "channel_type": letter, "team": team}


def _prefix(channel: Channel) -> str:
    return "group" if channel.kind == "private" else "channel"
