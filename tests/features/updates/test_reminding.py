"""Customers without news: who is asked, when, how often; and new hands."""

import json
from datetime import timedelta

from bot.features.customers.seams import Moved
from bot.features.home.seams import Viewer
from bot.features.updates import handover, jobs
from bot.features.updates.rules import Defaults
from bot.features.updates.sections import CustomersWithoutNews, NewsToWrite
from bot.slack.words import Words
from tests.features.questions.people import EDITOR
from tests.features.updates.conftest import AMARA, HALDEN, KIM, ORION, SAM, TOM, WS, Desk

DAY, USUAL = timedelta(days=1), Defaults()


async def remind(desk: Desk, days: float = 0) -> int:
    """How many reminders are owed after so many days."""
    desk.pass_time(timedelta(days=days))
    before = len(await desk.deliveries("updates.reminder"))
    await jobs.RemindOfNews(edge=desk.app.edge, defaults=USUAL)(desk.clock.now())
    await desk.rounds()
    return len([one for one in await desk.deliveries("updates.reminder") if one.method == "post"]) - before


async def posted(desk: Desk) -> list[str]:
    return [one.target for one in await desk.deliveries("updates.reminder") if one.method == "post"]


async def test_a_customer_with_adopters_is_due_after_21_days_and_one_without_never(desk: Desk) -> None:
    await remind(desk, 60)
    assert await posted(desk) == []
    await desk.adopt(AMARA)  # a Saturday: 23 January
    await remind(desk, 19)
    assert await posted(desk) == []
    await remind(desk, 5)
    assert await posted(desk) == [SAM]
    assert "Orion" in desk.about(SAM, "would like to hear how it is doing")["text"]


async def test_a_customer_may_have_an_interval_of_its_own(desk: Desk) -> None:
    await desk.change_customer(ORION, news_every_days=3)
    await desk.adopt(AMARA)
    await remind(desk, 3)
    assert await posted(desk) == [SAM]


async def test_only_in_working_hours_and_once_a_week(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await remind(desk, 21 + 4)  # Saturday
    assert await posted(desk) == []
    await remind(desk, 2)
    assert await posted(desk) == [SAM]
    await remind(desk, 1)
    assert await posted(desk) == [SAM]
    await remind(desk, 6)
    assert await posted(desk) == [SAM, SAM]


async def test_after_an_update_nobody_is_asked_for_three_weeks(desk: Desk) -> None:
    await desk.adopt(AMARA)
    desk.pass_time(timedelta(days=20))
    await desk.update(SAM, "Orion They doubled the order")
    await remind(desk, 2)
    assert await posted(desk) == []


async def test_nothing_new_for_all_is_recorded_shown_on_home_and_sent_to_nobody(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.give(HALDEN, SAM)
    await desk.adopt(TOM, HALDEN)
    await remind(desk, 21)
    (reminder,) = await desk.deliveries("updates.reminder")
    await desk.press(KIM, "updates:nothing_new", reminder.ref["reminder"])
    assert "not there any more" in desk.told()
    await desk.press(SAM, "updates:nothing_new", reminder.ref["reminder"])
    assert "Noted for 2 customers." in desk.told()
    await desk.rounds()
    assert "nothing left to say" in desk.shown(SAM)
    assert "nothing new as of" in await home(desk, SAM)
    assert "nothing new" not in desk.shown(AMARA) + desk.shown(TOM)
    await remind(desk, 7)
    assert await posted(desk) == [SAM]


async def home(desk: Desk, user: str, *roles: str) -> str:
    viewer = Viewer(workspace_id=WS, user_id=user, team_id=None, roles=frozenset(roles))
    async with desk.sessions.begin() as session:
        shown = [
            *await NewsToWrite(defaults=USUAL).render(session, viewer, Words()),
            *await CustomersWithoutNews(defaults=USUAL).render(session, viewer, Words()),
        ]
    return json.dumps(shown, ensure_ascii=False)


async def test_after_two_unanswered_reminders_the_deputy_is_asked_and_editors_see_the_customer(desk: Desk) -> None:
    await desk.change_customer(ORION, deputy=KIM)
    await desk.adopt(AMARA)
    await remind(desk, 21)
    assert "Orion" not in await home(desk, EDITOR, "editor")
    await remind(desk, 7)
    await remind(desk, 7)
    assert await posted(desk) == [SAM, SAM, KIM]
    assert "you stand in for its account manager" in desk.shown(KIM)
    seen = await home(desk, EDITOR, "editor")
    assert "Orion" in seen
    assert "Sam" not in seen


async def test_who_stopped_messages_is_not_reminded_and_the_deputy_is_asked_as_late_as_ever(desk: Desk) -> None:
    await desk.change_customer(ORION, deputy=KIM)
    await desk.adopt(AMARA)
    await desk.change_person(SAM, stopped_at=desk.clock.now())
    await remind(desk, 21)
    assert "Orion" not in await home(desk, EDITOR, "editor")
    await remind(desk, 7)
    assert await posted(desk) == []
    await remind(desk, 7)
    assert await posted(desk) == [KIM]
    assert "Orion" in await home(desk, EDITOR, "editor")


async def test_an_absent_account_managers_deputy_is_asked_at_once(desk: Desk) -> None:
    await desk.change_customer(ORION, deputy=KIM)
    await desk.adopt(AMARA)
    await desk.change_person(SAM, kind="deactivated")
    await remind(desk, 21)
    assert await posted(desk) == [KIM]


async def test_what_was_written_about_since_is_no_longer_asked_for(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await remind(desk, 21)
    await desk.update(SAM, "Orion They doubled the order")
    await desk.rounds()
    assert "nothing left to say" in desk.shown(SAM)
    assert "*Orion*: They doubled the order" in await home(desk, SAM)


# -- new hands --------------------------------------------------------------------------------------------------------


async def change_hands(desk: Desk, customer: str, before: str | None, after: str | None) -> None:
    await desk.give(customer, after)
    async with desk.sessions.begin() as session:
        moved = Moved(customer_id=customer, before=before, after=after)
        await handover.manager_changed(session, WS, [moved], now=desk.clock.now())


async def test_adopters_hear_who_is_new_and_the_new_one_gets_the_history(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.update(SAM, "Orion They doubled the order")
    await desk.rounds()
    desk.pass_time(DAY)
    await change_hands(desk, ORION, SAM, KIM)
    await desk.rounds()
    assert "Kim Duarte looks after Orion from now on." in desk.shown(AMARA)
    got = desk.about(KIM, "You look after this customer now")
    assert "They doubled the order" in json.dumps(got)
    assert "1 adopter" in json.dumps(got)
    assert "0 open questions" in json.dumps(got)


async def test_many_changes_of_a_day_come_in_one_message(desk: Desk) -> None:
    await desk.give(HALDEN, SAM)
    await desk.adopt(AMARA)
    await desk.adopt(AMARA, HALDEN)
    desk.pass_time(DAY)
    await change_hands(desk, ORION, SAM, KIM)
    await change_hands(desk, HALDEN, SAM, KIM)
    await desk.rounds()
    told = desk.about(AMARA, "looks after")
    assert "Orion" in told["text"]
    assert "Halden" in told["text"]
    assert "these 2 customers" in desk.about(KIM, "You look after")["text"]


async def test_where_nobody_is_new_nobody_is_told(desk: Desk) -> None:
    await desk.adopt(AMARA)
    desk.pass_time(DAY)
    await change_hands(desk, ORION, SAM, None)
    await desk.rounds()
    assert "looks after" not in desk.shown(AMARA)
