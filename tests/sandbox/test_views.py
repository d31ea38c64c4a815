"""views.*: stacks, hashes, external ids, Home tabs and who sees what."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.delivery import interactions
from sandbox.slack import Slack
from tests.sandbox.calls import refused
from tests.sandbox.conftest import Person
from tests.sandbox.sample_app import FORM, text_view

HOME: dict[str, Any] = {"type": "home", "blocks": [{"type": "divider"}]}


@pytest.fixture
def trigger(slack: Slack) -> Callable[[], str]:
    app = slack.store.apps["T0ONE", "A0TEST"]
    return lambda: interactions.trigger(slack, app, "U0AMARA")


async def test_three_deep_and_no_deeper(
    client: AsyncWebClient, trigger: Callable[[], str], person: Callable[[str], Person]
) -> None:
    root = (await client.views_open(trigger_id=trigger(), view=text_view("One", "x")))["view"]
    second = (await client.views_push(trigger_id=trigger(), view=text_view("Two", "x")))["view"]
    assert (second["root_view_id"], second["previous_view_id"]) == (root["id"], root["id"])
    await client.views_push(trigger_id=trigger(), view=text_view("Three", "x"))
    await refused(client.views_push(trigger_id=trigger(), view=text_view("Four", "x")), "push_limit_reached")
    seen = await person("U0AMARA").seen()
    assert [m["view"]["title"]["text"] for m in seen["modals"]] == ["One", "Two", "Three"]
    assert (await person("U0BEN").seen())["modals"] == []


async def test_nothing_to_push_onto(client: AsyncWebClient, trigger: Callable[[], str]) -> None:
    await refused(client.views_push(trigger_id=trigger(), view=FORM), "not_found")


async def test_updates_and_hashes(
    client: AsyncWebClient, trigger: Callable[[], str], person: Callable[[str], Person]
) -> None:
    first = (await client.views_open(trigger_id=trigger(), view={**FORM, "external_id": "mine"}))["view"]
    await person("U0AMARA").act("fill", values={"Your question": "typed"})
    changed = {**FORM, "external_id": "mine", "title": {"type": "plain_text", "text": "Changed"}}
    second = (await client.views_update(view_id=first["id"], view=changed, hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    assert second["hash"] != first["hash"]
    assert second["state"]["values"]["question"]["text"]["value"] == "typed"
    await refused(client.views_update(view_id=first["id"], view=changed, hash=first["hash"]), "hash_conflict")
    assert (await client.views_update(external_id="mine", view=changed))["ok"]
    await refused(client.views_update(external_id="other", view=changed), "not_found")
    another = client.views_push(trigger_id=trigger(), view={**FORM, "external_id": "mine"})
    await refused(another, "duplicate_external_id")
    await person("U0AMARA").act("close")
    await refused(client.views_update(view_id=first["id"], view=changed), "not_found")


async def test_home_tabs(client: AsyncWebClient, slack: Slack, person: Callable[[str], Person]) -> None:
    first = (await client.views_publish(user_id="U0AMARA", view=HOME))["view"]
    second = (await client.views_publish(user_id="U0AMARA", view=HOME, hash=first["hash"]))["view"]
    assert first["id"] == second["id"]
    await refused(client.views_publish(user_id="U0AMARA", view=HOME, hash=first["hash"]), "hash_conflict")
    assert (await person("U0AMARA").seen())["home"]["hash"] == second["hash"]
    assert (await person("U0BEN").seen())["home"] is None
    await refused(client.views_publish(user_id="U0NONE", view=HOME), "invalid_arguments")
    await refused(client.views_publish(user_id="U0AMARA", view=FORM), "invalid_arguments")


async def test_size_and_shape(client: AsyncWebClient, trigger: Callable[[], str]) -> None:
    body = await refused(
        client.views_open(trigger_id=trigger(), view={**FORM, "title": {"type": "plain_text", "text": "x" * 25}}),
        "invalid_arguments",
    )
    assert "json-pointer:/view/title" in body["response_metadata"]["messages"][0]
    fits = {**FORM, "title": {"type": "plain_text", "text": "x" * 24}}
    assert (await client.views_open(trigger_id=trigger(), view=fits))["ok"]
    block = {"type": "section", "text": {"type": "plain_text", "text": "x" * 2900}}
    await refused(client.views_publish(user_id="U0AMARA", view={**HOME, "blocks": [block] * 90}), "view_too_large")
