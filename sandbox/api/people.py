"""users.*, team.info, dnd.* and usergroups.list."""

from sandbox import dnd, objects
from sandbox.api import paging
from sandbox.api.chat import knows
from sandbox.api.registry import Call, method
from sandbox.errors import SlackError
from sandbox.store import Json
from sandbox.world import Person

MOST_AT_ONCE = 50  # of dnd.teamInfo


@method("users.list", args="cursor include_locale limit", scopes=("users:read",), tier=2, json=False)
async def listed(call: Call) -> Json:
    if call.args.number("limit", 0) < 0:
        raise SlackError("invalid_limit")
    rows = [_shown(call, p) for p in call.slack.store.in_team(call.team) if p.kind != "external"]
    page, more = paging.page(call, rows, default=200)
    return {"members": page, "cache_ts": int(call.now), **more}


def _shown(call: Call, person: Person) -> Json:
    locale = call.args.flag("include_locale")
    email = "users:read.email" in call.grant.scopes
    return objects.user(call.slack, person, locale=locale, email=email)


def _known(call: Call, user: str) -> Person:
    person = call.slack.store.people.get(user)
    if person is None:
        raise SlackError("user_not_found")
    if not knows(call, user):
        raise SlackError("user_not_visible")
    return person


@method("users.info", required="user", args="include_locale", scopes=("users:read",), tier=4, json=False)
async def info(call: Call) -> Json:
    return {"user": _shown(call, _known(call, call.args.need("user")))}


@method("users.lookupByEmail", required="email", scopes=("users:read.email",), tier=3, json=False)
async def by_email(call: Call) -> Json:
    wanted = call.args.need("email").strip().lower()
    for person in call.slack.store.in_team(call.team):
        if person.email.lower() == wanted and person.id not in call.slack.store.deactivated and knows(call, person.id):
            return {"user": _shown(call, person)}
    raise SlackError("users_not_found")


@method("users.profile.get", args="include_labels user", scopes=("users.profile:read",), tier=4, json=False)
async def profile(call: Call) -> Json:
    person = _known(call, call.args.text("user") or call.grant.user)
    shown = objects.profile(call.slack, person, email="users:read.email" in call.grant.scopes)
    shown["fields"] = {
        f"Xf{number:08d}": {"value": value, "alt": "", **({"label": label} if call.args.flag("include_labels") else {})}
        for number, (label, value) in enumerate(person.fields.items())
    }
    return {"profile": shown}


@method("team.info", args="domain team", scopes=("team:read",), tier=3)
async def team(call: Call) -> Json:
    wanted = call.args.text("team") or call.team
    if wanted != call.team:
        raise SlackError("team_not_found")
    found = next(team for team in call.slack.world.teams if team.id == wanted)
    return {"team": {"id": found.id, "name": found.name, "domain": found.domain, "email_domain": "", "icon": {}}}


@method("dnd.info", args="user", scopes=("dnd:read",), tier=3, json=False)
async def dnd_info(call: Call) -> Json:
    return dnd.status(call.slack, _known(call, call.args.text("user") or call.grant.user))


@method("dnd.teamInfo", required="users", scopes=("dnd:read",), tier=2, json=False)
async def team_dnd(call: Call) -> Json:
    users = call.args.ids("users")
    if not users:
        raise SlackError("no_users_provided")
    if len(users) > MOST_AT_ONCE:
        raise SlackError("too_many_users")
    known = [_known(call, user) for user in users if user in call.slack.store.people]
    return {"users": {person.id: dnd.status(call.slack, person) for person in known}}


@method(
    "usergroups.list",
    args="include_count include_disabled include_users",
    scopes=("usergroups:read",),
    tier=2,
    json=False,
)
async def groups(call: Call) -> Json:
    shown = []
    for group in (one for one in call.slack.world.groups if one.team == call.team):
        row: Json = {
            "id": group.id,
            "team_id": group.team,
            "is_usergroup": True,
            "name": group.name,
            "handle": group.handle,
            "date_delete": 0,
        }
        if call.args.flag("include_users"):
            row["users"] = list(group.members)
        if call.args.flag("include_count"):
            row["user_count"] = len(group.members)
        shown.append(row)
    return {"usergroups": shown}


@method(
    "usergroups.users.list",
    required="usergroup",
    args="include_disabled",
    scopes=("usergroups:read",),
    tier=2,
    json=False,
)
async def group_users(call: Call) -> Json:
    wanted = call.args.need("usergroup")
    group = next((one for one in call.slack.world.groups if one.id == wanted and one.team == call.team), None)
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}
