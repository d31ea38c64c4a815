"""What Home shows of questions, and `/customer ask`."""

import pytest
from sqlalchemy import event, update

from bot.db.tables.workspaces import Workspace
from bot.features.home.seams import Viewer
from bot.features.members.seams import Reply
from bot.features.questions.commands import AskCommand
from bot.features.questions.sections import MyQuestions, UnansweredQuestions
from bot.slack.kit import View
from bot.slack.payloads import SlashCommand, Who
from bot.slack.words import Words
from sandbox.kit import check_blocks, check_view
from tests.features.questions.conftest import Desk, words_in
from tests.features.questions.people import AMARA, EDITOR, GUEST, SAM, TOM, WS


async def section(desk: Desk, what: UnansweredQuestions | MyQuestions, user: str, *, guest: bool = False) -> str:
    roles = frozenset({"editor"}) if user == EDITOR else frozenset()
    viewer = Viewer(workspace_id=WS, user_id=user, team_id=None, roles=roles, guest=guest)
    async with desk.sessions.begin() as session:
        blocks = list(await what.render(session, viewer, Words()))
    assert not blocks or check_view(View(type="home", blocks=blocks).payload()) == []
    assert len(blocks) <= 30
    return words_in({"text": "", "blocks": blocks})


async def test_five_questions_cost_no_more_statements_than_one(desk: Desk) -> None:
    costs = []
    for number in range(5):
        await desk.ask(AMARA, f"Question {number}?", view_id=f"V{number}")
        statements: list[object] = []

        def note(*more: object, noted: list[object] = statements) -> None:
            noted.append(more)

        event.listen(desk.sessions.engine.sync_engine, "before_cursor_execute", note)
        await section(desk, UnansweredQuestions(), SAM)
        event.remove(desk.sessions.engine.sync_engine, "before_cursor_execute", note)
        costs.append(len(statements))
    assert len(set(costs)) == 1, costs


async def test_what_is_unanswered_leads_to_its_message(desk: Desk) -> None:
    await desk.ask(AMARA, "Which boards?")
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(url="https://north.slack.com/"))
    assert "Open the thread" not in await section(desk, UnansweredQuestions(), SAM)
    await desk.rounds()
    assert "https://north.slack.com/archives/D0SAM/p" in await section(desk, UnansweredQuestions(), SAM)


async def test_account_managers_see_what_is_unanswered_oldest_first(desk: Desk) -> None:
    for number in range(6):
        await desk.ask(AMARA, f"Question {number}? <!here>", view_id=f"V{number}")
    mine = await section(desk, UnansweredQuestions(), SAM)
    assert "Amara Okoro about *Orion*: Question 0? &lt;!here&gt;" in mine
    assert mine.index("Question 0") < mine.index("Question 4")
    assert "Question 5" not in mine
    assert mine.count('"questions:answer"') == 5
    editors = await section(desk, UnansweredQuestions(), EDITOR)
    assert "Question 5" in editors
    assert "Question 4" not in editors
    assert '"questions:answer"' in editors
    for other in (TOM, AMARA):
        assert "Question" not in await section(desk, UnansweredQuestions(), other)
    assert "Question" not in await section(desk, UnansweredQuestions(), GUEST, guest=True)


async def test_askers_see_how_their_questions_stand(desk: Desk) -> None:
    assert "My questions" not in await section(desk, MyQuestions(), AMARA)
    await desk.ask(AMARA, "Which board?")
    await desk.ask(AMARA, "Who are they?", customer="cust2")
    shown = await section(desk, MyQuestions(), AMARA)
    assert "With the account manager" in shown
    assert "With the editors" in shown
    await desk.rounds()
    await desk.write(SAM, "The PB-7.", thread=desk.about(SAM, "Which board?")["ts"])
    assert "Answered" in await section(desk, MyQuestions(), AMARA)
    assert "Question" not in await section(desk, MyQuestions(), TOM)


async def run(desk: Desk, user: str, rest: str, *, home_team: str = WS) -> Reply:
    invoked = SlashCommand(
        who=Who(workspace_id=WS, user_id=user, home_team=home_team),
        command="/customer",
        text=f"ask {rest}",
        channel="C0LINE2",
        trigger_id="1.2.3",
        response_url="https://hooks.example/1",
    )
    reply = await AskCommand(edge=desk.app.edge).run(invoked, rest, Words())
    if reply.view is not None:
        assert check_view(reply.view.payload()) == []
    if reply.message is not None:
        assert check_blocks(list(reply.message.blocks), "message") == []
    return reply


@pytest.mark.parametrize(
    ("typed", "initial"),
    [("Orion", ""), ("orion Which board?", "Which board?"), ("ori", ""), ("ori which  one?", "which one?")],
)
async def test_the_command_opens_the_window_with_the_question(desk: Desk, typed: str, initial: str) -> None:
    reply = await run(desk, AMARA, typed)
    assert reply.view is not None
    payload = reply.view.payload()
    assert payload["private_metadata"] == "cust1:"
    (entry,) = [block for block in payload["blocks"] if block["type"] == "input"]
    assert entry["element"].get("initial_value", "") == initial


@pytest.mark.parametrize(
    ("user", "typed", "told"),
    [
        (AMARA, "", "Which customer?"),
        (AMARA, "Zyxwv", "I know no customer"),
        (AMARA, "o", "Several customers"),
        (AMARA, "a\x00", "Which customer?"),
        (GUEST, "Orion", "members of this company"),
        (SAM, "Orion", "yourself"),
    ],
)
async def test_the_command_says_why_not(desk: Desk, user: str, typed: str, told: str) -> None:
    reply = await run(desk, user, typed)
    assert reply.view is None
    assert reply.message is not None
    assert told in reply.message.text


async def test_people_of_other_companies_learn_nothing(desk: Desk) -> None:
    reply = await run(desk, AMARA, "Orion", home_team="T0OTHER")
    assert reply.message is not None
    assert "Orion" not in words_in({"text": reply.message.text, "blocks": list(reply.message.blocks)})
