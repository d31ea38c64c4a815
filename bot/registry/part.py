"""What a feature is plugged in with, and what it brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slack_bolt.async_app import AsyncApp
from starlette.routing import BaseRoute

from bot.defaults import Defaults
from bot.delivery.rendering import Renderer
from bot.features.channels.seams import ContentKind
from bot.features.customers.seams import Importer
from bot.features.edge import Edge
from bot.features.inbox.seams import DraftKind
from bot.features.members.seams import Command
from bot.schedule.ticker import TickJob
from bot.settings import Settings
from bot.slack.listening import Listener


@dataclass(frozen=True, kw_only=True)
class Given:
    """The kinds and importers are made once: they keep what they have read."""

    app: AsyncApp
    edge: Edge
    settings: Settings
    defaults: Defaults
    kinds: Mapping[str, ContentKind]
    drafts: Sequence[DraftKind]
    importers: Sequence[Importer]

    @property
    def public_url(self) -> str:
        """Where our own pictures can be fetched; "" where they cannot."""
        return self.settings.public_url or ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """`commands` in the order of the help. `renderers` by kind of delivery, `direct` by action
    id: what Bolt is passed by for."""

    commands: Sequence[Command] = ()
    renderers: Mapping[str, Renderer] = field(default_factory=dict)
    jobs: Sequence[TickJob] = ()
    routes: Sequence[BaseRoute] = ()
    direct: Mapping[str, Listener] = field(default_factory=dict)
