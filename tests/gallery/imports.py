"""Files dropped into the direct message with Canteen: every state of the message, and all that is refused."""

from dataclasses import replace
from datetime import timedelta

from bot.core.texts import worded
from bot.features.customers.dropping import blocks
from bot.features.customers.dropping.blocks import Dropped
from bot.features.customers.dropping.rules import KEPT, Drop, State, unrecognised
from bot.features.customers.seams import Refusal, Report
from tests.gallery.sample import CLARA, NOW, WS
from tests.gallery.shelf import Shelf

KINDS = ("teams", "customers", "products", "people", "stories", "quizzes")
DROP = Drop(
    workspace_id=WS,
    id="dr-1",
    user_id=CLARA.user_id,
    name="accounts-2026.csv",
    url="",
    state=State.FETCHING,
    what=None,
    choices=(),
    report=None,
    at=NOW,
    pressed_at=None,
    tries=1,
    try_at=NOW + timedelta(minutes=1),
)
NOBODY = worded(
    "the account manager {person} is nobody in Slack yet; the customer is matched once they are known",
    person="b.moreau@northlight.example",
)
REFUSED = (
    Refusal(
        file=DROP.name,
        line=14,
        column="customer since",
        why=worded("“{shown}” may be {one} or {other}", shown="03/04/2019", one="2019-04-03", other="2019-03-04"),
        cure=worded("write it as year-month-day: in a spreadsheet, format the column as yyyy-mm-dd"),
    ),
    Refusal(
        file=DROP.name,
        line=212,
        column="",
        why=worded("it has {cells} cells, but there are {names} column names", cells=17, names=14),
        cure=worded("put quotes around a cell that contains the separator"),
    ),
)
REPORT = Report(
    what="customers",
    added=1_204,
    changed=37,
    unchanged=402,
    refused=REFUSED,
    refused_rows=2,
    warnings=(worded("line {line}: {text}", line="31", text=NOBODY),),
    unanswered=1_204,
    dry_run=True,
)
MANY = replace(
    REPORT, refused=tuple(replace(REFUSED[0], line=line) for line in range(2, 302)), refused_rows=300, added=4
)


def show(shelf: Shelf) -> None:
    def one(state: State, **more: object) -> Dropped:
        return Dropped(drop=replace(DROP, state=state, **more), kinds=KINDS, until=NOW + KEPT)  # type: ignore[arg-type]

    shelf.show("being read", blocks.message, one(State.FETCHING))
    shelf.show("what is it", blocks.message, one(State.ASKING, choices=("customers", "products")))
    shelf.show("being checked", blocks.message, one(State.CHECKING, what="customers"))
    shelf.show("checked", blocks.message, one(State.CHECKED, what="customers", report=REPORT))
    clean = Report(what="teams", added=5, dry_run=True)
    shelf.show("checked, all good", blocks.message, one(State.CHECKED, what="teams", report=clean))
    shelf.show("checked, much refused", blocks.message, one(State.CHECKED, what="customers", report=MANY))
    shelf.show("being imported", blocks.message, one(State.IMPORTING, what="customers", report=REPORT))
    done = replace(REPORT, written=True, dry_run=False)
    shelf.show("imported", blocks.message, one(State.IMPORTED, what="customers", report=done))
    same = Report(what="customers", unchanged=1_643, dry_run=True)
    shelf.show("nothing new", blocks.message, one(State.NOTHING, what="customers", report=same))
    empty = Report(what="customers", dry_run=True)
    shelf.show("no rows", blocks.message, one(State.NOTHING, what="customers", report=empty))
    shelf.show("not known", blocks.message, one(State.REFUSED, report=unrecognised("accounts-2026.csv")))
    shelf.show("a spreadsheet", blocks.message, one(State.REFUSED, report=unrecognised("accounts-2026.xlsx")))
    story = Report(what="stories", added=1, dry_run=True)
    beside = replace(one(State.CHECKED, what="stories", report=story), beside=True)
    shelf.show("a story with a picture", blocks.message, beside)
    shelf.show("discarded", blocks.message, one(State.DISCARDED))
    shelf.show("expired", blocks.message, one(State.EXPIRED))
    shelf.show("not fetched", blocks.message, one(State.LOST))
    shelf.show("broken", blocks.message, one(State.BROKEN))
    shelf.show("many", blocks.all_refused, replace(DROP, state=State.CHECKED, report=MANY))
    shelf.said("any time", blocks.gone)
    for state in (State.IMPORTING, State.IMPORTED, State.DISCARDED, State.CHECKING):
        shelf.said(state.value, blocks.now_it_is, state)
