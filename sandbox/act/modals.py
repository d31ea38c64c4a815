"""Filling in, submitting and closing modals, and what the app's answer does to them."""

from typing import Any

from sandbox import views
from sandbox.act import finding, pressing, values
from sandbox.act.request import Request
from sandbox.api.content import checked_view
from sandbox.delivery import interactions
from sandbox.elements import find_all
from sandbox.errors import CannotDoError, SlackError
from sandbox.slack import Slack
from sandbox.store import Json, View
from sandbox.world import App

_TROUBLE = "We had some trouble connecting. Try again?"


def top(slack: Slack, user: str) -> View:
    stack = slack.store.stack(user)
    if not stack:
        raise CannotDoError("no_modal", f"{user} has no modal open", status=404)
    return stack[-1]


async def fill(slack: Slack, ask: Request) -> None:
    given = ask.get("values")
    if not isinstance(given, dict):
        raise CannotDoError("missing_argument", "values is needed: {label, block_id or action_id: value}")
    view = top(slack, ask.user)
    for name, value in given.items():
        await _fill_one(slack, ask.user, view, str(name), value)
    slack.viewers.touch([ask.user])


async def _fill_one(slack: Slack, user: str, view: View, name: str, value: Any) -> None:
    spots = [one for one in finding.in_view(slack, view) if one.found.block["type"] == "input"]
    matches = [one for one in spots if name in (one.found.block_id, one.found.action_id)]
    matches = matches or [one for one in spots if name == one.found.label]
    if not matches:
        raise CannotDoError("no_such_field", f"the form has no field {name!r}", status=404)
    if len(matches) > 1:
        raise CannotDoError("ambiguous", f"{name!r} is there {len(matches)} times; use the block_id", status=409)
    one = matches[0]
    offered = await pressing.offered_for(slack, user, one, value) if value else []
    built = values.build(slack, user, one.found.element, value, offered)
    view.values.setdefault(one.found.block_id, {})[one.found.action_id] = built
    view.errors.pop(one.found.block_id, None)


async def submit(slack: Slack, ask: Request) -> None:
    if ask.get("values"):
        await fill(slack, ask)
    view = top(slack, ask.user)
    if not view.content.get("submit") and not any(b["type"] == "input" for b in view.content["blocks"]):
        raise CannotDoError("no_submit", "this modal has nothing to submit", status=409)
    if view.busy:
        raise CannotDoError("busy", "it is being submitted already", status=409)
    view.errors = _field_errors(view)
    if view.errors:
        slack.viewers.touch([ask.user])
        return
    app = slack.store.apps[view.team, view.app_id]
    view.busy = True
    slack.viewers.touch([ask.user])
    _hand_over(slack, app, view)
    try:
        reply = await interactions.submission(slack, app, view)
    finally:
        view.busy = False
    slack.viewers.touch([ask.user])
    if not reply.ok:
        slack.notice(ask.user, "timeout" if reply.reason == "http_timeout" else "error", _TROUBLE)
        return
    try:
        _answered(slack, app, view, reply.body)
    except SlackError as error:
        detail = error.messages[0] if error.messages else error.code
        slack.notice(ask.user, "error", f"{_TROUBLE} ({detail})")


def _hand_over(slack: Slack, app: App, view: View) -> None:
    """Files of a form are the app's to read from its submission on, wherever they are not shared."""
    for actions in view.values.values():
        for value in actions.values():
            for file in value.get("files") or ():
                slack.store.files[file["id"]].given_to.append(app.bot_user)


def _field_errors(view: View) -> dict[str, str]:
    errors = {}
    for found in find_all(view.content["blocks"]):
        if found.block["type"] != "input":
            continue
        value = view.values.get(found.block_id, {}).get(found.action_id, {})
        wrong = values.field_error(found.block, value)
        if wrong:
            errors[found.block_id] = wrong
    return errors


def _answered(slack: Slack, app: App, view: View, body: Any) -> None:
    """An empty answer closes this modal; anything else must be one of Slack's response actions."""
    if body in (None, "", {}):
        views.closed(slack, view)
        return
    action = body.get("response_action") if isinstance(body, dict) else None
    if action == "clear":
        views.cleared(slack, view.user)
    elif action == "errors":
        view.errors = _app_errors(view, body.get("errors"))
        slack.viewers.touch([view.user])
    elif action in ("update", "push"):
        content = checked_view(slack, app.bot_user, _as_view(body), kinds=("modal",))
        if action == "update":
            views.updated(slack, view, content, "")
        else:
            views.opened(slack, app, view.user, content, previous=view)
    else:
        raise SlackError("invalid_response_action")


def _as_view(body: Json) -> Json:
    view = body.get("view")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", messages=["[ERROR] must provide an object [json-pointer:/view]"])
    return view


def _app_errors(view: View, errors: Any) -> dict[str, str]:
    fields = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - fields:
        raise SlackError("invalid_arguments", messages=["[ERROR] errors must name input blocks [json-pointer:/errors]"])
    return {name: str(text) for name, text in errors.items()}


async def close(slack: Slack, ask: Request) -> None:
    """Close the top modal, or with `all` every one; the app hears of each that wants to."""
    view = top(slack, ask.user)
    every = bool(ask.get("all")) or bool(view.content.get("clear_on_close"))
    leaving = list(reversed(slack.store.stack(ask.user))) if every else [view]
    for one in leaving:
        views.closed(slack, one)
    for one in leaving:
        if one.content.get("notify_on_close"):
            app = slack.store.apps[one.team, one.app_id]
            await interactions.closing(slack, app, one, all_of_them=every)
