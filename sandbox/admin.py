"""What a workspace's admins, and Slack itself, do to an app and its channels."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sandbox import membership, objects
from sandbox.delivery import events
from sandbox.errors import CannotDoError
from sandbox.manifest import read_manifest
from sandbox.slack import Slack
from sandbox.store import Channel, Json
from sandbox.world import App, Person, WorldError, make_world


async def perform(slack: Slack, body: Any) -> Json:
    if not isinstance(body, dict) or body.get("do") not in _DEEDS:
        raise CannotDoError("unknown_deed", f"do must be one of {', '.join(_DEEDS)}")
    return {"ok": True, **await _DEEDS[body["do"]](slack, body)}


def _app(slack: Slack, body: Json) -> App:
    for app in slack.store.apps.values():
        if body.get("app") in (None, app.id, app.name) and body.get("team") in (None, app.team):
            return app
    raise CannotDoError("no_such_app", f"there is no app {body.get('app')!r}", status=404)


def _channel(slack: Slack, body: Json) -> Channel:
    found = slack.store.channels.get(str(body.get("channel")))
    if found is None or found.deleted:
        raise CannotDoError("no_such_channel", f"there is no channel {body.get('channel')!r}", status=404)
    return found


def _person(slack: Slack, body: Json) -> str:
    if body.get("user") not in slack.store.people:
        raise CannotDoError("no_such_person", f"there is no person {body.get('user')!r}", status=404)
    return str(body["user"])


async def revoke_token(slack: Slack, body: Json) -> Json:
    """`how`: revoked (default), inactive or expired, for what later calls are told."""
    app = _app(slack, body)
    how = body.get("how") or "revoked"
    if how not in ("revoked", "inactive", "expired"):
        raise CannotDoError("invalid_how", "how must be revoked, inactive or expired")
    if how == "revoked":
        tokens = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [app.bot_user]}}
        events.publish(slack, app, "tokens_revoked", tokens)
    for grant in slack.store.grants.values():
        if grant.app.id == app.id and grant.app.team == app.team and grant.is_bot:
            grant.state = how
    return {}


async def uninstall(slack: Slack, body: Json) -> Json:
    events.publish(slack, _app(slack, body), "app_uninstalled", {"type": "app_uninstalled"})
    return await revoke_token(slack, body)


async def reinstall(slack: Slack, body: Json) -> Json:
    """With `token` a new token is given out and the old one stays dead; without, the same one works again."""
    app = _app(slack, body)
    token = body.get("token")
    for grant in slack.store.grants.values():
        if grant.app.id == app.id and grant.app.team == app.team and not token:
            grant.state = "active"
    if token:
        slack.store.install(replace(app, bot_token=token))
    return {}


async def archive(slack: Slack, body: Json) -> Json:
    membership.archive(slack, _channel(slack, body), str(body.get("user") or ""), archived=True)
    return {}


async def unarchive(slack: Slack, body: Json) -> Json:
    membership.archive(slack, _channel(slack, body), str(body.get("user") or ""), archived=False)
    return {}


async def rename(slack: Slack, body: Json) -> Json:
    membership.rename(slack, _channel(slack, body), str(body.get("name")))
    return {}


async def delete_channel(slack: Slack, body: Json) -> Json:
    membership.delete(slack, _channel(slack, body), str(body.get("user") or ""))
    return {}


async def add_member(slack: Slack, body: Json) -> Json:
    channel, user = _channel(slack, body), _person(slack, body)
    if user not in channel.members:
        membership.join(slack, channel, user)
    return {}


async def remove_member(slack: Slack, body: Json) -> Json:
    membership.leave(slack, _channel(slack, body), _person(slack, body))
    return {}


async def deactivate(slack: Slack, body: Json) -> Json:
    user = _person(slack, body)
    slack.store.deactivated.add(user)
    for channel in slack.store.channels.values():
        if not channel.is_dm:
            channel.members.discard(user)
    slack.viewers.touch()
    return {}


async def reactivate(slack: Slack, body: Json) -> Json:
    slack.store.deactivated.discard(_person(slack, body))
    slack.viewers.touch()
    return {}


async def add_person(slack: Slack, body: Json) -> Json:
    """`person` as in the world file; apps hear of it by `team_join`."""
    try:
        teams = [{"id": team.id, "name": team.name} for team in slack.world.teams]
        person: Person = make_world({"teams": teams, "people": [body.get("person")]}).people[0]
    except WorldError as error:
        raise CannotDoError("invalid_person", str(error)) from None
    slack.store.people[person.id] = person
    for app in slack.store.apps_in(person.team):
        events.publish(slack, app, "team_join", {"type": "team_join", "user": objects.user(slack, person)})
    slack.viewers.touch()
    return {}


async def drop_sockets(slack: Slack, body: Json) -> Json:
    return {"dropped": await slack.courier.sockets.drop(_app(slack, body).id)}


async def freeze_sockets(slack: Slack, body: Json) -> Json:
    return {"frozen": slack.courier.sockets.freeze(_app(slack, body).id)}


async def refresh_sockets(slack: Slack, body: Json) -> Json:
    """`reason`: refresh_requested (default), warning (only told) or link_disabled."""
    reason = body.get("reason") or "refresh_requested"
    if reason not in ("refresh_requested", "warning", "link_disabled"):
        raise CannotDoError("invalid_reason", "reason must be refresh_requested, warning or link_disabled")
    return {"refreshed": await slack.courier.sockets.refresh(_app(slack, body).id, reason=reason)}


async def set_app(slack: Slack, body: Json) -> Json:
    """Change `delivery`, `request_url` or `manifest`; a new URL has to pass Slack's checks first."""
    app = _app(slack, body)
    changes: Json = {name: body[name] for name in ("delivery", "request_url") if name in body}
    if changes.get("delivery", "socket") not in ("socket", "http"):
        raise CannotDoError("invalid_delivery", "delivery must be socket or http")
    if "manifest" in body:
        changes["manifest"] = read_manifest(body["manifest"])
    changed = replace(app, **changes)
    if changed.delivery == "http" and "request_url" in changes:
        http = slack.courier.http
        if not await http.verify(changed, changed.request_url):
            raise CannotDoError("url_not_verified", f"{changed.request_url} did not return the challenge", status=409)
        if not await http.ssl_check(changed, changed.request_url):
            raise CannotDoError("ssl_check_failed", f"{changed.request_url} did not answer ssl_check", status=409)
    slack.store.apps[app.team, app.id] = changed
    for grant in slack.store.grants.values():
        if grant.app == app:
            grant.app = changed
            if grant.is_bot and "manifest" in body:
                grant.scopes = changed.manifest.bot_scopes
    slack.viewers.touch()
    return {}


_DEEDS: dict[str, Callable[[Slack, Json], Awaitable[Json]]] = {
    "revoke_token": revoke_token,
    "uninstall": uninstall,
    "reinstall": reinstall,
    "archive": archive,
    "unarchive": unarchive,
    "rename": rename,
    "delete_channel": delete_channel,
    "add_member": add_member,
    "remove_member": remove_member,
    "deactivate": deactivate,
    "reactivate": reactivate,
    "add_person": add_person,
    "drop_sockets": drop_sockets,
    "freeze_sockets": freeze_sockets,
    "refresh_sockets": refresh_sockets,
    "set_app": set_app,
}
