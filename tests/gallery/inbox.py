"""The editors' inbox: its part of Home, drafts looked at, forms and previews, what people are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.features.channels.rules import Channel
from bot.features.inbox import blocks, story_form, windows
from bot.features.inbox.blocks import Line, Looked
from bot.features.inbox.rules import Content, Draft, Refusal
from bot.features.inbox.story_form import Names
from bot.features.stories import blocks as stories_blocks
from bot.features.stories.blocks import Look
from bot.features.stories.rules import Shot, Why
from bot.slack import kit
from bot.slack.words import Words
from tests.gallery.sample import STORY
from tests.gallery.shelf import Shelf

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CONTENT = Content(
    headline="Orion opens a shop in Faro",
    text="Our power board is in every set in its window. The queue went round the corner.",
    body="Our power board is in every set in its window.\n\nThe queue went round the corner on Saturday.",
    customer_id="c-orion",
    product_ids=("PB-7",),
    quote_text="We sold forty before noon.",
    quote_name="Ines Falk",
    quote_role="Head of retail",
    picture_hash="ab" * 32,
    picture_alt="A shop window with six televisions",
    expires_on=NOW.date() + timedelta(days=30),
)
DRAFT = Draft(
    id="dr-1",
    workspace_id="T0NORTH",
    kind="story",
    state="waiting",
    author="U0SAM",
    content=CONTENT,
    origin={"what": "update", "id": "up-1"},
    offered_at=NOW - timedelta(days=2),
)
LINE = Line(draft=DRAFT, author="Sam Whitaker", label="Story", customer="Orion")
SPOTTED = Line(
    draft=replace(
        DRAFT,
        id="dr-2",
        author="U0AMARA",
        origin={"what": "spotted", "id": "k-1"},
        content=Content(headline="Spotted: PB-7 power board, Faro airport", text="In the arrivals hall!"),
    ),
    author="Amara Okafor",
    label="Story",
)
EXCHANGE = replace(LINE, draft=replace(DRAFT, id="dr-3", origin={"what": "exchange", "id": "ex-1"}))
WRITTEN = Line(draft=replace(DRAFT, id="dr-4", kind="news", origin={}), author="", label="News item")
LINES = (LINE, SPOTTED, EXCHANGE, WRITTEN)
CHANNELS = [
    Channel(
        workspace_id="T0NORTH",
        channel_id=f"C0LINE{number}",
        name=f"line-{number}",
        zone="Europe/Lisbon",
        locale="en-GB",
        added_by="U0ADMIN",
    )
    for number in (1, 2)
]


def show(shelf: Shelf) -> None:
    words = shelf.words
    names = {"story": "Story", "news": "News item", "question": "Question"}
    shelf.part("four wait", blocks.section, LINES, total=4, kinds=names)
    shelf.part("many wait", blocks.section, LINES, total=23, kinds=names)
    shelf.part("nothing waits", blocks.section, (), total=0, kinds=names)
    rejected = replace(DRAFT, state="rejected", reason="Please ask Orion first whether we may show the shop.")
    approved = replace(DRAFT, state="approved", published="st-1")
    mine = [LINE, replace(LINE, draft=rejected), replace(LINE, draft=approved)]
    shelf.part("three states", blocks.mine, mine, may_edit=True)
    back = replace(LINE, draft=replace(DRAFT, state="taken_back"))
    shelf.part("taken back", blocks.mine, [back], may_edit=True)
    posted = replace(LINE, draft=approved, where="line-2")
    shelf.part("posted", blocks.mine, [posted], may_edit=True)
    _looked(shelf)
    shelf.show("first page", blocks.listing, LINES, offset=0, total=14)
    shelf.show("last page", blocks.listing, LINES[:2], offset=10, total=12)
    shelf.show("empty", blocks.listing, (), offset=0, total=0)
    shelf.show("four wait", blocks.new_drafts, LINES, 4)
    shelf.show("left to the chooser", blocks.verdict, approved, editor="Edith Novak", at=None)
    shelf.show("planned", blocks.verdict, approved, editor="Edith Novak", at=NOW + timedelta(days=2))
    shelf.show("rejected", blocks.verdict, rejected, editor="Edith Novak", at=None)
    shelf.show("in a channel", blocks.posted, DRAFT, "line-2")
    shelf.show("in a private channel", blocks.posted, DRAFT, "")
    _windows(shelf, words)
    _said(shelf)


def _post(words: Words) -> kit.Message:
    why = Why(code="team_makes_product", team="Line 2", product="PB-7 power board", customer="Orion")
    look = Look(story=STORY, wording=STORY.wording("en"), why=why, shot=Shot(url=STORY.picture_url), read="story:dr-1")
    return stories_blocks.post(words, look)


def _looked(shelf: Shelf) -> None:
    whole = Looked(line=LINE, preview=_post(shelf.words))
    shelf.show("to decide", blocks.look, whole)
    shelf.show("from the list", blocks.look, replace(whole, back=True))
    shelf.show("my own", blocks.look, replace(whole, own=True))
    unfinished = shelf.words.say("It needs a headline and a short text first: press Edit.")
    shelf.show("unfinished", blocks.look, replace(whole, preview=None, unfinished=unfinished))
    changed = replace(DRAFT, origin={**DRAFT.origin, "newer": "It was three times as many, says Orion."})
    shelf.show("changed by its author since", blocks.look, replace(whole, line=replace(LINE, draft=changed)))
    decided = windows.refused(shelf.words, Refusal.ALREADY, replace(DRAFT, state="approved"), "Edith Novak")
    shelf.show("decided", blocks.look, replace(whole, decided=decided))


def _windows(shelf: Shelf, words: Words) -> None:
    known = Names(
        customer=kit.option("Orion", "c-orion"),
        products=[kit.option("PB-7 power board", "pb7")],
        picture=words.say("A picture was sent and is being fetched."),
    )
    shelf.show(
        "story", windows.form, words.say("Story"), story_form.form(words, CONTENT, known, post_words=60), private="s"
    )
    empty = story_form.form(words, Content(headline="", text=""), Names(), post_words=60)
    shelf.show("new", windows.form, words.say("New: {what}", what="Story"), empty, private="s")
    intro = words.say("It changes wherever it was posted. Translations are taken out where the words change.")
    shelf.show("correcting", windows.form, words.say("Story"), empty, private="s", intro=intro)
    post = _post(words)
    shelf.show("new", windows.preview, post, sketch="sk-1", correcting=None, picture=False)
    shelf.show("picture on its way", windows.preview, post, sketch="sk-1", correcting=None, picture=True)
    shelf.show("correcting", windows.preview, post, sketch="sk-1", correcting=3, picture=False)
    shelf.show("picture not here", windows.not_yet)
    shelf.show("channels", windows.approving, DRAFT, CHANNELS, suggested=(), can_plan=True)
    shelf.show("spotted", windows.approving, DRAFT, CHANNELS, suggested=("C0LINE2",), can_plan=True)
    told = "The right answer: Halden\nWhy: They came in 1998."
    note = words.say("The right answer stands here, so your own answer to this question does not count.")
    with_answer = {"suggested": (), "can_plan": True, "told": told, "note": note}
    shelf.show("with the answer", windows.approving, DRAFT, CHANNELS, **with_answer)
    shelf.show("chooser only", windows.approving, DRAFT, CHANNELS, suggested=(), can_plan=False)
    shelf.show("of a colleague", windows.rejecting, DRAFT, "Sam Whitaker")
    shelf.show("after a photo", windows.spotted, kept="k-1", word="In the arrivals hall!", with_picture=True)
    shelf.show("by command", windows.spotted, kept="", word="", with_picture=False)
    shelf.show("done", windows.notice, windows.sent_in(words), words.say("Spotted!"))
    shelf.show("not done", windows.notice, windows.refused(words, Refusal.CHANGED), final=False)


def _said(shelf: Shelf) -> None:
    shelf.said("an editor's own", windows.kept, new=True, editor=True)
    shelf.said("suggested", windows.kept, new=True, editor=False)
    shelf.said("changed", windows.kept, new=False, editor=True)
    for places in (0, 1, 3):
        shelf.said(f"{places} places", windows.corrected, places)
    shelf.said("chooser", windows.approved, None, [])
    shelf.said("planned", windows.approved, NOW + timedelta(days=2), ["line-1", "line-2"])
    for refusal in Refusal:
        shelf.said(refusal.value, windows.refused, refusal, DRAFT, "Edith Novak")
    back = replace(DRAFT, state="taken_back")
    shelf.said("taken back already", windows.refused, Refusal.ALREADY, back, "Sam Whitaker")
    rejected = replace(DRAFT, state="rejected")
    shelf.said("rejected already", windows.refused, Refusal.ALREADY, rejected, "Edith Novak")
