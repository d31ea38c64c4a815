"""Whoever was shown a right answer before it was out: their own does not count."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.tables.inbox import Draft as DraftRow
from bot.db.tables.quizzes import QuizShown
from bot.features.inbox import handlers
from bot.features.inbox import service as inbox
from bot.features.inbox import store as drafts
from bot.features.inbox.rules import Content
from bot.features.inbox.seams import Plan
from bot.features.members.rights import Action, Standing, allowed
from bot.features.members.rules import Person
from bot.features.quizzes import showing
from bot.features.quizzes.question_kind import QuestionKind
from bot.features.quizzes.rules import Told, result_from
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.quizzes.conftest import DAY, SECOND, Works, users
from tests.features.stories.given import AMARA, EDITOR, NOW, SAM, WS

KIND = QuestionKind()
SAID = "your own answer to this question does not count"
CONTENT = Content(
    headline="Which of these came first?",
    text="Orion came in 2009.",
    language="en",
    details={"options": ["Halden", "Orion"], "right": 1, "source": ""},
)


@pytest.fixture
def room(works: Works, slack: Slack) -> Slack:
    handlers.register(slack.app, slack.edge, kinds=[KIND])
    return slack


async def offered(works: Works, content: Content = CONTENT) -> str:
    async with works.sessions.begin() as session:
        return await inbox.add(
            session,
            ws=WS,
            kind="question",
            author=AMARA,
            content=content,
            origin={"what": "written", "id": ""},
            request="r1",
            now=NOW,
            new_id=works.new_id,
        )


async def press(room: Slack, user: str, action: str, value: str) -> None:
    view = {"id": "VHOME", "type": "home", "state": {"values": {}}}
    button = {"action_id": action, "block_id": "b", "action_ts": "9.1", "type": "button", "value": value}
    body: dict[str, Any] = {"type": "block_actions", "team": {"id": WS}, "user": {"id": user, "team_id": WS}}
    more = {"trigger_id": "1.2.3", "view": view, "container": {"type": "view", "view_id": "VHOME"}}
    assert (await room.send({**body, **more, "actions": [button]})).status == 200


async def shown(works: Works) -> list[tuple[str, str]]:
    async with works.sessions.begin() as session:
        return [(row.question_id, row.user_id) for row in await session.scalars(select(QuizShown))]


async def publish(works: Works, draft_id: str) -> None:
    async with works.sessions.begin() as session:
        draft = await drafts.get(session, WS, draft_id)
        assert draft is not None
        await KIND.publish(session, draft, Plan(), by="U0ADMIN", now=NOW, new_id=works.new_id)


@pytest.mark.parametrize(
    ("action", "value"), [("inbox:edit", "{draft}"), ("inbox:approve", "{draft}:1")], ids=["edit", "approve"]
)
async def test_an_editor_who_opened_a_draft_reads_the_answer_and_never_counts(
    works: Works, room: Slack, gateway: RecordingGateway, action: str, value: str
) -> None:
    draft_id = await offered(works)
    for _ in range(2):
        await press(room, EDITOR, action, value.format(draft=draft_id))
        assert SAID in str(gateway.views[-1].payload())
    assert await shown(works) == [(draft_id, EDITOR)]
    await publish(works, draft_id)
    await works.ask()
    assert (await works.press(EDITOR, 1)).told is Told.KNEW
    assert (await works.press(SAM, 1)).told is Told.COUNTED


async def test_who_only_looked_at_the_preview_may_still_play(
    works: Works, room: Slack, gateway: RecordingGateway
) -> None:
    draft_id = await offered(works)
    await press(room, EDITOR, "inbox:look", draft_id)
    assert "2009" not in str(gateway.views[-1].payload())
    await publish(works, draft_id)
    await works.ask()
    assert (await works.press(EDITOR, 0)).told is Told.COUNTED
    assert await shown(works) == []


async def test_a_draft_without_a_right_answer_shows_none(works: Works, room: Slack, gateway: RecordingGateway) -> None:
    draft_id = await offered(works, Content(headline="Which?", text=""))
    await press(room, EDITOR, "inbox:edit", draft_id)
    assert SAID not in str(gateway.views[-1].payload())
    assert await shown(works) == []
    async with works.sessions.begin() as session:
        assert (await session.scalars(select(DraftRow.id))).all() == [draft_id]


async def test_an_answer_given_before_is_deleted_and_no_other_is_taken(works: Works) -> None:
    await works.bank()
    await works.ask()
    await works.press(EDITOR, 1)
    await works.press(SAM, 1)
    quiz, _ = await works.round()
    async with works.sessions.begin() as session:
        assert await showing.shown(session, WS, quiz.question_id, EDITOR) is True
        assert await showing.shown(session, WS, quiz.question_id, EDITOR) is False
    assert await works.answers() == {SAM: 1}
    assert (await works.press(EDITOR, 0)).told is Told.KNEW


async def test_who_pressed_in_the_very_moment_is_left_out_of_the_count(works: Works) -> None:
    await works.bank()
    people = users(2)
    await works.people(*people)
    await works.ask()
    for user in people:
        await works.press(user, 0)
    quiz, _ = await works.round()
    async with works.sessions.begin() as session:
        session.add(QuizShown(workspace_id=WS, question_id=quiz.question_id, user_id=people[0]))
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 1
    result = result_from((await works.round())[0].result)
    assert result is not None
    assert result.counts == (1, 0, 0, 0)
    assert await works.answers() == {people[1]: 0}


def test_no_role_makes_up_for_having_seen_the_answer() -> None:
    admin = Person(workspace_id=WS, user_id="U1", name="A", roles=frozenset({"admin", "editor"}))
    assert allowed(Action.ANSWER_QUIZ, Standing(person=admin))
    assert not allowed(Action.ANSWER_QUIZ, Standing(person=admin, saw_answer=True))
