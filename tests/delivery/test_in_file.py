import asyncio

from bot.delivery import in_file
from bot.delivery.in_file import InFile


async def _call(
    file: InFile, log: list[str], name: str, answered: asyncio.Event, *, api: str = "chat.postMessage"
) -> None:
    async with file.turn("T1", api):
        log.append(f"{name} begins")
        await answered.wait()
        log.append(f"{name} ends")


async def test_a_call_waits_for_the_answer_to_the_one_before() -> None:
    log: list[str] = []
    file, first, second = InFile(), asyncio.Event(), asyncio.Event()
    second.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(_call(file, log, "first", first))
        group.create_task(_call(file, log, "second", second))
        group.create_task(_call(file, log, "other", second, api="chat.update"))
        group.create_task(asyncio.sleep(0)).add_done_callback(lambda _: first.set())
    assert [line for line in log if "other" not in line] == [
        "first begins",
        "first ends",
        "second begins",
        "second ends",
    ]
    assert log.index("other ends") < log.index("first ends")


async def test_an_answer_that_does_not_come_holds_the_next_up_for_a_moment_only() -> None:
    log: list[str] = []
    file, never, at_once = InFile(), asyncio.Event(), asyncio.Event()
    at_once.set()
    stuck = asyncio.create_task(_call(file, log, "stuck", never))
    await asyncio.wait_for(_call(file, log, "next", at_once), in_file.PATIENCE * 20)
    assert log == ["stuck begins", "next begins", "next ends"]
    never.set()
    await stuck
