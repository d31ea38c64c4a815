"""Standings, records and names: what is shown of people, and that it betrays no answer. Ties, latecomers, renamed and
deactivated people (C11)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from bot.db.tables.customers import Team
from bot.db.tables.members import Member
from bot.db.tables.quizzes import Question, Quiz, QuizAnswer
from bot.delivery.queue import Rank
from bot.features.home.seams import Viewer
from bot.features.quizzes import rules, service, standings
from bot.features.quizzes.ballots import Ballots
from bot.features.quizzes.jobs import Reveal
from bot.features.quizzes.owed import MyQuizRecord
from bot.features.quizzes.rules import Answer, Content, Limits, Wording
from bot.features.quizzes.standings import Played, quarter_of, standings_of
from bot.slack.words import Words
from tests.features.quizzes.conftest import DAY, SECOND, Works, question, users
from tests.features.stories.given import ADMIN, AMARA, CHANNEL, NOW, SAM, WS

PEOPLE = st.sets(st.sampled_from("ABCDEFGH"))
ROUNDS = st.lists(PEOPLE, max_size=16)
CONTENT = Content(wordings={"en": Wording(text="Q", options=("a", "b", "c"), why="w")}, right=0)


def played(rounds: list[set[str]]) -> list[Played]:
    return [Played(quiz_id=str(number), right=frozenset(right)) for number, right in enumerate(rounds)]


@given(ROUNDS)
def test_no_rise_tells_which_answer_was_right(rounds: list[set[str]]) -> None:
    """For whatever somebody's points rise by, each of the four rounds may have been one they did not get right."""
    before = standings.points_of(played(rounds)[: max(0, len(rounds) // 4 * 4 - 4)])
    after = standings.points_of(played(rounds))
    for person in "ABCDEFGH":
        assert 0 <= after.get(person, 0) - before.get(person, 0) <= 3


@given(ROUNDS, st.integers(0, 15))
def test_a_round_that_was_withdrawn_takes_its_batch_with_it_and_moves_no_other(rounds: list[set[str]], at: int) -> None:
    """Otherwise points before and after would tell who got the withdrawn one, or the next one, right."""
    whole = played(rounds)
    if at >= len(whole):
        return
    gone = [replace(one, right=frozenset(), void=True) if n == at else one for n, one in enumerate(whole)]
    start = at // 4 * 4
    others = standings.points_of(whole[:start]), standings.points_of(whole[start + 4 :])
    points = standings.points_of(gone)
    for person in "ABCDEFGH":
        assert points.get(person, 0) == sum(some.get(person, 0) for some in others)


@given(ROUNDS)
def test_standings_change_only_with_a_whole_batch(rounds: list[set[str]]) -> None:
    names = {person: person for person in "ABCDEFGH"}
    whole = standings_of(played(rounds)[: len(rounds) // 4 * 4], names)
    assert standings_of(played(rounds), names).lines == whole.lines


@pytest.mark.row("C11")
@given(ROUNDS, PEOPLE)
def test_ties_share_a_place_and_only_the_named_are_named(rounds: list[set[str]], named: set[str]) -> None:
    table = standings_of(played(rounds), {person: person for person in named})
    points = standings.points_of(played(rounds))
    assert {line.user_id for line in table.lines} <= named
    for line in table.lines:
        assert line.points == points[line.user_id]
        assert line.place == 1 + sum(points.get(other, 0) > line.points for other in named)
    assert list(table.lines) == sorted(table.lines, key=lambda line: (line.place, line.user_id))


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=6))
def test_shares_are_whole_and_add_up(counts: list[int]) -> None:
    shares = rules.shares(counts)
    assert sum(shares) == (100 if sum(counts) else 0)
    assert all(abs(share - 100 * count / max(1, sum(counts))) < 1 for share, count in zip(shares, counts, strict=True))


def test_a_team_is_named_only_from_five_answers_and_against_another() -> None:
    def answers(team: str, right: int, wrong: int) -> list[Answer]:
        users_of = [f"{team}{number}" for number in range(right + wrong)]
        return [Answer(user_id=user, option=int(n >= right), team_id=team) for n, user in enumerate(users_of)]

    assert rules.result_of(CONTENT, answers("a", 4, 1)).winner is None
    assert rules.result_of(CONTENT, [*answers("a", 4, 1), *answers("b", 4, 0)]).winner is None
    assert rules.result_of(CONTENT, [*answers("a", 4, 1), *answers("b", 3, 2)]).winner == "a"
    assert rules.result_of(CONTENT, [*answers("a", 3, 2), *answers("b", 3, 2)]).winner is None


def test_quarters_begin_at_midnight_where_the_channel_is() -> None:
    begin, end = quarter_of(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Asia/Kolkata")
    assert (begin, end) == (
        datetime(2026, 12, 31, 18, 30, tzinfo=UTC),
        datetime(2027, 3, 31, 18, 30, tzinfo=UTC),
    )


async def name(works: Works, user: str, *, named: bool = True) -> None:
    async with works.sessions.begin() as session:
        await service.set_named(session, WS, user, named, now=works.now())


async def four(works: Works, presses: list[dict[str, int]]) -> None:
    await works.bank(*(question(f"q{number}") for number in range(len(presses))))
    for number, pressed in enumerate(presses):
        await works.play(f"occ{number}", pressed, days=2)


async def test_standings_name_who_wants_it_after_four_quizzes(works: Works) -> None:
    people = users(3)
    await works.people(*people)
    for user in people[:2]:
        await name(works, user)
    await four(works, [dict.fromkeys(people, 0)] * 3 + [{people[0]: 0, people[1]: 1, people[2]: 0}])
    tables = [one for one in works.posted() if one.get("thread_ts")]
    assert "Name of" not in tables[2]["text"]
    assert "They begin after one more quiz." in tables[2]["text"]
    assert "1. Name of U0P0000, 3 points" in tables[3]["text"]
    assert "1. Name of U0P0001, 3 points" in tables[3]["text"]
    assert "U0P0002" not in json.dumps(tables)


@pytest.mark.row("C11")
async def test_renamed_and_deactivated_people_and_one_total(works: Works) -> None:
    people = users(4)
    await works.people(*people)
    for user in people:
        await name(works, user)
    await four(works, [dict.fromkeys(people, 0)] * 4)
    posts = await works.posts()
    async with works.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == people[0]).values(name="Zoë Neu"))
        await session.execute(update(Member).where(Member.user_id == people[1]).values(kind="deactivated"))
        quiz = (await session.scalars(select(Quiz).order_by(Quiz.closes_at.desc()).limit(1))).one()
        post = next(one for one in posts if one.quiz_id == quiz.id)
        found = await service.get_post(session, WS, post.id)
        assert found is not None
        table = await service.standings_at(session, *found)
    assert [(line.place, table.names[line.user_id]) for line in table.standings.lines] == [
        (1, "Zoë Neu"),
        (1, "Name of U0P0002"),
        (1, "Name of U0P0003"),
    ]
    assert quiz.result is not None
    assert quiz.result["counts"] == [4, 0, 0, 0]


async def test_whoever_stops_being_named_is_taken_out_of_what_is_out(works: Works) -> None:
    people = users(2)
    await works.people(*people)
    await name(works, people[0])
    await four(works, [dict.fromkeys(people, 0)] * 4)
    table = [one for one in works.posted() if one.get("thread_ts")][-1]
    assert "Name of U0P0000" in table["text"]
    await name(works, people[0], named=False)
    await works.send(6)
    assert "Name of" not in json.dumps([one for one in works.posted() if one.get("thread_ts")])


async def test_a_record_is_ones_own_and_of_revealed_rounds_only(works: Works) -> None:
    await works.bank(question("a"), question("b"))
    await works.play("occ0", {AMARA: 0, SAM: 1})
    await works.ask("occ1")
    await works.press(AMARA, 0)
    async with works.sessions.begin() as session:
        mine = await service.record_of(session, WS, AMARA, zone="UTC", now=works.now())
        sams = await service.record_of(session, WS, SAM, zone="UTC", now=works.now())
        later = await service.record_of(session, WS, AMARA, zone="UTC", now=NOW + timedelta(days=120))
    assert (mine.answered, mine.right) == (1, 1)
    assert (sams.answered, sams.right) == (1, 0)
    assert later.answered == 0


async def test_nothing_is_told_of_a_round_that_is_not_revealed(works: Works) -> None:
    await works.bank()
    await works.ask()
    await works.press(AMARA, 0)
    _, post = await works.round()
    async with works.sessions.begin() as session:
        assert await service.mine(session, WS, AMARA, post.id, zone="UTC", now=works.now()) is None


async def test_with_scores_off_nothing_of_a_person_is_shown_or_kept(works: Works) -> None:
    await works.bank(question("a"), question("b"))
    async with works.sessions.begin() as session:
        assert not await service.set_scores(session, WS, False, by=AMARA, now=NOW, new_id=works.new_id)
        assert await service.set_scores(session, WS, False, by=ADMIN, now=NOW, new_id=works.new_id)
    people = users(6)
    await works.people(*people)
    await works.play("occ0", dict.fromkeys(people, 0))
    assert await works.answers() == {}
    result, out = works.posted()
    assert "6 have answered" in json.dumps(result["blocks"])
    assert "How did I do?" not in json.dumps(result["blocks"])
    assert "standings" not in out["text"].casefold()
    await works.ask("occ1")
    assert not (await works.press(AMARA, 0)).named
    async with works.sessions.begin() as session:
        viewer = Viewer(workspace_id=WS, user_id=AMARA, team_id=None, roles=frozenset())
        assert await MyQuizRecord(limits=Limits()).render(session, viewer, Words()) == []
        admin = replace(viewer, user_id=ADMIN, roles=frozenset({"admin"}))
        assert "Turn scores on" in json.dumps(await MyQuizRecord(limits=Limits()).render(session, admin, Words()))


async def test_turning_scores_off_hides_what_was_answered_before_and_deletes_what_comes(works: Works) -> None:
    """As `answers.scores_are_off` says it."""
    await works.bank(question("a"), question("b"))
    viewer = Viewer(workspace_id=WS, user_id=AMARA, team_id=None, roles=frozenset())

    async def shown(scores: bool) -> str:
        async with works.sessions.begin() as session:
            assert await service.set_scores(session, WS, scores, by=ADMIN, now=works.now(), new_id=works.new_id)
            return json.dumps(list(await MyQuizRecord(limits=Limits()).render(session, viewer, Words())))

    await works.play("occ0", {AMARA: 0})
    assert await shown(False) == "[]"
    await works.play("occ1", {AMARA: 0, SAM: 0})
    assert await works.answers() == {AMARA: 0}
    assert "This quarter: 1 right of 1." in await shown(True)


async def test_the_default_turns_scores_off_where_no_admin_has_said_otherwise(works: Works) -> None:
    silent = Limits(scores=False)
    await works.bank()
    await works.ask()
    casting = Ballots(sessions=works.sessions, limits=silent)
    assert not (await casting.cast(await works.click(AMARA, 0))).named
    works.pass_time(DAY + SECOND)
    assert await Reveal(edge=works.edge, limits=silent)(works.now()) == 1
    assert await works.answers() == {}


async def test_the_team_that_knew_best_is_named_in_the_result_and_the_standings(works: Works) -> None:
    async with works.sessions.begin() as session:
        session.add(Team(id="fin", workspace_id=WS, name="Finance", name_key="finance"))
    line, fin = users(5, "U0L"), users(5, "U0F")
    await works.people(*line, team="line2")
    await works.people(*fin, team="fin")
    await works.bank()
    await works.play("occ0", {**dict.fromkeys(line, 0), **dict.fromkeys(fin, 1)})
    result, _, table = works.posted()
    assert "Line 2 knew best" in json.dumps(result["blocks"])
    assert "Knew best: Line 2 once" in table["text"]


async def test_whoever_is_erased_leaves_the_totals_as_they_were(works: Works) -> None:
    people = users(6)
    await works.people(*people)
    await works.bank()
    await works.play("occ0", dict.fromkeys(people, 0))
    (post,) = await works.posts()
    async with works.sessions.begin() as session:
        await session.execute(delete(QuizAnswer).where(QuizAnswer.user_id == people[0]))
        await session.execute(delete(Member).where(Member.user_id == people[0]))
        found = await service.get_post(session, WS, post.id)
        assert found is not None
        await service.owe_message(session, found[0], shown=6, rank=Rank.REVEAL, now=works.now())
    await works.send()
    assert "6 have answered" in json.dumps(works.posted()[0]["blocks"])
    async with works.sessions.begin() as session:
        assert len(list(await session.scalars(select(Question)))) == 1
    assert post.channel_id == CHANNEL
