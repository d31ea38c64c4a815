"""The audit trail: page by page, by key; all of it for admins, and of things for whoever looks after them."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.edge import Edge
from bot.features.members import blocks, handlers, rules, service, trail, trail_blocks
from bot.features.members.seams import Theirs
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


async def _about(sessions: Sessions, new_id: NewId, given: Sequence[tuple[str, tuple[str | None, ...]]]) -> None:
    """Entries, the oldest first, three of each moment: subject, and what each concerns besides. Of the first twelve
    most are months old, and some years."""
    async with sessions.begin() as session:
        await workspace(session)
        await workspace(session, "T0OTHER")
        for number, (subject, about) in enumerate(given):
            ago = timedelta(days=700 if number < 3 else 90 if number < 12 else 0)
            for ws in (WS, "T0OTHER"):
                await service.audit(
                    session,
                    new_id=new_id,
                    now=NOW - ago + timedelta(minutes=number // 3),
                    ws=ws,
                    actor="U0CLARA" if number % 2 else "canteen",
                    action="story.recall" if number % 5 else "draft.approve",
                    subject=subject,
                    about=about,
                )


async def test_of_some_things_the_newest_come_page_by_page_and_each_once(sessions: Sessions, new_id: NewId) -> None:
    """Of many things, most with nothing; the oldest entries far older than the others."""
    theirs = frozenset({"cust1", "cust2", "C0LINE2", *(f"cust{number}" for number in range(100, 230))})
    kinds: list[tuple[str, tuple[str | None, ...]]] = [
        ("story1", ("cust1", "cust2", "C0LINE2")),
        ("cust1", ("cust1", "C0LINE2", None)),
        ("story2", ("cust9", "C0NEWS")),
        ("C0LINE2", ()),
        ("story3", ("cust9", "C0LINE2")),
        ("refused", ()),
    ]
    await _about(sessions, new_id, kinds * 6 + [("draft1", ("cust229",))])
    async with sessions.begin() as session:
        everything = (await trail.listed(session, WS, Wanted(), before=None, limit=100)).entries
        pages = [await trail.page(session, WS, about=theirs)]
        while pages[-1].older:
            pages.append(await trail.page(session, WS, about=theirs, older_than=pages[-1].entries[-1].id))
        back = await trail.page(session, WS, about=theirs, newer_than=pages[2].entries[0].id)
        nothing = await trail.page(session, WS, about=frozenset())
        wanted = Wanted(about=theirs, by="U0CLARA", action="story.", since=NOW + timedelta(minutes=2))
        some = await trail.listed(session, WS, wanted, before=everything[3], limit=3)
        owned = await trail.page(session, WS, about=frozenset({"C0LINE2"}))
    concerning = [one for one in everything if theirs & {one.subject, *one.about}]
    shown = [one for page in pages for one in page.entries]
    assert [one.id for one in shown] == [one.id for one in concerning]
    assert [len(page.entries) for page in pages] == [10, 10, 5]
    assert back == pages[1]
    assert {one.about for one in shown if one.subject == "story1"} == {("C0LINE2", "cust1", "cust2")}
    assert {one.about for one in shown if one.subject == "story3"} == {("C0LINE2",)}  # cust9 is somebody else's
    assert {one.about for one in shown if one.subject == "cust1"} == {("C0LINE2",)}
    assert {one.about for one in owned.entries} == {("C0LINE2",), ()}
    assert nothing.entries == []
    chosen = [one for one in concerning if one.actor == "U0CLARA" and one.action == "story.recall"]
    assert [one.id for one in some.entries] == [
        one.id
        for one in chosen
        if one.at >= NOW + timedelta(minutes=2) and (one.at, one.id) < (everything[3].at, everything[3].id)
    ][:3]


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


async def test_whoever_looks_after_some_reads_of_these_and_of_nobody_elses_customer(
    slack: Slack, edge: Edge, sessions: Sessions, gateway: RecordingGateway, new_id: NewId
) -> None:
    theirs = {"U0AMARA": Theirs(customers=["cust1"], channels=["C0LINE2"]), "U0CLARA": Theirs(channels=["C0LINE2"])}

    async def things_of(_session: Any, _ws: str, user: str) -> Theirs:
        return theirs[user]

    async def names(_session: Any, _ws: str, ids: Collection[str]) -> dict[str, str]:
        return {one: f"Name of {one}" for one in ids if one.startswith("cust")}

    handlers.register(slack.app, edge, commands=[], customer_names=names, things_of=things_of)
    given: list[tuple[str, tuple[str | None, ...]]] = [("story1", ("cust1", "C0LINE2")), ("cust9", ("C0LINE2",))]
    await _about(sessions, new_id, [*given * 6, ("story2", ("cust9",))])
    await slack.press("U0AMARA", blocks.TRAIL)
    assert [one.partition("\n")[2] for one in _said(gateway)][:2] == [
        "took a story back: <#C0LINE2>",
        "approved a draft: Name of cust1 and <#C0LINE2>",
    ]
    await slack.press("U0AMARA", trail_blocks.OLDER, value=_buttons(gateway)[trail_blocks.OLDER])
    assert len(_said(gateway)) == 2
    back = _buttons(gateway)[trail_blocks.NEWER]
    await slack.press("U0CLARA", blocks.TRAIL)
    assert len(_said(gateway)) == 10
    assert "Name of" not in str(_said(gateway))
    theirs["U0AMARA"] = Theirs()
    await slack.press("U0AMARA", trail_blocks.NEWER, value=back)
    assert "Only admins" in _said(gateway)[0]


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
