"""The world file: who and what exists when the local Slack starts. Frozen; what changes later is in `store`."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.manifest import Manifest, read_manifest

KINDS = ("member", "admin", "guest", "single_channel_guest", "external", "bot", "deactivated")
COLORS = (
    "9f69e7",
    "4bbe2e",
    "e7392d",
    "3c989f",
    "674b1b",
    "e96699",
    "e0a729",
    "684b6c",
    "5b89d5",
    "2b6836",
    "99a949",
    "df3dc0",
)


class WorldError(ValueError):
    """The world file is wrong; the text names the entry and the cure."""


@dataclass(frozen=True, kw_only=True)
class Team:
    id: str
    name: str
    domain: str


@dataclass(frozen=True, kw_only=True)
class Person:
    id: str
    team: str
    name: str
    real_name: str
    email: str = ""
    title: str = ""
    tz: str = "Etc/UTC"
    locale: str = "en-US"
    kind: str = "member"
    color: str = "9f69e7"
    company: str = "T0OUTSIDE"
    fields: Mapping[str, str] = field(default_factory=dict)
    dnd: bool | str = False

    @property
    def home_team(self) -> str:
        """The team id apps are shown; an outsider's is their own company's."""
        return self.company if self.kind == "external" else self.team


@dataclass(frozen=True, kw_only=True)
class ChannelSpec:
    id: str
    team: str
    name: str
    members: tuple[str, ...] = ()
    private: bool = False
    archived: bool = False
    shared: bool = False
    general: bool = False
    read_only: bool = False
    topic: str = ""
    purpose: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A user group such as @line-leads."""

    id: str
    team: str
    handle: str
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class App:
    """One app as installed in one team; the same `id` in another team is another installation of it."""

    id: str
    team: str
    name: str
    bot_user: str
    bot_id: str
    bot_token: str
    user_token: str = ""
    user_token_of: str = ""
    app_token: str = ""
    signing_secret: str = ""
    manifest: Manifest
    delivery: str = "socket"
    request_url: str = ""


@dataclass(frozen=True, kw_only=True)
class World:
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    channels: tuple[ChannelSpec, ...] = ()
    groups: tuple[Group, ...] = ()
    apps: tuple[App, ...] = ()


def load_world(path: Path) -> World:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict):
        raise WorldError(f"{path}: the world file must be a mapping with teams, people, channels and apps")
    return make_world(raw, base=path.parent)


def make_world(raw: Mapping[str, Any], *, base: Path | None = None) -> World:
    """A world from plain data; `base` is where a manifest's relative path is looked for after the current folder."""
    teams = tuple(_team(entry) for entry in raw.get("teams") or ())
    if not teams:
        raise WorldError("teams: at least one team is needed")
    first = teams[0].id
    people = [_person(entry, first, n) for n, entry in enumerate(raw.get("people") or ())]
    apps = tuple(_app(_expand(entry), first, base) for entry in raw.get("apps") or ())
    known = {person.id for person in people}
    people += [_bot_user(app) for app in apps if app.bot_user not in known]
    world = World(
        teams=teams,
        people=tuple(people),
        channels=tuple(_channel(entry, first) for entry in raw.get("channels") or ()),
        groups=tuple(_group(entry, first) for entry in raw.get("groups") or ()),
        apps=apps,
    )
    _check(world)
    return world


def _take(kind: type[Any], entry: Mapping[str, Any], where: str, **defaults: Any) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise WorldError(f"{where}: an entry must be a mapping, not {entry!r}")
    values = {**defaults, **entry}
    unknown = sorted(set(values) - set(kind.__dataclass_fields__))
    if unknown:
        raise WorldError(f"{where} {entry.get('id', '?')}: unknown key {unknown[0]!r}")
    for needed in ("id", "name"):
        if not values.get(needed):
            raise WorldError(f"{where} {entry.get('id', '?')}: {needed!r} is missing")
    return values


def _team(entry: Mapping[str, Any]) -> Team:
    values = _take(Team, entry, "teams")
    return Team(**{"domain": re.sub(r"[^a-z0-9]+", "-", values["name"].lower()), **values})


def _person(entry: Mapping[str, Any], team: str, n: int) -> Person:
    values = _take(Person, entry, "people", team=team, color=COLORS[n % len(COLORS)])
    if values.get("kind", "member") not in KINDS:
        raise WorldError(f"people {values['id']}: kind must be one of {', '.join(KINDS)}")
    if isinstance(values.get("dnd"), str) and not re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", values["dnd"]):
        raise WorldError(f"people {values['id']}: dnd must be true, false or a time of the day such as 22:00-08:00")
    return Person(**{"real_name": values["name"], **values})


def _channel(entry: Mapping[str, Any], team: str) -> ChannelSpec:
    values = _take(ChannelSpec, entry, "channels", team=team)
    values["members"] = tuple(values.get("members") or ())
    return ChannelSpec(**values)


def _group(entry: Mapping[str, Any], team: str) -> Group:
    values = _take(Group, entry, "groups", team=team)
    values["members"] = tuple(values.get("members") or ())
    return Group(**{"handle": values["name"], **values})


def _app(entry: Mapping[str, Any], team: str, base: Path | None) -> App:
    values = _take(App, entry, "apps", team=team)
    manifest = values.get("manifest") or {}
    if isinstance(manifest, str):
        manifest = _manifest_file(manifest, base)
    values["manifest"] = read_manifest(manifest)
    if values.setdefault("delivery", "socket") not in ("socket", "http"):
        raise WorldError(f"apps {values['id']}: delivery must be socket or http")
    for needed in ("bot_user", "bot_id", "bot_token"):
        if not values.get(needed):
            raise WorldError(f"apps {values['id']}: {needed!r} is missing")
    return App(**values)


def _manifest_file(name: str, base: Path | None) -> Mapping[str, Any]:
    for folder in (Path.cwd(), base):
        if folder is not None and (folder / name).is_file():
            loaded = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
            return loaded if isinstance(loaded, dict) else {}
    raise WorldError(f"apps: the manifest {name!r} is not there")


def _expand(entry: Mapping[str, Any]) -> dict[str, Any]:
    """`${NAME}` in a value is taken from the environment, and must be set there."""

    def value(text: Any) -> Any:
        if not isinstance(text, str) or not (match := re.fullmatch(r"\$\{(\w+)\}", text)):
            return text
        if match[1] not in os.environ:
            raise WorldError(f"apps {entry.get('id', '?')}: the environment has no {match[1]}")
        return os.environ[match[1]]

    return {key: value(entry[key]) for key in entry}


def _bot_user(app: App) -> Person:
    handle = re.sub(r"[^a-z0-9]+", "", app.name.lower()) or "bot"
    return Person(id=app.bot_user, team=app.team, name=handle, real_name=app.name, kind="bot")


def _check(world: World) -> None:
    teams = {team.id for team in world.teams}
    people = {person.id for person in world.people}
    entries: list[Person | ChannelSpec | Group | App] = [*world.people, *world.channels, *world.groups, *world.apps]
    for entry in entries:
        if entry.team not in teams:
            raise WorldError(f"{entry.id}: there is no team {entry.team}")
    places: list[ChannelSpec | Group] = [*world.channels, *world.groups]
    for place in places:
        for member in place.members:
            if member not in people:
                raise WorldError(f"{place.id}: there is no person {member}")
    for ids in ([p.id for p in world.people], [c.id for c in world.channels]):
        doubled = {one for one in ids if ids.count(one) > 1}
        if doubled:
            raise WorldError(f"{sorted(doubled)[0]} is there twice")
