"""`POST /_sandbox/act`: be a person for one thing."""

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.act import modals, moving, pressing, typing
from sandbox.act.request import Request
from sandbox.delivery.parcel import PATIENCE
from sandbox.errors import CannotDoError
from sandbox.seen import seen
from sandbox.slack import Slack
from sandbox.store import Json

_DEEDS: dict[str, Callable[[Slack, Request], Awaitable[None]]] = {
    "type": typing.say,
    "command": typing.command,
    "edit": typing.edit,
    "delete": typing.delete,
    "drop": typing.drop,
    "react": typing.react,
    "unreact": typing.unreact,
    "press": pressing.press,
    "pick": pressing.pick,
    "fill": modals.fill,
    "submit": modals.submit,
    "close": modals.close,
    "home": moving.home,
    "shortcut": moving.shortcut,
    "read": moving.read,
    "join": moving.join,
    "leave": moving.leave,
    "invite": moving.invite,
    "remove": moving.remove,
    "archive": moving.archive,
    "unarchive": moving.unarchive,
    "dismiss": moving.dismiss,
    "disturb": moving.disturb,
}


async def perform(slack: Slack, body: Any) -> Json:
    """Do it, wait for the app to acknowledge (or 3 s), and answer with what the person then sees."""
    if not isinstance(body, dict):
        raise CannotDoError("invalid_request", "the body must be an object")
    user, what = body.get("as"), body.get("do")
    if user not in slack.store.people:
        raise CannotDoError("no_such_person", f"there is no {user!r}", status=404)
    kind = slack.store.kind(user)
    if kind in ("bot", "deactivated"):
        raise CannotDoError("cannot_act", f"{user} is {'a bot' if kind == 'bot' else 'deactivated'}", status=409)
    ask = Request(user=user, values=body)
    if what == "options":
        return {"ok": True, "options": await pressing.options(slack, ask)}
    deed = _DEEDS.get(str(what))
    if deed is None:
        raise CannotDoError("unknown_deed", f"do must be one of options, {', '.join(_DEEDS)}")
    before = set(slack.first_tries)
    await deed(slack, ask)
    await slack.settle(before, PATIENCE)
    return {"ok": True} if body.get("quiet") is True else {"ok": True, "seen": seen(slack, user)}
