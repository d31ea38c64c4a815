"""The audit trail: page by page, by key, and for admins only."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.edge import Edge
from bot.features.members import blocks, handlers, rules, service, trail, trail_blocks
from bot.features.members.service import ADMIN
from bot.features.members.trail import Wanted
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, WS, user, workspace


async def _names(session: Any, ws: str, ids: Collection[str]) -> dict[str, str]:
    return {one: "Orion <Home>" for one in ids if one == "cust1"}


async def _filled(sessions: Sessions, new_id: NewId, number: int) -> None:
    """`number` entries, three of each moment, the oldest first."""
    async with sessions.begin() as session:
        await workspace(session)
        await workspace(session, "T0OTHER")
        await service.save(session, WS, [user("U0CLARA"), user("U0AMARA")], NOW)
        await service.bootstrap_admins(session, WS, ["U0CLARA"], NOW)
        for one in range(number):
            for ws in (WS, "T0OTHER"):
                await service.audit(
                    session,
                    new_id=new_id,
                    now=NOW + timedelta(minutes=one // 3),
                    ws=ws,
                    actor="U0CLARA" if one % 2 else "command line",
                    action="customer.changed" if one % 5 else "channel.add",
                    subject="cust1" if one % 5 else "C0LINE2",
                )


async def test_pages_follow_one_another_though_many_have_one_moment(sessions: Sessions, new_id: NewId) -> None:
    await _filled(sessions, new_id, 25)
    async with sessions.begin() as session:
        first = await trail.page(session, WS)
        second = await trail.page(session, WS, older_than=first.entries[-1].id)
        last = await trail.page(session, WS, older_than=second.entries[-1].id)
        again = await trail.page(session, WS, newer_than=last.entries[0].id)
        top = await trail.page(session, WS, newer_than=second.entries[0].id)
        foreign = await trail.page(session, "T0OTHER", older_than=first.entries[-1].id)
        wanted = Wanted(by="U0CLARA", action="customer.", since=NOW + timedelta(minutes=4))
        some = await trail.listed(session, WS, wanted, before=first.entries[0], limit=3)
    everything = [*first.entries, *second.entries, *last.entries]
    assert len({one.id for one in everything}) == 25
    assert everything == sorted(everything, key=lambda one: (one.at, one.id), reverse=True)
    assert [(one.newer, one.older) for one in (first, second, last)] == [(False, True), (True, True), (True, False)]
    assert (again, top) == (trail.Page(entries=second.entries, newer=True, older=True), first)
    assert not {one.id for one in foreign.entries} & {one.id for one in everything}
    assert {one.role for one in everything} == {"admin", "cli"}
    chosen = [one for one in everything[1:] if one.actor == "U0CLARA" and one.action == "customer.changed"]
    assert list(some.entries) == [one for one in chosen if one.at >= NOW + timedelta(minutes=4)][:3]


@pytest.mark.parametrize(
    ("kind", "roles", "manages", "said"),
    [
        ("member", (), False, "member"),
        ("member", ("editor", "admin"), True, "admin,editor,account_manager"),
        ("guest", ("admin",), False, "guest"),
    ],
)
def test_the_roles_in_which_somebody_acts(kind: str, roles: tuple[str, ...], manages: bool, said: str) -> None:
    assert rules.acting_as(kind, roles, manages=manages) == said


def _said(gateway: RecordingGateway) -> list[str]:
    return [block["text"]["text"] for block in gateway.views[-1].blocks if block["type"] == "section"]


def _buttons(gateway: RecordingGateway) -> dict[str, str]:
    rows = [block["elements"] for block in gateway.views[-1].blocks if block["type"] == "actions"]
    return {button["action_id"]: button["value"] for row in rows for button in row}


async def test_an_admin_turns_pages_and_who_is_one_no_longer_may_not(
    slack: Slack, edge: Edge, sessions: Sessions, gateway: RecordingGateway, new_id: NewId
) -> None:
    handlers.register(slack.app, edge, commands=[], customer_names=_names)
    await _filled(sessions, new_id, 12)
    await slack.press("U0CLARA", blocks.TRAIL)
    assert gateway.calls[-1][1] == "views.open"
    assert len(_said(gateway)) == 10
    assert "<@U0CLARA> (admin)\nchanged a customer: Orion &lt;Home&gt;" in _said(gateway)[0]
    assert list(_buttons(gateway)) == [trail_blocks.OLDER]
    await slack.press("U0CLARA", trail_blocks.OLDER, value=_buttons(gateway)[trail_blocks.OLDER])
    assert gateway.calls[-1][1] == "views.update"
    assert len(_said(gateway)) == 2
    assert "· the command line\nset up a channel: <#C0LINE2>" in _said(gateway)[1]
    newer = _buttons(gateway)
    assert list(newer) == [trail_blocks.NEWER]
    async with sessions.begin() as session:
        await service.bootstrap_admins(session, WS, ["U0AMARA"], NOW)
        await service.change_role(session, WS, "U0CLARA", ADMIN, give=False, by="U0AMARA", now=NOW, new_id=new_id)
    await slack.press("U0CLARA", trail_blocks.NEWER, value=newer[trail_blocks.NEWER])
    assert _said(gateway) == ["Only admins of Canteen can do this. Please ask <@U0AMARA>."]
    async with sessions.begin() as session:
        refused = await trail.listed(session, WS, Wanted(action="refused"), before=None, limit=5)
    assert [(one.actor, one.subject, one.role) for one in refused.entries] == [("U0CLARA", "read_audit", "member")]
