"""Where every feature is plugged in: a file a feature, each saying what of other features it is handed.

`adoptions.py` registers what adoptions hears of Slack, what it owes, and what it does by the clock; `home.py` has the
order of Home's sections too. `seams.py`: what several features take from others (importers, kinds of content and of
drafts). Here is the order alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from starlette.routing import BaseRoute

from bot.defaults import Defaults, load_defaults
from bot.delivery.rendering import Renderer
from bot.features.channels.seams import ContentKind
from bot.features.edge import Edge
from bot.features.quizzes.ballots import Ballots
from bot.registry import (
    adoptions,
    channels,
    customers,
    exports,
    home,
    inbox,
    members,
    pulse,
    questions,
    quizzes,
    stories,
    updates,
)
from bot.registry.part import Given, Part
from bot.registry.seams import content_kinds, draft_kinds, importers
from bot.schedule.ticker import TickJob
from bot.settings import Settings
from bot.slack.listening import Listener

__all__ = ["Features", "content_kinds", "importers", "register_features"]


@dataclass(frozen=True, kw_only=True)
class Features:
    renderers: Mapping[str, Renderer]
    kinds: Mapping[str, ContentKind]
    jobs: Sequence[TickJob]
    routes: Sequence[BaseRoute]
    direct: Mapping[str, Listener]
    defaults: Defaults
    ballots: Ballots  # drained when the process ends


def register_features(app: AsyncApp, edge: Edge, settings: Settings) -> Features:
    defaults = load_defaults()
    given = Given(
        app=app,
        edge=edge,
        settings=settings,
        defaults=defaults,
        kinds=content_kinds(settings, defaults),
        drafts=draft_kinds(settings, defaults),
        importers=importers(),
    )
    ballots = Ballots(sessions=edge.sessions, limits=defaults.quizzes)
    parts = _plug(given, ballots)
    return Features(
        renderers={kind: renderer for part in parts for kind, renderer in part.renderers.items()},
        kinds=given.kinds,
        jobs=[job for part in parts for job in part.jobs],
        routes=[route for part in parts for route in part.routes],
        direct={action: listener for part in parts for action, listener in part.direct.items()},
        defaults=defaults,
        ballots=ballots,
    )


def _plug(given: Given, ballots: Ballots) -> list[Part]:
    """Listeners are matched in this order, so the hot ones come first; the help shows commands in it."""
    parts = [
        quizzes.plug(given, ballots),
        stories.plug(given),
        questions.plug(given),
        updates.plug(given),
        home.plug(given),
        adoptions.plug(given),
        customers.plug(given),
        inbox.plug(given),
        channels.plug(given),
        pulse.plug(given),
        exports.plug(given),
    ]
    return [*parts, members.plug(given, [command for part in parts for command in part.commands])]
