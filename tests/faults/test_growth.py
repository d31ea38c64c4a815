"""What was sent over the years makes no claim slower, and what is old goes as fast as new comes in."""

import statistics
from pathlib import Path

import pytest

from benchmarks import growth
from benchmarks.growing import Size
from tests.db.empty import anew
from tests.faults.proof import Proof
from tests.postgres import Server

WARM = 10


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def grown_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of its own, since it is filled without its indexes."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'grown.db'}"
    server: Server = request.getfixturevalue("postgres_server")
    await anew(server.url, "grown")
    return server.url.rsplit("/", 1)[0] + "/grown"


@pytest.mark.row("E13")
async def test_claims_and_upkeep_keep_up_with_what_was_sent(grown_url: str, proof: Proof) -> None:
    """In small no clock is looked at."""
    sent, claims = proof.at(small=(20_000, 5), full=(5_000_000, 200))
    async with growth.grown(grown_url, Size(workspaces=100, slots=1, votes=1_000, sent=sent)) as grown:
        taken = [await grown.claim() * 1000 for _ in range(WARM + claims)][WARM:]
        hour = await growth.an_hours_upkeep(grown)
    database = "SQLite" if grown_url.startswith("sqlite") else "PostgreSQL"
    p99 = statistics.quantiles(taken, n=100)[98]
    assert hour.thrown_away >= hour.came_in
    if proof.size == "full" and p99 >= growth.CLAIM_MS:
        proof.falls_short(f"{database}: p99 of a claim {p99:.1f} ms", why="of 50 of 2,000 that wait, at once")
    proof.found(
        f"{database}, {sent:,} sent: a claim of 50 takes {statistics.median(taken):.1f} ms, p99 {p99:.1f} ms; upkeep "
        f"throws away {hour.thrown_away:,} an hour in {hour.seconds:.1f} s, {hour.came_in:,.0f} come in"
    )
