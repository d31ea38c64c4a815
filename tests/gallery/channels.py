"""Channels as admins see them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.features.channels import answers, blocks, filled, form, owner_blocks
from bot.features.channels.blocks import Row
from bot.features.channels.form import Kind
from bot.features.channels.menu import read_dates
from bot.features.channels.seams import Preview
from bot.features.members import blocks as members
from bot.slack import kit
from tests.gallery.sample import CLARA, FITOUT_CHANNEL, HOLIDAY, LINE2_CHANNEL, MISSES, NEXT, NEXT_NEWS
from tests.gallery.shelf import Shelf

LABELS = {"story": "Stories", "news": "News", "quiz": "Quiz"}
KINDS = tuple(Kind(name=name, label=label) for name, label in LABELS.items())
ROW = Row(channel=LINE2_CHANNEL, next=NEXT, weeks=12, misses=(), has_guests=False, labels=LABELS)
OWNED = replace(
    LINE2_CHANNEL,
    owners=frozenset({"U0OWEN", "U0AMARA"}),
    quiz_window=timedelta(hours=8),
    guests_answer=True,
    guests_see_internal=True,
    pulse_off=True,
)
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
    _told(shelf)
    _owned(shelf)
    shelf.show("test on its way", blocks.note, words.say("Post a test to me"), answers.test_sent(words, True))
    shelf.show("no test", blocks.note, words.say("Post a test to me"), answers.test_sent(words, False))
    shelf.show("not an admin", blocks.refused, members.not_admin(words, (CLARA,)))
    shelf.show("new", form.view, KINDS)
    shelf.show("edited", form.view, KINDS, channel=LINE2_CHANNEL, teams={"t-line2": "Line 2"})
    shelf.show("edited, everything set", form.view, KINDS, channel=OWNED, teams={"t-line2": "Line 2"})
    shelf.show("its owner's: only the times", form.view, KINDS, channel=OWNED, only_times=True)
    several = (*LINE2_CHANNEL.slots, replace(LINE2_CHANNEL.slots[0], id="s9", at=time(15)))
    shelf.show("several times a day", form.view, KINDS, channel=replace(LINE2_CHANNEL, slots=several))
    _errors(shelf)
    for error in TROUBLES:
        shelf.show(error, owner_blocks.trouble, LINE2_CHANNEL, error)
    shelf.show("one", owner_blocks.missed, [(LINE2_CHANNEL, MISSES[:1])], LABELS)
    shelf.show("several", owner_blocks.missed, [(LINE2_CHANNEL, MISSES), (FITOUT_CHANNEL, MISSES[:1])], LABELS)


def _told(shelf: Shelf) -> None:
    """What a press or a command is answered, privately."""
    shelf.show("told", answers.paused, LINE2_CHANNEL)
    shelf.show("told", answers.resumed, LINE2_CHANNEL)
    shelf.show("told", answers.posting_stopped)
    shelf.show("told", answers.posting_started)
    shelf.show("told", answers.nothing_here)
    shelf.show("asked again", answers.asked_to_stop, stopped=False, start=False)
    shelf.show("stopped already", answers.asked_to_stop, stopped=True, start=False)
    shelf.show("not stopped", answers.asked_to_stop, stopped=False, start=True)
    say = shelf.words.say
    shelf.show("gone", blocks.note, say("Channel"), answers.not_set_up(shelf.words))
    shelf.show("gone while it was edited", blocks.note, say("Channel"), answers.removed_meanwhile(shelf.words))
    for why in (None, "nothing_left", "stopped", "paused", "outsiders", "removed", "unknown_kind"):
        text = answers.posted_now(shelf.words, LINE2_CHANNEL, why)
        shelf.show(f"posted now: {why or 'done'}", blocks.note, say("Post now"), text)


def _owned(shelf: Shelf) -> None:
    own = blocks.Offer(set_up=False, stop=False, own=True)
    row = replace(ROW, channel=OWNED)
    shelf.part("its owner's", blocks.menu, [row], total=1, stopped=False, warn_below=WARN, offer=own)
    shelf.part("its owner's, stopped", blocks.menu, [row], total=1, stopped=True, warn_below=WARN, offer=own)
    editor = blocks.Offer(set_up=False, stop=True)
    shelf.part("an editor's", blocks.menu, [row], total=1, stopped=False, warn_below=WARN, offer=editor)
    begins = datetime(2027, 1, 11, 0, 0, tzinfo=UTC)
    shelf.part(
        "starts later", blocks.menu, [replace(row, begins=begins, next=None)], total=1, stopped=False, warn_below=WARN
    )
    pulse = kit.button(shelf.words.say("Pulse"), action="pulse:results", value=OWNED.channel_id)
    shelf.show("an admin's", blocks.more_view, row, warn_below=WARN, kinds=LABELS, others=[pulse], removable=True)
    shelf.show("its owner's", blocks.more_view, row, warn_below=WARN, kinds=LABELS, others=[pulse])


def _errors(shelf: Shelf) -> None:
    """Below the fields; everything typed stays."""
    empty = filled.Filled(channel_id="", days={"story": ()}, times={"story": ""}, holidays_of="XX")
    no_time = filled.Filled(channel_id="C1", days={"story": (1,)}, times={"story": ""}, quiz_window=timedelta())
    many = replace(no_time, owners=frozenset(f"U{number}" for number in range(form.MOST_OWNERS + 1)))
    errors = {**filled.check(empty, shelf.words), **filled.check(many, shelf.words)}
    lines = [f"{block}: {text}" for block, text in sorted(errors.items())]
    _, wrong = read_dates("2026-13-01 no such month", shelf.words)
    shelf.show(
        "what is missing", blocks.note, shelf.words.say("Next five posts"), "\n".join([*lines, f"quiet: {wrong}"])
    )


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
        (
            replace(NEXT_NEWS, kind="quiz", due_at=NEXT_NEWS.due_at + timedelta(hours=2)),
            Preview(
                due_at=NEXT_NEWS.due_at + timedelta(hours=2),
                headline="Which of these has been with us longest?",
                why="Open for 24 hours; nobody has been asked it here.",
            ),
        ),
        (HOLIDAY, None),
    ]
    at, say = NEXT.due_at + timedelta(hours=3), shelf.words.say
    planned = replace(NEXT, slot_id="", due_at=at, planned="o-1")
    why = say("Planned for this time by the editors.")
    not_now = say("What was planned may not be posted here as things are now.")
    mixed = [
        posts[0],
        (planned, Preview(due_at=at, headline="Halden’s new depot runs on our drives", why=why)),
        (replace(planned, kind="quiz"), Preview(due_at=at, headline="Which of these came first?", why=why)),
        (planned, Preview(due_at=at, headline=None, why=not_now)),
    ]
    shelf.show("planned ones among them", blocks.next_view, LINE2_CHANNEL, mixed, LABELS, has_guests=False)
    shelf.show("four, one of them a question", blocks.next_view, LINE2_CHANNEL, posts, LABELS, has_guests=False)
    shelf.show("with guests", blocks.next_view, LINE2_CHANNEL, posts[:1], LABELS, has_guests=True)
    shelf.show("nothing", blocks.next_view, replace(LINE2_CHANNEL, slots=()), [], LABELS, has_guests=False)
