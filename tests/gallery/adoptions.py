"""Customers of one's own: introductions and their threads, account managers, visits, swaps, hats, Home."""

from dataclasses import replace
from datetime import date, timedelta

from bot.features.adoptions import blocks, hat_blocks, hat_window, home_blocks, windows
from bot.features.adoptions import commands as words_typed
from bot.features.adoptions import visit_blocks as visits
from bot.features.adoptions.blocks import Greeter, Intro, NewAdopter, Offer
from bot.features.adoptions.draw import Why
from bot.features.adoptions.hat_blocks import HatLook, ResultLook
from bot.features.adoptions.home_blocks import Mine, Theirs
from bot.features.adoptions.rules import Adoption, DateProblem, Filters, Hat, HatAnswer, HatProblem, Outcome, Visit
from bot.features.adoptions.seams import News
from bot.features.adoptions.visit_blocks import Proposal
from bot.features.customers.rules import Shown
from bot.features.members.blocks import manners_buttons
from bot.features.questions.blocks import ask_button
from tests.gallery.sample import HALDEN, NOW, ORION, SANKT_ELIN, SHOWN, WS
from tests.gallery.shelf import Shelf

ADOPTION = Adoption(
    id="ad-1",
    workspace_id=WS,
    customer_id=ORION.id,
    user_id="U0AMARA",
    since=NOW - timedelta(days=40),
    via="press",
)
VISIT = Visit(
    id="vi-1",
    workspace_id=WS,
    adoption_id=ADOPTION.id,
    manager="U0SAM",
    dates=(date(2026, 12, 1), date(2026, 12, 3), date(2026, 12, 8)),
    note="Mornings are best, after the early shift.",
    state="with_manager",
    turn=1,
)
HAT = Hat(
    id="ha-1",
    workspace_id=WS,
    channel_id="C0LINE2",
    opened_by="U0CLARA",
    opened_at=NOW,
    filters=Filters(),
    draw_at=NOW + timedelta(days=2, hours=5),
    state="open",
    seed="5f0c2a4b7d9e1f3a5b7c9d1e",
)
LOOK = HatLook(hat=HAT, count=14, are_in=9, names=("Orion", "Halden", "Sankt Elin Medical"), opened_by="Clara Nóbrega")


def show(shelf: Shelf) -> None:
    for outcome in Outcome:
        shelf.show(outcome.value, blocks.outcome_message, outcome, "" if outcome is Outcome.NOT_FOR_GUESTS else "Orion")
    shelf.said("adopted", blocks.outcome_text, Outcome.ADOPTED, "Orion")
    _thread(shelf)
    _managers(shelf)
    _visits(shelf)
    _swaps(shelf)
    _windows(shelf)
    _hats(shelf)
    _home(shelf)


def _thread(shelf: Shelf) -> None:
    words = shelf.words
    intro = Intro(adoption=ADOPTION, shown=SHOWN, now=NOW, can_visit=True, buttons=[ask_button(words, ORION.id)])
    shelf.show("by a press", blocks.introduction, intro)
    drawn = replace(ADOPTION, id="ad-2", via="hat")
    shelf.show("by a hat", blocks.introduction, replace(intro, adoption=drawn, manners=manners_buttons(words)))
    paused = replace(ADOPTION, paused_until=NOW + timedelta(days=14))
    shelf.show("paused", blocks.introduction, replace(intro, adoption=paused))
    shelf.show("visit proposed", blocks.introduction, replace(intro, visit=VISIT, can_visit=False))
    other = replace(VISIT, state="with_adopter")
    shelf.show("other day", blocks.introduction, replace(intro, visit=other, can_visit=False))
    agreed = replace(VISIT, state="agreed", agreed_on=date(2026, 12, 3))
    shelf.show("visit agreed", blocks.introduction, replace(intro, visit=agreed, can_visit=False))
    bare = Shown(customer=SANKT_ELIN)
    shelf.show("little known", blocks.introduction, Intro(adoption=ADOPTION, shown=bare, now=NOW))
    over = replace(ADOPTION, ended_at=NOW, ended_why="own")
    shelf.show("ended", blocks.introduction, replace(intro, adoption=over))
    shelf.show("paused", blocks.paused_note, paused)
    shelf.show("goes on", blocks.paused_note, ADOPTION)
    for why in ("own", "swapped", "manager", "left"):
        shelf.show(why, blocks.ended_note, why, "Orion")
    hello = "Hello Amara, good to have you with Orion! Sam"
    sam = Greeter(name="Sam Whitaker", looks_after=True)
    shelf.show("said", blocks.hello_note, sam, hello)
    shelf.show(
        "said by a deputy", blocks.hello_note, replace(sam, looks_after=False, stands_in_for="Kim Duarte"), hello
    )
    shelf.show("said before the customer changed hands", blocks.hello_note, replace(sam, looks_after=False), hello)


def _managers(shelf: Shelf) -> None:
    new = NewAdopter(adoption=ADOPTION, name="Amara Okafor", customer="Orion")
    greeted = replace(new, name="Jonas Weiss", adoption=replace(ADOPTION, id="ad-3", hello_at=NOW))
    shelf.show("one", blocks.new_adopters, [new], count=1)
    shelf.show("greeted", blocks.new_adopters, [new, greeted], count=2)
    many = [replace(new, adoption=replace(ADOPTION, id=f"ad-{number}")) for number in range(20)]
    shelf.show("many", blocks.new_adopters, many, count=34)
    shelf.show("ended since", blocks.new_adopters, [], count=0)


def _visits(shelf: Shelf) -> None:
    proposal = Proposal(visit=VISIT, turn=1, name="Amara Okafor", customer="Orion")
    shelf.show("three days", visits.proposed, proposal)
    shelf.show("other days since", visits.proposed, replace(proposal, visit=replace(VISIT, turn=2)))
    agreed = replace(VISIT, state="agreed", agreed_on=date(2026, 12, 3))
    shelf.show("agreed", visits.proposed, replace(proposal, visit=agreed))
    shelf.show("over", visits.proposed, replace(proposal, visit=replace(VISIT, state="over")))
    other = replace(VISIT, state="with_adopter", turn=2, dates=(date(2026, 12, 9),), note="")
    shelf.show("one day", visits.counter_proposed, Proposal(visit=other, turn=2, name="Sam Whitaker", customer="Orion"))
    shelf.show("both", visits.agreed, agreed, name="Sam Whitaker", customer="Orion")
    shelf.show("kindly", visits.declined, VISIT, name="Sam Whitaker", customer="Orion")


def _swaps(shelf: Shelf) -> None:
    offer = Offer(
        swap_id="sw-1",
        state="asked",
        name="Amara Okafor",
        customer="Orion",
        mine=(("ad-4", "Halden"), ("ad-5", "Sankt Elin Medical")),
    )
    shelf.show("asked", blocks.swap_offer, offer, manners_buttons(shelf.words))
    shelf.show("agreed", blocks.swap_offer, replace(offer, state="agreed"))
    shelf.show("over", blocks.swap_offer, replace(offer, state="over"))
    shelf.show("kindly", blocks.swap_declined, name="Jonas Weiss")


def _windows(shelf: Shelf) -> None:
    words = shelf.words
    shelf.show("to choose", windows.picker, some=True)
    shelf.show("nothing to choose", windows.picker, some=False)
    shelf.show("customers", windows.notice, blocks.outcome_text(words, Outcome.ADOPTED, "Orion"))
    shelf.show("ready text", windows.hello, "ad-1", name="Amara Okafor", customer="Orion", author="Sam Whitaker")
    shelf.show("three days", windows.propose, "ad-1", customer="Orion", other="Sam Whitaker")
    shelf.show("one day", windows.propose, "vi-1:1", customer="Orion", other="Amara Okafor", days=1)
    shelf.show("kindly", windows.decline, "vi-1:1", name="Amara Okafor")
    shelf.show("a colleague", windows.swap, "ad-1", customer="Orion")
    for problem in DateProblem:
        shelf.said(problem.value, windows.date_error, problem)
    shelf.said("unusable", windows.text_error)
    shelf.said("a day", windows.agreed_text, date(2026, 12, 3))
    shelf.show("several", words_typed.which, "or", (ORION, HALDEN), {ORION.id})


def _hats(shelf: Shelf) -> None:
    words = shelf.words
    about = hat_blocks.filters_text(words, product="PB-7 power board", industry="", country="Denmark")
    shelf.show("open", hat_blocks.hat_post, LOOK)
    shelf.show("chosen", hat_blocks.hat_post, replace(LOOK, count=1, are_in=0, names=("Orion",), about=about))
    result = {"drawn": {f"U{number}": "c" for number in range(9)}}
    shelf.show("drawn", hat_blocks.hat_post, replace(LOOK, hat=replace(HAT, state="drawn", result=result)))
    shelf.show("cancelled", hat_blocks.hat_post, replace(LOOK, hat=replace(HAT, state="cancelled")))
    drew = ResultLook(drew=9, were_in=9, customers=("Halden", "Orion", "Sankt Elin Medical"), hidden=2)
    shelf.show("drawn", hat_blocks.hat_result, drew)
    named = replace(drew, named=(("Amara Okafor", "Orion"), ("Jonas Weiss", "")))
    shelf.show("some named", hat_blocks.hat_result, named)
    shelf.show("nobody in", hat_blocks.hat_result, ResultLook(drew=0, were_in=0, customers=()))
    shelf.show("none left", hat_blocks.hat_result, ResultLook(drew=0, were_in=3, customers=()))
    for answer in HatAnswer:
        shelf.show(answer.value, hat_blocks.hat_answer, answer, HAT)
    for problem in HatProblem:
        shelf.said(problem.value, hat_blocks.hat_problem, problem)
    for why in Why:
        shelf.show(why.value, hat_blocks.no_place, "line-2", why)
    shelf.show("was away", hat_blocks.was_away, "line-2")
    shelf.show("not posted", hat_blocks.hat_failed, "line-2")
    form = hat_window.Form(
        places=[hat_window.Place(channel_id="C0LINE2", name="line-2", zone="Europe/Lisbon")],
        industries=("Hospitals", "Televisions"),
        countries=("Denmark", "Portugal"),
        count=14,
        zone="Europe/Lisbon",
        channel="C0LINE2",
        day=date(2026, 11, 26),
    )
    shelf.show("hat draw", hat_window.window, form)
    shelf.show("nowhere", hat_window.window, replace(form, places=()))


def _home(shelf: Shelf) -> None:
    news = News(at=NOW - timedelta(days=24), headline="The new set is in every shop")
    shown = [
        Mine(
            adoption=ADOPTION,
            customer="Orion",
            news=news,
            thread="https://north.slack.com/archives/D0AMARA/p1790000000000100?thread_ts=1790000000.000100&cid=D0AMARA",
            buttons=[ask_button(shelf.words, ORION.id)],
        ),
        Mine(adoption=replace(ADOPTION, id="ad-6"), customer="Halden"),
        Mine(adoption=replace(ADOPTION, id="ad-9", since=NOW), customer="Trenvista"),
        Mine(
            adoption=replace(ADOPTION, id="ad-7"),
            customer="Sankt Elin Medical",
            news=replace(news, at=NOW),
            visit=replace(VISIT, state="agreed", agreed_on=date(2026, 12, 3)),
        ),
        Mine(adoption=replace(ADOPTION, id="ad-8", paused_until=NOW + timedelta(days=14)), customer="Caffè Brisalba"),
    ]
    shelf.part("some", home_blocks.mine, shown, now=NOW)
    shelf.part("none", home_blocks.none_yet)
    theirs = [Theirs(adoption=ADOPTION, customer="Orion", name="Amara Okafor")]
    shelf.part("one", home_blocks.adopters_of_mine, theirs)
    shelf.part("many", home_blocks.adopters_of_mine, theirs * 23)
    shelf.show("some", home_blocks.adopters_of_one, "Orion", theirs)
    shelf.show("none", home_blocks.adopters_of_one, "Orion", [])
    shelf.part("one open", hat_blocks.hats_section, [(HAT, "line-2", 9, True)])
    shelf.part("none open", hat_blocks.hats_section, [])
