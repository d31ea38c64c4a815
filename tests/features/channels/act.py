"""Presses and submissions as Slack sends them, and what the person then sees, checked as strictly as Slack does."""

import json
from collections.abc import Mapping
from typing import Any

from slack_bolt.response import BoltResponse

from bot.features.channels import form
from bot.slack.kit import Message, View
from sandbox.kit import check_blocks, check_view
from tests.features.channels.kinds import ADMIN, LINE2, WS
from tests.features.members.bolt import Slack

RESPONSE_URL = "https://hooks.example/1"


def valid(view: View | Mapping[str, Any]) -> Mapping[str, Any]:
    payload = view.payload() if isinstance(view, View) else view
    assert check_view(payload) == []
    return payload


def valid_message(message: Message) -> str:
    assert check_blocks(list(message.blocks), "message") == []
    assert message.text
    return json.dumps([message.text, list(message.blocks)], ensure_ascii=False)


def text_of(view: Mapping[str, Any]) -> str:
    return json.dumps(view, ensure_ascii=False)


async def press(
    slack: Slack,
    action: str,
    *,
    user: str = ADMIN,
    option: str = "",
    value: str = "",
    kind: str = "button",
    at: str = "1.0",
    view: Mapping[str, Any] | None = None,
    message: bool = False,
    team: str = WS,
) -> BoltResponse:
    """In Home unless `view` (a modal) or `message` is given."""
    pressed: dict[str, Any] = {"type": kind, "action_id": action, "block_id": "b", "action_ts": at}
    if option:
        pressed["selected_option"] = {"value": option}
    if value:
        pressed["value"] = value
    body: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": WS},
        "user": {"id": user, "team_id": team},
        "trigger_id": "1.2.b",
        "actions": [pressed],
    }
    if message:
        body |= {
            "container": {"type": "message", "channel_id": "D1", "message_ts": "5.5"},
            "response_url": RESPONSE_URL,
        }
    else:
        shown = view or {"id": "VHOME", "type": "home", "state": {"values": {}}}
        body |= {"view": shown, "container": {"type": "view", "view_id": shown["id"]}}
    return await slack.send(body)


async def menu(slack: Slack, verb: str, *, channel: str = LINE2, **how: Any) -> BoltResponse:
    return await press(slack, "channels:menu", option=f"{verb}:{channel}", kind="overflow", **how)


async def submit(
    slack: Slack,
    callback: str,
    values: Mapping[str, Any],
    *,
    user: str = ADMIN,
    view_id: str = "V1",
    private: str = "",
    team: str = WS,
) -> Mapping[str, Any]:
    """The answer's JSON; {} for a bare acknowledgement."""
    view = {
        "id": view_id,
        "type": "modal",
        "callback_id": callback,
        "private_metadata": private,
        "state": {"values": values},
    }
    body = {"type": "view_submission", "team": {"id": WS}, "user": {"id": user, "team_id": team}, "view": view}
    response = await slack.send(body)
    assert response.status == 200
    answer: Mapping[str, Any] = json.loads(response.body) if response.body else {}
    if "view" in answer:
        valid(answer["view"])
    return answer


async def offered(slack: Slack, action: str, query: str, *, user: str = ADMIN, team: str = WS) -> list[dict[str, Any]]:
    body = {
        "type": "block_suggestion",
        "team": {"id": WS},
        "user": {"id": user, "team_id": team},
        "action_id": action,
        "block_id": "b",
        "value": query,
    }
    response = await slack.send(body)
    found: list[dict[str, Any]] = json.loads(response.body)["options"]
    return found


def filled(
    channel: str = LINE2,
    *,
    days: tuple[int, ...] = (1, 3),
    at: str = "10:00",
    news: tuple[int, ...] = (),
    zone: str = "Europe/Lisbon",
    locale: str = "pt-PT",
    teams: tuple[str, ...] = (),
    holidays: str = "PT",
    guests: bool = False,
    answer: bool = False,
    window: str = "1440",
    owners: tuple[str, ...] = (),
    pulse: bool = True,
) -> dict[str, Any]:
    """The modal's state, as Slack reports it."""

    def boxes(chosen: tuple[Any, ...]) -> dict[str, Any]:
        return {"type": "checkboxes", "selected_options": [{"value": str(one)} for one in chosen]}

    def one(value: str) -> dict[str, Any]:
        return {"type": "external_select", "selected_option": {"value": value} if value else None}

    values: dict[str, Any] = {
        form.days_block("story"): {"a": boxes(days)},
        form.time_block("story"): {"a": {"type": "timepicker", "selected_time": at or None}},
        form.days_block("news"): {"a": boxes(news)},
        form.time_block("news"): {"a": {"type": "timepicker", "selected_time": "15:30" if news else None}},
        form.ZONE_BLOCK: {form.ZONE: one(zone)},
        form.LOCALE_BLOCK: {"a": one(locale)},
        form.TEAMS_BLOCK: {form.TEAMS: boxes(teams)},
        form.HOLIDAYS_BLOCK: {form.HOLIDAYS: one(holidays)},
        form.GUESTS_BLOCK: {"a": boxes((form.ALLOW,) * guests + (form.ANSWER,) * answer)},
        form.WINDOW_BLOCK: {"a": one(window)},
        form.OWNERS_BLOCK: {"a": {"type": "multi_users_select", "selected_users": list(owners)}},
        form.PULSE_BLOCK: {"a": boxes((form.ASK,) * pulse)},
    }
    if channel:
        values[form.CHANNEL_BLOCK] = {"a": {"type": "conversations_select", "selected_conversation": channel}}
    return values


def only_times(
    *, days: tuple[int, ...] = (1, 3), at: str = "10:00", news: tuple[int, ...] = (), news_at: str = "15:30"
) -> dict[str, Any]:
    """The state of the modal that channel owners and editors get."""
    values = filled("", days=days, at=at, news=news)
    if news:
        values[form.time_block("news")]["a"]["selected_time"] = news_at
    return {block: state for block, state in values.items() if block.startswith(("days-", "time-"))}
