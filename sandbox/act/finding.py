"""What a person can reach: their conversations, messages in them, and the elements on screen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox import elements, membership, seen
from sandbox.elements import Found
from sandbox.errors import CannotDoError
from sandbox.slack import Slack
from sandbox.store import Channel, Json, Message, View
from sandbox.world import App

SEEN_AFTER = 1.0  # s until an edit is on everybody's screen


@dataclass(frozen=True, kw_only=True)
class Spot:
    """An element on screen and what it stands in: a message of a channel, or a view."""

    found: Found
    app: App
    channel: Channel | None = None
    message: Message | None = None
    view: View | None = None


def channel(slack: Slack, user: str, given: Any) -> Channel:
    """A conversation the person is in; a user id means the DM with that person or app."""
    store = slack.store
    name = str(given or "")
    if name in store.people and name != user:
        if store.people[name].team != store.people[user].team:
            raise CannotDoError("no_such_person", f"{user} cannot write to {name}")
        return membership.open_dm(slack, store.people[user].team, user, name)[0]
    for one in seen.conversations(slack, user):
        if name in (one.id, one.name, f"#{one.name}") and not (one.is_dm and name != one.id):
            return one
    raise CannotDoError("no_such_channel", f"{user} is in no channel {name}", status=404)


def message(slack: Slack, user: str, where: Any) -> tuple[Channel, Message]:
    if not isinstance(where, dict) or "ts" not in where:
        raise CannotDoError("invalid_in", "in must be {channel, ts}")
    place = channel(slack, user, where.get("channel"))
    found = place.messages.get(str(where["ts"]))
    if found is None or not seen.can_see(slack, user, found):
        raise CannotDoError("no_such_message", f"{user} sees no message {where['ts']} there", status=404)
    return place, found


def spot(slack: Slack, user: str, wanted: Any, where: Any, block_id: str | None = None) -> Spot:
    """The element with this label or action_id, in the newest place that has one."""
    name = str(wanted or "")
    for place in _places(slack, user, where):
        matches = [
            one
            for one in place
            if name in (one.found.action_id, one.found.label) and block_id in (None, one.found.block_id)
        ]
        exact = [one for one in matches if one.found.action_id == name] or matches
        if len(exact) > 1:
            blocks = ", ".join(one.found.block_id for one in exact)
            raise CannotDoError(
                "ambiguous", f"{name!r} is there {len(exact)} times; say which block_id: {blocks}", status=409
            )
        if exact:
            return exact[0]
    raise CannotDoError("no_such_element", f"{user} sees nothing called {name!r} there", status=404)


def _places(slack: Slack, user: str, where: Any) -> Iterator[list[Spot]]:
    """Places to look in, the newest first: the top modal, messages, the Home tab."""
    if where in (None, "modal"):
        stack = slack.store.stack(user)
        if stack:
            yield in_view(slack, stack[-1])
        elif where == "modal":
            raise CannotDoError("no_modal", f"{user} has no modal open", status=404)
    if where is None:
        every = [
            (one, m)
            for one in seen.conversations(slack, user)
            for m in one.messages.values()
            if m.blocks and seen.can_see(slack, user, m)
        ]
        for one, m in sorted(every, key=lambda pair: pair[1].ts, reverse=True):
            yield in_message(slack, one, m)
    elif isinstance(where, dict):
        place, there = message(slack, user, where)
        yield in_message(slack, place, there)
        yield as_it_was(slack, place, there)
    if where in (None, "home"):
        for (_, owner), view_id in slack.store.homes.items():
            if owner == user:
                yield in_view(slack, slack.store.views[view_id])
    if where not in (None, "modal", "home") and not isinstance(where, dict):
        raise CannotDoError("invalid_in", 'in must be {channel, ts}, "modal" or "home"')


def in_view(slack: Slack, view: View) -> list[Spot]:
    app = slack.store.apps[view.team, view.app_id]
    return [Spot(found=one, app=app, view=view) for one in elements.find_all(view.content["blocks"])]


def in_message(slack: Slack, place: Channel, found: Message) -> list[Spot]:
    return _in(slack, place, found, [*found.blocks, *(b for a in found.attachments for b in a.get("blocks") or ())])


def as_it_was(slack: Slack, place: Channel, found: Message) -> list[Spot]:
    """What the last edit took away: whoever pressed just then had not seen it yet, and Slack lets the press through."""
    if not found.edits or slack.clock.now() - found.edits[-1]["at"] > SEEN_AFTER:
        return []
    return _in(slack, place, found, found.replaced)


def _in(slack: Slack, place: Channel, found: Message, blocks: list[Json]) -> list[Spot]:
    app = slack.store.apps.get((found.team, found.app_id or ""))
    if app is None:
        return []
    return [Spot(found=one, app=app, channel=place, message=found) for one in elements.find_all(blocks)]


def state(slack: Slack, user: str, one: Spot) -> dict[str, Json]:
    """The `state.values` this person has in that place, made when first asked for."""
    if one.view is not None:
        return one.view.values
    if one.message is None:
        raise CannotDoError("nowhere", "it is neither in a message nor in a view")
    key = (user, one.message.ts)
    if key not in slack.store.states:
        slack.store.states[key] = elements.initial_values(one.message.blocks)
    return slack.store.states[key]
