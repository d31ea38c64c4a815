"""Going places: Home tabs, channels, shortcuts, reading and dismissing."""

from sandbox import dnd, membership, objects
from sandbox.act import finding
from sandbox.act.request import Request
from sandbox.delivery import events, interactions
from sandbox.errors import CannotDoError
from sandbox.slack import Slack
from sandbox.store import Channel, Json
from sandbox.world import App

LONGEST_PAUSE = 7 * 24 * 60


async def home(slack: Slack, ask: Request) -> None:
    app = _app(slack, ask)
    tab = "messages" if ask.get("tab") == "messages" else "home"
    if tab == "home" and not app.manifest.home_tab:
        raise CannotDoError("no_home", f"{app.name} has no Home tab", status=409)
    channel, _ = membership.open_dm(slack, app.team, app.bot_user, ask.user)
    event: Json = {"type": "app_home_opened", "user": ask.user, "channel": channel.id, "tab": tab}
    view = slack.store.views.get(slack.store.homes.get((app.id, ask.user), ""))
    if view is not None:
        event["view"] = objects.view(view)
    events.publish(slack, app, "app_home_opened", event, channel=channel)


def _app(slack: Slack, ask: Request) -> App:
    team = slack.store.people[ask.user].team
    wanted = ask.get("app")
    for app in slack.store.apps_in(team):
        if wanted in (None, "", app.id, app.name, app.bot_user):
            return app
    raise CannotDoError("no_such_app", f"there is no app {wanted!r} here", status=404)


async def shortcut(slack: Slack, ask: Request) -> None:
    person = slack.store.people[ask.user]
    wanted = ask.get("callback_id") or ask.get("name")
    kind = "message" if ask.get("in") else "global"
    if person.kind == "external":
        raise CannotDoError("no_such_shortcut", "shortcuts are for members of the app's own team", status=404)
    for app in slack.store.apps_in(person.team):
        for one in app.manifest.shortcuts:
            if one.type == kind and wanted in (one.callback_id, one.name):
                where = dict(zip(("channel", "message"), _on(slack, ask), strict=False)) if kind == "message" else {}
                reply = await interactions.shortcut(slack, app, ask.user, one, **where)
                if not reply.ok:
                    slack.notice(ask.user, "timeout", f"{app.name} did not answer. Please try again.")
                return
    raise CannotDoError("no_such_shortcut", f"there is no {kind} shortcut {wanted!r}", status=404)


def _on(slack: Slack, ask: Request) -> tuple[object, object]:
    channel, message = finding.message(slack, ask.user, ask.get("in"))
    if message.ephemeral_to:
        raise CannotDoError("no_such_shortcut", "a private message has no shortcuts", status=409)
    return channel, message


async def read(slack: Slack, ask: Request) -> None:
    channel = finding.channel(slack, ask.user, ask.get("channel"))
    if channel.messages:
        channel.read[ask.user] = max(channel.messages)
    slack.viewers.touch([ask.user])


async def join(slack: Slack, ask: Request) -> None:
    channel = slack.store.channels.get(ask.need("channel"))
    person = slack.store.people[ask.user]
    kind = slack.store.kind(ask.user)
    if channel is None or channel.kind != "public" or channel.team != person.team or channel.deleted:
        raise CannotDoError("no_such_channel", f"{ask.user} sees no such channel", status=404)
    if channel.archived or kind not in ("member", "admin"):
        raise CannotDoError("cannot_join", f"{ask.user} cannot join it", status=409)
    if ask.user not in channel.members:
        membership.join(slack, channel, ask.user)


async def leave(slack: Slack, ask: Request) -> None:
    channel = _room(slack, ask)
    if channel.general:
        raise CannotDoError("cannot_leave", "nobody leaves this channel", status=409)
    membership.leave(slack, channel, ask.user)


async def invite(slack: Slack, ask: Request) -> None:
    channel, user = _room(slack, ask), ask.need("user")
    person = slack.store.people.get(user)
    if person is None or user in slack.store.deactivated or slack.store.kind(ask.user) == "single_channel_guest":
        raise CannotDoError("cannot_invite", f"{user} cannot be invited", status=409)
    if person.team != channel.team or (person.kind == "external" and not channel.shared):
        raise CannotDoError("cannot_invite", f"{user} is of another company", status=409)
    if channel.archived:
        raise CannotDoError("is_archived", "the channel is archived", status=409)
    if user not in channel.members:
        membership.join(slack, channel, user, inviter=ask.user)


async def remove(slack: Slack, ask: Request) -> None:
    channel, user = _room(slack, ask), ask.need("user")
    if user not in channel.members:
        raise CannotDoError("not_there", f"{user} is not in the channel", status=404)
    if slack.store.kind(ask.user) in ("guest", "single_channel_guest"):
        raise CannotDoError("cannot_remove", "guests cannot remove anyone", status=409)
    membership.leave(slack, channel, user)


async def archive(slack: Slack, ask: Request) -> None:
    membership.archive(slack, _room(slack, ask), ask.user, archived=True)


async def unarchive(slack: Slack, ask: Request) -> None:
    membership.archive(slack, _room(slack, ask), ask.user, archived=False)


def _room(slack: Slack, ask: Request) -> Channel:
    channel = finding.channel(slack, ask.user, ask.get("channel"))
    if channel.is_dm:
        raise CannotDoError("not_a_channel", "that is a conversation of two", status=409)
    return channel


async def dismiss(slack: Slack, ask: Request) -> None:
    if ask.get("in"):
        _, message = finding.message(slack, ask.user, ask.get("in"))
        if message.ephemeral_to != ask.user:
            raise CannotDoError("cannot_dismiss", "only a private message can be dismissed", status=409)
        message.dismissed = True
    else:
        wanted = ask.need("id")
        notices = slack.store.notices.get(ask.user, [])
        slack.store.notices[ask.user] = [one for one in notices if one.id != wanted]
    slack.viewers.touch([ask.user])


async def disturb(slack: Slack, ask: Request) -> None:
    """Pause one's notifications for some `minutes`, or with 0 end that."""
    minutes = ask.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= LONGEST_PAUSE:
        raise CannotDoError("invalid_value", f"minutes is a number from 0 to {LONGEST_PAUSE}")
    dnd.pause(slack, slack.store.people[ask.user], minutes)
