"""Pictures and other files in direct messages: copied safely, shown by an update, never waited for."""

from typing import Any

import pytest

from bot.features.questions.jobs import CopyPictures
from bot.slack.errors import Fault, SlackFault
from tests.features.questions.conftest import Desk, words_in
from tests.features.questions.people import AMARA, SAM
from tests.features.stories.given import png

URL = "https://files.slack.com/files-pri/T0-F1/board.png"


def photo(file_id: str = "F0SHARED01") -> dict[str, Any]:
    return {"id": file_id, "name": "board.png", "mimetype": "image/png", "url_private": URL}


async def copy(desk: Desk) -> None:
    await CopyPictures(edge=desk.app.edge)(desk.clock.now())


async def shared(desk: Desk, files: list[dict[str, Any]], text: str = "This one.") -> None:
    """Amara asks; Sam answers with files."""
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    await desk.write(SAM, text, thread=desk.about(SAM, "Which board?")["ts"], files=files)
    await desk.rounds()


def images(message: dict[str, Any]) -> list[str]:
    return [block["slack_file"]["id"] for block in message["blocks"] if block["type"] == "image"]


async def test_the_text_goes_first_and_the_picture_follows(desk: Desk) -> None:
    desk.gateway.answers["download"] = png()
    await shared(desk, [photo()])
    back = desk.about(AMARA, "This one.")
    assert images(back) == []
    assert "Sam Reyes sent a picture." in words_in(back)
    await copy(desk)
    await desk.rounds()
    assert len(desk.slack.uploads) == 1
    assert images(desk.about(AMARA, "This one.")) == ["F0123456789"]
    assert [sent["url"] for _, method, sent in desk.gateway.calls if method == "download"] == [URL]
    await copy(desk)
    assert len([1 for _, method, _ in desk.gateway.calls if method == "download"]) == 1


async def test_the_same_picture_again_is_not_uploaded_again(desk: Desk) -> None:
    desk.gateway.answers["download"] = png()
    await shared(desk, [photo()])
    await copy(desk)
    await desk.rounds()
    thread = desk.about(AMARA, "This one.")["ts"]
    await desk.write(AMARA, "You mean this?", thread=thread, files=[photo("F0SHARED02")])
    await copy(desk)
    await desk.rounds(6)
    assert len(desk.slack.uploads) == 1
    assert images(desk.about(SAM, "You mean this?")) == ["F0123456789"]


async def test_a_picture_with_a_question_out_of_a_direct_message(desk: Desk) -> None:
    desk.gateway.answers["download"] = png()
    await desk.write(AMARA, "", files=[photo()])
    await desk.rounds()
    which = desk.about(AMARA, "Which customer is this about?")
    (row,) = [block for block in which["blocks"] if block["type"] == "actions"]
    option = {"value": "cust1", "text": {"type": "plain_text", "text": "x"}}
    state = {"questions:which": {"questions:which": {"type": "external_select", "selected_option": option}}}
    await desk.press(AMARA, "questions:chosen", row["elements"][1]["value"], state=state)
    await desk.rounds()
    await copy(desk)
    await desk.rounds()
    assert images(desk.about(SAM, "asks about")) == ["F0123456789"]


async def test_other_files_are_named_and_asked_for(desk: Desk) -> None:
    report = {"id": "F0SHARED03", "name": "<!here> report.pdf", "mimetype": "application/pdf", "url_private": URL}
    await shared(desk, [report])
    back = desk.about(AMARA, "This one.")
    assert "Sam Reyes attached &lt;!here&gt; report.pdf; ask Sam Reyes for it." in words_in(back)
    await copy(desk)
    assert not [1 for _, method, _ in desk.gateway.calls if method == "download"]


@pytest.mark.parametrize("found", [b"<svg><script/></svg>", b"", png()[:30]])
async def test_what_is_no_sound_picture_is_left_out(desk: Desk, found: bytes) -> None:
    desk.gateway.answers["download"] = found
    await shared(desk, [photo()])
    for _ in range(3):
        await copy(desk)
    await desk.rounds()
    assert desk.slack.uploads == []
    assert images(desk.about(AMARA, "This one.")) == []


async def test_a_slack_that_is_away_is_asked_again(desk: Desk) -> None:
    from datetime import timedelta

    desk.gateway.answers["download"] = SlackFault("reset", Fault.WAIT)
    await shared(desk, [photo()])
    await copy(desk)
    desk.gateway.answers["download"] = png()
    await copy(desk)
    assert desk.slack.uploads == []
    desk.clock.advance(timedelta(minutes=2))
    await copy(desk)
    await desk.rounds()
    assert images(desk.about(AMARA, "This one.")) == ["F0123456789"]


async def test_a_picture_that_slack_refuses_in_a_message_does_not_hold_up_its_changes(desk: Desk) -> None:
    desk.gateway.answers["download"] = png()

    def refuse(method: str, sent: dict[str, Any]) -> SlackFault | None:
        shows = any(block["type"] == "image" for block in sent.get("blocks") or [])
        return SlackFault("invalid_blocks", Fault.CONTENT) if shows else None

    desk.slack.before = refuse
    await shared(desk, [photo()])
    await copy(desk)
    await desk.rounds()
    thread = desk.about(SAM, "Which board?")["ts"]
    answer = (await desk.answers())[0].request.partition(":")[2]
    await desk.edit(SAM, answer, "That one.", thread=thread)
    await desk.rounds()
    assert desk.about(AMARA, "That one.")
