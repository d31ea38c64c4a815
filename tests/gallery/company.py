"""Customers and the people who look after Canteen."""

from dataclasses import replace

from bot.features.customers import blocks as customers
from bot.features.customers.rules import Made, Shown, Users, for_outside
from bot.features.members import blocks as members
from bot.features.members.rules import RoleChange
from bot.features.questions.blocks import ask_button
from tests.gallery.sample import CLARA, HALDEN, KESTRELANE, LINE_2, LUIZA, MANY, ORION, PB_7, SANKT_ELIN, SHOWN
from tests.gallery.shelf import Shelf

COMMANDS = (
    "`find NAME`: who this customer is, and what they use of ours",
    "`ask NAME`: ask the account manager something about this customer",
)


def show(shelf: Shelf) -> None:
    _card(shelf)
    shelf.show("several", customers.candidates_message, "or", (ORION, HALDEN, SANKT_ELIN))
    shelf.show("nothing alike", customers.nothing_found, "Zebra")
    shelf.show("something alike", customers.nothing_found, "Orin", (ORION,))
    shelf.show("removed", customers.gone)
    shelf.show("no name typed", customers.which_name)
    shelf.part(
        "one product", customers.team_products, LINE_2.name, (PB_7,), {PB_7.id: Users(first=(ORION, HALDEN), count=2)}
    )
    shelf.part("many products", customers.team_products, LINE_2.name, MANY, {})
    shelf.part(
        "many customers", customers.team_products, LINE_2.name, (PB_7,), {PB_7.id: Users(first=(ORION,) * 5, count=9)}
    )
    shelf.part("one", customers.naming, 1, (HALDEN,))
    shelf.part("many", customers.naming, 12, (HALDEN, SANKT_ELIN))
    _members(shelf)


def _card(shelf: Shelf) -> None:
    ask = (ask_button,)
    shelf.show("member", customers.card_message, SHOWN, ask)
    outside = Shown(customer=for_outside(ORION), made=(Made(product=PB_7),), inside=False)
    shelf.show("guest", customers.card_message, outside)
    shelf.show("confidential", customers.card_message, Shown(customer=KESTRELANE, manager="Sam Whitaker"), ask)
    not_named = replace(SHOWN, customer=replace(ORION, may_be_named=None))
    shelf.show("not yet named", customers.card_message, not_named, ask)
    shelf.show(
        "name only", customers.card_message, Shown(customer=replace(KESTRELANE, confidential=False), inside=False)
    )


def _members(shelf: Shelf) -> None:
    shelf.show("asked for", members.help_message, "/customer", COMMANDS)
    shelf.show("not understood", members.help_message, "/customer", COMMANDS, unknown="fnd", close=("find",))
    shelf.show("two admins", members.not_admin, (CLARA, LUIZA))
    shelf.show("no admin yet", members.not_admin, ())
    shelf.show("another company", members.not_for_you)
    shelf.show("unreadable", members.not_understood)
    shelf.show("window not opened", members.too_slow)
    shelf.show("some", members.roles_view, admins=("U0CLARA",), editors=("U0LUIZA",))
    shelf.show("no editors", members.roles_view, admins=("U0CLARA",), editors=())
    shelf.part("some", members.people_section, admins=("U0CLARA",), editors=("U0LUIZA",))
    shelf.part("no editors", members.people_section, admins=("U0CLARA",), editors=())
    for change in (RoleChange.LAST_ADMIN, RoleChange.NOT_A_MEMBER):
        shelf.said(change.value, members.roles_error, change)
