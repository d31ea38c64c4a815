"""A9: Slack is away for hours. What is late by then is left out and told; everything else is sent."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.commands.data import bring_in
from bot.db.tables.delivery import Delivery
from bot.defaults import load_defaults
from bot.features.channels import service as channels
from bot.features.channels.posting import post_now
from bot.registry import content_kinds
from sandbox.clock import Clock
from tests.faults.delivering import WORKSPACE, channels_ready, everybody_awake, faults, lines, made, until
from tests.faults.proof import Proof
from tests.flows import owing
from tests.flows.conftest import Flow
from tests.flows.test_quizzes import BANK

DOWN = timedelta(hours=4)


@pytest.mark.row("A9", waits=True)
async def test_away_for_four_hours(tmp_path: Path, proof: Proof) -> None:
    """Every call of every method fails. The hours pass on the clocks of the bot and of the local Slack, a part of them at
    each of the bot's restarts; at each, one story, news and quiz are due in other channels."""
    steps, at_once = proof.at(small=(3, 1), full=(24, 2))
    clock = Clock()
    async with channels_ready(tmp_path, number=steps * at_once, each=2, clock=clock) as flow, flow.parts() as parts:
        flow.env["CANTEEN_HTTP"] = ""  # Socket Mode needs no port
        (tmp_path / "bank.yaml").write_text(BANK, encoding="utf-8")
        assert (await bring_in(parts, "quizzes", tmp_path / "bank.yaml")).refused == ()
        await everybody_awake(parts)
        ways = ("refuse", "reset_before", "error_before")
        await faults(flow, *({"methods": "*", "what": what, "share": 1 / (3 - n)} for n, what in enumerate(ways)))
        ahead = timedelta(0)
        for step in range(steps):
            for place in lines(steps * at_once)[step * at_once :][:at_once]:
                await _owe_each_kind(flow, place)
            tried = len(flow.slack.ledger.calls())
            bot = await flow.start()
            await until(partial(_tried, flow, tried + 3), 30, every=0.2)
            await flow.stop(bot)
            ahead += DOWN / steps
            clock.advance((DOWN / steps).total_seconds())
            flow.env["CANTEEN_CLOCK_OFFSET"] = f"{int(ahead.total_seconds())}s"
        assert sum(made(flow).values()) == 0
        await faults(flow)
        await flow.start()
        found = await _outcomes(flow, within=proof.at(small=90, full=300))
    said = ", ".join(f"{number} {what}" for what, number in sorted(found.items()))
    proof.found(
        said,
        injected=f"every call fails for four hours, which pass on both clocks in {steps} steps, the bot restarted at each",
    )


def _tried(flow: Flow, calls: int) -> bool:
    return len(flow.slack.ledger.calls()) >= calls


async def _owe_each_kind(flow: Flow, place: str) -> None:
    async with flow.parts() as parts:
        kinds = content_kinds(parts.settings, load_defaults())
        for kind in ("story", "news", "quiz"):
            async with parts.sessions.begin() as session:
                why = await post_now(
                    session, WORKSPACE, place, kind, request=f"{place}:{kind}", by="test", kinds=kinds,
                    new_id=parts.edge.new_id, now=parts.clock.now(),
                )  # fmt: skip
            assert why is None, (kind, why)


async def _outcomes(flow: Flow, *, within: float) -> Counter[str]:
    """Everything has ended, each as its kind's lateness says, and who looks after the channels was told once a day."""
    async with flow.parts() as parts:

        async def over() -> bool:
            left = Delivery.state.in_(("pending", "claimed", "sending", "unresolved"))
            return not await owing.rows(parts, select(Delivery.id).where(left, Delivery.method == "post").limit(1))

        await owing.until(flow, over, within)
        up = parts.clock.now()
        rows = [row[0] for row in await owing.rows(parts, select(Delivery).where(Delivery.method == "post"))]
    posts, times = [row for row in rows if row.late_after is not None], made(flow)
    found: Counter[str] = Counter()
    for row in posts:
        kind = row.kind.partition(".")[0]
        if row.state == "sent":
            assert times[row.opaque] == 1, (row.kind, row.error)
            assert row.sent_at <= row.late_after + timedelta(seconds=30)
            found[f"of {kind} sent"] += 1
        else:
            assert (row.state, row.error, times[row.opaque]) == ("failed", "late", 0)
            assert row.late_after < up
            found[f"of {kind} late"] += 1
    told = [row for row in rows if row.kind == channels.MISSED]
    assert len(told) == len(_days(row.wanted_at for row in told))
    assert [times[row.opaque] for row in told] == [1] * len(told)
    assert told
    assert max(times.values()) == 1
    found["times the owner was told"] = len(told)
    return found


def _days(moments: object) -> set[object]:
    return {moment.date() for moment in moments if isinstance(moment, datetime)}  # type: ignore[attr-defined]
