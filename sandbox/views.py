"""Modals and Home tabs: opened, replaced, closed, and the state of what is typed into them."""

import hashlib
import json

from sandbox import elements
from sandbox.errors import SlackError
from sandbox.slack import Slack
from sandbox.store import Json, View
from sandbox.world import App

DEEPEST = 3


def opened(slack: Slack, app: App, user: str, content: Json, *, previous: View | None = None) -> View:
    """A new modal on the person's stack; a fresh stack unless `previous` is given."""
    _check_external_id(slack, app, content, None)
    stack = slack.store.modals.setdefault(user, [])
    if previous is None:
        stack.clear()
    elif len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    made = _new(slack, app, user, content)
    if previous is not None:
        made.previous, made.root = previous.id, previous.root
    stack.append(made.id)
    slack.viewers.touch([user])
    return made


def published(slack: Slack, app: App, user: str, content: Json, given_hash: str) -> View:
    current = slack.store.views.get(slack.store.homes.get((app.id, user), ""))
    if given_hash and (current is None or current.hash != given_hash):
        raise SlackError("hash_conflict")
    _check_external_id(slack, app, content, current.id if current else None)
    if current is not None:
        _replace(slack, current, content)
    else:
        current = _new(slack, app, user, content)
        slack.store.homes[app.id, user] = current.id
    slack.viewers.touch([user])
    return current


def updated(slack: Slack, view: View, content: Json, given_hash: str) -> View:
    if given_hash and given_hash != view.hash:
        raise SlackError("hash_conflict")
    app = slack.store.apps[view.team, view.app_id]
    _check_external_id(slack, app, content, view.id)
    _replace(slack, view, content)
    slack.viewers.touch([view.user])
    return view


def is_open(slack: Slack, view: View) -> bool:
    return view.id in slack.store.modals.get(view.user, ()) or view.id in slack.store.homes.values()


def closed(slack: Slack, view: View) -> None:
    stack = slack.store.modals.get(view.user, [])
    if view.id in stack:
        stack.remove(view.id)
    slack.viewers.touch([view.user])


def cleared(slack: Slack, user: str) -> None:
    slack.store.modals[user] = []
    slack.viewers.touch([user])


def _new(slack: Slack, app: App, user: str, content: Json) -> View:
    view_id = slack.ids.new("V")
    made = View(
        id=view_id,
        team=app.team,
        app_id=app.id,
        bot_id=app.bot_id,
        user=user,
        content={},
        hash="",
        root=view_id,
    )
    _replace(slack, made, content)
    slack.store.views[view_id] = made
    return made


def _replace(slack: Slack, view: View, content: Json) -> None:
    """New content; what was typed stays only where block_id, action_id and kind of element are still the same."""
    named = {**content, "blocks": elements.with_ids(slack.ids, content.get("blocks") or [])}
    kept = view.values
    view.content = named
    view.values = elements.initial_values(named["blocks"])
    for block_id, actions in view.values.items():
        for action_id, value in actions.items():
            old = kept.get(block_id, {}).get(action_id)
            if old is not None and old.get("type") == value.get("type"):
                actions[action_id] = old
    view.errors = {}
    view.external_id = content.get("external_id") or ""
    view.changed_at = slack.clock.now()
    digest = hashlib.sha256(json.dumps([named, slack.ids.secret()]).encode()).hexdigest()[:8]
    view.hash = f"{int(view.changed_at)}.{digest}"


def _check_external_id(slack: Slack, app: App, content: Json, same: str | None) -> None:
    wanted = content.get("external_id")
    if wanted and any(
        v.external_id == wanted and v.app_id == app.id and v.id != same and is_open(slack, v)
        for v in slack.store.views.values()
    ):
        raise SlackError("duplicate_external_id")
