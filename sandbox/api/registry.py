"""The Web API's methods: each registers itself with what Slack demands of a call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sandbox.api.arguments import Arguments
from sandbox.errors import SlackError
from sandbox.limits import HUNDREDS_A_MINUTE, TIERS
from sandbox.slack import Slack
from sandbox.store import Channel, Grant, Json


@dataclass(frozen=True, kw_only=True)
class Call:
    slack: Slack
    args: Arguments
    grant: Grant
    warnings: list[str]

    @property
    def team(self) -> str:
        return self.grant.app.team

    @property
    def now(self) -> float:
        return self.slack.clock.now()

    def demand(self, *scopes: str) -> None:
        """Any one of these scopes is enough."""
        if not any(scope in self.grant.scopes for scope in scopes):
            raise SlackError("missing_scope", needed=scopes[0], provided=",".join(sorted(self.grant.scopes)))

    def channel(self, name: str = "channel") -> Channel:
        """The channel an argument names, if this token's owner can know of it."""
        found = self.slack.store.channels.get(self.args.need(name))
        if found is None or found.deleted or found.team != self.team:
            raise SlackError("channel_not_found")
        if found.kind != "public" and self.grant.user not in found.members:
            raise SlackError("channel_not_found")
        return found


Handler = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True, kw_only=True)
class Method:
    name: str
    handler: Handler
    scopes: tuple[str, ...]
    per_minute: int | None
    args: frozenset[str]
    required: tuple[str, ...]
    json: bool
    needs: str


METHODS: dict[str, Method] = {}
ALWAYS_ALLOWED = frozenset({"token", "team_id", "pretty", "charset"})


def method(
    name: str,
    *,
    args: str = "",
    required: str = "",
    scopes: tuple[str, ...] = (),
    tier: int | None = None,
    json: bool = True,
    needs: str = "bot",
) -> Callable[[Handler], Handler]:
    """Register a method.

    `tier` None means "hundreds a minute", 0 no limit. `needs` says which token: a bot's or a person's (bot), an
    app-level one (app), or none.
    """
    needed = tuple(required.split())
    per_minute = HUNDREDS_A_MINUTE if tier is None else TIERS.get(tier)

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(
            name=name,
            handler=handler,
            scopes=scopes,
            per_minute=per_minute,
            args=frozenset((*args.split(), *needed)),
            required=needed,
            json=json,
            needs=needs,
        )
        return handler

    return register
