"""Updates: the command's answers, the window, what adopters and channels get, the receipt, exchanges, reminders."""

from dataclasses import replace
from datetime import timedelta

from bot.features.questions.blocks import Shared
from bot.features.questions.rules import Gone
from bot.features.questions.rules import Refusal as AskRefusal
from bot.features.updates import asking, blocks, lists, windows
from bot.features.updates.blocks import Item, Placed, Receipt
from bot.features.updates.exchanges import blocks as exchange_blocks
from bot.features.updates.exchanges import rules as exchange_rules
from bot.features.updates.exchanges.blocks import Hold, Said
from bot.features.updates.exchanges.rules import Note, Offered
from bot.features.updates.lists import Recent
from bot.features.updates.opening import Mine, Opening
from bot.features.updates.recalls import blocks as recall_blocks
from bot.features.updates.recalls.blocks import InChannels
from bot.features.updates.recalls.rules import Reach, Recalled
from bot.features.updates.reminders import blocks as remind_blocks
from bot.features.updates.reminders.blocks import Row, Taken
from bot.features.updates.rules import Barred, Form, Problem, Tally, Update
from bot.features.updates.windows import Shown
from bot.features.updates.writing import Allowed, Refusal
from tests.gallery.sample import HALDEN, KESTRELANE, NOW, ORION, PHOTO, WS
from tests.gallery.shelf import Shelf

TEXT = "They doubled the spring order on Friday: 4,000 boards instead of 2,000, from March on. The line is booked."
UPDATE = Update(
    workspace_id=WS,
    id="u-1",
    customer_id=ORION.id,
    author="U0SAM",
    kind="win",
    headline="Orion doubles its spring order",
    text=TEXT,
    link="https://orion.example/news",
    picture=None,
    channels=(),
    offered=False,
    draft_id=None,
    embargo_until=None,
    at=NOW - timedelta(hours=2),
    edited=False,
    withdrawn=False,
    receipt_at=None,
)
ITEM = Item(update=UPDATE, customer="Orion", author="Sam Whitaker")
OTHER = Item(
    update=replace(UPDATE, id="u-2", customer_id=HALDEN.id, kind="complaint", headline=None, text=TEXT * 12, link=None),
    customer="Halden",
    author="Kim Duarte",
)
NAMES = {"U0ANA": "Ana Prata", "U0BEN": "Ben Ito", "U0CY": "Cy Marsh", "U0DEE": "Dee Aalto"}
RECEIPT = Receipt(update=UPDATE, customer="Orion", tally=Tally(waiting=4), names=NAMES, now=NOW)
NOTE = Note(
    workspace_id=WS, id="n-1", request="D1:1.1", exchange_id="e-1", group_id="n-1", root_id=1, author="U0AMARA",
    text="Is it for the 55 inch ones?", files=(), state="sent", at=NOW, edited=False, deleted=False,
)  # fmt: skip
NOTHING = Shared(by="Amara Okafor", files=(), pictures={})
SAID = Said(note=NOTE, author="Amara Okafor", customer="Orion", shared=NOTHING, opens=True)
ROW = Row(customer_id=ORION.id, customer="Orion", adopters=4, last_news=NOW - timedelta(days=24))
TAKEN = Taken(customer_id=ORION.id, customer="Orion", manager="Kim Duarte", adopters=4, questions=1, latest=(UPDATE,))
MINE = (
    Mine(customer=ORION, adopters=4, at=NOW - timedelta(days=24), nothing_new=NOW - timedelta(days=2)),
    Mine(customer=HALDEN, adopters=1, at=NOW - timedelta(hours=1)),
    Mine(customer=KESTRELANE, adopters=0),
)


def show(shelf: Shelf) -> None:
    _command(shelf)
    _window(shelf)
    _messages(shelf)
    _receipts(shelf)
    _recalling(shelf)
    _exchanges(shelf)
    _reminders(shelf)


def _command(shelf: Shelf) -> None:
    shelf.show("without words", lists.my_customers, MINE, now=NOW)
    nobody = Opening(
        allowed=Allowed(refusal=Refusal.NOT_YOURS, named=ORION, manager="Sam Whitaker"), typed="Orion " + TEXT
    )
    shelf.show("no customer of one's own", lists.instead_of_window, nobody, now=NOW)
    shelf.show("nothing typed", lists.instead_of_window, Opening(), now=NOW)
    for stays in (False, True):
        shelf.said(f"taken back, the story stays: {stays}", lists.taken_back, stays=stays)
    shelf.said("several fit", lists.several, [ORION.name, HALDEN.name])
    for refusal in Refusal:
        shelf.said(refusal.value, lists.gone, refusal)
    shelf.said("guest", lists.refused, Allowed(refusal=Refusal.NOT_FOR_GUESTS))
    recent = (
        Recent(update=UPDATE, customer="Orion", headline="Orion doubles its spring order", tally=RECEIPT.tally),
        Recent(update=replace(UPDATE, withdrawn=True), customer="Halden", headline="A visit", tally=Tally()),
        Recent(
            update=replace(UPDATE, embargo_until=NOW + timedelta(days=1)),
            customer="Orion",
            headline="The new line",
            tally=Tally(),
        ),
        Recent(update=replace(UPDATE, held_back=True), customer="Orion", headline="The old line", tally=Tally()),
    )
    shelf.part("account manager", lists.news_to_write, MINE, due={ORION.id}, recent=recent, now=NOW)
    shelf.part("editor", remind_blocks.without_news, (ROW, replace(ROW, customer="Halden", last_news=None)), now=NOW)


def _window(shelf: Shelf) -> None:
    form = Form(customer_id=ORION.id, text=TEXT)
    typed = Shown(form=form, customer="Orion")
    full = replace(
        form, kind="praise", headline="A word of thanks", link="https://orion.example", channels=("C0LINE2",),
        offer=True, tick=True, embargo=NOW + timedelta(days=1),
    )  # fmt: skip
    shelf.show("empty", windows.write_window, Shown(form=Form(customer_id="", text="")))
    shelf.show("typed", windows.write_window, typed)
    shelf.show(
        "more", windows.write_window, Shown(form=full, customer="Orion", channels={"C0LINE2": "line-2"}, more=True)
    )
    notice = windows.not_yours(shelf.words, "Halden", "Kim Duarte")
    shelf.show("somebody else's", windows.write_window, Shown(form=replace(form, customer_id=""), notice=notice))
    nobody = windows.with_nobody(shelf.words, typed, can_open_hat=True)
    shelf.show("nobody has adopted it", windows.write_window, nobody)
    asked = windows.with_nobody(shelf.words, typed, can_open_hat=False)
    shelf.show("nobody has adopted it, no hat", windows.write_window, asked)
    shelf.show("change", windows.edit_window, UPDATE, "Orion")
    shelf.show("done", windows.notice, windows.on_its_way(shelf.words, 4, "Orion"))
    shelf.said("to four", windows.on_its_way, 4, "Orion")
    shelf.said("to nobody", windows.on_its_way, 0, "Orion")
    shelf.said("not yet", windows.on_its_way, 4, "Orion", held=True)
    for problem in Problem:
        shelf.said(problem.value, windows.problem, problem, count=3212)
    for barred in Barred:
        shelf.said(barred.value, windows.barred, {"C0LINE2": barred}, {"C0LINE2": "line-2"})
    shelf.said("nobody looks after it", windows.not_yours, "Halden", "")
    shelf.said("below the field", windows.below_field, "Halden", "Kim Duarte")
    shelf.show("about an update", asking.window, UPDATE, "Orion", "Sam Whitaker")
    shelf.show("about an update, no manager", asking.window, UPDATE, "Orion", None)
    for gone in Gone:
        shelf.said(gone.value, asking.went, gone, "Sam Whitaker")
    for refusal in AskRefusal:
        shelf.said(refusal.value, asking.refused, refusal)


def _messages(shelf: Shelf) -> None:
    pictured = replace(ITEM, picture="F0123456789")
    shelf.show("one", blocks.relayed, [ITEM])
    shelf.show("with a picture", blocks.relayed, [pictured])
    shelf.show("several of a day", blocks.relayed, [ITEM, OTHER])
    shelf.show("changed", blocks.relayed, [replace(ITEM, update=replace(UPDATE, edited=True))])
    shelf.show("taken back", blocks.relayed, [replace(ITEM, update=replace(UPDATE, withdrawn=True))])
    by_another = replace(ITEM, update=replace(UPDATE, withdrawn=True, withdrawn_by="U0ANA"))
    shelf.show("taken back by another", blocks.relayed, [by_another])
    shelf.show("in a channel", blocks.channel_post, ITEM)
    shelf.show("long, in a channel", blocks.channel_post, OTHER)
    shelf.show("all of it", blocks.reading, OTHER)


def _receipts(shelf: Shelf) -> None:
    shelf.show("on its way", blocks.receipt, RECEIPT)
    unreached = {"gone": ("U0CY",), "stopped": ("U0DEE",), "ended": ("U0BEN",), "user_disabled": ("U0BEN",)}
    full = Tally(delivered=6, thanked=tuple(NAMES), asked=2, unreached={**unreached, "uncertain": ("U0CY",)})
    placed = (
        Placed(channel="C0LINE2", state="sent"),
        Placed(channel="C0LINE1", state="skipped"),
        Placed(channel="C0SALES", state="pending"),
    )
    offered = replace(UPDATE, offered=True)
    shelf.show("filled in", blocks.receipt, replace(RECEIPT, update=offered, tally=full, placed=placed))
    held = replace(UPDATE, embargo_until=NOW + timedelta(days=1))
    shelf.show("embargoed", blocks.receipt, replace(RECEIPT, update=held, tally=Tally()))
    shelf.show("kept for later", blocks.receipt, replace(RECEIPT, tally=Tally()))
    back = replace(UPDATE, held_back=True)
    shelf.show("held back, its receipt", blocks.receipt, replace(RECEIPT, update=back, tally=Tally()))
    item, can_send = replace(ITEM, update=back), ["Kim Duarte"]
    shelf.show("held back, to its author", blocks.held_back, item, can_send=can_send, mine=True)
    shelf.show("held back, to the account manager", blocks.held_back, item, can_send=can_send, mine=False)
    shelf.show("taken back, to its author", blocks.receipt, replace(RECEIPT, update=replace(UPDATE, withdrawn=True)))
    recalled = replace(UPDATE, withdrawn=True, withdrawn_by="U0ANA")
    shelf.show("taken back by an editor", blocks.receipt, replace(RECEIPT, update=recalled))
    shelf.show("from the command line", blocks.receipt, replace(RECEIPT, update=recalled, names={}))
    taken_out = replace(UPDATE, channels=("C0LINE2",), recalled_in=("C0LINE1",))
    shelf.show("out of one channel", blocks.receipt, replace(RECEIPT, update=taken_out, placed=placed[:1]))


def _recalling(shelf: Shelf) -> None:
    one = InChannels(update_id="u-1", headline=UPDATE.headline or "", channels=("line-2", "sales"), at=NOW, all=True)
    shelf.part("recent updates", recall_blocks.recent, (one, replace(one, update_id="u-2", all=False)))
    theirs = Recalled(reach=Reach(channels=("C0LINE2",)))
    shelf.said("may not", recall_blocks.recalled, Recalled())
    shelf.said("all of it", recall_blocks.recalled, Recalled(reach=Reach(all=True)))
    shelf.said("out of their channels", recall_blocks.recalled, theirs)
    shelf.said("again", recall_blocks.recalled, replace(theirs, already=True))


def _exchanges(shelf: Shelf) -> None:
    hold = Hold(group="n-1", count=1, state="held", partners={ORION.id: ("Orion", "Sam Whitaker")})
    both = {ORION.id: ("Orion", "Sam Whitaker"), HALDEN.id: ("Halden", "")}
    shelf.show("kept back", exchange_blocks.hold, hold)
    shelf.show("two, of two customers", exchange_blocks.hold, replace(hold, count=2, partners=both))
    shelf.show("sent on", exchange_blocks.hold, replace(hold, state="sent", sent_to="Sam Whitaker"))
    shelf.show("kept", exchange_blocks.hold, replace(hold, state="kept"))
    shelf.show("deleted", exchange_blocks.hold, replace(hold, count=0))
    shelf.show("first", exchange_blocks.to_partner, replace(SAID, offer="e-1"))
    with_photo = Shared(by="Amara Okafor", files=(PHOTO,), pictures={})
    shelf.show("further, with a picture", exchange_blocks.to_partner, replace(SAID, opens=False, shared=with_photo))
    shelf.show("taken back", exchange_blocks.to_partner, replace(SAID, note=replace(NOTE, deleted=True)))
    answer = replace(SAID, note=replace(NOTE, text="Yes, and for the projectors."), author="Sam Whitaker", opens=False)
    shelf.show("answer", exchange_blocks.to_adopter, replace(answer, offer="e-1"))
    for why in (exchange_rules.TOO_LONG, exchange_rules.NOT_YOURS, exchange_rules.UNDELIVERED):
        shelf.show(why, exchange_blocks.not_sent, why, 3212)
    for state in ("asked", "yes", "no"):
        for asked in (True, False):
            shelf.show(
                f"{state}, {'who decides' if asked else 'who offered'}", exchange_blocks.consent, "e-1", state,
                asked=asked, other="Sam Whitaker", customer="Orion", quoted=(NOTE.text, "Yes."),
            )  # fmt: skip
    for what in Offered:
        shelf.said(what.value, exchange_blocks.offered, what, "Sam Whitaker")
    for refusal in (exchange_rules.DECIDED, exchange_rules.NOBODY, exchange_rules.NOT_ADOPTED, exchange_rules.GONE):
        shelf.said(refusal, exchange_blocks.sent_on, exchange_rules.SentOn(refusal=refusal), "", "Orion")


def _reminders(shelf: Shelf) -> None:
    done = replace(ROW, customer="Halden", open=False)
    deputy = replace(ROW, customer="Sankt Elin", last_news=None, adopters=1, as_deputy=True)
    shelf.show("one", remind_blocks.reminder, "r-1", (ROW,), now=NOW)
    shelf.show("some done, some as deputy", remind_blocks.reminder, "r-1", (ROW, deputy, done), now=NOW)
    shelf.show("all done", remind_blocks.reminder, "r-1", (done,), now=NOW)
    shelf.said("noted", remind_blocks.nothing_new_said, 3)
    shelf.said("not theirs", remind_blocks.nothing_new_said, None)
    shelf.show("one customer", remind_blocks.new_manager, (TAKEN,))
    shelf.show("two customers", remind_blocks.new_manager, (TAKEN, replace(TAKEN, customer="Halden")))
    shelf.show("one customer", remind_blocks.handover, (TAKEN,))
    shelf.show("two customers", remind_blocks.handover, (TAKEN, replace(TAKEN, customer="Halden", latest=())))
