import asyncio
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.delivery import claim, sender
from bot.delivery.claim import Doubt
from bot.delivery.queue import cancel, enqueue
from bot.delivery.rendering import Later, Skip
from bot.slack.errors import Fault, SlackFault
from tests.delivery.conftest import WORKSPACE, Desk
from tests.delivery.pretend_slack import RESET, refusal


@pytest.mark.row("F3")
async def test_what_is_owed_is_sent_once_and_its_cause_is_told(desk: Desk) -> None:
    delivery = await desk.owe("hello")
    await desk.rounds(3)
    assert [message["text"] for message in desk.slack.made("C1")] == ["hello"]
    assert [desk.slack.messages[0][name] for name in ("unfurl_links", "unfurl_media")] == [False, False]  # F3
    row = await desk.row(delivery)
    assert (row.state, row.channel, row.ts) == ("sent", "C1", desk.slack.messages[0]["ts"])
    assert [owed.ts for owed in desk.says.sent] == [row.ts]


async def test_nothing_is_owed_when_its_cause_rolls_back(desk: Desk) -> None:
    with pytest.raises(RuntimeError):
        async with desk.sessions.begin() as session:
            await enqueue(
                session, now=await db_now(session), workspace_id=WORKSPACE, kind="says", key="k",
                method="post", target="C1", ref={"say": "never"},
            )  # fmt: skip
            raise RuntimeError
    await desk.rounds()
    assert desk.slack.messages == []


async def test_equal_keys_are_one_message(desk: Desk) -> None:
    first = await desk.owe("one", key="same")
    second = await desk.owe("two", key="same")
    await desk.rounds(2)
    assert first == second
    assert [message["text"] for message in desk.slack.made("C1")] == ["two"]


async def test_an_edit_owed_again_after_it_was_sent_goes_again(desk: Desk) -> None:
    post = await desk.owe("post")
    await desk.rounds()
    await desk.owe("edit 1", key="edit", method="update", under=post)
    await desk.rounds()
    await desk.owe("edit 2", key="edit", method="update", under=post)
    await desk.rounds()
    assert [message["text"] for message in desk.slack.made("C1")] == ["edit 2"]


async def test_a_reply_waits_for_its_parent_and_goes_into_its_thread(desk: Desk) -> None:
    parent = await desk.owe("parent", target="U7")
    await desk.owe("reply", target="U7", under=parent)
    await desk.rounds(2)
    parent_message, reply = desk.slack.made("D7")
    assert reply["thread_ts"] == parent_message["ts"]
    assert reply["channel"] == parent_message["channel"]


async def test_a_reply_fails_with_its_parent(desk: Desk) -> None:
    desk.slack.before = lambda method, arguments: refusal("invalid_blocks") if arguments.get("text") == "bad" else None
    parent = await desk.owe("bad")
    await desk.owe("reply", under=parent)
    await desk.rounds(3)
    assert await desk.states() == ["failed", "failed"]
    assert [error for _, error in desk.says.failed] == ["invalid_blocks", "parent_failed"]


async def test_a_message_that_was_made_although_the_connection_broke_is_found_and_not_made_again(desk: Desk) -> None:
    desk.slack.after = lambda method, _: RESET if method == "chat.postMessage" else None
    delivery = await desk.owe("once")
    await desk.rounds(2)
    assert (await desk.row(delivery)).state == "unresolved"
    assert await desk.reconciler.run() == 1
    await desk.rounds(2)
    assert len(desk.slack.made("C1")) == 1
    assert (await desk.row(delivery)).state == "sent"
    assert len(desk.says.sent) == 1


@pytest.mark.parametrize("target", ["C1", "U7"])
async def test_a_message_that_was_not_made_is_sent_after_two_complete_looks(desk: Desk, target: str) -> None:
    failing = [RESET]
    desk.slack.before = lambda method, _: failing.pop() if method == "chat.postMessage" and failing else None
    delivery = await desk.owe("once", target=target)
    await desk.rounds()
    assert await desk.reconciler.run() == 0
    assert (await desk.row(delivery)).state == "unresolved"
    assert await desk.reconciler.run() == 1
    await desk.rounds()
    assert (await desk.row(delivery)).state == "sent"
    assert len(desk.slack.messages) == 1


async def test_a_message_that_shows_up_late_in_history_is_found_by_the_second_look(desk: Desk) -> None:
    desk.slack.after = lambda method, _: RESET if method == "chat.postMessage" else None
    delivery = await desk.owe("once")
    await desk.rounds()
    desk.slack.hidden = True
    await desk.reconciler.run()
    desk.slack.hidden = False
    await desk.reconciler.run()
    assert (await desk.row(delivery)).state == "sent"
    assert len(desk.slack.messages) == 1


@pytest.mark.parametrize("code", ["not_in_channel", "missing_scope", "access_denied", "message_not_found"])
async def test_what_cannot_be_looked_up_is_uncertain_never_sent_again_and_told_once(desk: Desk, code: str) -> None:
    def fault(method: str, _arguments: object) -> SlackFault | None:
        return refusal(code) if method == "conversations.history" else None

    desk.slack.before = fault
    desk.slack.after = lambda method, _: RESET if method == "chat.postMessage" else None
    delivery = await desk.owe("once")
    await desk.rounds()
    await desk.reconciler.run()
    await desk.rounds(3)
    assert (await desk.row(delivery)).state == "uncertain"
    assert len(desk.slack.messages) == 1
    assert desk.says.failed == [(delivery, code)]


async def test_what_is_done_again_after_a_lost_race_is_counted_once(desk: Desk) -> None:
    desk.slack.before = lambda method, _: refusal("access_denied") if method == "conversations.history" else None
    desk.slack.after = lambda method, _: RESET if method == "chat.postMessage" else None
    delivery = await desk.owe("once")
    await desk.rounds()
    commits: list[Session] = []

    def lose(session: Session) -> None:
        """The first only reads what waits."""
        if not session.in_nested_transaction():
            commits.append(session)
        if len(commits) == 2:
            commits.append(session)
            raise DBAPIError("COMMIT", {}, Exception("deadlock detected"))

    event.listen(Session, "before_commit", lose)
    try:
        await desk.reconciler.run()
    finally:
        event.remove(Session, "before_commit", lose)
    assert len(commits) > 3
    assert (await desk.row(delivery)).state == "uncertain"
    counted = desk.sender.metrics.registry.get_sample_value(
        "canteen_deliveries_total", {"state": "uncertain", "kind": "says"}
    )
    assert counted == 1


@pytest.mark.parametrize("code", ["token_revoked", "ratelimited", "service_unavailable"])
async def test_a_look_up_that_can_work_later_is_done_later(desk: Desk, code: str) -> None:
    desk.slack.before = lambda method, _: refusal(code) if method == "conversations.history" else None
    desk.slack.after = lambda method, _: RESET if method == "chat.postMessage" else None
    delivery = await desk.owe("once")
    await desk.rounds()
    await desk.reconciler.run()
    assert (await desk.row(delivery)).state == "unresolved"
    desk.slack.before = lambda _method, _arguments: None
    await desk.reconciler.run()
    assert (await desk.row(delivery)).state == "sent"


@pytest.mark.parametrize("code", ["is_archived", "invalid_blocks", "user_disabled", "never_heard_of"])
async def test_a_refusal_ends_the_delivery_and_is_told_once(desk: Desk, code: str) -> None:
    desk.slack.before = lambda method, _: refusal(code)
    delivery = await desk.owe("no")
    await desk.rounds(3)
    assert (await desk.row(delivery)).state == "failed"
    assert len(desk.slack.calls) == 1
    assert desk.says.failed == [(delivery, code)]


@pytest.mark.parametrize("code", ["missing_scope", "no_permission", "access_denied", "team_not_found"])
async def test_what_the_app_may_not_do_fails_that_delivery_and_the_workspace_goes_on(desk: Desk, code: str) -> None:
    desk.slack.before = lambda _, arguments: refusal(code) if arguments["channel"] == "C1" else None
    delivery = await desk.owe("no")
    await desk.owe("yes", target="C2")
    await desk.rounds(2)
    assert await desk.states() == ["failed", "sent"]
    assert desk.says.failed == [(delivery, code)]


@pytest.mark.parametrize(
    "code",
    [
        "account_inactive",
        "token_revoked",
        "invalid_auth",
        "not_authed",
        "team_access_not_granted",
        "enterprise_is_restricted",
    ],
)
async def test_a_dead_token_is_the_whole_workspaces(desk: Desk, code: str) -> None:
    desk.slack.before = lambda _method, _arguments: refusal(code)
    delivery = await desk.owe("waits")
    await desk.rounds(2)
    async with desk.sessions.begin() as session:
        workspace = await session.get(Workspace, WORKSPACE)
    assert workspace is not None
    assert workspace.state == "dead"
    assert (await desk.row(delivery)).state == "pending"


async def test_a_rate_limit_holds_the_method_for_the_whole_workspace_and_loses_nothing(desk: Desk) -> None:
    limits = [refusal("ratelimited", retry_after=30)]
    desk.slack.before = lambda method, _: limits.pop() if limits else None
    await desk.owe("one", target="C1")
    await desk.owe("two", target="C2")
    await desk.sender.turn("lease")
    await desk.sender.settle()
    await desk.sender.turn("lease")
    await desk.sender.settle()
    assert len(desk.slack.calls) == 1
    await desk.rounds(2)
    assert sorted(message["text"] for message in desk.slack.messages) == ["one", "two"]


async def test_one_busy_channel_does_not_hold_up_another(desk: Desk) -> None:
    for number in range(120):
        await desk.owe(f"busy {number}", target="C1")
    await desk.owe("quick", target="C2")
    desk.sender.at_most = 20
    for _ in range(8):
        await desk.sender.turn("lease")
        await desk.sender.settle()
    assert [message["text"] for message in desk.slack.made("C2")] == ["quick"]
    assert 1 <= len(desk.slack.made("C1")) < 40  # two a turn at most, more where turns take seconds


async def test_channels_get_theirs_by_turns(desk: Desk) -> None:
    now = datetime.now(UTC)
    for number in range(3):
        await desk.owe(f"busy {number}", target="C1", due=now - timedelta(seconds=3))
    await desk.owe("quick", target="C2", due=now - timedelta(seconds=1))
    desk.sender.at_most = 1
    for _ in range(2):
        await desk.sender.turn("lease")
        await desk.sender.settle()
    assert [message["text"] for message in desk.slack.messages] == ["busy 0", "quick"]


async def test_with_one_slot_left_whoever_has_waited_longest_gets_it(desk: Desk) -> None:
    now = datetime.now(UTC)
    for number, waits in enumerate((1, 3, 2)):
        await desk.owe(f"{waits} s", target=f"C{number}", due=now - timedelta(seconds=waits))
    desk.sender.at_most = 1
    await desk.sender.turn("lease")
    await desk.sender.settle()
    assert [message["text"] for message in desk.slack.messages] == ["3 s"]


async def test_a_renderer_with_a_fault_ends_its_own_delivery_only(desk: Desk) -> None:
    await desk.owe("raise", target="C1")
    await desk.owe("fine", target="C2")
    await desk.rounds(2)
    assert await desk.states() == ["failed", "sent"]


async def test_a_dead_token_stops_the_calls_and_renewing_it_goes_on_with_nothing_lost(desk: Desk) -> None:
    desk.slack.before = lambda method, _: refusal("token_revoked")
    for number in range(5):
        await desk.owe(f"n{number}", target=f"C{number}")
    desk.sender.at_most = 1
    await desk.rounds(6)
    assert len(desk.slack.calls) == 1
    desk.slack.before = lambda method, _: None
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(state="active"))
    desk.sender.at_most = 10
    await desk.rounds(2)
    assert await desk.states() == ["sent"] * 5


async def test_stopping_all_posting_holds_posts_and_lets_deletions_through(desk: Desk) -> None:
    post = await desk.owe("to recall")
    await desk.rounds()
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(posting_stopped_at=await db_now(session)))
    held = await desk.owe("held", target="C2")
    await desk.owe("gone", key="recall", method="delete", under=post)
    await desk.rounds(2)
    assert desk.slack.made("C1") == desk.slack.made("C2") == []
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(posting_stopped_at=None))
    await desk.rounds()
    assert (await desk.row(held)).state == "sent"


async def test_stopping_the_process_waits_for_no_pace(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "HORIZON", timedelta(minutes=1))
    monkeypatch.setattr(sender, "LOOK_EVERY", 60.0)
    for number in range(10):
        await desk.owe(f"post {number}")
    await desk.sender.turn("lease")
    assert await desk.states() == ["claimed"] * 10  # one for each of the next ten seconds
    await desk.sender.stop(5)
    found = await desk.states()
    assert set(found) <= {"sent", "pending"}
    assert found.count("pending") >= 9


async def test_what_is_too_late_is_not_sent_and_its_owner_is_told(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        now = await db_now(session)
    delivery = await desk.owe("late", late_after=now - timedelta(seconds=1))
    await desk.rounds()
    assert desk.slack.messages == []
    assert desk.says.failed == [(delivery, "late")]


async def test_a_renderer_may_skip_or_put_off(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        later = await db_now(session) + timedelta(hours=8)
    desk.says.instead = Later(until=later)
    delivery = await desk.owe("quiet hours")
    await desk.rounds()
    assert (await desk.row(delivery)).due_at == later
    desk.says.instead = Skip(reason="recalled")
    await desk.rounds()
    row = await desk.row(delivery)
    assert (row.state, row.error, desk.slack.messages) == ("skipped", "recalled", [])
    assert desk.says.skipped == [(delivery, "recalled")]
    assert desk.says.failed == []


async def test_a_feature_that_cannot_be_told_of_a_skip_holds_up_nothing(desk: Desk) -> None:
    desk.says.instead = Skip(reason="recalled")
    delivery = await desk.owe("deaf")
    await desk.rounds()
    assert (await desk.row(delivery)).state == "skipped"


async def test_what_was_cancelled_in_time_is_not_sent(desk: Desk) -> None:
    await desk.owe("no", key="k")
    async with desk.sessions.begin() as session:
        assert await cancel(session, workspace_id=WORKSPACE, key="k", reason="stopped")
    await desk.rounds()
    assert desk.slack.messages == []


async def test_deleting_twice_is_done_once_and_fine(desk: Desk) -> None:
    post = await desk.owe("post")
    await desk.rounds()
    first = await desk.owe("x", key="delete", method="delete", under=post)
    await desk.rounds()
    await desk.owe("x", key="delete", method="delete", under=post)
    await desk.rounds()
    assert (await desk.row(first)).state == "sent"


@pytest.mark.parametrize(("left_as", "messages"), [("claimed", 1), ("sending", 0)])
async def test_what_a_killed_process_held_is_taken_over(desk: Desk, left_as: str, messages: int) -> None:
    delivery = await desk.owe("held")
    async with desk.sessions.begin() as session:
        past = await db_now(session) - timedelta(seconds=1)
        await session.execute(update(Delivery).values(state=left_as, lease="dead", lease_until=past, sending_at=past))
    await desk.rounds(2)
    assert len(desk.slack.messages) == messages
    await desk.reconciler.run()
    await desk.reconciler.run()
    await desk.rounds()
    assert len(desk.slack.messages) == 1
    assert (await desk.row(delivery)).state == "sent"


@pytest.mark.parametrize("method", ["update", "delete"])
async def test_what_may_be_repeated_is_done_again_at_once_after_a_kill(
    desk: Desk, method: Literal["update", "delete"]
) -> None:
    post = await desk.owe("post")
    await desk.rounds()
    change = await desk.owe("edit", method=method, under=post)
    async with desk.sessions.begin() as session:
        past = await db_now(session) - timedelta(seconds=1)
        held = update(Delivery).where(Delivery.id == change)
        await session.execute(held.values(state="sending", lease="dead", lease_until=past, sending_at=past))
    await desk.rounds(2)
    assert (await desk.row(change)).state == "sent"
    assert [message["text"] for message in desk.slack.made("C1")] == (["edit"] if method == "update" else [])


@pytest.mark.parametrize("lost", [False, True])
async def test_a_feature_that_cannot_be_told_holds_up_nothing(desk: Desk, lost: bool) -> None:
    desk.slack.after = lambda method, _: RESET if lost and method == "chat.postMessage" else None
    deaf = await desk.owe("deaf")
    await desk.rounds()
    await desk.reconciler.run()
    assert (await desk.row(deaf)).state == "sent"
    assert len(desk.slack.messages) == 1


async def test_a_feature_that_cannot_be_told_of_a_failed_parent_holds_up_nothing(desk: Desk) -> None:
    desk.slack.before = lambda method, arguments: refusal("invalid_blocks") if arguments.get("text") == "bad" else None
    parent = await desk.owe("bad")
    deaf = await desk.owe("deaf", under=parent)
    await desk.rounds(2)
    await desk.owe("other", target="C2")
    await desk.rounds(2)
    assert (await desk.row(deaf)).state == "failed"
    assert [message["text"] for message in desk.slack.made("C2")] == ["other"]


async def test_after_a_gap_what_may_have_been_sent_before_is_looked_up_first(desk: Desk) -> None:
    """A backup was restored: the row is pending again although its message exists."""
    delivery = await desk.owe("post")
    await desk.rounds()
    async with desk.sessions.begin() as session:
        now = await db_now(session)
        await session.execute(update(Delivery).values(state="pending", ts=None, channel=None, sent_at=None))
    desk.sender.doubt = Doubt(until=now + timedelta(seconds=1))
    await desk.rounds(2)
    await desk.reconciler.run()
    assert (await desk.row(delivery)).state == "sent"
    assert len(desk.slack.messages) == 1


async def test_two_senders_send_each_message_once(desk: Desk) -> None:
    for number in range(60):
        await desk.owe(f"n{number}", target=f"C{number}")
    other = type(desk.sender)(
        sessions=desk.sessions, gateway=desk.slack, renderers=desk.sender.renderers,  # type: ignore[arg-type]
        new_id=desk.sender.new_id, metrics=desk.sender.metrics,
    )  # fmt: skip
    for _ in range(30):
        await desk.hurry()
        await asyncio.gather(desk.sender.turn("one"), other.turn("two"))
        await desk.sender.settle()
        await other.settle()
    assert sorted(message["text"] for message in desk.slack.messages) == sorted(f"n{n}" for n in range(60))


async def test_a_temporary_refusal_is_tried_again_within_five_seconds(desk: Desk) -> None:
    desk.slack.before = lambda method, _: SlackFault("unreachable", Fault.WAIT)
    delivery = await desk.owe("wait")
    await desk.rounds(8)
    desk.slack.before = lambda method, _: None
    async with desk.sessions.begin() as session:
        now = await db_now(session)
    row = await desk.row(delivery)
    assert row.state == "pending"
    assert row.due_at <= now + timedelta(seconds=5)
    await desk.rounds()
    assert len(desk.slack.messages) == 1
