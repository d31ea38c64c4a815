"""Trigger ids live 3 s and work once; response URLs work five times in half an hour."""

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.delivery import interactions
from sandbox.slack import Slack
from tests.sandbox.calls import refused
from tests.sandbox.conftest import Person
from tests.sandbox.sample_app import text_view

VIEW = text_view("Title", "Text")


@pytest.fixture
def trigger(slack: Slack) -> Callable[[], str]:
    app = slack.store.apps["T0ONE", "A0TEST"]
    return lambda: interactions.trigger(slack, app, "U0AMARA")


async def test_a_trigger_works_once(client: AsyncWebClient, trigger: Callable[[], str]) -> None:
    key = trigger()
    assert (await client.views_open(trigger_id=key, view=VIEW))["view"]["type"] == "modal"
    await refused(client.views_open(trigger_id=key, view=VIEW), "exchanged_trigger_id")


async def test_a_trigger_lives_three_seconds(client: AsyncWebClient, trigger: Callable[[], str], clock: Clock) -> None:
    early, late = trigger(), trigger()
    clock.advance(2.8)
    assert (await client.views_open(trigger_id=early, view=VIEW))["ok"]
    clock.advance(0.3)
    await refused(client.views_open(trigger_id=late, view=VIEW), "expired_trigger_id")


async def test_a_refused_view_does_not_spend_the_trigger(client: AsyncWebClient, trigger: Callable[[], str]) -> None:
    key = trigger()
    await refused(client.views_open(trigger_id=key, view={"type": "modal"}), "invalid_arguments")
    assert (await client.views_open(trigger_id=key, view=VIEW))["ok"]
    await refused(client.views_open(trigger_id="1.2.3", view=VIEW), "invalid_trigger_id")


class Url:
    def __init__(self, slack: Slack, session: aiohttp.ClientSession, url: str) -> None:
        self.slack, self._session, self._url = slack, session, url

    async def say(self, status: int = 200, **body: Any) -> str:
        async with self._session.post(self._url, json=body) as answer:
            text = await answer.text()
            assert answer.status == status, text
            return text


@pytest.fixture
async def url(slack: Slack, session: aiohttp.ClientSession, client: AsyncWebClient) -> Url:
    """A response_url that belongs to a message in #line-2."""
    await client.chat_postMessage(channel="C0LINE2", text="original")
    app = slack.store.apps["T0ONE", "A0TEST"]
    channel = slack.store.channels["C0LINE2"]
    message = slack.ledger.messages()[0]
    return Url(slack, session, interactions.response_url(slack, app, "U0AMARA", channel, message))


async def test_five_times(url: Url) -> None:
    for number in range(5):
        assert await url.say(text=f"answer {number}") == "ok"
    assert "used_url" in await url.say(404, text="one more")
    assert [m.text for m in url.slack.ledger.messages()[1:]] == [f"answer {n}" for n in range(5)]


async def test_half_an_hour(url: Url, clock: Clock) -> None:
    clock.advance(30 * 60 - 1)
    assert await url.say(text="in time") == "ok"
    clock.advance(2)
    assert "expired_url" in await url.say(404, text="late")


async def test_private_unless_said_aloud(url: Url, person: Callable[[str], Person]) -> None:
    await url.say(text="private")
    await url.say(text="aloud", response_type="in_channel")
    mine = [m["text"] for m in (await person("U0AMARA").seen())["messages"]["C0LINE2"]]
    others = [m["text"] for m in (await person("U0BEN").seen())["messages"]["C0LINE2"]]
    assert mine == ["original", "private", "aloud"]
    assert others == ["original", "aloud"]


async def test_replacing_and_deleting(url: Url) -> None:
    await url.say(text="changed", replace_original=True)
    original = url.slack.ledger.messages()[0]
    assert original.text == "changed"
    await url.say(delete_original=True)
    assert original.deleted
    assert len(url.slack.ledger.messages()) == 1
    await url.say(500, delete_original=True)


async def test_bad_answers_are_refused_and_count(url: Url) -> None:
    assert "no_text" in await url.say(500)
    assert "invalid_blocks" in await url.say(500, text="x", blocks=[{"type": "nonsense"}])
    assert "unknown field" in await url.say(500, text="x", colour="red")
    assert len(url.slack.ledger.messages()) == 1
    await url.say(text="fourth")
    await url.say(text="fifth")
    await url.say(404, text="sixth")
