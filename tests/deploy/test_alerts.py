"""The rules for Prometheus name what is exported, and their page says what to do."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from typing import Any

import promql_parser
import pytest
import yaml

from bot.metrics import Metrics
from bot.settings import Settings
from bot.wiring import build, open_parts
from tests.deploy.files import DEPLOY, ROOT

(GROUP,) = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
RULES: list[dict[str, Any]] = GROUP["rules"]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"]: rule for rule in RULES if "record" in rule}
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
OF_PROMETHEUS = {"job", "instance"}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def exported() -> dict[str, set[str]]:
    """Every series with its labels, once each metric has been used."""
    metrics = Metrics()
    metrics.delivery("sent", "story", lateness=1)
    metrics.ack("command", 200, 0.1)
    metrics.unheard("command")
    metrics.tick("heartbeat", ok=True)
    metrics.rate_limited("chat.update", 1)
    metrics.owed.labels("pending").set(1)
    metrics.workspaces.labels("active").set(1)
    metrics.next_due("messages", NOW)
    metrics.beat(NOW)
    metrics.moving("ticker", alive=True)
    return {sample.name: set(sample.labels) for family in metrics.registry.collect() for sample in family.samples}


def selected(expression: str) -> list[tuple[str, dict[str, str]]]:
    """What an expression reads: each name with its matchers. Raises where it is not PromQL."""
    found: list[tuple[str, dict[str, str]]] = []

    def visit(part: promql_parser.Expr) -> bool:
        if isinstance(part, promql_parser.VectorSelector):
            found.append((part.name or "", {one.name: one.value for one in part.matchers.matchers}))
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


EVERY = [one for rule in RULES for one in selected(rule["expr"])]


def test_every_rule_reads_what_is_exported_or_recorded() -> None:
    known = exported()
    assert {name for name, _ in EVERY} <= {*known, *RECORDED, "up"}
    for name, matchers in EVERY:
        assert set(matchers) <= known.get(name, set()), name
    assert len(EVERY) > 30


def test_no_metric_has_a_label_that_prometheus_gives() -> None:
    """Prometheus would rename it, and no rule would find it."""
    assert {name for name, labels in exported().items() if labels & OF_PROMETHEUS} == set()


async def test_the_jobs_that_rules_name_are_there() -> None:
    named = {matchers["name"] for _, matchers in EVERY if "name" in matchers}
    async with open_parts(Settings(DATABASE_URL="sqlite:///never-opened.db")) as parts:  # type: ignore[call-arg]
        jobs = {job.name for job in build(parts).ticker._jobs}
    assert named == {"heartbeat"}
    assert named <= jobs


def test_only_database_ticker_and_token_page_and_only_while_something_is_owed() -> None:
    paging = {name for name, rule in ALERTS.items() if rule["labels"]["severity"] == "page"}
    assert paging == {"CanteenDatabaseAway", "CanteenDiskFull", "CanteenStandsStill", "CanteenTokenRefused"}
    for name in paging:
        owed = {"canteen:next_due:timestamp", "canteen:dead_due:timestamp"} & dict(
            selected(ALERTS[name]["expr"])
        ).keys()
        assert len(owed) == 1, name
        assert f"{owed.pop()} < time()" in ALERTS[name]["expr"]
    assert {rule["labels"]["severity"] for rule in ALERTS.values()} == {"page", "ticket"}


def test_every_recorded_series_is_read() -> None:
    assert set(RECORDED) == {name for name, _ in EVERY if ":" in name}


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    sections = dict(re.findall(r"^### (Canteen\w+)\n\n(.+?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
    assert sections.keys() == ALERTS.keys()
    for name, text in sections.items():
        assert text.startswith(f"*{ALERTS[name]['labels']['severity'].title()}.* "), name
        assert "**Do**" in text, name
        assert ALERTS[name]["annotations"]["runbook"] == f"docs/operations.md#{name.lower()}"


def test_what_fires_when() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("there is no promtool here (Debian: prometheus); the other tests read the rules all the same")
    call = [promtool, "test", "rules", str(ROOT / "tests" / "deploy" / "alerts_test.yaml")]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
