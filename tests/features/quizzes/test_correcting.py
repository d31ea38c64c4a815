"""A quiz corrected after it was posted: everywhere, in every state, and never which option is right."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.tables.channels import ChannelOwner
from bot.db.tables.members import AuditEntry, Member
from bot.db.tables.quizzes import Question, QuizShown
from bot.features.home.seams import Viewer
from bot.features.inbox import handlers
from bot.features.inbox.rules import Content
from bot.features.quizzes import correcting, correction_form, rules, withdrawing
from bot.features.quizzes.owed import RecentQuizzes
from bot.features.quizzes.question_kind import QuestionKind
from bot.features.quizzes.rules import Told, Wording
from bot.slack.payloads import Submission, Who
from bot.slack.words import Words
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.quizzes.conftest import DAY, LONGEST, SECOND, Works, question
from tests.features.quizzes.test_playing import texts
from tests.features.quizzes.test_showing import SAID, press
from tests.features.stories.given import AMARA, CHANNEL, EDITOR, NOW, SAM, WS
from tests.features.trail import trail_of

WORDS = Words()
MENDED = {
    "question": "Which of these has been with us the longest?",
    "option_1": "Orion",
    "option_2": "Halden Works",
    "option_3": "Trenvista",
    "option_4": "Brisalba",
    "why": "Orion came in 2008.",
}
WORDING = Wording(
    text=MENDED["question"], options=("Orion", "Halden Works", "Trenvista", "Brisalba"), why=MENDED["why"]
)


@pytest.fixture
async def room(works: Works, slack: Slack) -> Slack:
    async with works.sessions.begin() as session:
        await session.execute(update(Member).values(locale="en-US"))
    handlers.register(slack.app, slack.edge, kinds=[QuestionKind()])
    return slack


async def submit(room: Slack, user: str, view: dict[str, Any], *, number: int, **typed: str) -> dict[str, Any]:
    values = {block: {block: {"type": "plain_text_input", "value": said}} for block, said in typed.items()}
    shown = {"id": f"V{number}", "type": "modal", "callback_id": view["callback_id"], "state": {"values": values}}
    body = {"type": "view_submission", "team": {"id": WS}, "user": {"id": user, "team_id": WS}, "trigger_id": "1.2.3"}
    answer = await room.send({**body, "view": {**shown, "private_metadata": view.get("private_metadata", "")}})
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.body)
    return found


async def asked(works: Works) -> str:
    """A quiz is open; the id of its post."""
    await works.bank()
    await works.ask()
    await works.send()
    return (await works.round())[1].id


async def corrected(works: Works, post: str, wording: Wording = WORDING) -> int | None:
    async with works.sessions.begin() as session:
        return await correcting.correct(session, WS, post, wording, by=EDITOR, now=NOW, new_id=works.new_id)


async def test_an_editor_mends_an_open_quiz_and_answers_keep_counting(
    works: Works, room: Slack, gateway: RecordingGateway
) -> None:
    post = await asked(works)
    for user in (SAM, EDITOR):
        assert (await works.press(user, 1)).told is Told.COUNTED
    await press(room, EDITOR, "inbox:correct", f"quiz:{post}")
    form = gateway.views[-1].payload()
    assert f"{SAID}. You had answered it: that answer is deleted." in str(form)
    assert "if that was wrong, close this and press *Withdraw*" in str(form)
    assert await works.answers() == {SAM: 1}
    pushed = await submit(room, EDITOR, form, number=1, **MENDED)
    assert "in the 1 place" in str(pushed["view"])
    assert "• Halden Works" in str(pushed["view"])
    assert "2008" not in str(pushed["view"])
    kept = await submit(room, EDITOR, pushed["view"], number=2)
    assert "being corrected in the one place" in str(kept["view"])
    await works.send()
    (message,) = works.posted()
    assert message["text"].startswith(f"Corrected: Quiz: {MENDED['question']} Choose one of: ")
    assert message["blocks"][0]["type"] == "rich_text"
    assert "2008" not in json.dumps(message)
    assert (await works.press(AMARA, 0)).told is Told.COUNTED
    assert (await works.press(EDITOR, 0)).told is Told.KNEW
    await works.tally()
    await works.send()
    assert "2 have answered" in texts(works.posted()[0])
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 1
    await works.send()
    result, out, _ = works.posted()
    assert result["text"].startswith("Corrected: The answer to")
    assert "Orion came in 2008." in texts(result)
    assert out["text"].startswith(f"The answer is out: {MENDED['question']}")
    assert await works.answers() == {AMARA: 0, SAM: 1}
    async with works.sessions.begin() as session:
        actions = (await session.scalars(select(AuditEntry.action).where(AuditEntry.actor == EDITOR))).all()
    assert "quiz.correct" in actions


async def test_after_the_reveal_the_answer_and_the_message_that_it_is_out_are_corrected(
    works: Works, room: Slack, gateway: RecordingGateway
) -> None:
    await works.bank()
    await works.play("occ1", {SAM: 1})
    post = (await works.round())[1].id
    await press(room, EDITOR, "inbox:correct", f"quiz:{post}")
    assert SAID not in str(gateway.views[-1].payload())
    pushed = await submit(room, EDITOR, gateway.views[-1].payload(), number=1, **MENDED)
    assert "Orion came in 2008." in str(pushed["view"])
    await submit(room, EDITOR, pushed["view"], number=2)
    await works.send()
    result, out, _ = works.posted()
    assert "Orion came in 2008." in texts(result)
    assert out["text"].startswith(f"Corrected: The answer is out: {MENDED['question']}")
    async with works.sessions.begin() as session:
        stored = (await session.scalars(select(Question.content))).one()
        assert (await session.scalars(select(QuizShown))).all() == []
    assert rules.content_from(stored).wordings == {"en": WORDING}


async def test_every_round_that_asked_the_same_is_corrected_and_what_comes_is_right_from_the_start(
    works: Works,
) -> None:
    post = await asked(works)
    await works.another_channel("C0SECOND")
    await works.ask("occ2", channel="C0SECOND", due_at=NOW + timedelta(hours=1))  # not sent yet
    assert await corrected(works, post) == 2
    works.pass_time(timedelta(hours=1))
    await works.send()
    assert works.posted()[0]["text"].startswith("Corrected: Quiz: ")
    assert works.posted("C0SECOND")[0]["text"].startswith(f"Quiz: {MENDED['question']}")
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 1
    await works.send()
    assert not works.posted("C0SECOND")[0]["text"].startswith("Corrected")
    await works.another_channel("C0THIRD")
    await works.ask("occ3", channel="C0THIRD")
    await works.send()
    assert MENDED["question"] in works.posted("C0THIRD")[0]["text"]
    again = (await works.round())[1].id
    assert await corrected(works, again, replace(WORDING, text="Who came first?")) == 3
    await works.send()
    assert "Who came first?" in works.posted()[0]["text"]


async def test_the_same_file_again_does_not_undo_it_and_a_changed_one_stays(works: Works) -> None:
    post = await asked(works)
    await corrected(works, post)
    assert (await works.bank()).unchanged == 1
    async with works.sessions.begin() as session:
        assert rules.content_from((await session.scalars(select(Question.content))).one()).wordings == {"en": WORDING}
    await works.bank(question("longest", why="Orion came in 2007."))
    await corrected(works, post, replace(WORDING, why="It did."))
    async with works.sessions.begin() as session:
        stored = (await session.scalars(select(Question.content))).one()
    assert rules.content_from(stored).wordings["en"].why == "Orion came in 2007."


async def test_what_was_withdrawn_or_never_there_is_not_corrected(works: Works) -> None:
    from bot.features.quizzes import service

    post = await asked(works)
    async with works.sessions.begin() as session:
        await service.withdraw(session, WS, post, by=EDITOR, now=NOW, new_id=works.new_id)
    assert await corrected(works, post) is None
    assert await corrected(works, "nothing") is None


async def test_owners_read_of_it_and_the_account_manager_only_when_nobody_is_asked_any_more(works: Works) -> None:
    """Which customer an open round is about may be its answer."""
    async with works.sessions.begin() as session:
        session.add(ChannelOwner(workspace_id=WS, channel_id=CHANNEL, user_id=AMARA))
    post = await asked(works)
    await corrected(works, post)
    assert await trail_of(works.sessions, AMARA) == [("quiz.correct", (CHANNEL,))]
    assert await trail_of(works.sessions, SAM) == []
    async with works.sessions.begin() as session:
        await withdrawing.withdraw(session, WS, post, by=EDITOR, now=works.now(), new_id=works.new_id)
    assert (await trail_of(works.sessions, AMARA))[0] == ("quiz.withdraw", (CHANNEL,))
    assert await trail_of(works.sessions, SAM) == [("quiz.withdraw", ("cust1",))]


@pytest.mark.parametrize("user", [AMARA, "U0ADMIN"])
async def test_only_editors_correct_and_nobody_else_is_shown_the_answer(
    works: Works, room: Slack, gateway: RecordingGateway, user: str
) -> None:
    post = await asked(works)
    await press(room, user, "inbox:correct", f"quiz:{post}")
    assert "2009" not in str(gateway.views[-1].payload())
    assert "Only editors can do this." in str(gateway.views[-1].payload())


async def test_home_offers_it_to_editors_who_are_warned_while_it_is_open(works: Works) -> None:
    post = await asked(works)
    shown = {}
    for role in ("editor", "admin"):
        viewer = Viewer(
            workspace_id=WS, user_id=f"U0{role.upper()}", team_id=None, roles=frozenset({role}), guest=False
        )
        async with works.sessions.begin() as session:
            shown[role] = json.dumps(list(await RecentQuizzes().render(session, viewer, WORDS)))
    assert f'"quiz:{post}", "confirm"' in shown["editor"]
    assert "inbox:correct" not in shown["admin"]


# -- the form -------------------------------------------------------------------------------------------------------

BEFORE = Content(
    headline=str(LONGEST["question"]),
    text=str(LONGEST["why"]),
    language="en",
    details={"options": LONGEST["options"], "right": 0, "source": ""},
)


def read(typed: dict[str, str], before: Content = BEFORE) -> correction_form.Corrected:
    values = {block: {block: {"value": said}} for block, said in {**MENDED, **typed}.items()}
    given = Submission(
        who=Who(workspace_id=WS, user_id=EDITOR), view_id="V1", view_hash="", callback="c", private="", trigger_id="",
        values=values,
    )  # fmt: skip
    return correction_form.read(WORDS, given, before)


@pytest.mark.parametrize(
    ("typed", "field", "why"),
    [
        ({"question": " "}, "question", "It is missing"),
        ({"option_2": ""}, "option_2", "It is missing"),
        ({"option_2": "Orion"}, "option_2", "stands there twice"),
        ({"option_1": "Halden", "option_2": "Orion"}, "option_1", "This option stood in another place."),
        ({"why": "x" * 501}, "why", "It has 501 characters; 500 are allowed"),
        (
            {"question": BEFORE.headline, "option_2": "Halden", "why": BEFORE.text},
            "question",
            "Nothing has been changed",
        ),
    ],
    ids=["question", "option", "twice", "moved", "long", "unchanged"],
)
def test_what_is_wrong_is_said_at_its_field(typed: dict[str, str], field: str, why: str) -> None:
    assert why in read(typed).errors.get(field, "")


def test_a_pictures_words_must_not_name_the_right_answer() -> None:
    before = replace(BEFORE, picture_alt="A sign")
    assert "picture_alt" in {block.get("block_id") for block in correction_form.correction_form(WORDS, before)}
    assert "It names the right answer" in read({"picture_alt": "The sign of Orion"}, before).errors["picture_alt"]
    mended = read({"picture_alt": "A blue sign"}, before)
    assert (mended.errors, mended.content.picture_alt) == ({}, "A blue sign")
    assert mended.content.details["right"] == 0


def test_translations_go_where_the_words_change() -> None:
    other = replace(WORDING, text="Qual?")
    content = rules.Content(wordings={"en": WORDING, "pt-PT": other}, right=0)
    assert rules.corrected(content, WORDING) == content
    assert list(rules.corrected(content, replace(WORDING, why="It did.")).wordings) == ["en"]
