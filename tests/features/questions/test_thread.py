"""From the question to the answer and on: asked in a window, answered in a thread."""

from tests.features.questions.conftest import Desk, words_in
from tests.features.questions.people import AMARA, SAM


async def test_a_question_reaches_the_account_manager_and_the_answer_comes_back(desk: Desk) -> None:
    answer = await desk.ask(AMARA, "Which of our boards do they use?", post="post1")
    assert answer["response_action"] == "update"
    assert "Sam Reyes" in words_in({"text": "", "blocks": answer["view"]["blocks"]})
    await desk.rounds()
    (asked,) = desk.seen(SAM)
    for words in ("Amara Okoro", "Line 2", "Orion", "Which of our boards do they use?", "Pass to the editors"):
        assert words in words_in(asked)

    await desk.write(SAM, "The PB-7, in every set.", thread=asked["ts"])
    await desk.rounds()
    (back,) = desk.seen(AMARA)
    assert "The PB-7, in every set." in words_in(back)
    assert "Which of our boards do they use?" in words_in(back)
    assert not back["thread_ts"]
    (asked,) = desk.seen(SAM)
    assert "You answered this." in words_in(asked)
    assert "questions:answer" not in words_in(asked)


async def test_what_the_asker_says_further_goes_into_the_managers_thread(desk: Desk) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    (asked,) = desk.seen(SAM)
    await desk.write(SAM, "The PB-7.", thread=asked["ts"])
    await desk.rounds()
    (back,) = desk.seen(AMARA)
    await desk.write(AMARA, "And in the big ones?", thread=back["ts"])
    await desk.rounds()
    further = desk.about(SAM, "And in the big ones?")
    assert further["thread_ts"] == asked["ts"]
    await desk.write(SAM, "Two of them.", thread=asked["ts"])
    await desk.rounds()
    second = desk.about(AMARA, "Two of them.")
    assert second["thread_ts"] == back["ts"]
    assert len(desk.seen(AMARA)) == 2
