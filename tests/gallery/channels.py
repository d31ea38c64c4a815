"""Channels as admins see them."""

from dataclasses import replace
from datetime import date

from bot.features.channels import blocks, form
from bot.features.channels.blocks import Row
from bot.features.channels.form import Kind
from bot.features.channels.seams import Preview
from bot.features.members import blocks as members
from tests.gallery.sample import CLARA, FITOUT_CHANNEL, HOLIDAY, LINE2_CHANNEL, MISSES, NEXT, NEXT_NEWS
from tests.gallery.shelf import Shelf

LABELS = {"story": "Stories", "news": "News"}
KINDS = (Kind(name="story", label="Stories"), Kind(name="news", label="News"))
ROW = Row(channel=LINE2_CHANNEL, next=NEXT, weeks=12, misses=(), has_guests=False, labels=LABELS)
WARN = 4
TROUBLES = ("outsiders", "is_archived", "channel_deleted", "not_in_channel", "restricted_action")


def rows() -> list[Row]:
    paused = replace(LINE2_CHANNEL, state="paused", state_reason="not_in_channel")
    return [
        ROW,
        replace(ROW, channel=FITOUT_CHANNEL, weeks=2, has_guests=True, misses=MISSES),
        replace(ROW, channel=paused, weeks=None, next=None),
        replace(ROW, channel=replace(FITOUT_CHANNEL, outsiders=True), next=None),
    ]


def show(shelf: Shelf) -> None:
    words = shelf.words
    shelf.part("no channel yet", blocks.menu, (), total=0, stopped=False, warn_below=WARN)
    some = shelf.part("some channels", blocks.menu, rows(), total=4, stopped=False, warn_below=WARN)
    shelf.part("stopped", blocks.menu, rows()[:1], total=1, stopped=True, warn_below=WARN)
    shelf.part("many channels", blocks.menu, rows()[:2], total=40, stopped=False, warn_below=WARN)
    shelf.show("some channels", blocks.menu_message, some, total=4, stopped=False)
    stopped = blocks.menu(words, rows()[:1], total=1, stopped=True, warn_below=WARN)
    shelf.show("stopped", blocks.menu_message, stopped, total=1, stopped=True)
    shelf.show("found by search", blocks.channel_view, ROW, warn_below=WARN)
    shelf.show("new", blocks.saved_view, ROW, warn_below=WARN)
    _next(shelf)
    shelf.show("asked", blocks.remove_view, LINE2_CHANNEL)
    shelf.show("none", blocks.quiet_view, {})
    shelf.show("two", blocks.quiet_view, {date(2026, 12, 24): "Christmas Eve", date(2026, 12, 31): ""})
    shelf.show("test on its way", blocks.note, words.say("Post a test to me"), blocks.test_sent(words, True))
    shelf.show("no test", blocks.note, words.say("Post a test to me"), blocks.test_sent(words, False))
    shelf.show("not an admin", blocks.refused, members.not_admin(words, (CLARA,)))
    shelf.show("new", form.view, KINDS)
    shelf.show("edited", form.view, KINDS, channel=LINE2_CHANNEL, teams={"t-line2": "Line 2"})
    for error in TROUBLES:
        shelf.show(error, blocks.trouble, LINE2_CHANNEL, error)
    shelf.show("one", blocks.missed, [(LINE2_CHANNEL, MISSES[:1])], LABELS)
    shelf.show("several", blocks.missed, [(LINE2_CHANNEL, MISSES), (FITOUT_CHANNEL, MISSES[:1])], LABELS)


def _next(shelf: Shelf) -> None:
    posts = [
        (
            NEXT,
            Preview(
                due_at=NEXT.due_at,
                headline="Orion's new 55-inch set ships with your power board",
                why="Here because Line 2 makes the PB-7 power board in it.",
            ),
        ),
        (NEXT_NEWS, Preview(due_at=NEXT_NEWS.due_at, headline=None, why="Nothing is left for this channel.")),
        (HOLIDAY, None),
    ]
    shelf.show("three", blocks.next_view, LINE2_CHANNEL, posts, LABELS, has_guests=False)
    shelf.show("with guests", blocks.next_view, LINE2_CHANNEL, posts[:1], LABELS, has_guests=True)
    shelf.show("nothing", blocks.next_view, replace(LINE2_CHANNEL, slots=()), [], LABELS, has_guests=False)
