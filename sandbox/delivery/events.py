"""Events to the apps that subscribe to them, each at most four times."""

import asyncio
import base64
import json
from dataclasses import replace

from sandbox.delivery.parcel import Parcel, Reply
from sandbox.slack import Slack
from sandbox.store import Channel, Json
from sandbox.world import App

RETRIES = (0.0, 60.0, 300.0)

# What an app must hold to be told; message events depend on the kind of channel.
_SCOPES = {
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "app_mention": ("app_mentions:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_created": ("channels:read",),
    "channel_left": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "file_shared": ("files:read",),
    "dnd_updated_user": ("dnd:read",),
}
_BY_KIND = {"public": "message.channels", "private": "message.groups", "dm": "message.im"}


def message_event(slack: Slack, channel: Channel, event: Json) -> None:
    """A `message` event to every subscribed app that is in the channel."""
    body = {
        **event,
        "channel": channel.id,
        "channel_type": {"public": "channel", "private": "group"}.get(channel.kind, "im"),
    }
    body.setdefault("event_ts", body.get("ts"))
    for app in slack.store.apps_in(channel.team):
        if app.bot_user in channel.members:
            publish(slack, app, _BY_KIND[channel.kind], body, channel=channel)


def channel_event(slack: Slack, channel: Channel, name: str, event: Json, *, members_only: bool = False) -> None:
    """Tell apps about a channel: anyone for public ones, members for private ones or where Slack says so."""
    for app in slack.store.apps_in(channel.team):
        if app.bot_user in channel.members or (channel.kind == "public" and not members_only):
            publish(slack, app, name, {"type": name, **event}, channel=channel)


def publish(slack: Slack, app: App, name: str, event: Json, *, channel: Channel | None = None) -> None:
    """Begin the delivery of one event to one app, if it subscribed to `name` and may see it."""
    if name not in app.manifest.bot_events or not _granted(app, name) or not _installed(slack, app):
        return
    event.setdefault("event_ts", slack.ids.ts(slack.clock.now()))
    slack.spawn(_deliver(slack, app, _envelope(slack, app, event, channel), _first_try(slack)))


def _installed(slack: Slack, app: App) -> bool:
    grants = [g for g in slack.store.grants.values() if g.is_bot and (g.app.id, g.app.team) == (app.id, app.team)]
    return any(grant.state == "active" for grant in grants)


def _granted(app: App, name: str) -> bool:
    needed = _SCOPES.get(name)
    return needed is None or any(scope in app.manifest.bot_scopes for scope in needed)


def _first_try(slack: Slack) -> "asyncio.Future[None]":
    first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    slack.first_tries.add(first)
    first.add_done_callback(slack.first_tries.discard)
    return first


def _envelope(slack: Slack, app: App, event: Json, channel: Channel | None) -> Json:
    authorization = {
        "enterprise_id": None,
        "team_id": app.team,
        "user_id": app.bot_user,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    context = json.dumps({"et": event["type"], "tid": app.team, "aid": app.id, "cid": channel.id if channel else ""})
    return {
        "token": "local",
        "team_id": app.team,
        "context_team_id": app.team,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": slack.ids.new("Ev"),
        "event_time": int(slack.clock.now()),
        "authorizations": [authorization],
        "is_ext_shared_channel": bool(channel and channel.shared),
        "event_context": "4-" + base64.urlsafe_b64encode(context.encode()).decode().rstrip("="),
    }


async def _deliver(slack: Slack, app: App, payload: Json, first: "asyncio.Future[None]") -> Reply:
    parcel = Parcel(kind="events_api", payload=payload, url=app.manifest.events_url)
    try:
        reply = await slack.courier.deliver(_current(slack, app), parcel)
    finally:
        if not first.done():
            first.set_result(None)
    for number, pause in enumerate(RETRIES, 1):
        if reply.ok or reply.no_retry:
            break
        await slack.clock.until(slack.clock.now() + pause * slack.retry_scale)
        parcel = replace(parcel, retry=number, retry_reason=reply.reason)
        reply = await slack.courier.deliver(_current(slack, app), parcel, avoid=reply.via)
    return reply


def _current(slack: Slack, app: App) -> App:
    """The app as it is set up now: its URL may have been changed between two tries."""
    return slack.store.apps.get((app.team, app.id), app)
