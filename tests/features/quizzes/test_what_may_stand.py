"""What a channel may know of a quiz is read again whenever something of it is sent there."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.db.tables.channels import Channel
from bot.db.tables.customers import Customer, CustomerName
from bot.db.tables.delivery import Delivery
from bot.features.channels.seams import Due
from bot.features.quizzes import jobs, service, store, withdrawing
from bot.features.quizzes.rules import Told
from bot.slack.words import Words
from tests.features.quizzes.conftest import DAY, SECOND, Works, question, users
from tests.features.stories.given import ADMIN, AMARA, CHANNEL, EDITOR, NOW, SAM, WS


async def named(works: Works) -> None:
    """As catalogues keep names: by their keys, aliases too."""
    async with works.sessions.begin() as session:
        session.add(CustomerName(workspace_id=WS, name_key="halden bikes", customer_id="cust2"))


async def shared_with_others(works: Works) -> None:
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(outsiders=True))


@pytest.mark.parametrize("change", ["outsiders", "confidential"])
async def test_what_was_chosen_is_not_posted_where_it_would_name_a_customer_now(works: Works, change: str) -> None:
    await named(works)
    await works.bank(question("a", customer=None, options=["Halden", "Nobody"], right="Nobody"))
    assert await works.ask() is None
    await _change(works, change)
    await works.send()
    assert works.posted() == []


@pytest.mark.parametrize("change", ["outsiders", "confidential"])
async def test_an_answer_that_must_not_stand_there_any_more_is_not_shown(works: Works, change: str) -> None:
    await named(works)
    await works.bank(question("a", customer=None, options=["Halden", "Nobody"], right="Halden"))
    await works.ask()
    await works.send()
    await works.press(AMARA, 0)
    await _change(works, change)
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 1
    await works.send(4)
    (message,) = works.posted()
    assert message["text"] == "This quiz is over. Its answer cannot be shown here any more."
    assert "Halden" not in json.dumps(message)


async def _change(works: Works, change: str) -> None:
    if change == "outsiders":
        await shared_with_others(works)
        return
    async with works.sessions.begin() as session:
        await session.execute(update(Customer).where(Customer.id == "cust2").values(confidential=True))


async def test_looking_ahead_tells_no_answer(works: Works) -> None:
    """Whoever sets a channel up may answer its quizzes later."""
    given = [question(f"n{number}", right="Trenvista", why=f"Secret reason {number}.") for number in range(6)]
    await works.bank(*given)
    audience = await works.audience()
    dues = [Due(occurrence_id=f"o{n}", kind="quiz", due_at=NOW + timedelta(days=n)) for n in range(5)]
    async with works.sessions.begin() as session:
        ahead = await jobs.QuizKind().preview(session, audience, dues, Words(locale="en-US"))
    assert len({one.headline for one in ahead}) == 5
    assert all(one.headline and one.headline.startswith("Question n") for one in ahead)
    shown = " ".join(f"{one.headline} {one.why}" for one in ahead)
    assert not any(word in shown for word in ("Trenvista", "Secret", "reason", "Orion"))


async def test_a_channels_owner_takes_back_only_what_stands_in_their_channels_alone(works: Works) -> None:
    await works.people("U0OWNER")
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(added_by="U0OWNER"))
    await works.another_channel("C0OTHER")
    await works.bank(question("a"), question("b"))
    await works.ask("occ1")
    await works.ask("occ2", channel="C0OTHER", due_at=works.now())
    await works.send()
    _, post = await works.round()

    async def withdraw(by: str) -> int | None:
        async with works.sessions.begin() as session:
            return await withdrawing.withdraw(session, WS, post.id, by=by, now=works.now(), new_id=works.new_id)

    assert await withdraw("U0OWNER") is None
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(added_by="U0OWNER"))
    assert await withdraw("U0OWNER") == 2


async def test_how_late_one_may_come_is_as_set(works: Works) -> None:
    await works.bank()
    await works.ask(lateness=timedelta(minutes=5))
    async with works.sessions.begin() as session:
        (owed,) = await session.scalars(select(Delivery).where(Delivery.kind == service.POST))
        assert owed.late_after == works.now() + timedelta(minutes=5)


async def test_home_offers_an_owner_what_stands_in_their_channels_alone(works: Works) -> None:
    await works.people("U0OWNER")
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(added_by="U0OWNER"))
    await works.another_channel("C0OTHER")
    await works.bank(question("a"), question("b"))
    await works.ask("occ1")
    await works.send()
    assert await offered(works, "U0OWNER") == 1
    assert await offered(works, AMARA) == 0
    await works.ask("occ2", channel="C0OTHER", due_at=works.now())
    await works.send()
    assert await offered(works, "U0OWNER") == 0


async def test_home_offers_an_account_manager_what_is_revealed(works: Works) -> None:
    """Before that it would say which customer the question is about."""
    await works.bank()
    await works.ask()
    await works.send()
    assert await offered(works, SAM) == 0
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 1
    assert await offered(works, SAM) == 1


async def offered(works: Works, user: str) -> int:
    async with works.sessions.begin() as session:
        return len(await withdrawing.withdrawable_by(session, WS, user, limit=30))


async def test_a_post_of_which_one_hears_only_after_the_reveal_becomes_the_answer_too(works: Works) -> None:
    """Its call was in doubt until then."""
    await works.bank()
    await works.ask()
    await works.send()
    _, post = await works.round()
    async with works.sessions.begin() as session:
        await store.change_post(session, WS, post.id, ts=None, posted_at=None, outcome=None)
    assert (await works.press(SAM, 0)).told is Told.COUNTED
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 1
    async with works.sessions.begin() as session:
        found = await service.get_post(session, WS, post.id)
        assert found is not None
        await service.sent(session, found[0], post.ts, now=works.now())
    await works.send(4)
    assert "The right answer: Orion" in json.dumps(works.posted()[0]["blocks"])
    assert "The answer is out" in works.posted()[1]["text"]


async def test_with_scores_off_the_standings_that_are_out_are_taken_back(works: Works) -> None:
    await works.bank()
    await works.play("occ1", {AMARA: 0})
    assert len(works.posted()) == 3
    async with works.sessions.begin() as session:
        assert await service.set_scores(session, WS, False, by=ADMIN, now=works.now(), new_id=works.new_id)
    await works.send(3)
    result, out = works.posted()
    assert "Standings" not in json.dumps([result, out])


async def test_home_lists_a_quiz_of_several_channels_once(works: Works) -> None:
    from bot.features.home.seams import Viewer
    from bot.features.quizzes.owed import RecentQuizzes

    await works.another_channel("C0OTHER")
    await works.bank()
    await works.ask("occ1")
    await works.ask("occ2", channel="C0OTHER", due_at=works.now())
    await works.send()
    viewer = Viewer(workspace_id=WS, user_id=EDITOR, team_id=None, roles=frozenset({"editor"}))
    async with works.sessions.begin() as session:
        shown = await RecentQuizzes().render(session, viewer, Words(locale="en-US"))
    assert json.dumps(shown).count("quizzes:withdraw") == 1
    assert "#c0other" in json.dumps(shown)
    assert len(users(1)) == 1
    assert CHANNEL in {post.channel_id for post in await works.posts()}
