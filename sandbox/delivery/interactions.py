"""What apps are told when a person does something with their commands, buttons and modals."""

from typing import Any

from sandbox import objects, text
from sandbox.delivery.parcel import Parcel, Reply
from sandbox.manifest import Command, Shortcut
from sandbox.slack import Slack
from sandbox.store import Channel, Json, Message, View
from sandbox.tickets import ResponseUrl, Trigger
from sandbox.world import App


def trigger(slack: Slack, app: App, user: str, *, view: View | None = None) -> str:
    return slack.tickets.add_trigger(
        Trigger(
            id=slack.ids.trigger(),
            app_id=app.id,
            team=app.team,
            user=user,
            made=slack.clock.now(),
            view=view.id if view else None,
        )
    )


def response_url(slack: Slack, app: App, user: str, channel: Channel, message: Message | None = None) -> str:
    key = slack.tickets.add_url(
        ResponseUrl(
            id=slack.ids.secret(),
            app_id=app.id,
            team=app.team,
            user=user,
            channel=channel.id,
            made=slack.clock.now(),
            message_ts=message.ts if message else None,
            thread_ts=message.thread_ts if message else None,
        )
    )
    return f"{slack.url}/respond/{key}"


def _base(slack: Slack, app: App, user: str, kind: str) -> Json:
    team = next(team for team in slack.world.teams if team.id == app.team)
    return {
        "type": kind,
        "user": objects.app_user(slack, user),
        "api_app_id": app.id,
        "token": "local",
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


async def send(slack: Slack, app: App, payload: Json, *, answerable: bool = False, url: str = "") -> Reply:
    parcel = Parcel(
        kind="interactive",
        payload=payload,
        answerable=answerable,
        url=url or app.manifest.interactivity_url,
    )
    return await slack.courier.deliver(app, parcel)


async def command(slack: Slack, app: App, wanted: Command, user: str, channel: Channel, words: str) -> Reply:
    team = next(team for team in slack.world.teams if team.id == app.team)
    payload = {
        "token": "local",
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.is_dm else channel.name,
        "user_id": user,
        "user_name": slack.store.people[user].name,
        "command": wanted.command,
        "text": text.command_text(words, slack.store, app.team) if wanted.should_escape else words,
        "api_app_id": app.id,
        "is_enterprise_install": "false",
        "response_url": response_url(slack, app, user, channel),
        "trigger_id": trigger(slack, app, user),
    }
    return await slack.courier.deliver(
        app, Parcel(kind="slash_commands", payload=payload, answerable=True, url=wanted.url)
    )


async def message_action(
    slack: Slack, app: App, user: str, channel: Channel, message: Message, action: Json, values: Json
) -> Reply:
    """A press in a message: `action` is the one action, `values` what stands in the message's other elements."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _base(slack, app, user, "block_actions") | {
        "container": container,
        "trigger_id": trigger(slack, app, user),
        "channel": {"id": channel.id, "name": "directmessage" if channel.is_dm else channel.name},
        "state": {"values": values},
        "response_url": response_url(slack, app, user, channel, message),
        "actions": [action],
    }
    if message.ephemeral_to is None:
        payload["message"] = objects.message(slack, channel, message, metadata=True)
    return await send(slack, app, payload)


async def view_action(slack: Slack, app: App, view: View, action: Json) -> Reply:
    payload = _base(slack, app, view.user, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger(slack, app, view.user, view=view),
        "view": objects.view(view),
        "actions": [action],
    }
    return await send(slack, app, payload)


async def submission(slack: Slack, app: App, view: View) -> Reply:
    payload = _base(slack, app, view.user, "view_submission") | {
        "trigger_id": trigger(slack, app, view.user, view=view),
        "view": objects.view(view),
        "response_urls": _chosen_places(slack, app, view),
    }
    return await send(slack, app, payload, answerable=True)


def _chosen_places(slack: Slack, app: App, view: View) -> list[Json]:
    """Conversation selects with `response_url_enabled` give the app a URL for what was chosen."""
    made = []
    for block in view.content["blocks"]:
        element = block.get("element") or {}
        if not element.get("response_url_enabled"):
            continue
        value = view.values.get(block["block_id"], {}).get(element["action_id"], {})
        chosen = value.get("selected_conversation") or value.get("selected_channel")
        if chosen in slack.store.channels:
            url = response_url(slack, app, view.user, slack.store.channels[chosen])
            where = {"block_id": block["block_id"], "action_id": element["action_id"]}
            made.append({**where, "channel_id": chosen, "response_url": url})
    return made


async def closing(slack: Slack, app: App, view: View, *, all_of_them: bool) -> Reply:
    payload = _base(slack, app, view.user, "view_closed") | {"view": objects.view(view), "is_cleared": all_of_them}
    return await send(slack, app, payload)


async def suggestion(slack: Slack, app: App, user: str, where: Json, element: Json, block_id: str, query: str) -> Reply:
    """Ask the app what an external select offers; `where` is the view or the message the select is in."""
    payload = _base(slack, app, user, "block_suggestion") | {
        "action_id": element["action_id"],
        "block_id": block_id,
        "value": query,
        **where,
    }
    return await send(slack, app, payload, answerable=True, url=app.manifest.options_url)


async def shortcut(slack: Slack, app: App, user: str, wanted: Shortcut, **where: Any) -> Reply:
    """A global shortcut, or with `channel` and `message` one on a message."""
    kind = "shortcut" if wanted.type == "global" else "message_action"
    payload = _base(slack, app, user, kind) | {
        "callback_id": wanted.callback_id,
        "trigger_id": trigger(slack, app, user),
        "action_ts": slack.ids.ts(slack.clock.now()),
    }
    if kind == "message_action":
        channel: Channel = where["channel"]
        message: Message = where["message"]
        payload |= {
            "response_url": response_url(slack, app, user, channel, message),
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": "directmessage" if channel.is_dm else channel.name},
            "message": objects.message(slack, channel, message, metadata=True),
        }
    return await send(slack, app, payload)
