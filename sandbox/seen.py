"""What one person sees now."""

from typing import Any
from urllib.parse import quote

from sandbox import dnd, objects
from sandbox.slack import Slack
from sandbox.store import Channel, Json, Message
from sandbox.world import Person


def person_form(slack: Slack, person: Person) -> Json:
    return {
        "id": person.id,
        "team": person.team,
        "name": person.name,
        "real_name": person.real_name,
        "email": person.email,
        "title": person.title,
        "tz": person.tz,
        "locale": person.locale,
        "kind": slack.store.kind(person.id),
        "color": f"#{person.color}",
        "dnd": dnd.is_on(slack, person),
    }


def everything(slack: Slack) -> Json:
    """All teams, people, channels and apps, for whoever sets the scene."""
    return {
        "teams": [{"id": t.id, "name": t.name, "domain": t.domain} for t in slack.world.teams],
        "people": [person_form(slack, p) for p in slack.store.people.values()],
        "channels": [
            {
                "id": c.id,
                "team": c.team,
                "name": c.name,
                "kind": c.kind,
                "archived": c.archived,
                "shared": c.shared,
                "topic": c.topic,
                "members": sorted(c.members),
            }
            for c in slack.store.channels.values()
            if not c.deleted
        ],
        "apps": [
            {
                "id": a.id,
                "team": a.team,
                "name": a.name,
                "bot_user": a.bot_user,
                "bot_id": a.bot_id,
                "delivery": a.delivery,
                "connected": slack.courier.sockets.count(a.id),
            }
            for a in slack.store.apps.values()
        ],
    }


def can_see(slack: Slack, user: str, message: Message) -> bool:
    now = slack.clock.now()
    if message.deleted or message.dismissed or message.visible_at > now:
        return False
    return message.ephemeral_to in (None, user)


def conversations(slack: Slack, user: str) -> list[Channel]:
    return [c for c in slack.store.channels.values() if user in c.members and not c.deleted]


def seen(slack: Slack, user: str, app_id: str = "") -> Json:
    person = slack.store.people[user]
    mine = conversations(slack, user)
    home = _home(slack, person, app_id)
    return {
        "version": slack.viewers.version(user),
        "me": person_form(slack, person),
        "conversations": [_conversation(slack, c, user) for c in mine],
        "browsable": _browsable(slack, person),
        "messages": {c.id: _messages(slack, c, user) for c in mine},
        "home": home,
        "modals": [
            {"id": v.id, "view": objects.view(v), "values": v.values, "errors": v.errors, "busy": v.busy}
            for v in slack.store.stack(user)
        ],
        "notices": [
            {"id": n.id, "kind": n.kind, "text": n.text, "channel": n.channel, "at": n.at}
            for n in slack.store.notices.get(user, ())
        ],
        "commands": [
            {"command": c.command, "description": c.description, "usage_hint": c.usage_hint, "app": a.id}
            for a in slack.store.apps_in(person.team)
            for c in a.manifest.commands
        ],
        "shortcuts": [
            {"name": s.name, "type": s.type, "callback_id": s.callback_id, "description": s.description, "app": a.id}
            for a in slack.store.apps_in(person.team)
            for s in a.manifest.shortcuts
        ],
    }


def _home(slack: Slack, person: Person, app_id: str) -> Json | None:
    for app in slack.store.apps_in(person.team):
        view_id = slack.store.homes.get((app.id, person.id))
        if view_id and app_id in ("", app.id):
            return objects.view(slack.store.views[view_id])
    return None


def _browsable(slack: Slack, person: Person) -> list[Json]:
    if slack.store.kind(person.id) not in ("member", "admin"):
        return []
    return [
        {"id": c.id, "name": c.name, "topic": c.topic}
        for c in slack.store.channels.values()
        if c.team == person.team
        and c.kind == "public"
        and person.id not in c.members
        and not c.archived
        and not c.deleted
    ]


def _conversation(slack: Slack, c: Channel, user: str) -> Json:
    read = c.read.get(user, "")
    unread = [
        m for m in c.messages.values() if m.user != user and m.ts > read and not m.is_reply and can_see(slack, user, m)
    ]
    shown: Json = {
        "id": c.id,
        "name": slack.store.people[c.other(user)].real_name if c.is_dm else c.name,
        "kind": c.kind,
        "archived": c.archived,
        "shared": c.shared,
        "topic": c.topic,
        "unread": len(unread),
        "is_member": True,
        "members": sorted(c.members),
    }
    return shown | {"with": c.other(user)} if c.is_dm else shown


def _messages(slack: Slack, c: Channel, user: str) -> list[Json]:
    shown = [m for m in c.messages.values() if can_see(slack, user, m)]
    replies: dict[str, list[Message]] = {}
    for m in shown:
        if m.is_reply:
            replies.setdefault(m.thread_ts or "", []).append(m)
    rows = [
        message_form(slack, m, user) | {"replies": [message_form(slack, r, user) for r in replies.pop(m.ts, [])]}
        for m in shown
        if not m.is_reply
    ]
    # Replies outlive a deleted root; Slack then shows a tombstone.
    for ts, left in replies.items():
        first = left[0]
        tomb: Json = {
            "ts": ts,
            "thread_ts": ts,
            "user": "",
            "bot_id": None,
            "app_id": None,
            "deleted": True,
            "blocks": [],
        }
        tomb |= {"text": "This message was deleted.", "files": [], "edited": False, "reactions": [], "ephemeral": False}
        if first.ephemeral_to is None or ts in c.messages:
            rows.append(tomb | {"replies": [message_form(slack, r, user) for r in left]})
    return sorted(rows, key=lambda row: str(row["ts"]))


def message_form(slack: Slack, m: Message, user: str) -> Json:
    files: list[Json] = []
    for one in m.files:
        file = slack.store.files[one]
        if not file.deleted:
            url = f"/files/{file.id}/{quote(file.name, safe='')}"
            files.append({"id": file.id, "name": file.name, "mimetype": file.mimetype, "url": url, "alt": file.alt})
    shown: dict[str, Any] = {
        "ts": m.ts,
        "thread_ts": m.thread_ts,
        "user": m.user,
        "bot_id": m.bot_id,
        "app_id": m.app_id,
        "subtype": m.subtype,
        "text": m.text,
        "blocks": m.blocks,
        "attachments": m.attachments,
        "files": files,
        "edited": m.edited is not None,
        "reactions": [{"name": name, "users": users} for name, users in m.reactions.items()],
        "ephemeral": m.ephemeral_to is not None,
        "values": slack.store.states.get((user, m.ts), {}),
    }
    return shown
