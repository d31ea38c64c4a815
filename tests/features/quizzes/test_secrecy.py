"""Nothing that is sent before the reveal tells the right answer (C7) or who chose what (C9)."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.members.rules import Voter
from bot.features.quizzes import blocks, handlers, rules
from bot.features.quizzes.ballots import Outcome
from bot.features.quizzes.blocks import Asked, Shot
from bot.features.quizzes.rules import Content, Post, Quiz, Told, Wording
from bot.slack.words import Words
from tests.faults.proof import Proof
from tests.features.quizzes.conftest import DAY, SECOND, Works, question, users
from tests.features.stories.given import NOW

WHEN = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
WORDS = ["Orion", "Halden", "Trenvista", "Solanta", "Pavanika", "Nirmaljal", "Alturis", "Brisalba", "Fournelle"]


def generated(number: int) -> Quiz:
    """A quiz as banks have them: the right answer is mostly written first, and its `why` is there."""
    random = Random(number)
    size = random.randint(2, 6)
    options = random.sample(WORDS, size)
    right = 0 if random.random() < 0.8 else random.randrange(size)
    why = f"Because {options[right]} came first."
    wording = Wording(text=f"Which one of number {number}?", options=tuple(options), why=why, alt="A picture")
    content = Content(wordings={"en": wording}, right=right, picture_hash=sha256(str(number).encode()).hexdigest())
    question_secret = f"{random.getrandbits(96):024x}"
    return Quiz(
        id=f"q{number}", workspace_id="T", question_id=f"question{number}",
        secret=rules.secret_of(question_secret, f"occ{number}"), content=content, author=None, approver=None,
        opens_at=WHEN - timedelta(days=1), closes_at=WHEN,
    )  # fmt: skip


def outgoing(quiz: Quiz, answered: int) -> list[dict[str, Any]]:
    """Everything a member could get to see of it before the reveal."""
    post = Post(
        id=sha256(quiz.id.encode()).hexdigest()[:24], workspace_id="T", quiz_id=quiz.id, channel_id="C", locale="en",
        zone="UTC", due_at=quiz.opens_at, closes_at=quiz.closes_at,
    )  # fmt: skip
    looks = Asked(
        post=post.id, question=quiz.content.wording("en").text, options=quiz.shown_options("en"), answered=answered,
        until=WHEN, answer_at=WHEN, shot=Shot(alt="A picture", file=f"F{(quiz.content.picture_hash or '')[:10].upper()}"),
    )  # fmt: skip
    words = Words()
    person = Voter()
    receipts = []
    for option in range(quiz.content.size):
        outcome = Outcome(told=Told.COUNTED, person=person, quiz=quiz, post=post, option=option)
        receipts.append(handlers.receipt(outcome, f"{post.id}:x", now=quiz.opens_at))
    messages = [blocks.asked(words, looks), blocks.shut(words, looks), *receipts]
    return [{"text": message.text, "blocks": message.blocks} for message in messages]


def features(quiz: Quiz, sent: list[dict[str, Any]], option: int) -> list[str]:
    """What a guesser may look at for one option: where it stands, what its button carries, all that was sent."""
    asked = sent[0]
    order = [element for block in asked["blocks"] if block["type"] == "actions" for element in block["elements"]]
    said = quiz.content.wording("en").options[option]
    place = next(n for n, one in enumerate(order) if one["text"]["text"] == said)
    button, value = order[place], order[place]["value"].partition(":")[2]
    whole = json.dumps(sent, ensure_ascii=False)
    return [
        f"place {place}", f"from the end {len(order) - place}", f"first {value[0]}", f"last {value[-1]}",
        f"parity {int(value, 16) % 2}", f"rank {sorted(one['value'] for one in order).index(button['value'])}",
        f"keys {sorted(button)}", f"length {len(said)}", f"mentioned {whole.count(said)}", f"style {button.get('style')}",
        f"receipt {len(json.dumps(sent[2 + option]))}",
    ]  # fmt: skip


@pytest.mark.row("C7")
def test_a_guesser_trained_on_what_is_sent_does_no_better_than_chance(proof: Proof) -> None:
    """C7: naive Bayes over everything outgoing of 1,000 generated quizzes, tried on 1,000 others."""
    seen: Counter[tuple[str, bool]] = Counter()
    for number in range(1000):
        quiz = generated(number)
        sent = outgoing(quiz, number % 50)
        for option in range(quiz.content.size):
            for feature in features(quiz, sent, option):
                seen[feature, option == quiz.content.right] += 1
    hits, chance = 0, 0.0
    for number in range(1000, 2000):
        quiz = generated(number)
        sent = outgoing(quiz, number % 50)
        scores = []
        for option in range(quiz.content.size):
            score = 1.0
            for feature in features(quiz, sent, option):
                score *= (seen[feature, True] + 1) / (seen[feature, True] + seen[feature, False] + 2)
            scores.append((score, option))
        hits += max(scores)[1] == quiz.content.right
        chance += 1 / quiz.content.size
    spread = (chance * (1 - chance / 1000)) ** 0.5
    assert abs(hits - chance) < 4 * spread, (hits, chance)
    proof.found(f"{hits} of 1,000 guessed, {chance:.0f} by chance", injected="trained on 1,000 quizzes, tried on 1,000")


def test_the_guesser_would_find_an_answer_that_is_in_the_payload() -> None:
    """The same guesser, shown options in the order of the bank, wins: the test above can fail."""
    places: Counter[tuple[int, bool]] = Counter()
    for number in range(1000):
        quiz = generated(number)
        for option in range(quiz.content.size):
            places[option, option == quiz.content.right] += 1
    assert places[0, True] > 700


@given(secret=st.text("0123456789abcdef", min_size=24, max_size=64), size=st.integers(2, 6))
def test_every_option_is_shown_once_under_an_id_of_its_own(secret: str, size: int) -> None:
    order = rules.order_of(secret, size)
    assert sorted(order) == list(range(size))
    ids = [rules.option_id(secret, option) for option in range(size)]
    assert len(set(ids)) == size
    assert [rules.option_of(secret, size, one) for one in ids] == list(range(size))
    assert rules.option_of(secret, size, "0") is None


def test_what_is_sent_while_it_is_open_is_the_same_whichever_option_is_right() -> None:
    from dataclasses import replace

    for number in range(200):
        quiz = generated(number)
        first = outgoing(quiz, number)
        for right in range(quiz.content.size):
            other = replace(quiz, content=replace(quiz.content, right=right))
            assert outgoing(other, number) == first


@pytest.mark.row("C9")
async def test_no_payload_tells_who_answered_or_what_is_right(works: Works) -> None:
    """C9, and C7 over the real path: everything that Slack was sent, before and after the reveal."""
    people = users(40, "U0VOTER")
    await works.people(*people)
    await works.bank(question("a", options=["Opt one", "Opt two", "Opt three"], right="Opt two", why="Zanzibar."))
    await works.ask()
    await works.send()
    for number, user in enumerate(people):
        await works.press(user, number % 3)
        works.pass_time(SECOND * 4)
        await works.tally()
        await works.send(1)
    quiz, _ = await works.round()
    before = json.dumps(works.slack.calls, default=str)
    assert "Zanzibar" not in before
    assert quiz.question_id not in before
    assert quiz.secret not in before
    works.pass_time(DAY)
    await works.reveal()
    await works.send()
    everything = json.dumps(works.slack.calls, default=str)
    assert "Zanzibar" in everything
    assert not [user for user in people if user in everything]
    assert works.now() > NOW
