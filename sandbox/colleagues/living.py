"""The colleagues at work: one of them looks at Slack, does one thing at most, then the next."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import aiohttp

from sandbox.colleagues import looking
from sandbox.colleagues.deciding import Deed, Minds, Press, Reply, Run
from sandbox.colleagues.looking import Json
from sandbox.colleagues.plan import Plan

WORKING = ("member", "admin")
PATIENCE = aiohttp.ClientTimeout(total=10)


class Refused(Exception):  # noqa: N818  (an expected "no": the message has changed meanwhile, the visitor was quicker)
    """The control API did not carry it out."""


async def live(url: str, plan: Plan, *, since: float = 0.0) -> None:
    """Until cancelled. The local Slack may be slow or gone for a while; nothing that goes wrong here ends it. What was
    said before `since` (as Slack's `ts`) is left as it is."""
    minds = Minds(plan, since=since)
    turns = Random(plan.seed)
    async with aiohttp.ClientSession(timeout=PATIENCE) as http:
        slack = _Door(http, url)
        for person in _round_and_round(await _colleagues(slack), turns):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, Refused):
                await _turn(slack, plan, minds, person)
            await asyncio.sleep(plan.pace * turns.uniform(0.5, 1.5))


class _Door:
    """The control API."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url

    async def get(self, what: str, **query: str) -> Json:
        async with self._http.get(f"{self._url}/_sandbox/{what}", params=query) as answer:
            found: Json = await answer.json()
        return found

    async def act(self, person: str, do: str, **more: Any) -> Json:
        async with self._http.post(f"{self._url}/_sandbox/act", json={"as": person, "do": do, **more}) as answer:
            if answer.status != 200:
                raise Refused(do)
            found: Json = (await answer.json())["seen"]
        return found


async def _colleagues(slack: _Door) -> list[str]:
    people = (await slack.get("people"))["people"]
    return sorted(one["id"] for one in people if one["kind"] in WORKING)


def _round_and_round(people: list[str], turns: Random) -> Iterator[str]:
    while people:
        yield from turns.sample(people, len(people))


async def _free(slack: _Door, plan: Plan, person: str) -> bool:
    """Whether no visitor is this person now, or was a moment ago."""
    looked: dict[str, float] = (await slack.get("looked"))["people"]
    return looked.get(person, plan.rest) >= plan.rest


async def _turn(slack: _Door, plan: Plan, minds: Minds, person: str) -> None:
    if not await _free(slack, plan, person):
        return
    seen = await slack.get("seen", **{"as": person})
    if seen["modals"]:
        return  # a visitor has left it open
    deed = minds.next(person, seen, time.monotonic())
    if deed and await _free(slack, plan, person):
        await _do(slack, person, deed)


async def _do(slack: _Door, person: str, deed: Deed) -> None:
    match deed:
        case Reply(post=post, words=words):
            await slack.act(person, "type", channel=post.channel, thread_ts=post.thread, text=words)
        case Press(post=post, button=button, words=words, leaning=leaning):
            where = {"channel": post.channel, "ts": post.ts}
            pressed = {"action": button.action, "block_id": button.block, "in": where, "confirm": True}
            await _finish(slack, person, await slack.act(person, "press", **pressed), words, leaning)
        case Run(command=command, words=words):
            home = await slack.get("seen", **{"as": person})
            place = next(one["id"] for one in home["conversations"] if one["is_member"] and not one["archived"])
            await _finish(slack, person, await slack.act(person, "command", channel=place, text=command), words)


async def _finish(slack: _Door, person: str, seen: Json, words: str, leaning: float = 0.0) -> None:
    """A form that opened is filled in and sent; one that does not take it is closed, nobody stares at it for ever."""
    if not seen["modals"]:
        return
    form = seen["modals"][-1]
    if form["view"].get("submit"):
        with contextlib.suppress(Refused):
            seen = await slack.act(person, "submit", values=looking.answers(form, words, leaning))
    if seen["modals"]:
        await slack.act(person, "close", all=True)
