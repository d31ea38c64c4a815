"""conversations.* except reading messages."""

from sandbox import membership, objects
from sandbox.api import paging
from sandbox.api.chat import knows
from sandbox.api.registry import Call, method
from sandbox.errors import SlackError
from sandbox.store import Channel, Json

_TYPES = {"public_channel": "public", "private_channel": "private", "im": "dm", "mpim": "group_dm"}
_FAMILY = {"public": "channels", "private": "groups", "dm": "im", "group_dm": "mpim"}
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
MOST_IN_OPEN = 8
LONGEST_TOPIC = 250


def demand_for(call: Call, kind: str, what: str) -> None:
    """Scopes go by the kind of conversation: channels:read says nothing about DMs."""
    call.demand(f"{_FAMILY[kind]}:{what}")


def readable(call: Call) -> Channel:
    channel = call.channel()
    demand_for(call, channel.kind, "read")
    return channel


def _wanted_kinds(call: Call, default: str) -> set[str]:
    names = call.args.text("types", default).split(",")
    kinds = set()
    for name in (one.strip() for one in names):
        if name not in _TYPES:
            raise SlackError("invalid_types")
        demand_for(call, _TYPES[name], "read")
        kinds.add(_TYPES[name])
    return kinds


@method("conversations.list", args="cursor exclude_archived limit types", scopes=READ, tier=2, json=False)
async def listed(call: Call) -> Json:
    kinds = _wanted_kinds(call, "public_channel")
    hide = call.args.flag("exclude_archived")
    rows = [
        objects.channel(call.slack, c, call.grant.user, count=True)
        for c in call.slack.store.channels.values()
        if c.team == call.team
        and not c.deleted
        and c.kind in kinds
        and not (hide and c.archived)
        and (c.kind == "public" or call.grant.user in c.members)
    ]
    page, more = paging.page(call, rows, default=100)
    return {"channels": page, **more}


@method("users.conversations", args="cursor exclude_archived limit types user", scopes=READ, tier=2, json=False)
async def of_user(call: Call) -> Json:
    kinds = _wanted_kinds(call, "public_channel")
    user = call.args.text("user") or call.grant.user
    hide = call.args.flag("exclude_archived")
    rows = [
        {**objects.channel(call.slack, c, call.grant.user)}
        for c in call.slack.store.channels.values()
        if c.team == call.team
        and not c.deleted
        and user in c.members
        and c.kind in kinds
        and not (hide and c.archived)
        and (c.kind == "public" or call.grant.user in c.members)
    ]
    page, more = paging.page(call, rows, default=100, most=999)
    return {"channels": page, **more}


@method(
    "conversations.info", required="channel", args="include_locale include_num_members", scopes=READ, tier=3, json=False
)
async def info(call: Call) -> Json:
    channel = readable(call)
    count = call.args.flag("include_num_members")
    shown = objects.channel(call.slack, channel, call.grant.user, count=count and not channel.is_dm)
    if call.args.flag("include_locale"):
        shown["locale"] = "en-US"
    return {"channel": shown}


@method("conversations.members", required="channel", args="cursor limit", scopes=READ, tier=4, json=False)
async def members(call: Call) -> Json:
    channel = readable(call)
    page, more = paging.page(call, sorted(channel.members), default=100)
    return {"members": page, **more}


@method(
    "conversations.open",
    args="channel return_im users prevent_creation",
    scopes=("channels:manage", "groups:write", "im:write", "mpim:write"),
    tier=3,
)
async def opened(call: Call) -> Json:
    if "channel" in call.args:
        channel = call.channel()
        if not channel.is_dm:
            raise SlackError("method_not_supported_for_channel_type")
        found = True
    else:
        user = _one_user(call)
        demand_for(call, "dm", "write")
        existing = call.slack.store.dm(call.grant.user, user)
        if existing is None and call.args.flag("prevent_creation"):
            raise SlackError("channel_not_found")
        channel, found = membership.open_dm(call.slack, call.team, call.grant.user, user)
    full = call.args.flag("return_im")
    shown = objects.channel(call.slack, channel, call.grant.user) if full else {"id": channel.id}
    return {"channel": shown, **({"no_op": True, "already_open": True} if found else {})}


def _one_user(call: Call) -> str:
    users = call.args.ids("users")
    store = call.slack.store
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > MOST_IN_OPEN:
        raise SlackError("too_many_users")
    for user in users:
        if user not in store.people:
            raise SlackError("user_not_found")
        if user in store.deactivated:
            raise SlackError("user_disabled")
        if not knows(call, user):
            raise SlackError("user_not_visible")
        if store.kind(user) == "bot" or user == call.grant.user:
            raise SlackError("invalid_user_combination")
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    if call.grant.is_bot and not call.grant.app.manifest.messages_tab:
        raise SlackError("messages_tab_disabled")
    return users[0]


@method("conversations.join", required="channel", scopes=("channels:join",), tier=3)
async def join(call: Call) -> Json:
    channel = call.channel()
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if call.grant.user in channel.members:
        call.warnings.append("already_in_channel")
    else:
        membership.join(call.slack, channel, call.grant.user)
    return {"channel": objects.channel(call.slack, channel, call.grant.user)}


@method(
    "conversations.leave",
    required="channel",
    scopes=("channels:manage", "channels:write", "groups:write", "im:write", "mpim:write"),
    tier=3,
)
async def leave(call: Call) -> Json:
    channel = call.channel()
    if channel.is_dm:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if channel.general:
        raise SlackError("cant_leave_general")
    if call.grant.user not in channel.members:
        return {"not_in_channel": True}
    membership.leave(call.slack, channel, call.grant.user)
    return {}


@method(
    "conversations.invite",
    required="channel users",
    args="force",
    scopes=("channels:manage", "channels:write.invites", "groups:write", "groups:write.invites"),
    tier=3,
)
async def invite(call: Call) -> Json:
    channel = call.channel()
    if channel.is_dm:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if call.grant.user not in channel.members:
        raise SlackError("not_in_channel")
    users = call.args.ids("users")
    for user in users:
        if user == call.grant.user:
            raise SlackError("cant_invite_self")
        if user not in call.slack.store.people or user in call.slack.store.deactivated:
            raise SlackError("user_not_found")
        if call.slack.store.kind(user) == "single_channel_guest":
            raise SlackError("ura_max_channels")
        if user in channel.members:
            raise SlackError("already_in_channel")
    for user in users:
        membership.join(call.slack, channel, user, inviter=call.grant.user)
    return {"channel": objects.channel(call.slack, channel, call.grant.user)}


@method(
    "conversations.setTopic",
    required="channel topic",
    scopes=("channels:manage", "channels:write.topic", "groups:write", "groups:write.topic"),
    tier=2,
)
async def set_topic(call: Call) -> Json:
    channel = call.channel()
    if channel.is_dm:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if call.grant.user not in channel.members:
        raise SlackError("not_in_channel")
    topic = call.args.need("topic")
    if len(topic) > LONGEST_TOPIC:
        raise SlackError("too_long")
    channel.topic = topic
    call.slack.viewers.touch()
    return {"channel": objects.channel(call.slack, channel, call.grant.user)}
