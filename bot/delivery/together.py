"""One transaction for all that want the same thing at about the same time.

Nothing waits for company: what has come in during the last transaction is the next group, as votes are counted. Whoever
comes first does the work for the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(kw_only=True, eq=False)
class _One(Generic[T, R]):
    item: T
    result: asyncio.Future[R]
    leads: asyncio.Future[bool]  # True: its turn to do the work; False: another has done it


@dataclass(kw_only=True)
class Together(Generic[T, R]):
    """`work` does all of its items or, raising, none of them; its results are in their order. Where it raises, each is
    done again alone, so that one item's fault is no other's. `lanes` groups may be at work at a time."""

    work: Callable[[Sequence[T]], Awaitable[Sequence[R]]]
    lanes: int
    at_most: int = 50
    _waiting: list[_One[T, R]] = field(default_factory=list)
    _at_work: int = 0

    async def do(self, item: T) -> R:
        loop = asyncio.get_running_loop()
        mine: _One[T, R] = _One(item=item, result=loop.create_future(), leads=loop.create_future())
        if self._at_work < self.lanes:
            self._at_work += 1
            await self._lead(mine)
        else:
            self._waiting.append(mine)
            if await self._elected(mine):
                await self._lead(mine)
        return await mine.result

    async def _elected(self, mine: _One[T, R]) -> bool:
        try:
            return await mine.leads
        except asyncio.CancelledError:
            if not mine.leads.cancelled():  # elected, and cancelled before it could begin
                self._hand_on()
            raise

    async def _lead(self, mine: _One[T, R]) -> None:
        group = [mine]
        try:
            await asyncio.sleep(0)  # whoever was started together with this one comes along
            group += self._waiting[: self.at_most - 1]
            del self._waiting[: self.at_most - 1]
            await self._done(group)
        finally:
            there = [one for one in group[1:] if not one.leads.done()]  # the others were cancelled meanwhile
            for one in there:
                if one.result.done():
                    one.leads.set_result(False)
            self._waiting[:0] = [one for one in there if not one.result.done()]  # whoever led them was cancelled
            self._hand_on()

    def _hand_on(self) -> None:
        while self._waiting:
            following = self._waiting.pop(0)
            if not following.leads.done():
                following.leads.set_result(True)
                return
        self._at_work -= 1

    async def _done(self, group: Sequence[_One[T, R]]) -> None:
        if len(group) == 1:
            return await self._alone(group[0])
        try:
            results = await self.work([one.item for one in group])
        except Exception:
            await asyncio.gather(*(self._alone(one) for one in group))
        else:
            for one, result in zip(group, results, strict=True):
                one.result.set_result(result)

    async def _alone(self, one: _One[T, R]) -> None:
        try:
            (result,) = await self.work([one.item])
        except Exception as error:
            one.result.set_exception(error)
        else:
            one.result.set_result(result)
