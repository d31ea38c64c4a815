"""A file for one person: its bytes wait where nobody sees them, and are handed over once."""

import asyncio

import pytest

from bot.delivery import handing
from bot.delivery.rendering import Document, TooLargeError
from tests.delivery.conftest import Desk
from tests.delivery.pretend_slack import RESET, refusal


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "LOOK_EVERY", 0.0)


async def zoe() -> bytes:
    return "Zoë".encode()


async def owed(desk: Desk, make: object = zoe) -> tuple[int, int]:
    """An upload and its share, the upload done."""
    upload = await desk.owe("file", target="", method="upload")
    share = await desk.owe("Here it is.", target="U7", method="share", under=upload)
    desk.says.instead = Document(name="mine.zip", make=make)  # type: ignore[arg-type]
    await desk.rounds()
    desk.says.instead = None
    return upload, share


async def test_it_is_seen_by_nobody_before_it_is_handed_over(desk: Desk) -> None:
    upload, share = await owed(desk)
    (file,) = desk.slack.bytes_of
    assert desk.slack.bytes_of[file] == "Zoë".encode()
    assert desk.slack.shared == []
    await desk.rounds()
    assert desk.slack.shared == [(file, "D7", "Here it is.")]
    row = await desk.row(share)
    assert (row.state, row.channel, row.ts) == ("sent", "D7", (await desk.row(upload)).ts)


async def test_it_is_handed_over_once_though_the_answer_was_lost(desk: Desk) -> None:
    lost = [RESET, RESET]
    complete = "files.completeUploadExternal"
    desk.slack.after = lambda method, _: lost.pop() if method == complete and lost else None
    _, share = await owed(desk)
    await desk.rounds(3)
    assert len(desk.slack.shared) == 1
    assert (await desk.row(share)).state == "sent"


async def test_it_is_handed_over_though_a_call_before_came_to_nothing(desk: Desk) -> None:
    failing = [RESET]
    complete = "files.completeUploadExternal"
    desk.slack.before = lambda method, _: failing.pop() if method == complete and failing else None
    await owed(desk)
    await desk.rounds(3)
    assert len(desk.slack.shared) == 1


async def large() -> bytes:
    raise TooLargeError


async def broken() -> bytes:
    raise RuntimeError("a fault of ours")


@pytest.mark.parametrize(("make", "error"), [(large, handing.TOO_LARGE), (broken, "internal")])
async def test_what_cannot_be_made_ends_and_its_cause_is_told(desk: Desk, make: object, error: str) -> None:
    upload, share = await owed(desk, make)
    await desk.rounds(2)
    assert desk.says.failed == [(upload, error), (share, "parent_failed")]
    assert desk.slack.bytes_of == {}


async def test_who_cannot_be_reached_gets_nothing(desk: Desk) -> None:
    desk.slack.before = lambda method, _: refusal("user_disabled") if method == "conversations.open" else None
    _, share = await owed(desk)
    await desk.rounds(2)
    assert desk.slack.shared == []
    assert (await desk.row(share)).state == "failed"


async def test_another_process_waits_until_it_must_have_been_made(desk: Desk) -> None:
    made = asyncio.Event()

    async def slowly() -> bytes:
        await made.wait()
        return b"made"

    upload = await desk.owe("file", target="", method="upload")
    desk.says.instead = Document(name="mine.zip", make=slowly)
    await desk.hurry()
    await desk.sender.turn("lease")
    async with asyncio.timeout(10):
        while (row := await desk.row(upload)).state != "sending":
            await asyncio.sleep(0)
    assert row.lease_until is not None
    assert row.sending_at is not None
    assert (row.lease_until - row.sending_at).total_seconds() > handing.LONGEST
    made.set()
    await desk.sender.settle()
    assert (await desk.row(upload)).state == "sent"
