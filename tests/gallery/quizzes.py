"""Quizzes: asked, shut, answered, their standings, what people are told privately, Home, what editors are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.features.customers.blocks import adopt_button
from bot.features.customers.rules import CustomerCard
from bot.features.inbox import windows
from bot.features.inbox.rules import Content as Draft
from bot.features.quizzes import answers, blocks
from bot.features.quizzes.answers import Item
from bot.features.quizzes.blocks import Answered, Asked, Shot
from bot.features.quizzes.correction_form import correction_form
from bot.features.quizzes.question_kind import QuestionKind
from bot.features.quizzes.rules import Content, Past, Post, Quiz, Record, Result, Told, Wording
from bot.features.quizzes.standings import Line, Standings
from bot.features.stories.blocks import READ, corrected
from tests.gallery.sample import PICTURES
from tests.gallery.shelf import Shelf

UNTIL = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
OPTIONS = ("Orion", "Halden", "Sankt Elin Medical", "Caffè Brisalba")
LONG = "By counting every millilitre that flows, so that each cup is like the last"
WORDING = Wording(
    text="Which of these has been with us longest?",
    options=OPTIONS,
    why="Orion came in March 2009, with a television that still had a tube.",
    alt="Four signs of companies, without their names.",
)
CONTENT = Content(wordings={"en": WORDING}, right=0, customer_id="c-orion", source="The customers’ list")
SHOWN = [(f"o{number}", option) for number, option in enumerate(OPTIONS)]
ASKED = Asked(
    post="qp-1", question=WORDING.text, options=SHOWN, answered=12, until=UNTIL, answer_at=UNTIL + timedelta(hours=2)
)
ORION = CustomerCard(workspace_id="T0", id="c-orion", external_id="C-1", name="Orion", may_be_named=True)
QUIZ = Quiz(
    id="q-1",
    workspace_id="T0",
    question_id="qu-1",
    secret="s",
    content=CONTENT,
    author=None,
    approver=None,
    opens_at=UNTIL - timedelta(days=1),
    closes_at=UNTIL + timedelta(hours=2),
)
PAST = Past(content=CONTENT, option=0, closed_at=UNTIL)
RECORD = Record(answered=7, right=4, named=False, recent=(PAST, replace(PAST, option=1)))
NAMES = {"U0A": "Ana Prado", "U0B": "Bo Lind", "U0C": "Chiara & Co <Rossi>"}
TABLE = Standings(
    rounds=8,
    until_next=3,
    lines=(
        Line(place=1, user_id="U0A", points=6),
        Line(place=2, user_id="U0B", points=4),
        Line(place=2, user_id="U0C", points=4),
    ),
)


def show(shelf: Shelf) -> None:
    _open(shelf)
    _answered(shelf)
    _standings(shelf)
    _privately(shelf)
    _corrected(shelf)
    shelf.part("some answered", answers.record, RECORD)
    shelf.part("named", answers.record, Record(answered=1, named=True, recent=(PAST,)))
    shelf.part("on", answers.setting, True)
    shelf.part("off", answers.setting, False)
    shelf.show("told once a week", blocks.nothing_left, channel_name="line-2")


def _open(shelf: Shelf) -> None:
    picture = Shot(alt=WORDING.alt or "", url=f"{PICTURES}television.png")
    shelf.show("some have answered", blocks.asked, ASKED)
    shelf.show("just asked", blocks.asked, replace(ASKED, answered=0, shot=picture))
    shelf.show("two long options", blocks.asked, replace(ASKED, options=[("o1", LONG), ("o2", "By chance")]))
    shelf.show("the others still play", blocks.shut, ASKED)
    shelf.show("for one person", blocks.test, ASKED, "line-2")


def _answered(shelf: Shelf) -> None:
    words = shelf.words
    more = [blocks.story_button(words, "st-1", READ), adopt_button(words, ORION)]
    result = Result(counts=(19, 9, 4, 0), winner="line-2")
    shown = Answered(post="qp-1", content=CONTENT, order=(2, 0, 3, 1), result=result, winner="Line 2", more=more)
    shelf.show("a team knew best", blocks.answered, shown)
    few = replace(shown, result=Result(counts=(2, 1, 0, 0)), winner=None, more=[])
    shelf.show("too few for a spread", blocks.answered, few)
    shelf.show("nobody answered", blocks.answered, replace(few, result=Result(counts=(0, 0, 0, 0))))
    shelf.show("scores are off", blocks.answered, replace(shown, scores=False))
    shelf.show("must not be shown any more", blocks.over)
    shelf.show("with standings", blocks.out, WORDING.text, "Orion", 32, thread=True)
    shelf.show("scores are off", blocks.out, WORDING.text, "Orion", 1, thread=False)


def _corrected(shelf: Shelf) -> None:
    """The form, the preview in both states, and the post that says so."""
    words, kind = shelf.words, QuestionKind()
    details = {"options": list(OPTIONS), "right": 0, "source": ""}
    draft = Draft(headline=WORDING.text, text=WORDING.why, picture_alt=WORDING.alt, details=details)
    intro = f"{kind.about_correcting(words)} {answers.knows_now(words, answered=True)}"
    form = correction_form(words, draft)
    shelf.show("a quiz that is open", windows.form, kind.label(words), form, private="q", intro=intro)
    post = Post(
        id="qp-1", workspace_id="T0", quiz_id="q-1", channel_id="C0LINE2", locale="en", zone="Europe/Lisbon",
        due_at=QUIZ.opens_at, closes_at=UNTIL, shown=12,
    )  # fmt: skip
    shelf.show("open", blocks.as_it_stands, post, QUIZ, None)
    shelf.show("revealed", blocks.as_it_stands, post, replace(QUIZ, result=Result(counts=(19, 9, 4, 0))), None)
    shelf.show("a question", blocks.without_pressing, replace(ASKED, answered=0))
    shelf.show("a quiz", corrected, blocks.asked(words, ASKED))


def _standings(shelf: Shelf) -> None:
    shelf.show("two share a place", blocks.standings, TABLE, NAMES, [("Line 2", 3), ("Finance", 1)])
    shelf.show("many share a place", blocks.standings, replace(TABLE, more=4), NAMES, [])
    shelf.show("nobody named", blocks.standings, replace(TABLE, lines=()), NAMES, [("Line 2", 1)])
    shelf.show("not yet", blocks.standings, Standings(rounds=0, until_next=1), NAMES, [])


def _privately(shelf: Shelf) -> None:
    shelf.show("counted", answers.receipt, "Halden", UNTIL, UNTIL - timedelta(days=1))
    shelf.show("until today", answers.receipt, "Halden", UNTIL, UNTIL - timedelta(minutes=5))
    shelf.show("receipts are off", answers.receipt, None, UNTIL, UNTIL - timedelta(days=1))
    for told in Told:
        if told is not Told.COUNTED:
            shelf.show(told.value, answers.refused, told, QUIZ)
            shelf.said(told.value, answers.why_not, told)
    more = [blocks.story_button(shelf.words, "st-1", READ)]
    shelf.show("right", answers.how_i_did, PAST, RECORD, locale="en", source="The yearly report", more=more)
    shelf.show("not right", answers.how_i_did, replace(PAST, option=1), RECORD, locale="en")
    shelf.show("did not answer", answers.how_i_did, None, Record(), locale="en")
    shelf.said("pressed in a test", answers.only_a_test)
    shelf.said("reads a draft", answers.knows_now, answered=False)
    shelf.said("had answered", answers.knows_now, answered=True)
    shelf.said("scores are off", answers.scores_are_off)
    shelf.said("yes", answers.named, True)
    shelf.said("no", answers.named, False)
    shelf.said("on", answers.scores_set, True)
    shelf.said("off", answers.scores_set, False)
    shelf.said("refused", answers.may_not_set)
    shelf.said("one place", answers.withdrawn, 1)
    shelf.said("three places", answers.withdrawn, 3)
    shelf.said("refused", answers.may_not_withdraw)
    item = Item(post="qp-1", question=WORDING.text, channels=["line-2", "general"], at=UNTIL)
    items = [replace(item, is_open=True), replace(item, post="qp-2", channels=["finance"])]
    shelf.part("two quizzes", answers.recent, items)
    shelf.part("an editor's", answers.recent, items, correct=True)
