"""The one place that builds real things and registers every feature."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.request import getproxies

import aiohttp
from slack_bolt.async_app import AsyncApp

from bot.core.clock import Clock, SystemClock
from bot.core.ids import new_id
from bot.db.ciphers import keyring
from bot.db.engine import Sessions, make_engine
from bot.delivery.installations import Installations
from bot.delivery.reconcile import Reconciler
from bot.delivery.sender import Sender
from bot.features.edge import Edge
from bot.metrics import Metrics
from bot.registry import Features, register_features
from bot.schedule.ticker import Ticker, TickJob
from bot.settings import Settings
from bot.slack import in_time
from bot.slack.app import make_app
from bot.slack.direct import Direct
from bot.slack.gateway import TIMEOUT, Gateway
from bot.slack.intake import Intake
from bot.slack.posting import Posting
from bot.slack.receipts import Receipts
from bot.upkeep import Upkeep


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What every command may need: the edge, without anything running."""

    settings: Settings
    clock: Clock
    edge: Edge
    installations: Installations
    http: aiohttp.ClientSession
    metrics: Metrics

    @property
    def sessions(self) -> Sessions:
        return self.edge.sessions

    @property
    def gateway(self) -> Gateway:
        return self.edge.gateway


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What `run` starts and stops: everything of `Parts`, and what moves."""

    parts: Parts
    features: Features
    app: AsyncApp
    intake: Intake
    sender: Sender
    reconciler: Reconciler
    ticker: Ticker
    upkeep: Upkeep


@asynccontextmanager
async def open_parts(settings: Settings, *, longest_transaction: timedelta | None = None) -> AsyncIterator[Parts]:
    """Connections are made when first used, so a command that needs no Slack asks nothing of it.

    `longest_transaction`: what takes longer is given up, where PostgreSQL can (17 and later); an import may take long.
    """
    clock = SystemClock(offset=settings.clock_offset, skew=settings.clock_skew)
    keys, write = settings.ciphers
    engine = make_engine(
        settings.database_url.get_secret_value(), longest_whole=longest_transaction, keyring=keyring(keys, write=write)
    )
    sessions = Sessions(engine, clock_offset=settings.clock_offset)
    installations = Installations(sessions=sessions)
    # With trust_env aiohttp reads proxies and ~/.netrc anew for each request: a fifth of the cost of a press.
    proxied = bool(getproxies())
    async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=proxied, trace_configs=[in_time.watched()]) as http:
        posting = Posting()
        gateway = Gateway(
            api_url=settings.api_url,
            session=http,
            find=installations.find,
            forget=installations.forget,
            posting=None if proxied else posting,
        )
        receipts = Receipts(gateway)
        edge = Edge(sessions=sessions, gateway=gateway, receipts=receipts, clock=clock, new_id=new_id)
        try:
            yield Parts(
                settings=settings, clock=clock, edge=edge, installations=installations, http=http, metrics=Metrics()
            )
        finally:
            posting.close()
            await sessions.close()


def build(parts: Parts) -> Machine:
    settings, edge, metrics = parts.settings, parts.edge, parts.metrics
    app = make_app(api_url=settings.api_url, session=parts.http, find=parts.installations.find)
    features = register_features(app, edge, settings)
    sender = Sender(
        sessions=edge.sessions, gateway=edge.gateway, renderers=features.renderers, new_id=new_id, metrics=metrics
    )
    edge.sessions.on_owing = sender.wake
    reconciler = Reconciler(sessions=edge.sessions, gateway=edge.gateway, renderers=features.renderers, metrics=metrics)
    upkeep = Upkeep(
        sessions=edge.sessions,
        process=f"{socket.gethostname()}-{os.getpid()}-{new_id()[:6]}",
        metrics=metrics,
        keep=features.defaults.keep,
    )
    jobs = [
        *features.jobs,
        TickJob(name="heartbeat", every=timedelta(seconds=5), run=upkeep.beat),
        TickJob(name="next due", every=timedelta(minutes=1), run=upkeep.look_ahead),
        TickJob(name="tidy", every=timedelta(hours=1), run=upkeep.tidy),
        TickJob(name="aging", every=timedelta(hours=6), run=upkeep.age),
    ]
    ticker = Ticker(jobs, clock=edge.clock, on_tick=lambda name, ok: metrics.tick(name, ok=ok))
    return Machine(
        parts=parts,
        features=features,
        app=app,
        intake=Intake(app=app, direct=Direct(find=parts.installations.find, listeners=features.direct), meter=metrics),
        sender=sender,
        reconciler=reconciler,
        ticker=ticker,
        upkeep=upkeep,
    )
