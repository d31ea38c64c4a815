"""Each fault does what it says, to whom it says, as often as it says."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.slack import Slack


class Faulty:
    def __init__(self, slack: Slack, session: aiohttp.ClientSession) -> None:
        self._slack, self._session = slack, session

    async def put(self, expected: int = 200, **rule: Any) -> dict[str, Any]:
        async with self._session.put(f"{self._slack.url}/_sandbox/faults", json={"faults": [rule]}) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == expected, body
            return body

    def made(self) -> int:
        return len(self._slack.ledger.messages())

    def fault(self) -> str | None:
        fault: str | None = self._slack.ledger.since(0)["calls"][-1]["fault"]
        return fault


@pytest.fixture
def faulty(slack: Slack, session: aiohttp.ClientSession) -> Faulty:
    return Faulty(slack, session)


async def _post(client: AsyncWebClient, channel: str = "C0LINE2") -> Any:
    return await client.chat_postMessage(channel=channel, text="x")


@pytest.mark.parametrize(("what", "made"), [("reset_after", 1), ("reset_before", 0)])
async def test_resets(faulty: Faulty, client: AsyncWebClient, what: str, made: int) -> None:
    await faulty.put(methods=["chat.postMessage"], what=what, times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await _post(client)
    assert faulty.made() == made
    assert faulty.fault() == what
    assert (await _post(client))["ok"]


@pytest.mark.parametrize(("what", "made"), [("error_after", 1), ("error_before", 0)])
@pytest.mark.parametrize(
    ("how", "status", "error"), [({"status": 503}, 503, None), ({"error": "fatal_error"}, 200, "fatal_error")]
)
async def test_errors(
    faulty: Faulty, client: AsyncWebClient, what: str, made: int, how: dict[str, Any], status: int, error: str | None
) -> None:
    await faulty.put(methods=["chat.postMessage"], what=what, times=1, **how)
    with pytest.raises(SlackApiError) as caught:
        await _post(client)
    assert caught.value.response.status_code == status
    assert caught.value.response.data.get("error") == error
    assert faulty.made() == made


@pytest.mark.parametrize(("what", "at_once"), [("late_after", 1), ("late_before", 0)])
async def test_late_answers(faulty: Faulty, client: AsyncWebClient, what: str, at_once: int) -> None:
    await faulty.put(methods=["chat.postMessage"], what=what, times=1, seconds=0.3)
    task = asyncio.create_task(_post(client))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(task), 0.15)
    assert faulty.made() == at_once
    assert (await task)["ok"]
    assert faulty.made() == 1


async def test_what_is_late_is_carried_out_even_when_nobody_waits(
    faulty: Faulty, client: AsyncWebClient, slack: Slack
) -> None:
    await faulty.put(methods=["chat.postMessage"], what="late_before", times=1, seconds=0.2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_post(client), 0.1)
    await slack.viewers.changed("U0AMARA", slack.viewers.version("U0AMARA"), 5)
    assert faulty.made() == 1


async def test_hidden_for_a_while(faulty: Faulty, client: AsyncWebClient, clock: Clock) -> None:
    await faulty.put(methods=["chat.postMessage"], what="hidden_for", times=1, seconds=7)
    with pytest.raises(aiohttp.ClientConnectionError):
        await _post(client)
    assert faulty.made() == 1
    assert (await client.conversations_history(channel="C0LINE2"))["messages"] == []
    clock.advance(8)
    assert len((await client.conversations_history(channel="C0LINE2"))["messages"]) == 1


@pytest.mark.parametrize("retry_after", ["30", "soon", "-1", "0", None])
async def test_429_with_any_header(faulty: Faulty, client: AsyncWebClient, retry_after: str | None) -> None:
    await faulty.put(methods="*", what="rate_limited", retry_after=retry_after)
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers.get("Retry-After") == retry_after
    assert caught.value.response["error"] == "ratelimited"


async def test_refusing_everything(faulty: Faulty, client: AsyncWebClient) -> None:
    await faulty.put(methods="*", what="refuse")
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == 503


async def test_only_where_and_as_often_as_told(faulty: Faulty, client: AsyncWebClient, slack: Slack) -> None:
    await faulty.put(
        methods=["chat.postMessage"], what="error_before", error="internal_error", channel="C0OPEN", times=2
    )
    assert (await _post(client))["ok"]
    for _ in range(2):
        with pytest.raises(SlackApiError):
            await _post(client, "C0OPEN")
    assert (await _post(client, "C0OPEN"))["ok"]
    dm = (await client.conversations_open(users="U0AMARA"))["channel"]["id"]
    await faulty.put(methods="*", what="error_before", error="internal_error", channel=dm)
    with pytest.raises(SlackApiError):
        await _post(client, "U0AMARA")


async def test_a_share_is_the_same_for_the_same_seed(faulty: Faulty, client: AsyncWebClient) -> None:
    async def run() -> list[bool]:
        await faulty.put(methods=["api.test"], what="refuse", share=0.3, seed=4)
        outcome = []
        for _ in range(40):
            try:
                outcome.append(bool((await client.api_test())["ok"]))
            except SlackApiError:
                outcome.append(False)
        return outcome

    first = await run()
    assert first == await run()
    assert 4 < first.count(False) < 22


async def test_wrong_rules_are_refused_by_name(faulty: Faulty) -> None:
    assert (await faulty.put(400, what="explode"))["error"] == "invalid_faults"
    assert "'chanel'" in (await faulty.put(400, what="refuse", chanel="C0LINE2"))["detail"]
