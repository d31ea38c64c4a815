"""A question written in the inbox: its form, its preview, and that those who knew its answer do not count."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.tables.delivery import Delivery
from bot.db.tables.quizzes import Question
from bot.delivery.queue import as_owed
from bot.features.channels.seams import Due
from bot.features.inbox import service as inbox
from bot.features.inbox import store as inbox_store
from bot.features.inbox import telling, windows
from bot.features.inbox.owed import WasPosted
from bot.features.inbox.rules import Content, Draft
from bot.features.inbox.seams import Plan, ReadForm
from bot.features.quizzes import rules, withdrawing
from bot.features.quizzes.jobs import QuizKind
from bot.features.quizzes.question_kind import QuestionKind
from bot.features.quizzes.rules import Told
from bot.slack.kit import Message, View
from bot.slack.payloads import Submission, Who
from bot.slack.words import Words
from sandbox.kit.check import check_blocks, check_view
from tests.features.quizzes.conftest import DAY, SECOND, Works
from tests.features.stories.given import AMARA, CHANNEL, EDITOR, NOW, SAM, WS

WORDS = Words()
KIND = QuestionKind()
OTHER = "U0SECOND"
TYPED = {
    "question": "Which of these came first?",
    "option_1": "Orion",
    "option_3": "Halden",
    "option_4": "7",
    "right": "3",
    "why": "It did.",
    "source": "The list",
    "customer": "cust2",
    "product": "pb7",
    "consent": "internal",
    "language": "en",
}


def submission(**changes: str | None) -> Submission:
    """What Slack sends for a form filled in like this."""
    values: dict[str, Any] = {}
    for block, said in {**TYPED, **changes}.items():
        chosen = block in {"right", "customer", "product", "consent", "language"}
        state: dict[str, Any] = {"selected_option": {"value": said} if said else None} if chosen else {"value": said}
        values[block] = {block: state}
    return Submission(
        who=Who(workspace_id=WS, user_id=EDITOR), view_id="V1", view_hash="", callback="c", private="", trigger_id="",
        values=values,
    )  # fmt: skip


def draft(content: Content | None = None) -> Draft:
    empty = Content(headline="", text="")
    return Draft(
        id="draft1", workspace_id=WS, kind="question", state="waiting", author=AMARA, content=content or empty,
        origin={}, offered_at=NOW, edited_by=SAM,
    )  # fmt: skip


async def read(works: Works, **changes: str | None) -> ReadForm:
    async with works.sessions.begin() as session:
        return await KIND.read(session, draft(), submission(**changes), WORDS)


async def written(works: Works) -> Draft:
    found = await read(works)
    assert found.errors == {}
    assert found.content is not None
    return draft(found.content)


async def test_the_form_keeps_what_was_written(works: Works) -> None:
    first = await written(works)
    async with works.sessions.begin() as session:
        for one in (draft(), first):
            shown = list(await KIND.form(session, one, WORDS))
            assert check_view(View(type="modal", title="A question", submit="Next", blocks=shown).payload()) == []
    fields = {block["block_id"]: block["element"] for block in shown if block["type"] == "input"}
    assert [fields[f"option_{n}"].get("initial_value") for n in (1, 2, 3, 4)] == ["Orion", "Halden", "7", None]
    assert fields["right"]["initial_option"]["value"] == "2"
    assert fields["customer"]["initial_option"]["value"] == "cust2"


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"question": " "}, "question", "It is missing"),
        ({"question": "x" * 151}, "question", "It has 151 characters; 150 are allowed; shorten it."),
        ({"option_3": "", "option_4": ""}, "option_2", "There are 1; 2 to 6 are allowed"),
        ({"option_4": "orion"}, "option_4", "stands there twice"),
        ({"option_3": "y" * 76}, "option_3", "It has 76 characters; 75 are allowed"),
        ({"right": "2"}, "right", "is none of the options"),
        ({"right": None}, "right", "It is missing"),
        ({"why": ""}, "why", "It is missing"),
        ({"customer": "nobody"}, "customer", "This customer is not there any more."),
        ({"product": "nothing"}, "product", "This product is not there any more."),
        ({"why": "Kestrelane flies."}, "why", "It names a customer that must not be named."),
        ({"option_4": "Kestrelane"}, "option_3", "It names a customer that must not be named."),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_at_its_field(
    works: Works, changes: dict[str, str | None], field: str, why: str
) -> None:
    found = await read(works, **changes)
    assert why in found.errors.get(field, ""), found.errors


async def test_the_right_one_is_found_by_its_field_and_not_by_its_words(works: Works) -> None:
    found = await read(works, right="4")
    assert found.content is not None
    assert found.content.details["options"] == ["Orion", "Halden", "7"]
    assert found.content.details["right"] == 2


async def test_the_preview_is_the_post_without_the_answer(works: Works) -> None:
    first = await written(works)
    async with works.sessions.begin() as session:
        shown = await KIND.preview(session, first, WORDS)
        other = replace(first, content=replace(first.content, details={**first.content.details, "right": 0}))
        same = await KIND.preview(session, other, WORDS)
    assert check_blocks(list(shown.blocks), "message") == []
    assert sorted(shown.blocks[1]["text"]["text"].splitlines()) == ["• 7", "• Halden", "• Orion"]  # no buttons there
    assert [block for block in shown.blocks if block["type"] == "actions"] == [
        block for block in same.blocks if block["type"] == "actions"
    ]
    assert "It did." not in str(shown)


async def test_an_approver_reads_the_right_answer_and_why_before_approving(works: Works) -> None:
    draft = await written(works)
    told = KIND.for_approver(draft, WORDS)
    right = draft.content.details["options"][draft.content.details["right"]]
    assert told.startswith(f"The right answer: {right}")
    assert draft.content.text in told
    window = windows.approving(WORDS, draft, [], suggested=[], can_plan=False, told=told)
    assert right in str(window.payload())
    unfinished = replace(draft, content=replace(draft.content, details={}))
    assert KIND.for_approver(unfinished, WORDS) == ""


async def test_what_is_published_waits_for_the_chooser(works: Works) -> None:
    first = await written(works)
    async with works.sessions.begin() as session:
        assert await KIND.why_unfinished(session, first, WORDS) is None
        await KIND.publish(session, first, Plan(), by=EDITOR, now=NOW, new_id=works.new_id)
    assert await works.ask() is None
    await works.send()
    assert "Which of these came first?" in works.posted()[0]["text"]
    for user in (AMARA, SAM, EDITOR):
        assert (await works.press(user, 0)).told is Told.KNEW
    await works.people(OTHER)
    assert (await works.press(OTHER, 1)).told is Told.COUNTED


async def test_a_plan_asks_it_there_and_then(works: Works) -> None:
    first, at = await written(works), NOW + timedelta(hours=3)
    async with works.sessions.begin() as session:
        plan = Plan(channel_ids=(CHANNEL,), at=at)
        assert await KIND.why_not_planned(session, first, plan, WORDS) is None
        await KIND.publish(session, first, plan, by=EDITOR, now=NOW, new_id=works.new_id)
    due = Due(occurrence_id=(await works.posts())[0].occurrence_id, kind="quiz", due_at=at)
    audience = await works.audience()
    async with works.sessions.begin() as session:
        coming = await QuizKind().planned(session, audience, [due], WORDS)
        (slot,) = await QuizKind().preview(session, audience, [replace(due, due_at=NOW + DAY)], WORDS)
    (shown,) = coming.values()
    assert (shown.due_at, shown.headline) == (at, "Which of these came first?")
    assert "Orion" not in str(shown)
    assert slot.headline is None  # it is not chosen again
    (post,) = await works.posts()
    assert (post.due_at, post.closes_at) == (at, at + DAY)
    await works.sender.turn("lease")
    assert works.posted() == []
    works.pass_time(timedelta(hours=3) + SECOND)
    await works.send()
    assert "Which of these came first?" in works.posted()[0]["text"]


async def test_its_author_hears_where_it_was_asked_first(works: Works) -> None:
    await works.bank()
    await works.another_channel("C0OTHER")
    async with works.sessions.begin() as session:
        question = await session.scalar(select(Question.id))
        offered: dict[str, Any] = {
            "ws": WS,
            "kind": "question",
            "author": AMARA,
            "headline": "Who came first?",
            "text": "It did.",
        }
        origin = {"what": "written", "id": "x"}
        draft_id = await inbox.offer(
            session, **offered, customer_id=None, origin=origin, request="r", now=NOW, new_id=works.new_id
        )
        await inbox_store.change(session, WS, draft_id, state="approved", published=question)
    await works.ask("occ1")
    await works.ask("occ2", channel="C0OTHER", due_at=works.now())
    await works.send()
    async with works.sessions.begin() as session:
        (owed,) = await session.scalars(select(Delivery).where(Delivery.kind == telling.POSTED))
        said = await WasPosted().render(session, as_owed(owed))
        assert isinstance(said, Message)
        assert owed.target == AMARA
        assert "“Who came first?”" in said.text
        assert "#line-2" in said.text
    _, post = await works.round()
    async with works.sessions.begin() as session:
        await withdrawing.withdraw(session, WS, post.id, by=EDITOR, now=works.now(), new_id=works.new_id)
    async with works.sessions.begin() as session:
        assert await session.scalar(select(Delivery.state).where(Delivery.kind == telling.POSTED)) == "skipped"


async def test_a_plan_for_guests_is_refused_where_it_is_only_for_our_own(works: Works) -> None:
    first = await written(works)
    await works.people("U0GUEST2", kind="guest")
    async with works.sessions.begin() as session:
        why = await KIND.why_not_planned(session, first, Plan(channel_ids=(CHANNEL,), at=NOW), WORDS)
    assert why == "#line-2 has guests, and only what everybody may see goes there."


async def test_what_is_not_finished_says_so(works: Works) -> None:
    async with works.sessions.begin() as session:
        why = await KIND.why_unfinished(session, draft(Content(headline="A?", text="B.")), WORDS)
        rows = list(await session.scalars(select(Question)))
    assert why is not None
    assert "press Edit" in why
    assert rows == []
    assert rules.KIND == "quiz"
