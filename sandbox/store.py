"""Everything that changes while the local Slack runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.world import App, ChannelSpec, Person, World

Json = dict[str, Any]


@dataclass(kw_only=True)
class Message:
    n: int
    team: str
    channel: str
    ts: str
    at: float
    user: str
    text: str
    bot_id: str | None = None
    app_id: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    files: list[str] = field(default_factory=list)
    ephemeral_to: str | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    edited: Json | None = None
    edits: list[Json] = field(default_factory=list)
    replaced: list[Json] = field(default_factory=list)  # the blocks before the last edit
    deleted: bool = False
    dismissed: bool = False
    visible_at: float = 0.0
    mentions: list[str] = field(default_factory=list)
    unfurl_links: bool | None = None
    unfurl_media: bool | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(kw_only=True)
class Channel:
    id: str
    team: str
    name: str
    kind: str
    members: set[str] = field(default_factory=set)
    archived: bool = False
    shared: bool = False
    general: bool = False
    read_only: bool = False
    topic: str = ""
    purpose: str = ""
    created: int = 0
    threads: dict[str, list[Message]] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    bookmarks: list[Json] = field(default_factory=list)
    deleted: bool = False

    @property
    def is_dm(self) -> bool:
        return self.kind == "dm"

    def other(self, user: str) -> str:
        """Who is at the other end of a DM."""
        return next((one for one in self.members if one != user), user)

    def lasting(self) -> Iterator[Message]:
        """Messages that history can ever show: not deleted, not ephemeral."""
        return (m for m in self.messages.values() if not m.deleted and m.ephemeral_to is None)

    def replies(self, ts: str) -> list[Message]:
        return [m for m in self.threads.get(ts, ()) if not m.deleted and m.ephemeral_to is None]

    def add(self, message: Message) -> None:
        self.messages[message.ts] = message
        if message.is_reply:
            self.threads.setdefault(message.thread_ts or "", []).append(message)


@dataclass(kw_only=True)
class File:
    id: str
    team: str
    user: str
    name: str
    title: str
    size: int
    alt: str = ""
    data: bytes = b""
    uploaded: bool = False
    completed: bool = False
    created: float = 0.0
    ready_at: float = 0.0
    mimetype: str = ""
    shared_in: list[str] = field(default_factory=list)
    shares: dict[str, str] = field(default_factory=dict)
    given_to: list[str] = field(default_factory=list)
    deleted: bool = False
    upload_key: str = ""


@dataclass(kw_only=True)
class View:
    id: str
    team: str
    app_id: str
    bot_id: str
    user: str
    content: Json
    hash: str
    root: str
    previous: str | None = None
    external_id: str = ""
    values: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    busy: bool = False
    response_urls: list[Json] = field(default_factory=list)
    changed_at: float = 0.0
    origin: str = ""


@dataclass(kw_only=True)
class Grant:
    """What a token stands for."""

    app: App
    user: str
    is_bot: bool
    scopes: frozenset[str]
    state: str = "active"


@dataclass(kw_only=True)
class Scheduled:
    id: str
    app_id: str
    channel: str
    post_at: int
    created: int
    text: str
    args: Json


@dataclass(frozen=True, kw_only=True)
class Notice:
    id: str
    kind: str
    text: str
    channel: str | None
    at: float


class Store:
    """The mutable side of a world; look things up here, change them through `posting`, `membership` and `views`."""

    def __init__(self, world: World, apps: Iterable[App], now: float) -> None:
        self.world = world
        self.began = now
        self.people: dict[str, Person] = {person.id: person for person in world.people}
        self.deactivated = {p.id for p in world.people if p.kind == "deactivated"}
        self.channels: dict[str, Channel] = {}
        self.dms: dict[frozenset[str], str] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[str]] = {}
        self.homes: dict[tuple[str, str], str] = {}
        self.scheduled: dict[str, Scheduled] = {}
        self.notices: dict[str, list[Notice]] = {}
        self.states: dict[tuple[str, str], dict[str, Json]] = {}
        self.offered: dict[tuple[str, str, str], list[Json]] = {}
        self.dnd: dict[str, tuple[float, float]] = {}
        self.grants: dict[str, Grant] = {}
        self.apps: dict[tuple[str, str], App] = {}
        for spec in world.channels:
            self.channels[spec.id] = _channel(spec, now)
        for app in apps:
            self.install(app)

    def install(self, app: App, *, bot_token: str | None = None) -> None:
        self.apps[app.team, app.id] = app
        token = bot_token or app.bot_token
        self.grants[token] = Grant(app=app, user=app.bot_user, is_bot=True, scopes=app.manifest.bot_scopes)
        if app.user_token:
            scopes = app.manifest.user_scopes
            self.grants[app.user_token] = Grant(app=app, user=app.user_token_of, is_bot=False, scopes=scopes)

    def app_of_bot(self, user: str) -> App | None:
        return next((app for app in self.apps.values() if app.bot_user == user), None)

    def apps_in(self, team: str) -> list[App]:
        return [app for app in self.apps.values() if app.team == team]

    def kind(self, user: str) -> str:
        if user in self.deactivated:
            return "deactivated"
        kind = self.people[user].kind
        return "member" if kind == "deactivated" else kind

    def in_team(self, team: str) -> list[Person]:
        return [person for person in self.people.values() if person.team == team]

    def dm(self, one: str, two: str) -> Channel | None:
        found = self.dms.get(frozenset((one, two)))
        return self.channels[found] if found else None

    def add_dm(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        self.dms[frozenset(channel.members)] = channel.id

    def stack(self, user: str) -> list[View]:
        return [self.views[one] for one in self.modals.get(user, ())]

    def visible(self, messages: Iterable[Message], now: float) -> list[Message]:
        return [m for m in messages if m.visible_at <= now]


def _channel(spec: ChannelSpec, now: float) -> Channel:
    return Channel(
        id=spec.id,
        team=spec.team,
        name=spec.name,
        kind="private" if spec.private else "public",
        members=set(spec.members),
        archived=spec.archived,
        shared=spec.shared,
        general=spec.general,
        read_only=spec.read_only,
        topic=spec.topic,
        purpose=spec.purpose,
        created=int(now),
    )
