"""Files that somebody asked for."""

from datetime import timedelta

from bot.features.exports import blocks
from bot.features.exports.rules import CUSTOMER, OWN, TOTALS, Asked
from tests.gallery.sample import HALDEN, NOW, ORION
from tests.gallery.shelf import Shelf


def show(shelf: Shelf) -> None:
    for what, name in ((OWN, ""), (CUSTOMER, "Órion <!here> & Söhne"), (TOTALS, "")):
        shelf.show(f"the file: {what}", blocks.handed_over, what, day=NOW.date(), customer=name)
        shelf.show(f"not made: {what}", blocks.not_sent, what, too_large=False)
    shelf.show("too much for one file", blocks.not_sent, OWN, too_large=True)
    shelf.said("asked for", blocks.answer, Asked())
    shelf.said("asked for twice", blocks.answer, Asked(before=NOW - timedelta(minutes=2)))
    shelf.said("had it already", blocks.answer, Asked(before=NOW - timedelta(minutes=40), sent=True))
    shelf.show("what it says in a window", blocks.window, "It is on its way to your messages with Canteen.")
    shelf.said("somebody else's customer", blocks.not_yours)
    shelf.said("no totals for them", blocks.no_totals)
    shelf.part("for an account manager", blocks.customers_section, [ORION, HALDEN])
    shelf.part("for one with very many", blocks.customers_section, [ORION] * 101)
    shelf.part("for editors and admins", blocks.totals_section, all_channels=True)
    shelf.part("for owners", blocks.totals_section, all_channels=False)
