"""What wants the same at about the same time shares a transaction, and nobody's fault but their own."""

import asyncio
from collections.abc import Sequence

from bot.delivery.together import Together


class Work:
    """Doubles what it is given, but for what is negative; a group waits until `go`."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.go = asyncio.Event()

    async def __call__(self, group: Sequence[int]) -> list[int]:
        self.groups.append(list(group))
        await self.go.wait()
        if min(group) < 0:
            raise ValueError(min(group))
        return [2 * one for one in group]


async def _until(work: Work, groups: int) -> None:
    async with asyncio.timeout(5):
        while len(work.groups) < groups:
            await asyncio.sleep(0)


async def test_what_is_started_together_is_one_group_and_what_comes_meanwhile_the_next() -> None:
    work = Work()
    together = Together(work=work, lanes=1, at_most=3)
    first = [asyncio.create_task(together.do(number)) for number in (1, 2)]
    await _until(work, 1)
    later = [asyncio.create_task(together.do(number)) for number in (3, 4, 5, 6)]
    await asyncio.sleep(0)
    work.go.set()
    assert await asyncio.gather(*first, *later) == [2, 4, 6, 8, 10, 12]
    assert work.groups == [[1, 2], [3, 4, 5], [6]]
    assert await together.do(7) == 14


async def test_a_fault_is_its_own_items_only() -> None:
    work = Work()
    work.go.set()
    together = Together(work=work, lanes=1)
    results = await asyncio.gather(*(together.do(number) for number in (1, -2, 3)), return_exceptions=True)
    assert (results[0], results[2]) == (2, 6)
    assert isinstance(results[1], ValueError)
    assert work.groups == [[1, -2, 3], [1], [-2], [3]]
    assert await together.do(4) == 8


async def test_each_item_is_done_once_however_many_lanes_there_are() -> None:
    work = Work()
    together = Together(work=work, lanes=2, at_most=2)
    tasks = [asyncio.create_task(together.do(number)) for number in range(9)]
    await _until(work, 2)
    work.go.set()
    assert await asyncio.gather(*tasks) == [2 * number for number in range(9)]
    assert sorted(one for group in work.groups for one in group) == list(range(9))


async def test_a_cancelled_leader_leaves_its_work_to_the_next() -> None:
    work = Work()
    together = Together(work=work, lanes=1)
    leader = asyncio.create_task(together.do(1))
    others = [asyncio.create_task(together.do(number)) for number in (2, 3)]
    await _until(work, 1)
    leader.cancel()
    await _until(work, 2)
    work.go.set()
    assert await asyncio.gather(*others) == [4, 6]
    assert work.groups == [[1, 2, 3], [2, 3]]


async def test_whoever_is_cancelled_in_line_is_passed_over() -> None:
    work = Work()
    together = Together(work=work, lanes=1)
    leader = asyncio.create_task(together.do(1))
    await _until(work, 1)
    gone, stays = (asyncio.create_task(together.do(number)) for number in (2, 3))
    await asyncio.sleep(0)
    gone.cancel()
    work.go.set()
    assert [await leader, await stays] == [2, 6]
    assert await together.do(4) == 8


async def test_whoever_is_cancelled_as_its_turn_comes_hands_it_on() -> None:
    work = Work()
    together = Together(work=work, lanes=1)
    leader = asyncio.create_task(together.do(1))
    await _until(work, 1)
    elected, stays = (asyncio.create_task(together.do(number)) for number in (2, 3))
    await asyncio.sleep(0)
    together._waiting[0].leads.add_done_callback(lambda _leads: elected.cancel())
    work.go.set()
    assert [await leader, await stays] == [2, 6]
    assert elected.cancelled()
    assert await together.do(4) == 8
