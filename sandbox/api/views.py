"""views.open, push, update and publish."""

from sandbox import objects, views
from sandbox.api import content
from sandbox.api.registry import Call, method
from sandbox.errors import SlackError
from sandbox.store import Json, View
from sandbox.tickets import Trigger


def _trigger(call: Call) -> Trigger:
    given = call.args.text("trigger_id") or call.args.text("interactivity_pointer")
    if not given:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: trigger_id"])
    return call.slack.tickets.exchange(given, call.grant.app.id, call.now)


@method("views.open", required="view", args="trigger_id interactivity_pointer", tier=4)
async def opened(call: Call) -> Json:
    wanted = content.view(call, kinds=("modal",))
    trigger = _trigger(call)
    made = views.opened(call.slack, call.grant.app, trigger.user, wanted)
    return {"view": objects.view(made)}


@method("views.push", required="view", args="trigger_id interactivity_pointer", tier=4)
async def pushed(call: Call) -> Json:
    wanted = content.view(call, kinds=("modal",))
    trigger = _trigger(call)
    stack = call.slack.store.stack(trigger.user)
    if not stack or stack[-1].app_id != call.grant.app.id:
        raise SlackError("not_found")
    made = views.opened(call.slack, call.grant.app, trigger.user, wanted, previous=stack[-1])
    return {"view": objects.view(made)}


@method("views.update", required="view", args="view_id external_id hash", tier=4)
async def updated(call: Call) -> Json:
    found = _found(call)
    home = found.id in call.slack.store.homes.values()
    wanted = content.view(call, kinds=("home",) if home else ("modal",))
    views.updated(call.slack, found, wanted, call.args.text("hash"))
    return {"view": objects.view(found)}


def _found(call: Call) -> View:
    view_id, external = call.args.text("view_id"), call.args.text("external_id")
    if not view_id and not external:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: view_id"])
    for view in call.slack.store.views.values():
        mine = view.app_id == call.grant.app.id and view.team == call.team
        named = view.id == view_id if view_id else view.external_id == external
        if mine and named and views.is_open(call.slack, view):
            return view
    raise SlackError("not_found")


@method("views.publish", required="user_id view", args="hash interactivity_pointer", tier=4)
async def published(call: Call) -> Json:
    wanted = content.view(call, kinds=("home",))
    user = call.args.need("user_id")
    person = call.slack.store.people.get(user)
    if person is None or person.team != call.team or user in call.slack.store.deactivated:
        line = "[ERROR] must be a valid user id [json-pointer:/user_id]"
        raise SlackError("invalid_arguments", messages=[line])
    if not call.grant.app.manifest.home_tab:
        raise SlackError("not_enabled")
    made = views.published(call.slack, call.grant.app, user, wanted, call.args.text("hash"))
    return {"view": objects.view(made)}
