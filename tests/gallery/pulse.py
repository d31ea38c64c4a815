"""The three questions, and what is seen of their answers."""

from datetime import UTC, date, datetime, timedelta

from bot.features.members import blocks as members
from bot.features.pulse import blocks
from bot.features.pulse.rules import Closed, Draw, Result, Round, Tally
from tests.gallery.sample import CLARA, FITOUT_CHANNEL, LINE2_CHANNEL
from tests.gallery.shelf import Shelf

OPENED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
UNTIL = OPENED + timedelta(days=3)
TOTALS = {
    "who": Tally(answers=12, points=38),
    "why": Tally(answers=11, points=25),
    "what": Tally(answers=12, points=52),
}
LATEST = Closed(
    round=Round(
        id="r1",
        workspace_id="T1",
        channel_id=LINE2_CHANNEL.channel_id,
        number=1,
        before_posts=True,
        opened_at=OPENED,
        closes_at=UNTIL,
        closed_at=UNTIL,
    ),
    totals=TOTALS,
)
BASELINE = Result(channel_id=LINE2_CHANNEL.channel_id, latest=LATEST, is_baseline=True)
LATER = Result(
    channel_id=LINE2_CHANNEL.channel_id,
    latest=LATEST,
    change={"who": 0.84, "why": -0.21, "what": 0.02},
    elsewhere={"who": 0.1, "why": 0.0},
)
EMPTY = Result(channel_id=FITOUT_CHANNEL.channel_id)
DRAWN = {LINE2_CHANNEL.channel_id: date(2026, 11, 30), FITOUT_CHANNEL.channel_id: date(2027, 1, 11)}
DRAW = Draw(
    id="6f1c0a2b9d3e4f5a6b7c8d9e",
    seed="0a1b2c",
    first_day=date(2026, 11, 30),
    weeks=12,
    channels=tuple(DRAWN),
    drawn=DRAWN,
    drawn_at=OPENED,
    drawn_by="U0ADMIN",
)


def show(shelf: Shelf) -> None:
    words = shelf.words
    shelf.show("in the channel", blocks.ask, "r1", UNTIL)
    shelf.show("12 answered", blocks.closed, 12, "C0LINE2")
    shelf.show("too few to say", blocks.closed, 0, "C0LINE2")
    shelf.show("opened", blocks.questions, "r1")
    shelf.said("below the first question", blocks.nothing_chosen)
    for tell in (blocks.thanks, blocks.already, blocks.over, blocks.not_there):
        shelf.show("told", tell)
    _results(shelf)
    for why in (None, "off", "open", "removed", "stopped", "paused", "outsiders", "something_else"):
        shelf.show(f"asked now: {why or 'done'}", blocks.told, blocks.asked_now(words, why))
    for off in (True, False):
        shelf.show("switched off" if off else "switched on", blocks.told, blocks.switched(words, off=off))
    shelf.show("not an admin", blocks.refused, members.not_admin(words, (CLARA,)))
    _draws(shelf)


def _results(shelf: Shelf) -> None:
    few = Result(channel_id=FITOUT_CHANNEL.channel_id, too_few=True)
    opened = Result(channel_id=FITOUT_CHANNEL.channel_id, open_until=UNTIL)
    both = Result(channel_id=LINE2_CHANNEL.channel_id, latest=LATEST, change={"who": 0.5}, too_few=True)
    shelf.show("the baseline, an admin's", blocks.results, BASELINE, may_ask=True)
    shelf.show("with change and comparison", blocks.results, LATER)
    shelf.show("never asked", blocks.results, EMPTY, may_ask=True)
    shelf.show("too few", blocks.results, few)
    shelf.show("too few the last time", blocks.results, both)
    shelf.show("open", blocks.results, opened, may_ask=True)
    found = [LATER, few, opened]
    shelf.show("an admin's", blocks.overview, found, total=3, off=False, admin=True, draws=[DRAW])
    shelf.show("switched off", blocks.overview, found[:1], total=1, off=True, admin=True)
    shelf.show("an owner's", blocks.overview, found[:1], total=1, off=False, admin=False)
    shelf.show("many channels", blocks.overview, found, total=40, off=False, admin=False)
    shelf.show("no channel", blocks.overview, [], total=0, off=False, admin=True)


def _draws(shelf: Shelf) -> None:
    named = [(one.channel_id, one.name) for one in (LINE2_CHANNEL, FITOUT_CHANNEL)]
    shelf.show("two channels", blocks.stagger, named)
    shelf.show("no channel to draw", blocks.stagger, [])
    shelf.said("one channel chosen", blocks.too_few_channels)
    shelf.said("begun meanwhile", blocks.begun_meanwhile, ["line-2", "fit-out"])
    shelf.said("no weeks chosen", blocks.no_weeks)
    shelf.show("two channels", blocks.drawn, DRAW.id, DRAWN)
