"""The storyboards, walked in a browser: the real page, the real program, one company."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser import chromium
from tests.browser.chromium import NARROW
from tests.flows.company import ADMIN, MAKER, MANAGER
from tests.flows.conftest import Flow, flowing
from tests.flows.test_stories import set_up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="session")]
Open = Callable[..., Awaitable[Page]]
HEADLINE = "Set number"
QUESTION, ANSWER = "Which shops have this set?", "The one at the corner has two on the wall."
WRITTEN = "How many of these do they sell in a week?"
SOON = 30_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Flow]:
    """One company for all journeys, each in its own channel. It is half past twelve UTC there, when everybody is awake:
    nobody is written to at night."""
    folder = tmp_path_factory.mktemp("company")
    noon = datetime.now(UTC).replace(hour=12, minute=30, second=0, microsecond=0)
    async with flowing(folder, f"sqlite:///{folder / 'canteen.db'}", channels=6) as flow:
        flow.env["CANTEEN_CLOCK_OFFSET"] = str(int((noon - datetime.now(UTC)) / timedelta(seconds=1)))
        await flow.install(stories=8)
        await flow.start()
        yield flow


@pytest_asyncio.fixture(loop_scope="session")
async def window(running: Flow, tabs: chromium.Tabs) -> AsyncIterator[Open]:
    """`await window("U0MAX", "C0LINE0")`: what that person sees there."""
    async with chromium.windows(tabs, running.url) as windows:
        yield windows.open
    for who in (ADMIN, MAKER, MANAGER):  # windows of Slack stay open for a person, whichever page shows them
        await running.send("act", {"as": who, "do": "close", "all": True})


async def post_now(flow: Flow, channel: str) -> None:
    await set_up(flow, channel, "story:mon@10:00")
    code, printed = await flow.canteen("post-now", channel, "story")
    assert code == 0, printed


def post(page: Page) -> Locator:
    return page.get_by_role("article").filter(has_text=HEADLINE).first


async def ask(page: Page, where: Page | Locator) -> None:
    await where.get_by_role("button", name="Ask about this customer").first.click()
    window = page.get_by_role("dialog", name=re.compile("^Ask about"))
    await window.get_by_role("textbox", name="Your question").fill(QUESTION)
    await window.get_by_role("button", name="Ask", exact=True).click()
    await expect(window).to_have_count(0)


async def test_an_employee_sees_a_story_arrive_reads_it_and_asks_and_the_account_manager_answers(
    running: Flow, window: Open
) -> None:
    page = await window(MAKER, "C0LINE0")
    await post_now(running, "C0LINE0")
    await expect(post(page)).to_be_visible(timeout=SOON)
    await post(page).get_by_role("button", name="Read the whole story").click()
    reading = page.get_by_role("dialog", name="The whole story")
    await expect(reading).to_contain_text("How it began")
    await reading.get_by_role("button", name="Close").last.click()
    await ask(page, post(page))

    manager = await window(MANAGER, "U0CANTEEN")
    asked = manager.get_by_role("article").filter(has_text=QUESTION)
    await expect(asked).to_contain_text("Max Órfão", timeout=SOON)
    await asked.hover()
    await asked.get_by_role("button", name=re.compile("[Rr]eply")).first.click()
    thread = manager.get_by_role("complementary", name="Thread")
    await thread.get_by_role("textbox", name="Reply").fill(ANSWER)
    await thread.get_by_role("textbox", name="Reply").press("Enter")
    await expect(asked.first).to_contain_text("You answered this.", timeout=SOON)

    answered = await window(MAKER, "U0CANTEEN")
    answer = answered.get_by_role("article").filter(has_text=ANSWER)
    await expect(answer).to_contain_text("Sam Ortega", timeout=SOON)
    await expect(answer).to_contain_text(QUESTION)


async def test_an_admin_adds_a_channel_from_home_looks_ahead_and_has_a_test_sent(running: Flow, window: Open) -> None:
    page = await window(ADMIN, "home")
    await page.get_by_role("button", name="Add a channel").click()
    form = page.get_by_role("dialog", name="Add a channel")
    await choose(page, form.get_by_role("combobox", name="Channel", exact=True), "line-1")
    await form.get_by_role("checkbox", name="Tuesday").first.check()
    await choose(page, form.get_by_role("combobox", name=re.compile("^Teams that sit there")), "Line 2")
    await form.get_by_role("button", name="Show me the next five posts").click()
    ahead = page.get_by_role("dialog", name="Next five posts")
    await expect(ahead).to_contain_text("Here because Line 2 makes the PB-7 power board in it.")
    await ahead.get_by_role("button", name="Back").click()
    await form.get_by_role("button", name="Save").click()
    saved = page.get_by_role("dialog", name="Saved")
    await expect(saved).to_contain_text("line-1", timeout=SOON)
    await saved.get_by_role("button", name="More options").click()
    await page.get_by_role("menuitem", name="Post a test to me").click()
    await expect(page.get_by_role("dialog", name="Post a test to me")).to_contain_text("It is on its way")
    messages = await window(ADMIN, "U0CANTEEN")
    await expect(post(messages)).to_contain_text("A test, only for you", timeout=SOON)


async def choose(page: Page, combobox: Locator, what: str) -> None:
    await combobox.click()
    await page.get_by_role("searchbox", name="Search options").fill(what)
    await page.get_by_role("option", name=re.compile(what)).first.click()
    await page.keyboard.press("Escape") if await page.get_by_role("option").count() else None


async def test_an_admin_recalls_a_post_and_stops_all_posting_each_in_two_presses(running: Flow, window: Open) -> None:
    await post_now(running, "C0LINE2")
    channel = await window(MAKER, "C0LINE2")
    await expect(post(channel)).to_be_visible(timeout=SOON)
    page = await window(ADMIN, "home")
    await expect(page.get_by_text("#line-2 ·").first).to_be_visible(timeout=SOON)
    recall = page.get_by_role("button", name="Recall this post").first  # the newest post
    await recall.click()
    sure = page.get_by_role("alertdialog", name="Recall this post?")
    await sure.get_by_role("button", name="Keep it").click()
    await expect(post(channel)).to_be_visible()
    await recall.click()
    await sure.get_by_role("button", name="Recall it").click()
    await expect(post(channel)).to_have_count(0, timeout=SOON)
    await page.get_by_role("dialog").filter(has_text="Taken back").get_by_role("button", name="Close").last.click()
    await page.get_by_role("button", name="Stop all posting").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Stop everything").click()
    await expect(page.get_by_text("All posting is stopped.").first).to_be_visible(timeout=SOON)
    code, printed = await running.canteen("post-now", "C0LINE2", "story")
    assert (code, "stopped" in printed) == (1, True)
    await page.get_by_role("button", name="Start posting again").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Start again").click()
    await expect(page.get_by_role("button", name="Stop all posting")).to_be_visible(timeout=SOON)


async def test_a_customer_is_found_by_a_command_that_completes_itself(running: Flow, window: Open) -> None:
    page = await window(MAKER, "C0LINE0")
    writing = page.get_by_role("textbox", name="Message #line-0")
    await writing.fill("/cust")
    offered = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await offered.filter(has_text=re.compile(r"/customer(?!-)")).first.click()
    await expect(writing).to_have_value(re.compile("^/customer "))
    await writing.press_sequentially("find orion")
    await writing.press("Enter")
    card = page.get_by_role("article").filter(has_text="Looked after by")
    await expect(card).to_contain_text("Sam Ortega")
    await expect(card.get_by_role("button", name="Ask about this customer")).to_be_visible()


async def test_a_direct_message_becomes_a_question_once_its_customer_is_chosen(running: Flow, window: Open) -> None:
    page = await window(MAKER, "U0CANTEEN")
    writing = page.get_by_role("textbox", name="Message Canteen")
    await writing.fill(WRITTEN)
    await writing.press("Enter")
    which = page.get_by_role("article").filter(has_text="Which customer is this about?")
    await choose(page, which.get_by_role("combobox"), "Orion")
    await which.get_by_role("button", name="Ask").click()
    manager = await window(MANAGER, "U0CANTEEN")
    asked = manager.get_by_role("article").filter(has_text=WRITTEN)
    await expect(asked).to_contain_text("asks about Orion", timeout=SOON)


async def test_in_a_narrow_window_a_story_is_read_and_asked_about(running: Flow, window: Open) -> None:
    await post_now(running, "C0LINE4")
    page = await window(MAKER, "C0LINE4", size=NARROW)
    await expect(post(page)).to_be_visible(timeout=SOON)
    await post(page).get_by_role("button", name="Read the whole story").click()
    reading = page.get_by_role("dialog", name="The whole story")
    await expect(reading).to_contain_text("How it began")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW[0]
    await reading.get_by_role("button", name="Close").last.click()
    await ask(page, post(page))
