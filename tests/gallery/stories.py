"""Stories and news: the post, the reading, the refusals, what editors are told."""

from dataclasses import replace

from bot.features.inbox.blocks import correct_button
from bot.features.questions.blocks import ask_button
from bot.features.stories import blocks
from bot.features.stories.blocks import Item, Look
from bot.features.stories.rules import Product, Shot, Story, Why
from tests.gallery.sample import NEWS, POST, STORY
from tests.gallery.shelf import Shelf

WHY = Why(code="team_makes_product", team="Line 2", product="PB-7 power board", customer="Orion")
RECENT = [
    Item(post=POST, story=STORY, channel="line-2"),
    Item(post=replace(POST, id="po-2", story_id="st-order"), story=NEWS, channel="finance"),
]


def show(shelf: Shelf) -> None:
    words = shelf.words
    ask = ask_button(words, "c-orion", "po-1")
    whole = Look(
        story=STORY,
        wording=STORY.wording("en"),
        why=WHY,
        shot=Shot(url=STORY.picture_url),
        read="po-1",
        ask=ask,
    )
    news = Look(story=NEWS, wording=NEWS.wording("en"), why=Why(code="fresh_news"), read="po-2", ask=ask)
    shelf.show("story", blocks.post, whole)
    shelf.show("picture not there", blocks.post, replace(whole, shot=None))
    shelf.show("nobody to ask", blocks.post, replace(whole, ask=None))
    shelf.show("news", blocks.post, news)
    shelf.show("story", blocks.corrected, blocks.post(words, whole))
    shelf.show("sent in by a colleague", blocks.post, replace(whole, story=replace(STORY, credit="Amara Okafor")))
    for state, why in _reasons():
        shelf.show(state, blocks.post, replace(news, story=replace(NEWS, kind="story"), why=why))
    shelf.show("several products", blocks.post, replace(whole, story=_many_products()))
    shelf.show("story", blocks.test, whole, "line-2")
    shelf.show("story", blocks.reading, whole)
    shelf.show("news", blocks.reading, replace(news, why=None))
    for code in ("recalled", "expired", "consent", "not_found"):
        shelf.said(code, blocks.cannot_read, code)
    shelf.show("cannot be read", blocks.notice, blocks.cannot_read(words, "recalled"))
    _told(shelf)
    shelf.part("two posts", blocks.latest, RECENT)
    shelf.part("two posts", blocks.recent, RECENT)
    shelf.part("for editors", blocks.recent, RECENT, correct_button)


def _reasons() -> list[tuple[str, Why]]:
    return [
        (
            "because the customer uses it",
            Why(code="customer_of_team", team="Line 2", product="PB-7 power board", customer="Orion"),
        ),
        ("because it is its turn", Why(code="in_turn", customer="Orion")),
        ("because it is new here", Why(code="in_turn")),
        ("because the editors chose it", Why(code="chosen")),
    ]


def _many_products() -> Story:
    names = (
        "PB-7 power board",
        "DC-3 display controller",
        "HT-2 heater controller",
        "SN-4 flow sensor",
        "AM-1 amplifier",
    )
    teams = ("Line 2", "Line 2", "Line 2", "Line 1", "Line 1")
    products = (Product(id=name, name=name, team=team) for name, team in zip(names, teams, strict=True))
    return replace(STORY, products=tuple(products))


def _told(shelf: Shelf) -> None:
    shelf.said("one place", blocks.recalled, 1)
    shelf.said("three places", blocks.recalled, 3)
    shelf.said("already", blocks.recalled, 0)
    shelf.said("refused", blocks.may_not_recall)
    for kind in ("story", "news"):
        shelf.show(kind, blocks.nothing_left, channel_name="line-2", kind=kind)
    for error in ("uncertain", "late", "not_corrected", "is_archived"):
        shelf.show(error, blocks.failed, headline="Orion doubles its spring order", channel_name="line-2", error=error)
