"""Ten thousand people answer one quiz within a minute, with two others open that people answer as well.

Each press is made when it is due, whether or not those before are answered. Judged from what the crowd was answered,
from the rows, and from the calls that the local Slack saw.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import text

from benchmarks import Row, votes
from tests.flows import owing, voting
from tests.flows.conftest import Flow, flowing

PEOPLE, BESIDE, SECONDS = 10_000, 1_000, 60
LONGEST_ACK = 3.0  # then Slack shows a warning
EDITS_A_MINUTE = 50  # of chat.update in a workspace; tallies may take half
SHOWN_WITHIN = 30.0


async def measure() -> list[Row]:
    """About three minutes."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="canteen-burst-") as name, votes.databases(Path(name)) as urls:
        for database, url in urls.items():
            folder = Path(name) / database
            folder.mkdir()
            async with votes.answers() as respond_to, flowing(folder, url, transport="http", channels=1) as flow:
                rows += await _burst(database, flow, respond_to)
    return rows


async def _burst(database: str, flow: Flow, respond_to: str) -> list[Row]:
    await voting.set_up(flow, people=PEOPLE, questions=3)
    canteen = votes.pressable(flow, await flow.start())
    crowds = [
        (await voting.open_quiz(flow, people=PEOPLE, respond_to=respond_to), number)
        for number in (PEOPLE, BESIDE, BESIDE)
    ]
    before, edits = canteen.processor(), len(await owing.calls(flow, "chat.update"))
    pressing = [
        await votes.pressing(canteen.port, told, number=number, first=2 * PEOPLE * turn, rate=number / SECONDS)
        for turn, (told, number) in enumerate(crowds)
    ]
    seen = await asyncio.gather(*map(votes.seen_by, pressing))
    used = canteen.processor() - before
    there, counts = await _stored(flow)
    await flow.until(lambda: _shown(flow, counts), SHOWN_WITHIN)
    made = [one["at"] for one in (await owing.calls(flow, "chat.update"))[edits:]]
    lost = sum(2 * PEOPLE * turn + n not in there for turn, one in enumerate(seen) for n in one["acknowledged"])
    waits = [wait for one in seen for wait in one["seconds"]]
    return list(_rows(database, waits, sum(one["refused"] for one in seen), lost, made, used))


async def _stored(flow: Flow) -> tuple[set[int], list[int]]:
    """The number of each press that counts, which its action_ts ends with; and how many each quiz has."""
    async with flow.parts() as parts, parts.sessions.begin() as session:
        there = set((await session.execute(text("SELECT acted_at % 1000000 FROM quiz_answers"))).scalars())
        each = await session.execute(text("SELECT count(*) FROM quiz_answers GROUP BY quiz_id"))
        return there, list(each.scalars())


async def _shown(flow: Flow, counts: Sequence[int]) -> bool:
    """Whether each message says how many have answered it."""
    said = [str(one["blocks"]) for one in await flow.posts(voting.CHANNEL)]
    return all(sum(f"{number:,} have answered" in one for one in said) >= counts.count(number) for number in counts)


def _rows(
    database: str, waits: Sequence[float], refused: int, lost: int, edits: Sequence[float], used: float
) -> Iterator[Row]:
    cuts = statistics.quantiles(waits, n=100)
    presses = f"{database}: {len(waits):,} presses in {SECONDS} s on three quizzes"
    yield Row(
        what=f"{presses}: the longest wait for an answer, beside p99",
        value=max(waits) * 1000, unit="ms", against=cuts[98] * 1000, ratio=max(waits) / cuts[98],
        bar=f"under {LONGEST_ACK:.0f} s", passed=max(waits) < LONGEST_ACK,
    )  # fmt: skip
    yield Row(
        what=f"{database}: not acknowledged, so that Slack shows a warning", value=refused, unit="presses",
        against=None, ratio=None, bar="0", passed=refused == 0,
    )  # fmt: skip
    yield Row(
        what=f"{database}: acknowledged and lost", value=lost, unit="votes", against=None, ratio=None,
        bar="0", passed=lost == 0,
    )  # fmt: skip
    fullest = max(sum(1 for later in edits if at <= later < at + 60) for at in edits)
    yield Row(
        what=f"{database}: edits in the fullest minute, beside all that Slack allows; each tally right in the end",
        value=fullest, unit="edits", against=EDITS_A_MINUTE, ratio=fullest / EDITS_A_MINUTE,
        bar="at most half, and one", passed=fullest <= EDITS_A_MINUTE / 2 + 1,
    )  # fmt: skip
    yield Row(
        what=f"{database}: the processor's time for each press, with all that goes on beside",
        value=used / len(waits) * 1000, unit="ms", against=None, ratio=None, bar="", passed=None,
    )  # fmt: skip
