"""A17, A18, A19: what only people can mend: a channel, a person or a token that takes nothing any more."""

import itertools
import json
from functools import partial
from pathlib import Path

import pytest

from bot.delivery.installations import check_token, store_workspace
from bot.features.channels import service as channels
from tests.faults.delivering import (
    POST,
    WORKSPACE,
    all_sent_once,
    calls,
    channels_ready,
    ended,
    everybody_awake,
    faults,
    lines,
    made,
    owe,
    until,
)
from tests.faults.proof import Proof
from tests.flows import owing
from tests.flows.company import MANAGER
from tests.flows.conftest import Flow, flowing
from tests.flows.test_questions import to
from tests.flows.test_updates import RELAYS, write_to

DOORS = ("messages_tab_disabled", "user_disabled", "channel_not_found")
GONE = ("is_archived", "not_in_channel", "channel_not_found")


@pytest.mark.row("A17", waits=True)
async def test_channels_archived_left_and_deleted(tmp_path: Path, proof: Proof) -> None:
    """Three posts are owed to each; Slack tells of it by nothing but its refusals."""
    closed, opened, each = proof.at(small=(3, 1, 3), full=(90, 30, 5))
    places = lines(closed + opened)
    why = dict(zip(places[:closed], itertools.cycle(GONE), strict=False))
    async with channels_ready(tmp_path, number=len(places), each=each) as flow, flow.parts() as parts:
        await everybody_awake(parts)
        await owe(flow, places, each=each)
        rules = [{"methods": POST, "what": "error_before", "error": error, "channel": at} for at, error in why.items()]
        await faults(flow, *rules)
        await flow.start()

        async def over() -> bool:
            found = await owing.states(parts)
            return (
                found["sent"] == opened * each
                and sum(found.values()) == found["sent"] + found["failed"] + found["skipped"]
            )

        await owing.until(flow, over, proof.at(small=30, full=600))
        await ended(flow, parts, kind=channels.TROUBLE, sent=closed, within=proof.at(small=20, full=600))
        refused = [one for one in calls(flow, "chat.postMessage") if one.error in GONE]
        assert {str(one.args["channel"]) for one in refused} == set(why)
        assert len({str(one.args["metadata"]) for one in refused}) == len(refused), "one was tried again"
        async with parts.sessions.begin() as session:
            found = {one.channel_id: one.state for one in await channels.all(session, WORKSPACE)}
        assert {place for place, state in found.items() if state == "paused"} == set(why)
        assert max(made(flow).values()) == 1
        told = [one for one in flow.slack.ledger.messages() if one.metadata and one.channel not in places]
        assert len(told) == closed
    proof.found(
        f"{closed} channels paused after {len(refused)} refusals, none of them tried again; "
        f"their owner told {len(told)} times; {opened * each} of {opened * each} to the others"
    )


@pytest.mark.row("A18", waits=True)
async def test_one_adopter_in_ten_cannot_be_reached(tmp_path: Path, proof: Proof) -> None:
    """Half of them have left, the others take no direct messages of apps."""
    users = [f"U0ADOPT{number:03}" for number in range(proof.at(small=20, full=200))]
    left, closed = users[::20], users[10::20]
    people = [{"id": user, "name": user.casefold(), "real_name": f"Adopter {user[-3:]}"} for user in users]
    database = f"sqlite:///{tmp_path / 'canteen.db'}"
    async with flowing(tmp_path, database, more={"people": people}) as flow:
        await flow.install(stories=1)
        async with flow.parts() as parts:
            await write_to(parts, users)
            for user in left:
                assert (await flow.send("admin", {"do": "deactivate", "user": user}))["ok"]
            rules = [
                {"methods": POST, "what": "error_before", "error": "messages_tab_disabled", "channel": user}
                for user in closed
            ]
            await faults(flow, *rules)
            bot = await flow.start()
            lost = len(left) + len(closed)

            async def over() -> bool:
                found = await owing.states(parts, RELAYS)
                return (found["sent"], found["failed"] + found["uncertain"]) == (len(users) - lost, lost)

            await owing.until(flow, over, proof.at(small=40, full=400))
        if proof.size == "small":  # the author's receipt is changed once a minute
            await flow.stop(bot)
            flow.env["CANTEEN_CLOCK_OFFSET"] = "70s"
            await flow.start()
        names = [f"Adopter {user[-3:]}" for user in (*left, *closed)]

        async def receipt() -> bool:
            shown = json.dumps(await to(flow, MANAGER, "Your update about"), ensure_ascii=False)
            return all(name in shown for name in names)

        await owing.until(flow, receipt, proof.at(small=60, full=240))
        found = made(flow)
        times = [found[key] for key in await owing.opaque_keys(parts, RELAYS)]
        assert sorted(times) == [0] * lost + [1] * (len(users) - lost)
    tried = [one for one in calls(flow, "chat.postMessage") if one.error in DOORS]
    proof.found(
        f"{len(users) - lost} of {len(users) - lost} got theirs; the author reads all {lost} names; {len(tried)} refused calls"
    )


@pytest.mark.row("A19", waits=True)
async def test_a_token_revoked_in_mid_batch(tmp_path: Path, proof: Proof) -> None:
    """Once Slack tells of it (`tokens_revoked`), once only by its refusals."""
    places, each, after = proof.at(small=(10, 3, (8,)), full=(20, 50, (500, 750)))
    total = places * each
    async with channels_ready(tmp_path, number=places, each=each) as flow, flow.parts() as parts:
        await owe(flow, lines(places), each=each)
        await flow.start()
        further = []
        for number, (posts, how) in enumerate(zip(after, ("revoked", "inactive"), strict=False), start=2):
            await until(partial(_made, flow, posts), 300, every=0.01)
            since = len(flow.slack.ledger.calls())
            assert (await flow.send("admin", {"do": "revoke_token", "how": how}))["ok"]
            await owing.until(flow, lambda: _dead(flow))
            token = f"xoxb-flows-{number}"
            assert (await flow.send("admin", {"do": "reinstall", "token": token}))["ok"]
            refused = [
                one for one in flow.slack.ledger.calls()[since:] if one.error in {"token_revoked", "account_inactive"}
            ]
            further.append(max(0, len(refused) - 1))
            # As `canteen workspace add` does it, but at once, while the running process still remembers the old token.
            checked = await check_token(parts.gateway, token)
            async with parts.sessions.begin() as session:
                await store_workspace(session, token=token, checked=checked)
        await all_sent_once(flow, parts, total, within=proof.at(small=60, full=300))
    assert max(further) <= 1
    proof.found(
        f"further calls after the first that was refused: {' and '.join(map(str, further))}; {total} of {total} made after the reinstall, none twice"
    )


def _made(flow: Flow, posts: int) -> bool:
    return sum(made(flow).values()) >= posts


async def _dead(flow: Flow) -> bool:
    async with flow.parts() as parts:
        return await owing.count(parts, "workspaces", "state = 'dead'") == 1
