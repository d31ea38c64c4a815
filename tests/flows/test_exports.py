"""Somebody gets their own data, over real HTTP and WebSocket: the file stands in their direct messages and nowhere else."""

import csv
import io
import json
from typing import Any
from zipfile import ZipFile

from tests.flows.company import EVERYBODY, GUEST, MAKER
from tests.flows.conftest import Flow, over_socket


@over_socket
async def test_my_data_comes_as_a_file_to_me_alone(flow: Flow) -> None:
    await flow.start()
    for who in (MAKER, GUEST):
        await flow.act(who, "home")

        async def home(who: str = who) -> bool:
            return "What you get and how often" in json.dumps((await flow.seen(who)).get("home"))

        await flow.until(home)
        await flow.act(who, "press", action="members:wishes", **{"in": "home"})
        seen = await flow.act(who, "press", action="exports:own", **{"in": "modal"})
        assert "on its way to your messages" in json.dumps(seen["modals"][-1])
        await flow.act(who, "close", all=True)

    async def both() -> list[dict[str, Any]] | None:
        found = [one for one in await flow.posts() if one.get("files")]
        return found if len(found) >= 2 else None

    posts = await flow.until(both)
    readers = {one["channel"]: flow.slack.store.channels[one["channel"]].members for one in posts}
    assert sorted(user for users in readers.values() for user in users if user != "U0CANTEEN") == [GUEST, MAKER]
    for post in posts:
        (owner,) = readers[post["channel"]] - {"U0CANTEEN"}
        file = flow.slack.store.files[post["files"][0]]
        with ZipFile(io.BytesIO(file.data)) as opened:
            text = opened.read("members.csv").decode("utf-8-sig")
        assert [row["user_id"] for row in csv.DictReader(io.StringIO(text))] == [owner]
        assert not [one for one in EVERYBODY if one != owner and one in text]
    assert len(posts) == 2
