"""What an operator may want to see over time (prometheus); no ids of people, no texts."""

from datetime import datetime
from math import inf

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LATENESS = (0.5, 1, 2, 5, 15, 60, 300, 3600, 14400)
ACK = (0.01, 0.03, 0.1, 0.3, 1, 2, 2.5, 3)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._deliveries = Counter(
            "canteen_deliveries", "Deliveries that ended", ["state", "kind"], registry=self.registry
        )
        self._lateness = Histogram(
            "canteen_delivery_lateness_seconds",
            "From the wanted time to the message",
            buckets=LATENESS,
            registry=self.registry,
        )
        self._acks = Histogram(
            "canteen_ack_seconds", "Answers to Slack", ["kind", "status"], buckets=ACK, registry=self.registry
        )
        self._unheard = Counter("canteen_unheard", "What no part listens to", ["kind"], registry=self.registry)
        self._ticks = Counter("canteen_ticks", "Ticks of each job", ["name", "outcome"], registry=self.registry)
        self._waits = Counter(
            "canteen_rate_limit_wait_seconds", "Waits that Slack asked for", ["method"], registry=self.registry
        )
        self.owed = Gauge("canteen_owed", "Deliveries not ended", ["state"], registry=self.registry)
        self.workspaces = Gauge(
            "canteen_workspaces", "By what Slack says of the token", ["state"], registry=self.registry
        )
        self._next_due = Gauge(
            "canteen_next_due_timestamp_seconds", "When what is owed falls due", ["what"], registry=self.registry
        )
        self._beat = Gauge(
            "canteen_beat_timestamp_seconds", "Last sign of life in the database", registry=self.registry
        )
        self._moving = Gauge("canteen_moving", "1 while the part is alive", ["part"], registry=self.registry)

    def delivery(self, state: str, kind: str, *, lateness: float) -> None:
        self._deliveries.labels(state, kind).inc()
        if state == "sent":
            self._lateness.observe(max(lateness, 0.0))

    def ack(self, kind: str, status: int, seconds: float) -> None:
        self._acks.labels(kind, str(status)).observe(seconds)

    def unheard(self, kind: str) -> None:
        self._unheard.labels(kind).inc()

    def tick(self, job: str, *, ok: bool) -> None:
        self._ticks.labels(job, "ok" if ok else "failed").inc()

    def next_due(self, what: str, at: datetime | None) -> None:
        """It stays when the database goes away, so that an alert can tell whether anything has fallen due since."""
        self._next_due.labels(what).set(inf if at is None else at.timestamp())

    def beat(self, at: datetime) -> None:
        self._beat.set(at.timestamp())

    def moving(self, part: str, *, alive: bool) -> None:
        self._moving.labels(part).set(alive)

    def rate_limited(self, method: str, seconds: float) -> None:
        self._waits.labels(method).inc(seconds)
