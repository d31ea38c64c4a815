"""What an owner of a channel may do there, and nowhere else; what editors may; what guests may not."""

from datetime import time, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import AuditEntry
from bot.features.channels import blocks, form, handlers, owed, service
from bot.features.channels.rules import Defaults
from bot.features.edge import Edge
from bot.features.home.seams import Viewer
from bot.features.members import handlers as members_handlers
from bot.features.members import service as members
from bot.slack import kit
from bot.slack.words import Words
from tests.doubles import RecordingGateway
from tests.features.channels.act import filled, menu, offered, only_times, press, submit, text_of, valid
from tests.features.channels.kinds import ADMIN, LINE2, WS, FakeKind, channel, company, wish
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, user

OWNER, OTHER = "U0OWEN", "C0OTHER"
MODAL = {"id": "V1", "type": "modal", "state": {"values": {}}}


@pytest.fixture
def kinds() -> dict[str, FakeKind]:
    return {name: FakeKind(name=name) for name in ("story", "news", "quiz")}


@pytest.fixture
def homes() -> list[str]:
    """Whose Home was shown anew."""
    return []


@pytest.fixture
async def owned(
    slack: Slack,
    edge: Edge,
    sessions: Sessions,
    gateway: RecordingGateway,
    new_id: NewId,
    kinds: dict[str, FakeKind],
    homes: list[str],
) -> dict[str, FakeKind]:
    """#line2 belongs to Owen; #other to nobody but the admin who added it."""

    async def refresh_home(session: Any, ws: str, user: str) -> None:
        homes.append(user)

    def extra(words: Words, channel_id: str) -> kit.Element:
        return kit.button("Pulse", action="pulse:results", value=channel_id)

    words = handlers.register(
        slack.app, edge, kinds=kinds, defaults=Defaults(), refresh_home=refresh_home, others=[extra]
    )
    members_handlers.register(slack.app, edge, commands=words)
    gateway.answers["conversations.info"] = {"channel": {"id": LINE2, "name": "line-2", "is_member": True}}
    gateway.answers["conversations.members"] = {"members": ["U0AMARA"]}
    async with sessions.begin() as session:
        await company(session)
        await members.save(session, WS, [{**user(OWNER, name="Owen", tz="UTC", locale="en-GB"), "team_id": WS}], NOW)
        await channel(session, new_id, wish(owners=frozenset({OWNER}), locale="pt-PT", guests_answer=True))
        await channel(session, new_id, wish(OTHER))
    return kinds


async def now_is(sessions: Sessions, channel_id: str = LINE2) -> service.Channel:
    async with sessions.begin() as session:
        found = await service.get(session, WS, channel_id)
    assert found is not None
    return found


async def refusals(sessions: Sessions) -> list[str]:
    async with sessions.begin() as session:
        return list(await session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "refused")))


async def posts(sessions: Sessions) -> list[str]:
    async with sessions.begin() as session:
        return list(await session.scalars(select(Delivery.target).where(Delivery.kind == "stories.post")))


async def test_owns_means_named_or_where_nobody_is_named_whoever_added_it(
    owned: dict[str, FakeKind], sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        assert await service.owns(session, WS, LINE2, OWNER)
        assert not await service.owns(session, WS, LINE2, ADMIN)
        assert await service.owns(session, WS, OTHER, ADMIN)
        assert not await service.owns(session, WS, OTHER, OWNER)
        assert not await service.owns(session, WS, "C0NOWHERE", ADMIN)
        assert [one.channel_id for one in await service.owned_by(session, WS, OWNER)] == [LINE2]
        assert [one.channel_id for one in await service.owned_by(session, WS, ADMIN)] == [OTHER]
        assert await service.owners_of(session, WS, LINE2) == [OWNER]


async def test_an_owner_pauses_and_resumes_their_channel_and_no_other(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions
) -> None:
    await menu(slack, "pause", user=OWNER, at="1.0")
    assert (await now_is(sessions)).state == "paused"
    await menu(slack, "resume", user=OWNER, at="2.0")
    assert (await now_is(sessions)).state == "active"
    assert await refusals(sessions) == []
    await menu(slack, "pause", user=OWNER, channel=OTHER, at="3.0")
    assert (await now_is(sessions, OTHER)).state == "active"
    assert await refusals(sessions) == ["pause_channel"]


async def test_an_owner_changes_the_times_and_everything_else_stays(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await menu(slack, "edit", user=OWNER)
    shown = text_of(valid(gateway.views[-1]))
    assert form.days_block("quiz") in shown
    assert form.ZONE_BLOCK not in [block.get("block_id") for block in gateway.views[-1].blocks]
    answer = await submit(slack, form.SAVE, only_times(days=(4,), at="08:30"), user=OWNER, private=LINE2)
    assert "Saved" in text_of(answer["view"])
    found = await now_is(sessions)
    assert [(slot.weekday, slot.at) for slot in found.slots] == [(4, time(8, 30))]
    assert (found.locale, found.owners, found.guests_answer) == ("pt-PT", frozenset({OWNER}), True)


async def test_an_owner_who_sends_the_whole_form_changes_nothing(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions
) -> None:
    """G1: rights are read at submit, whatever the window was."""
    before = await now_is(sessions)
    answer = await submit(slack, form.SAVE, filled("", owners=("U0AMARA",)), user=OWNER, private=LINE2)
    assert "submit" not in answer["view"]
    again = await submit(slack, form.SAVE, only_times(days=(5,)), user=OWNER, private=OTHER, view_id="V2")
    assert "submit" not in again["view"]
    added = await submit(slack, form.SAVE, only_times(days=(5,)), user=OWNER, view_id="V3")
    assert "submit" not in added["view"]
    assert await now_is(sessions) == before
    assert await refusals(sessions) == ["set_up_channel", "change_slot", "set_up_channel"]


async def test_a_whole_form_without_its_zone_is_not_taken_for_a_new_channel(
    owned: dict[str, FakeKind], slack: Slack
) -> None:
    answer = await submit(slack, form.SAVE, only_times())
    assert set(answer["errors"]) >= {form.CHANNEL_BLOCK, form.ZONE_BLOCK}


async def test_an_owner_posts_a_quiz_at_once_and_a_repeat_posts_no_second(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await menu(slack, "more", user=OWNER)
    more = text_of(valid(gateway.views[-1]))
    assert f'"value": "quiz:{LINE2}"' in more
    assert '"action_id": "pulse:results"' in more
    assert "Remove" not in more
    for _ in range(2):
        await press(slack, blocks.POST_NOW, option=f"quiz:{LINE2}", kind="static_select", user=OWNER, view=MODAL)
        assert "on its way to <#C0LINE2>" in text_of(valid(gateway.views[-1]))
    assert [due.kind for _, due in owned["quiz"].filled] == ["quiz"]
    assert await posts(sessions) == [LINE2]


async def test_nobody_posts_in_a_channel_that_is_not_theirs(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions
) -> None:
    for number, someone in enumerate((OWNER, "U0AMARA", "U0GUEST")):
        await press(slack, blocks.POST_NOW, option=f"story:{OTHER}", user=someone, view=MODAL, at=f"{number}.0")
    assert await posts(sessions) == []
    assert await refusals(sessions) == ["post_now"] * 3


@pytest.mark.parametrize(
    ("option", "says"),
    [(f"riddle:{LINE2}", "not available"), ("story:C0NOWHERE", "not set up any more"), ("", "not set up any more")],
)
async def test_what_cannot_be_posted_says_why(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions, gateway: RecordingGateway, option: str, says: str
) -> None:
    await press(slack, blocks.POST_NOW, option=option, view=MODAL)
    assert says in text_of(valid(gateway.views[-1]))
    assert await posts(sessions) == []


async def test_an_owner_sees_their_channel_on_home_and_by_command_and_search(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions, edge: Edge
) -> None:
    section = owed.SetupSection(owned, Defaults())
    async with sessions.begin() as session:
        mine = await section.render(session, viewer(OWNER), Words())
        nothing = await section.render(session, viewer("U0AMARA"), Words())
        guest = await section.render(session, viewer("U0GUEST", guest=True), Words())
    assert "<#C0LINE2>" in str(mine)
    assert OTHER not in str(mine)
    assert blocks.ADD not in str(mine)
    assert (list(nothing), list(guest)) == ([], [])
    assert [one["value"] for one in await offered(slack, blocks.FIND, "", user=OWNER)] == [LINE2]
    assert len(await offered(slack, blocks.FIND, "", user=ADMIN)) == 2
    assert await offered(slack, blocks.FIND, "", user="U0AMARA") == []


def viewer(user_id: str, *, guest: bool = False) -> Viewer:
    return Viewer(workspace_id=WS, user_id=user_id, team_id=None, roles=frozenset(), guest=guest)


@pytest.mark.parametrize("nobody", ["U0GUEST", "U0UNKNOWN", "not an id"])
async def test_only_members_can_be_named_owners(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions, nobody: str
) -> None:
    answer = await submit(slack, form.SAVE, filled("", owners=("U0AMARA", nobody)), private=LINE2)
    assert "Only members" in answer["errors"][form.OWNERS_BLOCK]
    assert (await now_is(sessions)).owners == {OWNER}


async def test_an_admin_sets_owners_window_guests_and_pulse_and_sees_them_again(
    owned: dict[str, FakeKind], slack: Slack, sessions: Sessions, gateway: RecordingGateway, homes: list[str]
) -> None:
    values = filled("", owners=("U0AMARA", OWNER), window="480", answer=True, pulse=False)
    await submit(slack, form.SAVE, values, private=LINE2)
    assert homes == [ADMIN, "U0AMARA", OWNER]
    found = await now_is(sessions)
    assert (found.owners, found.quiz_window) == (frozenset({"U0AMARA", OWNER}), timedelta(hours=8))
    assert (found.guests_answer, found.pulse_off, found.guests_see_internal) == (True, True, False)
    async with sessions.begin() as session:
        place = await service.audience(session, WS, LINE2)
    assert place is not None
    assert (place.quiz_window, place.guests_answer) == (timedelta(hours=8), True)
    await menu(slack, "edit")
    shown = text_of(valid(gateway.views[-1]))
    assert '"initial_users": ["U0AMARA", "U0OWEN"]' in shown
    assert '"text": "8 hours", "emoji": true}, "value": "480"' in shown


async def test_a_channel_whose_owners_have_left_tells_who_added_it(
    owned: dict[str, FakeKind], sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        gone = {**user(OWNER, name="Owen"), "team_id": WS, "deleted": True}
        await members.save(session, WS, [gone], NOW)
        assert await service.owners_of(session, WS, LINE2) == [ADMIN]


async def test_the_menu_of_an_editor_offers_what_editors_may(
    owned: dict[str, FakeKind], slack: Slack, gateway: RecordingGateway, sessions: Sessions, new_id: NewId
) -> None:
    async with sessions.begin() as session:
        await members.change_role(session, WS, "U0EDITOR", "editor", give=True, by=ADMIN, now=NOW, new_id=new_id)
        offer = owed.offer_of(partial(members.able, await members.get(session, WS, "U0EDITOR")))
        made, total, _ = await owed.menu(session, WS, owned, Defaults(), Words(), NOW, offer=offer)
    assert total == 2
    assert blocks.ADD not in str(made)
    assert blocks.STOP in str(made)
    await menu(slack, "edit", user="U0EDITOR")
    assert form.ZONE_BLOCK not in [block.get("block_id") for block in gateway.views[-1].blocks]
