"""Every press and submission of the inbox, by people who may not, with payloads of their own making."""

from typing import Any

import pytest

from bot.features.inbox import deciding, store
from tests.features.inbox.conftest import AT_ONCE, FORM, Room, many, text
from tests.features.inbox.test_thread import said
from tests.features.members.people import WS
from tests.features.stories.given import ADMIN, AMARA, CHANNEL, EDITOR, GUEST

PEOPLE = [(AMARA, WS), (ADMIN, WS), (GUEST, WS), (EDITOR, "T0OTHER")]
PRESSES = [
    "inbox:look",
    "inbox:list",
    "inbox:page:newer",
    "inbox:edit",
    "inbox:approve",
    "inbox:reject",
    "inbox:correct",
]


async def offered(room: Room) -> str:
    """By an editor, so that it is nobody's own."""
    return await room.offer(author="U0SECOND")


@pytest.mark.parametrize(("user", "team"), PEOPLE)
@pytest.mark.parametrize("action", PRESSES)
async def test_a_press_by_somebody_else_shows_nothing_and_is_kept(
    room: Room, user: str, team: str, action: str
) -> None:
    draft_id = await offered(room)
    value = f"{draft_id}:1" if action in {"inbox:approve", "inbox:reject"} else draft_id
    await room.press(user, action, value, team=team)
    assert "Orion" not in said(room.view()["blocks"])
    assert "callback_id" not in room.view()
    assert (user, "refused") in await room.audited()


@pytest.mark.parametrize(("user", "team"), PEOPLE)
async def test_a_submission_by_somebody_else_changes_nothing_and_is_kept(room: Room, user: str, team: str) -> None:
    draft_id = await offered(room)
    views: list[tuple[str, str, dict[str, Any]]] = [
        ("inbox:approving", f"{draft_id}:1", {"when": AT_ONCE, "channels": many(CHANNEL)}),
        ("inbox:rejecting", draft_id, {"reason": text("no")}),
        ("inbox:form", f"story|{draft_id}|1", FORM),
    ]
    for callback, private, given in views:
        before = len(await room.audited())
        answered = await room.submit(user, {"callback_id": callback, "private_metadata": private}, team=team, **given)
        assert answered["response_action"] == "update"
        assert len(await room.audited()) > before
    draft = await room.draft(draft_id)
    assert (draft.state, draft.revision, draft.headline) == ("waiting", 1, "Orion opens a shop")
    assert await room.deliveries("stories.post") == []


@pytest.mark.parametrize(
    ("author", "user", "sees"),
    [
        (AMARA, AMARA, True),
        ("U0SECOND", EDITOR, True),
        (EDITOR, EDITOR, True),
        ("U0SECOND", AMARA, False),
        ("U0SECOND", ADMIN, False),
        (GUEST, GUEST, False),
    ],
)
async def test_a_right_answer_is_for_its_author_and_whoever_may_approve_it(
    room: Room, author: str, user: str, sees: bool
) -> None:
    draft_id = await room.offer(author=author)
    async with room.sessions.begin() as session:
        draft = await store.get(session, WS, draft_id)
        assert draft is not None
        assert await deciding.may_see_answer(session, draft, user) is sees


async def test_what_is_no_draft_is_not_there(room: Room) -> None:
    for action in ("inbox:look", "inbox:edit", "inbox:approve", "inbox:reject", "inbox:correct"):
        await room.press(EDITOR, action, "nothing")
        assert "not there any more" in said(room.view()["blocks"])
    answered = await room.submit(EDITOR, {"callback_id": "inbox:keep", "private_metadata": "nothing"})
    assert "too old" in said(answered["view"]["blocks"])
