"""What people get and how often, who looks after a customer, and what admins change of both."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.features.customers import blocks as customers
from bot.features.customers import change_form
from bot.features.customers.rules import Imported
from bot.features.home import blocks as home
from bot.features.members import blocks, forget_blocks, trail_blocks, wish_blocks, wishes
from bot.features.members.rules import WEEKLY, Entry, Page, Person
from bot.slack import kit
from tests.gallery.sample import HALDEN, NOW, ORION, WS
from tests.gallery.shelf import Shelf

AMARA = Person(workspace_id=WS, user_id="U0AMARA", name="Amara Okafor", zone="Europe/Lisbon", locale="en-GB")
LATE_SHIFT = replace(
    AMARA, quiet_from=time(23), quiet_until=time(14), quiet_days=frozenset({5, 6}), dm_every=WEEKLY, shows_name=True
)
PAUSED = replace(AMARA, paused_until=datetime(2026, 12, 8, 9, 0, tzinfo=UTC), own_locale="pt-BR", locale="pt-BR")
AWAY = replace(AMARA, absent_from=date(2026, 12, 20), absent_until=date(2027, 1, 3), quiet_from=time(8))
STOPPED = replace(AMARA, stopped_at=NOW, absent_until=date(2026, 12, 1))


LAST_IMPORTS = (
    Imported(what="customers", at=NOW, file_name="crm.csv", added=3, changed=12, unchanged=400, refused=2),
    Imported(what="teams", at=NOW, file_name="teams.csv", added=4, changed=0, unchanged=0, refused=0),
)


def show(shelf: Shelf) -> None:
    for state, person in (
        ("as it comes", AMARA),
        ("a late shift, once a week", LATE_SHIFT),
        ("paused, another language", PAUSED),
        ("away, no quiet hours", AWAY),
        ("stopped", STOPPED),
        ("quiet on some days only", replace(LATE_SHIFT, quiet_from=time(8), quiet_until=time(8))),
        ("away with an open end", replace(AMARA, absent_from=date(2026, 12, 20))),
    ):
        shelf.part(state, wish_blocks.section, person, NOW)
    _pressed(shelf)
    _window(shelf)
    _roles(shelf)
    _customer(shelf)
    _admins(shelf)
    _trail(shelf)
    _forgetting(shelf)


def _forgetting(shelf: Shelf) -> None:
    clara = replace(AMARA, user_id="U0CLARA", name="Clara Berg")
    shelf.show("admins were told", forget_blocks.asked, [clara, AMARA])
    shelf.show("the one admin was told", forget_blocks.asked, [clara])
    shelf.show("no admin yet", forget_blocks.asked, [])
    shelf.show("what an admin reads", forget_blocks.to_admin, AMARA)


def _pressed(shelf: Shelf) -> None:
    shelf.show("pressed, or pressed again", wish_blocks.less_said)
    shelf.show("back again", wish_blocks.daily_said)
    shelf.show("two weeks", wish_blocks.paused_said, NOW + timedelta(weeks=2))
    shelf.show("for good", wish_blocks.stopped_said)
    shelf.show("after a pause", wish_blocks.resumed_said, AMARA, NOW)
    shelf.show("just seen for the first time", wish_blocks.not_known_yet)


def _window(shelf: Shelf) -> None:
    shelf.show("as it comes", wish_blocks.form, AMARA, NOW)
    shelf.show("everything chosen", wish_blocks.form, replace(LATE_SHIFT, own_locale="pt-BR"), NOW)
    shelf.show("paused", wish_blocks.form, PAUSED, NOW)
    shelf.show("typed something else", wish_blocks.form, STOPPED, NOW, not_understood="the cows <!here> come home")
    for problem in (wishes.PASSED, wishes.TOO_LATE, wishes.BOTH, wishes.ALL_WEEK, wishes.UNKNOWN, wishes.BACKWARDS):
        shelf.said(problem, wish_blocks.error, problem)


def _roles(shelf: Shelf) -> None:
    owners = [("C0LINE2", ("U0CLARA", "U0LUIZA")), ("C0NEWS", ())]
    shelf.show("owners of channels", blocks.roles_view, admins=("U0CLARA",), editors=("U0LUIZA",), owners=owners)


def _customer(shelf: Shelf) -> None:
    looked_after = replace(ORION, account_manager="U0SAM", deputy="U0VERA", max_adopters=5, news_every_days=14)
    shelf.show("looked after", change_form.view, looked_after, given={}, every=21)
    unknown = {"account_manager": "sam.whitaker@northlight.example"}
    shelf.show("nobody yet", change_form.view, replace(HALDEN, adoptable=False), given=unknown, every=21)
    shelf.show("with a deputy", change_form.saved, looked_after)
    shelf.show("nobody", change_form.saved, HALDEN)
    shelf.show("removed meanwhile", change_form.gone)
    shelf.show("several", change_form.candidates, "or", (ORION, HALDEN))
    shelf.show("none", change_form.candidates, "zebra", ())
    shelf.part("many", change_form.section, 420)
    for problem in (
        change_form.NOT_A_MEMBER,
        change_form.SAME,
        change_form.NOT_A_NUMBER,
        change_form.NOT_DAYS,
    ):
        shelf.said(problem, change_form.error, problem)
    shelf.part("with deputies", customers.away, count=12, deputies=("U0VERA", "U0LUIZA"), alone=3)
    shelf.part("alone", customers.away, count=1, deputies=(), alone=1)


def _admins(shelf: Shelf) -> None:
    shelf.part("two kinds", customers.imports, LAST_IMPORTS)
    shelf.part("none yet", customers.imports, ())
    shelf.part("some", home.trouble, uncertain=2, failed=5, days=7)
    some = [kit.section("*Orion*: last news <!date^1763974800^{date_short}|24 Nov 2026>")]
    shelf.show("one customer", home.mine, some)
    shelf.show("more than a message holds", home.mine, some * 60)
    shelf.show("none yet", home.mine, [])
    shelf.part("one", home.trouble, uncertain=1, failed=0, days=7)


def _trail(shelf: Shelf) -> None:
    names = {"orion": "Orion", "halden": "Halden", "trenvista": "Trenvista", "kestrelane": "Kestrelane & Söhne"}
    entries = _entries(
        ("U0CLARA", "admin", "role.given", "U0LUIZA", {"role": "editor"}),
        ("U0LUIZA", "editor", "draft.approve", "5f0c2a4b7d9e1f3a5b7c9d1e", {}),
        ("U0SAM", "account_manager", "adoption.ended.manager", "orion", {}),
        ("U0AMARA", "member", "refused", "set_up_channel", {}),
        ("command line", "cli", "channel.pause", "C0LINE2", {}),
        ("Clara's laptop", "cli", "customer.naming", "customers", {"count": 14}),
        ("slack", "canteen", "channel.trouble", "C0NEWS", {"error": "is_archived"}),
        ("canteen", "canteen", "hat.drawn", "6f1c0a2b9d3e4f5a6b7c8d9e", {}),
        ("U0CLARA", None, "quiz.scores", WS, {}),
        ("U0CLARA", "admin,editor", "something.new", "C0LINE2", {}),
    )
    concerning = _entries(
        ("U0LUIZA", "editor", "story.recall", "5f0c2a4b7d9e1f3a5b7c9d1e", {}, "orion", "C0LINE2", "C0NEWS"),
        ("U0SAM", "account_manager", "update.sent", "orion", {}, "C0LINE2"),
        ("U0LUIZA", "editor", "draft.approve", "5f0c2a4b7d9e1f3a5b7c9d1e", {}, "orion", "C0LINE2"),
        ("U0LUIZA", "editor", "channel.plan", "C0LINE2", {}, "orion"),
        ("U0AMARA", "member", "refused", "write_update", {}, "orion"),
        ("U0CLARA", "admin", "customer.naming", "customers", {"count": 14}, "halden", "orion"),
        ("canteen", "canteen", "hat.drawn", "6f1c0a2b9d3e4f5a6b7c8d9e", {}, "C0LINE2", *names),
        ("U0LUIZA", "editor", "quiz.withdraw", "6f1c0a2b9d3e4f5a6b7c8d9e", {}, "C0LINE2", "C0NEWS", "erased-1"),
    )
    shelf.show("empty", trail_blocks.trail, Page(entries=()), {})
    shelf.show("one page", trail_blocks.trail, Page(entries=entries[:4]), names)
    shelf.show("a page in the middle", trail_blocks.trail, Page(entries=entries, newer=True, older=True), names)
    shelf.show("what concerns several", trail_blocks.trail, Page(entries=concerning, older=True), names)
    shelf.show("of one's own", trail_blocks.trail, Page(entries=concerning[:6]), names, of_theirs=True)
    shelf.part("for owners and account managers", trail_blocks.section)
    shelf.show("no admin any more", trail_blocks.trail_closed, [replace(AMARA, user_id="U0CLARA", name="Clara Berg")])


def _entries(*rows: tuple[Any, ...]) -> list[Entry]:
    return [
        Entry(
            id=f"{number:024x}",
            at=NOW - timedelta(hours=number),
            actor=actor,
            role=role,
            action=action,
            subject=subject,
            detail=detail,
            about=tuple(about),
        )
        for number, (actor, role, action, subject, detail, *about) in enumerate(rows)
    ]
