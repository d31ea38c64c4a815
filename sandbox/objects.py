"""People, channels, messages, files and views in the JSON that Slack shows to apps."""

from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sandbox.slack import Slack
from sandbox.store import Channel, File, Json, Message, View
from sandbox.world import Person


def user(slack: Slack, person: Person, *, locale: bool = False, email: bool = False) -> Json:
    kind = slack.store.kind(person.id)
    gone = kind == "deactivated"
    shown: Json = {
        "id": person.id,
        "team_id": person.home_team,
        "name": person.name,
        "deleted": gone,
        "profile": profile(slack, person, email=email),
        "is_bot": kind == "bot",
        "is_app_user": False,
        "updated": int(slack.clock.now()),
    }
    if gone:
        return shown
    offset = datetime.fromtimestamp(slack.clock.now(), ZoneInfo(person.tz)).utcoffset()
    shown |= {
        "color": person.color,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": kind == "admin",
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": kind in ("guest", "single_channel_guest"),
        "is_ultra_restricted": kind == "single_channel_guest",
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
    }
    if kind == "external":
        shown["is_stranger"] = True
    elif locale:
        shown["locale"] = person.locale
    return shown


def profile(slack: Slack, person: Person, *, email: bool = False) -> Json:
    parts = person.real_name.split(" ", 1)
    shown: Json = {
        "title": person.title,
        "phone": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "first_name": parts[0],
        "last_name": parts[1] if len(parts) > 1 else "",
        "status_text": "",
        "status_emoji": "",
        "team": person.home_team,
    }
    if email and person.email:
        shown["email"] = person.email
    app = slack.store.app_of_bot(person.id)
    if app:
        shown |= {"api_app_id": app.id, "bot_id": app.bot_id}
    return shown


def channel(slack: Slack, c: Channel, viewer: str, *, count: bool = False) -> Json:
    if c.is_dm:
        return {
            "id": c.id,
            "created": c.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "context_team_id": c.team,
            "user": c.other(viewer),
            "is_user_deleted": c.other(viewer) in slack.store.deactivated,
            "priority": 0,
        }
    private = c.kind == "private"
    shown: Json = {
        "id": c.id,
        "name": c.name,
        "name_normalized": c.name,
        "is_channel": not private,
        "is_group": private,
        "is_im": False,
        "is_mpim": False,
        "is_private": private,
        "created": c.created,
        "is_archived": c.archived,
        "is_general": c.general,
        "is_shared": c.shared,
        "is_ext_shared": c.shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_frozen": False,
        "is_member": viewer in c.members,
        "context_team_id": c.team,
        "creator": "",
        "topic": {"value": c.topic, "creator": "", "last_set": 0},
        "purpose": {"value": c.purpose, "creator": "", "last_set": 0},
        "previous_names": [],
        "shared_team_ids": [c.team],
    }
    return shown | {"num_members": len(c.members)} if count else shown


def message(slack: Slack, c: Channel, m: Message, *, metadata: bool = False) -> Json:
    shown: Json = {"type": "message", "user": m.user, "text": m.text, "ts": m.ts, "team": m.team}
    writer = slack.store.people.get(m.user)
    if writer is not None and writer.home_team != m.team:
        shown |= {"user_team": writer.home_team, "source_team": writer.home_team}
    if m.subtype:
        shown["subtype"] = m.subtype
    if m.bot_id:
        shown |= {"bot_id": m.bot_id, "app_id": m.app_id, "bot_profile": bot_profile(slack, m)}
    if m.client_msg_id:
        shown["client_msg_id"] = m.client_msg_id
    for name, value in (("blocks", m.blocks), ("attachments", m.attachments), ("edited", m.edited)):
        if value:
            shown[name] = value
    if m.files:
        shown["files"] = [file(slack, slack.store.files[one]) for one in m.files]
    if m.metadata:
        shown["metadata"] = m.metadata if metadata else {"event_type": m.metadata["event_type"]}
    if m.reactions:
        shown["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in m.reactions.items()]
    return shown | _thread(c, m)


def _thread(c: Channel, m: Message) -> Json:
    if m.is_reply:
        root = c.messages.get(m.thread_ts or "")
        return {"thread_ts": m.thread_ts, "parent_user_id": root.user if root else ""}
    replies = c.replies(m.ts)
    if not replies:
        return {}
    people = list(dict.fromkeys(one.user for one in replies))
    return {
        "thread_ts": m.ts,
        "reply_count": len(replies),
        "reply_users_count": len(people),
        "latest_reply": replies[-1].ts,
        "reply_users": people[:5],
        "is_locked": False,
        "subscribed": False,
    }


def bot_profile(slack: Slack, m: Message) -> Json:
    app = slack.store.apps.get((m.team, m.app_id or ""))
    return {
        "id": m.bot_id,
        "app_id": m.app_id,
        "user_id": m.user,
        "name": app.name if app else "",
        "icons": {},
        "deleted": False,
        "team_id": m.team,
    }


def file(slack: Slack, f: File) -> Json:
    base = f"{slack.url}/files/{f.id}/{quote(f.name, safe='')}"
    ready = f.completed and slack.clock.now() >= f.ready_at
    shown: Json = {
        "id": f.id,
        "created": int(f.created),
        "timestamp": int(f.created),
        "name": f.name,
        "title": f.title,
        "user": f.user,
        "user_team": f.team,
        "mode": "hosted",
        "size": f.size,
        "is_external": False,
        "is_public": any(slack.store.channels[one].kind == "public" for one in f.shared_in),
        "mimetype": f.mimetype if ready else "",
        "filetype": f.name.rsplit(".", 1)[-1].lower() if ready and "." in f.name else "",
        "url_private": base,
        "url_private_download": base + "?download=1",
        "permalink": f"{slack.url}/archives/files/{f.id}",
        "channels": [one for one in f.shared_in if slack.store.channels[one].kind == "public"] if ready else [],
        "groups": [one for one in f.shared_in if slack.store.channels[one].kind == "private"] if ready else [],
        "ims": [one for one in f.shared_in if slack.store.channels[one].is_dm] if ready else [],
    }
    if f.alt:
        shown["alt_txt"] = f.alt
    if ready:
        shown["shares"] = _shares(slack, f)
    return shown


def _shares(slack: Slack, f: File) -> dict[str, Any]:
    shares: dict[str, Any] = {}
    for channel_id, ts in f.shares.items():
        where = "public" if slack.store.channels[channel_id].kind == "public" else "private"
        shares.setdefault(where, {})[channel_id] = [{"ts": ts, "reply_users": [], "reply_count": 0}]
    return shares


def view(v: View) -> Json:
    c = v.content
    shown: Json = {
        "id": v.id,
        "team_id": v.team,
        "type": c["type"],
        "blocks": c["blocks"],
        "private_metadata": c.get("private_metadata", ""),
        "callback_id": c.get("callback_id", ""),
        "state": {"values": v.values},
        "hash": v.hash,
        "title": c.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": bool(c.get("clear_on_close")),
        "notify_on_close": bool(c.get("notify_on_close")),
        "close": c.get("close"),
        "submit": c.get("submit"),
        "previous_view_id": v.previous,
        "root_view_id": v.root,
        "app_id": v.app_id,
        "external_id": v.external_id,
        "app_installed_team_id": v.team,
        "bot_id": v.bot_id,
    }
    if c["type"] == "modal":
        shown["submit_disabled"] = bool(c.get("submit_disabled"))
    return shown


def app_user(slack: Slack, user_id: str) -> Json:
    """The short form of a person in interaction payloads."""
    person = slack.store.people[user_id]
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": person.home_team}
