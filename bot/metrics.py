"""What an operator may want to see over time (prometheus); no ids of people, no texts."""

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
        self._ticks = Counter("canteen_ticks", "Ticks of each job", ["job", "outcome"], registry=self.registry)
        self._waits = Counter(
            "canteen_rate_limit_wait_seconds", "Waits that Slack asked for", ["method"], registry=self.registry
        )
        self.owed = Gauge("canteen_owed", "Deliveries not ended", ["state"], registry=self.registry)

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

    def rate_limited(self, method: str, seconds: float) -> None:
        self._waits.labels(method).inc(seconds)
