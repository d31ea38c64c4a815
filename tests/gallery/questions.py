"""Questions and answers: both sides of the thread, and the windows."""

from dataclasses import replace

from bot.features.inbox.blocks import spot_button
from bot.features.questions import blocks, windows
from bot.features.questions.blocks import Asking, Relayed, Shared
from bot.features.questions.rules import Gone, Refusal
from bot.features.questions.service import Before
from tests.gallery.sample import ANSWER, ORION, PHOTO, QUESTION, SHEET
from tests.gallery.shelf import Shelf

NOTHING = Shared(by="Amara Okafor", files=(), pictures={})
WITH_FILES = Shared(by="Amara Okafor", files=(PHOTO, SHEET), pictures={})
ASKING = Asking(question=QUESTION, asker="Amara Okafor", team="Line 2", customer="Orion", shared=NOTHING)
RELAYED = Relayed(
    answer=ANSWER,
    author="Sam Whitaker",
    customer="Orion",
    shared=Shared(by="Sam Whitaker", files=(), pictures={}),
    quoted=QUESTION.text,
)
BEFORE = (
    Before(
        question="Do they make anything smaller than 55 inches?",
        answers=("Yes: a 32-inch set for kitchens, with the same board.",),
    ),
)


def show(shelf: Shelf) -> None:
    words = shelf.words
    shelf.show("to the account manager", blocks.to_answer, ASKING)
    shelf.show("with a picture and a file", blocks.to_answer, replace(ASKING, shared=WITH_FILES))
    status = words.say("{name} has five open questions, so this one waits with you.", name="Sam Whitaker")
    shelf.show("waits with an editor", blocks.to_answer, replace(ASKING, status=status, can_pass=False))
    status = words.say("You answered this.")
    shelf.show("answered", blocks.to_answer, replace(ASKING, status=status, can_answer=False))
    status = words.say("Your answer could not be delivered to {name}.", name="Amara Okafor")
    shelf.show("answered in vain", blocks.to_answer, replace(ASKING, status=status, can_answer=False))
    shelf.show("nobody can answer", blocks.for_admin, replace(ASKING, can_answer=False))
    shelf.show("by the asker", blocks.taken_back, "Amara Okafor")
    shelf.show("first", blocks.relayed_answer, RELAYED)
    shelf.show("further", blocks.relayed_answer, replace(RELAYED, quoted=None))
    shelf.show("taken back", blocks.relayed_answer, replace(RELAYED, answer=replace(ANSWER, deleted=True)))
    shelf.show("from the asker", blocks.follow_up, replace(RELAYED, author="Amara Okafor", shared=NOTHING))
    shelf.show("new", blocks.which_customer, "k-1", QUESTION.text)
    shelf.show("with a photo", blocks.which_customer, "k-1", QUESTION.text, picture=spot_button(words, "k-1"))
    refused = windows.refused(words, Refusal.OWN_CUSTOMER)
    shelf.show("refused", blocks.which_customer, "k-1", QUESTION.text, refused)
    shelf.said("done", blocks.passed_to_editors)
    _windows(shelf)


def _windows(shelf: Shelf) -> None:
    shelf.show("new", windows.ask_window, ORION, post_id="po-1", manager="Sam Whitaker")
    shelf.show("asked before", windows.ask_window, ORION, post_id="", manager="Sam Whitaker", before=BEFORE)
    shelf.show("no manager", windows.ask_window, ORION, post_id="", manager=None, initial=QUESTION.text)
    shelf.show("open", windows.answer_window, QUESTION, asker="Amara Okafor", customer="Orion")
    gone = windows.went(shelf.words, Gone.TO_MANAGER, manager="Sam Whitaker", customer="Orion")
    shelf.show("asked", windows.notice, gone)
    for where in Gone:
        shelf.said(where.value, windows.went, where, manager="Sam Whitaker", customer="Orion")
    shelf.said("too long to be sent on", windows.too_long, 3212)
    for refusal in Refusal:
        shelf.said(refusal.value, windows.refused, refusal)
