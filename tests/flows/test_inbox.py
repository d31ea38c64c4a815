"""A photo spotted somewhere, and a story written by an editor, on their way to a channel over real HTTP and WebSocket."""

import base64
import json
from datetime import time
from typing import Any

import pytest
from sqlalchemy import update

from bot.db.tables.members import Member
from bot.features.members import service as members
from tests.features.stories.given import png
from tests.flows.company import ADMIN, MAKER, OTHER
from tests.flows.conftest import Flow, over_socket
from tests.flows.test_questions import BOT, heard
from tests.flows.test_stories import set_up


@pytest.fixture
async def edited(flow: Flow) -> Flow:
    """Ada and Otto are editors; nobody has quiet hours, whatever the time is where the tests run."""
    async with flow.parts() as parts:
        now, new_id = parts.clock.now(), parts.edge.new_id
        async with parts.sessions.begin() as session:
            await session.execute(update(Member).values(quiet_from=time(0), quiet_until=time(0)))
            for user in (ADMIN, OTHER):
                await members.change_role(
                    session, "T0FLOW", user, members.EDITOR, give=True, by=ADMIN, now=now, new_id=new_id
                )
    await set_up(flow, "C0LINE0", "story:mon@10:00")
    await flow.start()
    return flow


async def shows(flow: Flow, who: str, words: str) -> Any:
    """Their Home, once it shows these words."""

    async def look() -> Any:
        home = (await flow.seen(who)).get("home")
        return home if words in json.dumps(home, ensure_ascii=False) else None

    return await flow.until(look)


async def posted(flow: Flow, words: str) -> dict[str, Any]:
    """The post in the team's channel that shows these words, once it is there."""

    async def look() -> Any:
        return next((one for one in await flow.posts("C0LINE0") if words in one["text"]), None)

    found: dict[str, Any] = await flow.until(look)
    return found


async def test_a_photo_spotted_somewhere_comes_back_as_a_post_in_the_teams_channel(edited: Flow) -> None:
    photo = {"name": "shop.png", "base64": base64.b64encode(png()).decode()}
    await edited.act(MAKER, "drop", channel=BOT, text="In the window!", files=[photo])
    which = await heard(edited, MAKER, "Or is it a photo of our work")
    place = {"channel": which["channel"], "ts": which["ts"]}
    await edited.act(MAKER, "press", action="inbox:spot", **{"in": place})
    await edited.act(MAKER, "options", action="inbox:product", query="PB", **{"in": "modal"})
    values = {"product": "PB-7 power board", "where": "Shop in Pune", "credit": ["Name me in the post"]}
    seen = await edited.act(MAKER, "submit", values=values)
    assert "It is with the editors" in json.dumps(seen["modals"][-1])
    await edited.act(MAKER, "close", all=True)
    await heard(edited, MAKER, "It is with the editors now.")
    await heard(edited, ADMIN, "1 draft waits in the editors")

    await edited.act(ADMIN, "home")
    await shows(edited, ADMIN, "Spotted: PB-7 power board, Shop in Pune")

    async def pictured() -> bool:
        seen = await edited.act(ADMIN, "press", action="inbox:look", **{"in": "home"})
        if "slack_file" in json.dumps(seen["modals"][-1]):
            return True
        await edited.act(ADMIN, "close", all=True)
        return False

    await edited.until(pictured)
    seen = await edited.act(ADMIN, "press", action="inbox:approve", **{"in": "modal"})
    assert "line-0" in json.dumps(seen["modals"][-1])  # the team's channel is suggested
    seen = await edited.act(ADMIN, "submit", values={})
    assert "Approved" in json.dumps(seen["modals"][-1])
    await edited.act(ADMIN, "close")
    assert (await edited.seen(ADMIN))["modals"] == []
    post = await posted(edited, "Spotted")
    assert "With thanks to Max Órfão." in post["text"]
    assert "slack_file" in json.dumps(post["blocks"])
    await heard(edited, MAKER, "has been posted in #line-0")


@over_socket
async def test_an_editor_writes_a_story_another_approves_it_and_it_is_corrected_where_it_stands(edited: Flow) -> None:
    await edited.act(ADMIN, "home")
    await shows(edited, ADMIN, "Write a story")
    await edited.act(ADMIN, "press", action="inbox:write:story", **{"in": "home"})
    seen = await edited.act(ADMIN, "submit", values={"headline": "A quiet board", "text": "word " * 61})
    assert "61 words" in json.dumps(seen["modals"][-1]["errors"])
    seen = await edited.act(ADMIN, "submit", values={"text": "It hums no more. Orion is glad."})
    assert [modal["view"]["title"]["text"] for modal in seen["modals"]] == ["New: Story", "Preview"]
    await edited.act(ADMIN, "submit")
    await edited.act(ADMIN, "close", all=True)

    await edited.act(OTHER, "home")
    await shows(edited, OTHER, "A quiet board")
    await edited.act(OTHER, "press", action="inbox:look", **{"in": "home"})
    await edited.act(OTHER, "press", action="inbox:approve", **{"in": "modal"})
    values = {"when": "At once, in these channels", "channels": ["#line-0"]}
    seen = await edited.act(OTHER, "submit", values=values)
    assert "Approved" in json.dumps(seen["modals"][-1])
    await edited.act(OTHER, "close", all=True)
    post = await posted(edited, "A quiet board.")

    await edited.act(OTHER, "home")
    await shows(edited, OTHER, "Recall this post")
    await edited.act(OTHER, "press", action="inbox:correct", **{"in": "home"})
    await edited.act(OTHER, "submit", values={"headline": "A silent board"})
    seen = await edited.act(OTHER, "submit")
    assert "corrected in the one place" in json.dumps(seen["modals"][-1])

    assert (await posted(edited, "A silent board."))["ts"] == post["ts"]
