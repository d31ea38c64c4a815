"""From the question in the channel to the answer, on both databases."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from bot.core.times import local_day
from bot.db.tables.channels import Occurrence
from bot.db.tables.customers import Customer
from bot.db.tables.quizzes import QuizPost
from bot.features.channels.seams import Due
from bot.features.quizzes import jobs, rules, service
from bot.features.quizzes.rules import Told
from bot.slack.words import Words
from tests.delivery.pretend_slack import refusal
from tests.features.quizzes.conftest import DAY, SECOND, Works, question, users
from tests.features.stories.given import AMARA, CHANNEL, EDITOR, GUEST, NOW, SAM, WS, png


def texts(message: dict[str, Any]) -> str:
    return json.dumps(message["blocks"], ensure_ascii=False)


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [block for block in message["blocks"] if block["type"] == "actions"]
    return [element for row in rows for element in row["elements"]]


async def test_a_quiz_reaches_its_channel_without_its_answer(works: Works) -> None:
    await works.bank()
    assert await works.ask() is None
    await works.send()
    (message,) = works.posted()
    quiz, post = await works.round()
    assert [one["text"]["text"] for one in buttons(message)] == [
        quiz.content["wordings"][0]["options"][option] for option in rules.order_of(quiz.secret, 4)
    ]
    assert message["text"].startswith("Quiz: Which of these has been with us longest? Choose one of: ")
    assert "Nobody has answered yet · open until" in texts(message)
    assert "2009" not in json.dumps(message)
    assert (post.ts, post.outcome) == (message["ts"], "sent")
    assert post.closes_at == NOW + DAY


async def test_the_same_message_becomes_the_answer_and_a_new_one_says_so(works: Works) -> None:
    await works.bank()
    people = users(6)
    await works.people(*people)
    await works.play("occ1", {user: 0 if number < 4 else 2 for number, user in enumerate(people)})
    result, out, table = works.posted()
    shown = texts(result)
    assert "The right answer: Orion" in shown
    assert "Orion: 4 of 6, 67% (right)" in shown
    assert "Trenvista: 2 of 6, 33%" in shown
    assert "6 have answered" in shown
    assert result["text"].startswith("The answer to “Which of these has been with us longest?” is Orion.")
    assert [one["text"]["text"] for one in buttons(result)] == ["How did I do?", "Adopt Orion"]
    assert out["text"] == (
        "The answer is out: Which of these has been with us longest? It was Orion. 6 have answered. "
        "The standings are in the thread."
    )
    assert table["thread_ts"] == out["ts"]


async def test_a_spread_needs_five_answers(works: Works) -> None:
    await works.bank()
    people = users(4)
    await works.people(*people)
    await works.play("occ1", dict.fromkeys(people, 1))
    shown = texts(works.posted()[0])
    assert "4 have answered · how they chose is shown from five answers on" in shown
    assert "▰" not in shown


async def test_the_number_of_answers_is_edited_only_when_it_changes(works: Works) -> None:
    await works.bank()
    await works.ask()
    await works.send()
    assert await works.tally() == 0
    await works.press(AMARA, 0)
    assert await works.tally() == 1
    await works.send()
    assert "One has answered · open until" in texts(works.posted()[0])
    await works.press(AMARA, 1)
    works.pass_time(timedelta(minutes=1))
    assert await works.tally() == 0
    await works.press(SAM, 1)
    assert await works.tally() == 1
    await works.send()
    assert "2 have answered" in texts(works.posted()[0])
    assert sum(method == "chat.update" for method, _ in works.slack.calls) == 2


async def test_tallies_take_at_most_half_of_what_slack_allows_a_workspace(works: Works) -> None:
    await works.bank()
    places = [CHANNEL, *(f"C0MORE{number}" for number in range(9))]
    for place in places[1:]:
        await works.another_channel(place)
    for place in places:
        await works.ask(f"occ-{place}", channel=place, due_at=NOW)
    await works.send(4)
    people = users(130)
    await works.people(*people)
    edits, begun = 0, await works.database_time()
    for number in range(120):
        await works.press(people[number], number % 4)
        works.pass_time(timedelta(seconds=0.5))
        edits += await works.tally()
    took = (await works.database_time() - begun).total_seconds()
    assert 20 <= edits <= took / 2.4 + 1  # over ten channels of one round


async def test_what_is_revealed_first_goes_before_what_is_only_counted(works: Works) -> None:
    await works.bank()
    await works.people(*users(1))
    await works.play("occ1", {users(1)[0]: 0})
    (message,) = await works.deliveries(service.MESSAGE)
    assert message.rank == 1


async def test_the_answer_covers_a_tally_that_is_still_owed(works: Works) -> None:
    await works.bank()
    await works.ask()
    await works.send()
    await works.press(AMARA, 0)
    await works.tally()
    works.pass_time(DAY + SECOND)
    await works.reveal()
    await works.send()
    assert "The right answer" in texts(works.posted()[0])
    assert len(await works.deliveries(service.MESSAGE)) == 1


async def test_whoever_presses_is_told_what_counts(works: Works) -> None:
    await works.bank()
    await works.ask()
    await works.send()
    first = await works.press(AMARA, 2)
    assert (first.told, first.option) == (Told.COUNTED, 2)
    assert (await works.press(AMARA, 3)).option == 3
    assert await works.answers() == {AMARA: 3}


async def test_an_older_press_that_arrives_late_changes_nothing_and_is_told_the_newer(works: Works) -> None:
    await works.bank()
    await works.ask()
    await works.press(AMARA, 1, acted_at=2_000_000)
    late = await works.press(AMARA, 3, acted_at=1_000_000)
    assert (late.told, late.option) == (Told.COUNTED, 1)
    assert await works.answers() == {AMARA: 1}


async def test_only_people_of_the_workspace_count(works: Works) -> None:
    await works.bank()
    await works.people("U0BOT1", kind="bot")
    await works.people("U0GONE", kind="deactivated")
    await works.people("U0EXT", kind="external")
    await works.ask()
    assert (await works.press(GUEST, 0)).told is Told.GUEST
    assert (await works.press("U0BOT1", 0)).told is Told.NOT_A_PERSON
    assert (await works.press("U0GONE", 0)).told is Told.NOT_A_PERSON
    assert (await works.press("U0EXT", 0)).told is Told.NOT_A_PERSON
    assert (await works.press(SAM, 0, outsider=True)).told is Told.OUTSIDER
    assert (await works.press("workflow", 0)).told is Told.NOT_A_PERSON
    assert (await works.press("U0NEW", 0)).told is Told.COUNTED
    assert await works.answers() == {"U0NEW": 0}


async def test_guests_count_where_the_channel_lets_them(works: Works) -> None:
    await works.bank()
    async with works.sessions.begin() as session:
        from bot.db.tables.channels import Channel

        await session.execute(update(Channel).values(guests_answer=True, guests_see_internal=True))
    await works.ask()
    assert (await works.press(GUEST, 0)).told is Told.COUNTED


async def test_whoever_wrote_or_approved_the_question_does_not_count(works: Works) -> None:
    await works.bank()
    async with works.sessions.begin() as session:
        from bot.db.tables.quizzes import Question

        await session.execute(update(Question).values(author=SAM, approver=EDITOR))
    await works.ask()
    assert (await works.press(SAM, 0)).told is Told.KNEW
    assert (await works.press(EDITOR, 0)).told is Told.KNEW
    assert await works.answers() == {}


async def test_after_closing_no_press_counts_even_if_no_job_has_run(works: Works) -> None:
    await works.bank()
    await works.ask()
    await works.send()
    works.pass_time(DAY - 60 * SECOND)
    assert (await works.press(AMARA, 0)).told is Told.COUNTED
    works.pass_time(60 * SECOND)
    assert (await works.press(SAM, 0)).told is Told.CLOSED
    await works.reveal()
    assert (await works.press(SAM, 0)).told is Told.REVEALED
    assert await works.answers() == {AMARA: 0}


async def test_a_copy_elsewhere_takes_no_answers(works: Works) -> None:
    await works.bank()
    await works.ask()
    await works.send()
    assert (await works.press(AMARA, 0, channel_id="C0OTHER")).told is Told.COPY
    assert (await works.press(AMARA, 0, message_ts="1700000000.000999")).told is Told.COPY
    assert (await works.press(AMARA, 0, value="nothing:like-that")).told is Told.UNKNOWN
    assert (await works.press(AMARA, 0, workspace_id="T0OTHER")).told is Told.UNKNOWN
    assert await works.answers() == {}


async def test_channels_due_together_share_a_round_that_ends_with_the_last(works: Works) -> None:
    await works.bank(*(question(name) for name in "abc"))
    await works.another_channel("C0LATER", quiz_minutes=48 * 60)
    await works.ask("occ1")
    await works.ask("occ2", channel="C0LATER", due_at=NOW)
    first, second = await works.posts()
    assert first.quiz_id == second.quiz_id
    await works.send()
    await works.press(AMARA, 0)
    await works.press(AMARA, 1, channel_id="C0LATER", **await _in(works, second))
    assert len(await works.answers()) == 1
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 0
    assert (await works.press(SAM, 0)).told is Told.CLOSED
    assert await works.tally() == 1
    await works.send()
    assert "Closed. The answer comes" in texts(works.posted()[0])
    assert buttons(works.posted()[0]) == []
    works.pass_time(DAY)
    assert await works.reveal() == 1
    await works.send()
    assert "The right answer" in texts(works.posted()[0])
    assert "The right answer" in texts(works.posted("C0LATER")[0])


async def _in(works: Works, post: QuizPost) -> dict[str, Any]:
    quiz, _ = await works.round()
    found = next(one for one in await works.posts() if one.id == post.id)
    return {"message_ts": found.ts, "value": rules.button_value(post.id, rules.option_id(quiz.secret, 1))}


async def test_no_question_twice_in_a_channel_within_a_year(works: Works) -> None:
    await works.bank(question("a"), question("b"))
    assert await works.ask("occ1") is None
    await works.send()
    works.pass_time(DAY * 2)
    await works.reveal()
    assert await works.ask("occ2") is None
    assert len({post.question_id for post in await works.posts()}) == 2
    await works.send()
    works.pass_time(DAY * 2)
    await works.reveal()
    assert await works.ask("occ3") == "nothing_left"
    await works.send()
    assert "has had every question" in works.posted(f"D{EDITOR[1:]}")[0]["text"]
    works.pass_time(DAY * 363)
    assert await works.ask("occ4") is None


async def test_what_was_never_sent_is_free_again(works: Works) -> None:
    await works.bank()
    await works.ask("occ1")
    works.slack.before = lambda method, _more: refusal("is_archived") if method == "chat.postMessage" else None
    await works.send()
    assert (await works.posts())[0].outcome == "is_archived"
    works.slack.before = lambda _method, _more: None
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 1
    assert await works.ask("occ2") is None


async def test_a_customer_that_may_no_longer_be_named_stops_the_post(works: Works) -> None:
    await works.bank()
    await works.ask()
    async with works.sessions.begin() as session:
        await session.execute(update(Customer).values(may_be_named=False))
    await works.send()
    assert works.posted() == []
    async with works.sessions.begin() as session:
        occurrence = await session.get(Occurrence, "occ1")
    assert occurrence is not None
    assert (occurrence.state, occurrence.reason) == ("skipped", "not_nameable")


async def test_guests_channels_get_only_what_is_public(works: Works) -> None:
    await works.people("U0GUEST2", kind="guest")
    await works.bank(question("inside", consent="internal"))
    assert await works.ask("occ1") == "nothing_left"
    await works.bank(question("inside", consent="public"))
    assert await works.ask("occ2") is None


async def test_a_preview_is_what_comes_and_tells_no_answer(works: Works) -> None:
    await works.bank(*(question(name) for name in "abc"))
    dues = [Due(occurrence_id=f"occ{n}", kind="quiz", due_at=NOW + DAY * 2 * n) for n in range(4)]
    audience, kind = await works.audience(), jobs.QuizKind()
    async with works.sessions.begin() as session:
        shown = await kind.preview(session, audience, dues, Words())
        assert await kind.left(session, audience, now=NOW) == 3
    assert [one.headline is None for one in shown] == [False, False, False, True]
    assert "Orion" not in json.dumps([(one.headline, one.why) for one in shown])
    for due, one in zip(dues[:3], shown[:3], strict=True):
        await works.ask(due.occurrence_id, due_at=due.due_at)
        works.pass_time(DAY + SECOND)
        await works.reveal()
        works.pass_time(DAY - SECOND)
        quiz, _ = await works.round()
        assert quiz.content["wordings"][0]["text"] == one.headline
    assert local_day(works.now(), "UTC") > local_day(NOW, "UTC")


async def test_a_test_post_goes_to_one_person_and_counts_nothing(works: Works) -> None:
    await works.bank()
    audience = await works.audience()
    async with works.sessions.begin() as session:
        assert await jobs.QuizKind().test_post(session, audience, to_user=EDITOR, request="r1", now=NOW)
    await works.send()
    (message,) = works.posted(f"D{EDITOR[1:]}")
    assert "A test, only for you" in message["text"]
    assert await works.posts() == []
    assert all(button["value"].startswith("test:") for button in buttons(message))


async def test_a_picture_is_uploaded_first_under_a_name_that_tells_nothing(works: Works) -> None:
    (works.folder / "orion-the-answer.png").write_bytes(png())
    report = await works.bank({**question("a"), "picture": {"file": "orion-the-answer.png", "alt": "A television"}})
    assert report.refused == ()
    await works.ask()
    await works.send(4)
    (message,) = works.posted()
    assert message["blocks"][0]["alt_text"] == "A television"
    assert "orion-the-answer" not in json.dumps(works.slack.calls, default=str)


async def test_a_picture_that_slack_takes_no_longer_keeps_neither_count_nor_answer_back(works: Works) -> None:
    await works.bank({**question("a"), "picture": {"url": "https://pictures.example/1.png", "alt": "A television"}})
    await works.ask()
    await works.send()

    works.slack.before = no_pictures  # the file behind the address is gone
    for user, said in ((AMARA, "One has answered"), (SAM, "2 have answered")):
        await works.press(user, 0)
        works.pass_time(timedelta(minutes=5))
        await works.tally()
        await works.send(4)
        assert said in texts(works.posted()[0])
    works.pass_time(DAY + SECOND)
    await works.reveal()
    await works.send(4)
    assert "The right answer" in texts(works.posted()[0])


def no_pictures(_method: str, arguments: dict[str, Any]) -> Any:
    pictured = any(block["type"] == "image" for block in arguments.get("blocks") or [])
    return refusal("invalid_blocks") if pictured else None


async def test_a_picture_that_slack_refuses_costs_only_the_picture(works: Works) -> None:
    await works.bank({**question("a"), "picture": {"url": "https://pictures.example/1.png", "alt": "A television"}})
    works.slack.before = no_pictures
    await works.ask()
    await works.send(4)
    (message,) = works.posted()
    assert message["blocks"][0]["type"] == "header"
    await works.press(AMARA, 0)
    works.pass_time(DAY + SECOND)
    await works.reveal()
    await works.send(4)
    assert "The right answer" in texts(works.posted()[0])


async def test_a_restored_backup_asks_the_same_again(works: Works) -> None:
    """The same occurrence, filled once more, makes the same message and takes the same presses."""
    await works.bank()
    await works.ask()
    quiz, post = await works.round()
    before = (quiz.id, quiz.secret, post.id)
    async with works.sessions.begin() as session:
        for table in ("quiz_posts", "quizzes", "deliveries", "occurrences"):
            await (await session.connection()).exec_driver_sql(f"DELETE FROM {table}")
    await works.ask()
    quiz, post = await works.round()
    assert (quiz.id, quiz.secret, post.id) == before
    assert quiz.workspace_id == WS
