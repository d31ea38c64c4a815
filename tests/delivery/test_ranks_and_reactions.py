"""Edits share 50 calls a minute, so who goes first matters; a reaction is made once, whoever made it."""

import pytest

from bot.delivery.queue import Rank
from tests.delivery.conftest import Desk
from tests.delivery.pretend_slack import RESET, refusal


async def test_edits_that_cannot_all_go_at_once_go_by_rank(desk: Desk) -> None:
    posts = [await desk.owe(f"post {number}", target=f"C{number}") for number in range(4)]
    await desk.rounds(4)
    for post, rank in zip(posts, (Rank.TALLY, Rank.RECEIPT, Rank.REVEAL, Rank.FIRST), strict=True):
        await desk.owe(rank.name, key=f"edit:{rank}", method="update", under=post, rank=rank)
    await desk.rounds(8)
    made = [arguments["text"] for method, arguments in desk.slack.calls if method == "chat.update"]
    assert made == ["FIRST", "REVEAL", "RECEIPT", "TALLY"]


async def test_a_tally_does_not_put_off_a_correction_of_the_same_message_that_still_waits(desk: Desk) -> None:
    posts = [await desk.owe(f"post {number}", target=f"C{number}") for number in range(2)]
    await desk.rounds(2)
    await desk.owe("another's receipt", key="receipt", method="update", under=posts[0], rank=Rank.RECEIPT)
    await desk.owe("corrected", key="message", method="update", under=posts[1], rank=Rank.FIRST)
    await desk.owe("corrected, 12 so far", key="message", method="update", under=posts[1], rank=Rank.TALLY)
    await desk.rounds(4)
    await desk.owe("13 so far", key="message", method="update", under=posts[1], rank=Rank.TALLY)
    await desk.owe("another's second receipt", key="receipt", method="update", under=posts[0], rank=Rank.RECEIPT)
    await desk.rounds(4)
    made = [arguments["text"] for method, arguments in desk.slack.calls if method == "chat.update"]
    assert made == ["corrected, 12 so far", "another's receipt", "another's second receipt", "13 so far"]


async def _react(desk: Desk) -> int:
    return await desk.owe("", method="react", key="react", extra={"channel": "D1", "ts": "17.1", "emoji": "eyes"})


async def test_a_reaction_is_made(desk: Desk) -> None:
    delivery = await _react(desk)
    await desk.rounds()
    assert desk.slack.reactions == [("D1", "17.1", "eyes")]
    assert (await desk.row(delivery)).state == "sent"


async def test_a_reaction_whose_answer_got_lost_is_there_once(desk: Desk) -> None:
    broken = iter([RESET])
    desk.slack.after = lambda method, _: next(broken, None) if method == "reactions.add" else None
    delivery = await _react(desk)
    await desk.rounds(2)
    assert desk.slack.reactions == [("D1", "17.1", "eyes")]
    assert (await desk.row(delivery)).state == "sent"


@pytest.mark.parametrize("code", ["message_not_found"])
async def test_a_reaction_to_what_was_deleted_meanwhile_is_no_failure(desk: Desk, code: str) -> None:
    desk.slack.before = lambda method, _: refusal(code) if method == "reactions.add" else None
    delivery = await _react(desk)
    await desk.rounds()
    assert (await desk.row(delivery)).state == "sent"
    assert desk.says.failed == []
