"""conversations.*, users.* and what only reads: paging, visibility, metadata, scopes by kind."""

from collections.abc import Callable

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from tests.sandbox.calls import refused
from tests.sandbox.conftest import Person, web_client


async def _posted(client: AsyncWebClient, slack: Slack, count: int) -> list[str]:
    made = []
    for number in range(count):
        slack.limits.clear()
        made.append((await client.chat_postMessage(channel="C0LINE2", text=f"m{number}"))["ts"])
    return made


async def test_history_pages_stay_put_while_more_is_posted(client: AsyncWebClient, slack: Slack) -> None:
    stamps = await _posted(client, slack, 5)
    first = await client.conversations_history(channel="C0LINE2", limit=2)
    assert [m["text"] for m in first["messages"]] == ["m4", "m3"]
    assert first["has_more"]
    await _posted(client, slack, 1)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel="C0LINE2", limit=2, cursor=cursor)
    assert [m["text"] for m in second["messages"]] == ["m2", "m1"]
    last = await client.conversations_history(
        channel="C0LINE2", limit=2, cursor=second["response_metadata"]["next_cursor"]
    )
    assert [m["ts"] for m in last["messages"]] == [stamps[0]]
    assert not last["has_more"]
    await refused(client.conversations_history(channel="C0LINE2", cursor="rubbish"), "invalid_cursor")
    await refused(client.conversations_history(channel="C0LINE2", limit=1000), "invalid_limit")
    assert (await client.conversations_history(channel="C0LINE2", limit=999))["ok"]


async def test_history_bounds(client: AsyncWebClient, slack: Slack) -> None:
    a, b, c = await _posted(client, slack, 3)
    open_ends = await client.conversations_history(channel="C0LINE2", oldest=a, latest=c)
    assert [m["ts"] for m in open_ends["messages"]] == [b]
    closed = await client.conversations_history(channel="C0LINE2", oldest=a, latest=c, inclusive=True)
    assert [m["ts"] for m in closed["messages"]] == [c, b, a]
    await refused(client.conversations_history(channel="C0LINE2", oldest="yesterday"), "invalid_ts_oldest")


async def test_metadata_only_when_asked_for(client: AsyncWebClient) -> None:
    meta = {"event_type": "owed", "event_payload": {"key": "k"}}
    sent = await client.chat_postMessage(channel="C0LINE2", text="x", metadata=meta)
    plain = await client.conversations_history(channel="C0LINE2")
    assert plain["messages"][0]["metadata"] == {"event_type": "owed"}
    full = await client.conversations_history(channel="C0LINE2", include_all_metadata=True)
    assert full["messages"][0]["metadata"] == meta
    thread = await client.conversations_replies(channel="C0LINE2", ts=sent["ts"], include_all_metadata=True)
    assert thread["messages"][0]["metadata"] == meta


async def test_replies(client: AsyncWebClient, slack: Slack) -> None:
    (root,) = await _posted(client, slack, 1)
    for number in range(3):
        slack.limits.clear()
        await client.chat_postMessage(channel="C0LINE2", text=f"r{number}", thread_ts=root)
    page = await client.conversations_replies(channel="C0LINE2", ts=root, limit=2)
    assert [m["text"] for m in page["messages"]] == ["m0", "r0", "r1"]
    assert page["messages"][0]["reply_count"] == 3
    rest = await client.conversations_replies(
        channel="C0LINE2", ts=root, limit=2, cursor=page["response_metadata"]["next_cursor"]
    )
    assert [m["text"] for m in rest["messages"]] == ["r2"]
    history = await client.conversations_history(channel="C0LINE2")
    assert [m["text"] for m in history["messages"]] == ["m0"]
    await refused(client.conversations_replies(channel="C0LINE2", ts="1.000001"), "thread_not_found")


async def test_reading_needs_membership_and_the_kinds_own_scope(client: AsyncWebClient, slack: Slack) -> None:
    await refused(client.conversations_history(channel="C0OPEN"), "not_in_channel")
    await refused(client.conversations_history(channel="C0SECRET"), "channel_not_found")
    dm = (await client.conversations_open(users="U0AMARA"))["channel"]["id"]
    slack.store.grants["xoxb-test"].scopes -= {"im:history"}
    body = await refused(client.conversations_history(channel=dm), "missing_scope")
    assert body["needed"] == "im:history"
    assert "chat:write" in body["provided"].split(",")


async def test_channels_are_listed_in_pages(client: AsyncWebClient) -> None:
    names, cursor = [], ""
    while True:
        page = await client.conversations_list(types="public_channel,private_channel", limit=2, cursor=cursor)
        names += [c["name"] for c in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert names == ["line-2", "open", "our-private", "old-stuff", "with-orion"]
    kept = await client.conversations_list(exclude_archived=True)
    assert "old-stuff" not in [c["name"] for c in kept["channels"]]
    await refused(client.conversations_list(types="everything"), "invalid_types")


async def test_a_channel_and_its_members(client: AsyncWebClient) -> None:
    shared = (await client.conversations_info(channel="C0SHARED", include_num_members=True))["channel"]
    assert shared["is_ext_shared"]
    assert shared["is_member"]
    assert shared["num_members"] == 3
    page = await client.conversations_members(channel="C0LINE2", limit=3)
    rest = await client.conversations_members(
        channel="C0LINE2", limit=3, cursor=page["response_metadata"]["next_cursor"]
    )
    assert page["members"] + rest["members"] == ["U0AMARA", "U0BEN", "U0BOT", "U0GRETA"]
    mine = await client.users_conversations(types="public_channel", exclude_archived=True)
    assert [c["id"] for c in mine["channels"]] == ["C0LINE2", "C0SHARED"]


async def test_joining_inviting_leaving(client: AsyncWebClient, person: Callable[[str], Person]) -> None:
    assert (await client.conversations_join(channel="C0OPEN"))["channel"]["is_member"]
    assert (await client.conversations_join(channel="C0OPEN"))["warning"] == "already_in_channel"
    await refused(client.conversations_join(channel="C0OLD"), "is_archived")
    await refused(client.conversations_join(channel="C0TEAM"), "method_not_supported_for_channel_type")
    await refused(client.conversations_join(channel="C0SECRET"), "channel_not_found")
    assert (await client.conversations_invite(channel="C0OPEN", users="U0BEN"))["ok"]
    await refused(client.conversations_invite(channel="C0OPEN", users="U0BEN"), "already_in_channel")
    await refused(client.conversations_invite(channel="C0OPEN", users="U0GONE"), "user_not_found")
    assert "C0OPEN" in [c["id"] for c in (await person("U0BEN").seen())["conversations"]]
    assert (await client.conversations_leave(channel="C0OPEN"))["ok"]
    assert (await client.conversations_leave(channel="C0OPEN"))["not_in_channel"]


async def test_opening_dms(client: AsyncWebClient, slack: Slack) -> None:
    opened = await client.conversations_open(users="U0AMARA")
    again = await client.conversations_open(users=["U0AMARA"], return_im=True)
    assert again["already_open"]
    assert again["channel"]["id"] == opened["channel"]["id"]
    assert again["channel"]["user"] == "U0AMARA"
    for user, code in [
        ("U0GONE", "user_disabled"),
        ("U0NONE", "user_not_found"),
        ("U0FAR", "user_not_visible"),
        ("U0BOT", "invalid_user_combination"),
        ("", "users_list_not_supplied"),
    ]:
        await refused(client.conversations_open(users=user), code)


async def test_people(client: AsyncWebClient) -> None:
    everyone = await client.users_list(limit=200, include_locale=True)
    by_id = {one["id"]: one for one in everyone["members"]}
    assert set(by_id) == {"U0AMARA", "U0BEN", "U0GRETA", "U0GONE", "U0BOT"}
    assert by_id["U0AMARA"]["locale"] == "pt-PT"
    assert by_id["U0AMARA"]["profile"]["email"] == "amara@northlight.example"
    assert by_id["U0GRETA"]["is_restricted"]
    assert by_id["U0GONE"]["deleted"]
    assert by_id["U0BOT"]["is_bot"]
    outsider = (await client.users_info(user="U0OUT", include_locale=True))["user"]
    assert outsider["is_stranger"]
    assert "locale" not in outsider
    assert outsider["team_id"] == "T0OUTSIDE"
    await refused(client.users_info(user="U0FAR"), "user_not_visible")
    await refused(client.users_info(user="U0NONE"), "user_not_found")
    found = await client.users_lookupByEmail(email="AMARA@northlight.example")
    assert found["user"]["id"] == "U0AMARA"
    await refused(client.users_lookupByEmail(email="no@where.example"), "users_not_found")
    profile = await client.users_profile_get(user="U0AMARA", include_labels=True)
    assert [f["label"] for f in profile["profile"]["fields"].values()] == ["Department"]


async def test_email_needs_its_own_scope(client: AsyncWebClient, slack: Slack) -> None:
    slack.store.grants["xoxb-test"].scopes -= {"users:read.email"}
    assert "email" not in (await client.users_info(user="U0AMARA"))["user"]["profile"]
    await refused(client.users_lookupByEmail(email="amara@northlight.example"), "missing_scope")


async def test_team_groups_and_do_not_disturb(client: AsyncWebClient) -> None:
    assert (await client.team_info())["team"]["domain"] == "northlight"
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [(g["handle"], g["users"]) for g in groups] == [("leads", ["U0BEN"])]
    assert (await client.usergroups_users_list(usergroup="S0LEADS"))["users"] == ["U0BEN"]
    assert (await client.dnd_info(user="U0BEN"))["dnd_enabled"]
    team = await client.dnd_teamInfo(users="U0BEN,U0AMARA")
    assert {u: d["dnd_enabled"] for u, d in team["users"].items()} == {"U0BEN": True, "U0AMARA": False}


async def test_reactions_pins_bookmarks(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0LINE2", text="x"))["ts"]
    await client.reactions_add(channel="C0LINE2", timestamp=ts, name="tada")
    await refused(client.reactions_add(channel="C0LINE2", timestamp=ts, name="tada"), "already_reacted")
    await refused(client.reactions_add(channel="C0LINE2", timestamp=ts, name="No Such"), "invalid_name")
    await refused(client.reactions_add(channel="C0LINE2", timestamp=ts, name="no_such_emoji"), "invalid_name")
    await refused(client.reactions_add(channel="C0LINE2", timestamp=ts, name="wave::skin-tone-7"), "invalid_name")
    await refused(client.reactions_add(channel="C0LINE2", timestamp="12.000001", name="tada"), "message_not_found")
    await refused(client.reactions_add(channel="C0LINE2", timestamp="soon", name="tada"), "bad_timestamp")
    shown = await client.reactions_get(channel="C0LINE2", timestamp=ts)
    assert shown["message"]["reactions"] == [{"name": "tada", "users": ["U0BOT"], "count": 1}]
    await client.reactions_remove(channel="C0LINE2", timestamp=ts, name="tada")
    await refused(client.reactions_remove(channel="C0LINE2", timestamp=ts, name="tada"), "no_reaction")
    await client.reactions_add(channel="C0LINE2", timestamp=ts, name="wave::skin-tone-6")
    await client.reactions_add(channel="C0LINE2", timestamp=ts, name="thumbsup")
    await refused(client.reactions_add(channel="C0LINE2", timestamp=ts, name="+1"), "already_reacted")
    await client.pins_add(channel="C0LINE2", timestamp=ts)
    await refused(client.pins_add(channel="C0LINE2", timestamp=ts), "already_pinned")
    await client.pins_remove(channel="C0LINE2", timestamp=ts)
    await refused(client.pins_remove(channel="C0LINE2", timestamp=ts), "no_pin")
    kept = await client.bookmarks_add(channel_id="C0LINE2", title="News", type="link", link="https://news.example")
    assert kept["bookmark"]["title"] == "News"
    bad = client.bookmarks_add(channel_id="C0LINE2", title="News", type="link", link="javascript:1")
    await refused(bad, "invalid_link")


async def test_reacting_needs_its_own_scopes(client: AsyncWebClient, slack: Slack) -> None:
    ts = (await client.chat_postMessage(channel="C0LINE2", text="x"))["ts"]
    slack.store.grants["xoxb-test"].scopes -= {"reactions:write", "reactions:read"}
    needed = await refused(client.reactions_add(channel="C0LINE2", timestamp=ts, name="tada"), "missing_scope")
    assert needed["needed"] == "reactions:write"
    await refused(client.reactions_remove(channel="C0LINE2", timestamp=ts, name="tada"), "missing_scope")
    needed = await refused(client.reactions_get(channel="C0LINE2", timestamp=ts), "missing_scope")
    assert needed["needed"] == "reactions:read"


async def test_another_workspace_is_another_world(slack: Slack, session: aiohttp.ClientSession) -> None:
    two = web_client(slack, session, "xoxb-two")
    assert (await two.auth_test())["team_id"] == "T0TWO"
    assert (await two.chat_postMessage(channel="C0ELSE", text="x"))["ok"]
    await refused(two.chat_postMessage(channel="C0LINE2", text="x"), "channel_not_found")
