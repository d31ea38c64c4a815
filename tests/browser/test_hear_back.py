"""People answer, adopt and hear back, walked in a browser: the real page, the real program, one company for all."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, time
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, expect
from sqlalchemy import delete, update

from bot.db.tables.adoptions import HatDraw
from bot.db.tables.members import DmTurn, Member
from bot.db.tables.quizzes import Quiz, QuizPost
from bot.features.members import service as members
from tests.browser import chromium
from tests.browser.chromium import NARROW
from tests.browser.test_journeys import SOON, choose
from tests.features.stories.given import png
from tests.flows.company import ADMIN, MAKER, MANAGER, OTHER
from tests.flows.conftest import Flow, flowing
from tests.flows.test_quizzes import BANK
from tests.flows.test_stories import set_up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="session")]
Open = Callable[..., Awaitable[Page]]
TOLD, OFFERED = "They doubled the spring order", "They hung our board on the wall of their lobby"
ASKED, ANSWERED = "Which of our boards is in it?", "The PB-7, and they love how quick it starts."


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Flow]:
    """Otto is the editor; nobody has quiet hours, so that it may be any time of the day here."""
    folder = tmp_path_factory.mktemp("company")
    async with flowing(folder, f"sqlite:///{folder / 'canteen.db'}", channels=4) as flow:
        await flow.install(stories=4)
        async with flow.parts() as parts, parts.sessions.begin() as session:
            await session.execute(update(Member).values(quiet_from=time(0), quiet_until=time(0)))
            given: dict[str, Any] = {"give": True, "by": ADMIN, "now": parts.clock.now(), "new_id": parts.edge.new_id}
            await members.change_role(session, "T0FLOW", OTHER, members.EDITOR, **given)
        for number in range(3):
            await set_up(flow, f"C0LINE{number}", "story:mon@10:00")
        await flow.start()
        yield flow


@pytest_asyncio.fixture(loop_scope="session")
async def window(running: Flow, tabs: chromium.Tabs) -> AsyncIterator[Open]:
    """`await window("U0MAX", "C0LINE0")`: what that person sees there, on a new day."""
    await change(running, delete(DmTurn))
    async with chromium.windows(tabs, running.url) as windows:
        yield windows.open
    for who in (ADMIN, MAKER, MANAGER, OTHER):
        await running.send("act", {"as": who, "do": "close", "all": True})


async def change(flow: Flow, *statements: Any) -> None:
    async with flow.parts() as parts, parts.sessions.begin() as session:
        for statement in statements:
            await session.execute(statement)


def article(page: Page | Locator, words: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("article").filter(has_text=words)


async def write(page: Page, text: str, box: str = "Message Canteen") -> None:
    await page.get_by_role("textbox", name=box).fill(text)
    await page.get_by_role("textbox", name=box).press("Enter")


async def thread_of(page: Page, message: Locator) -> Locator:
    await message.hover()
    await message.get_by_role("button", name="Reply in thread").click()
    return page.get_by_role("complementary", name="Thread")


async def close_notice(page: Page, form: Locator) -> None:
    """What is said in the window after it was sent."""
    await expect(form).to_have_count(0, timeout=SOON)
    if await page.get_by_role("dialog").count():
        await page.get_by_role("dialog").get_by_role("button", name="Close").last.click()


async def answer_in_thread(page: Page, message: Locator, words: str) -> None:
    thread = await thread_of(page, message)
    await thread.get_by_role("textbox", name="Reply").fill(words)
    await thread.get_by_role("textbox", name="Reply").press("Enter")


async def test_a_quiz_is_answered_in_private_changed_closed_and_revealed(running: Flow, window: Open) -> None:
    bank = running.folder / "bank.yaml"
    bank.write_text(BANK, encoding="utf-8")
    assert (await running.canteen("import", "quizzes", str(bank)))[0] == 0
    await set_up(running, "C0LINE0", "quiz:mon@10:00")
    assert (await running.canteen("post-now", "C0LINE0", "quiz"))[0] == 0
    page, narrow = await window(MAKER, "C0LINE0"), await window(OTHER, "C0LINE0", size=NARROW)
    quiz = article(page, "Which of these has been with us longest?").first
    await quiz.get_by_role("button", name="Hälden").click(timeout=SOON)
    await expect(article(page, "You chose Hälden")).to_contain_text("Only visible to you", timeout=SOON)
    # The local Slack refuses a press on what is edited in that very moment.
    await expect(quiz).to_contain_text("One has answered", timeout=SOON)
    await quiz.get_by_role("button", name="Orion").click()
    await expect(article(page, "You chose Orion").last).to_be_visible(timeout=SOON)
    await article(narrow, "Which of these").first.get_by_role("button", name="Somebody else").click()
    await expect(article(narrow, "You chose Somebody else")).to_be_visible(timeout=SOON)
    await expect(article(narrow, "You chose Orion")).to_have_count(0)
    await expect(quiz).to_contain_text("2 have answered", timeout=SOON)
    await expect(quiz).not_to_contain_text("right answer")

    await change(running, *(update(table).values(closes_at=datetime.now(UTC)) for table in (Quiz, QuizPost)))
    await expect(quiz).to_contain_text("The right answer: Orion", timeout=2 * SOON)
    await expect(article(page, "The answer is out:").last).to_be_visible(timeout=SOON)
    await quiz.get_by_role("button", name="How did I do?").click()
    await expect(page.get_by_text(re.compile("You chose Orion|right", re.IGNORECASE)).last).to_be_visible(timeout=SOON)
    assert await narrow.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


async def test_an_update_reaches_its_adopter_who_thanks_asks_and_is_answered(running: Flow, window: Open) -> None:
    page, manager = await window(MAKER, "U0CANTEEN"), await window(MANAGER, "U0CANTEEN")
    await write(page, "/customer adopt Orion")
    thread_head = article(page, "Orion is your customer now").first
    await expect(thread_head).to_be_visible(timeout=SOON)

    await write(manager, f"/customer-update Orion {TOLD}")
    form = manager.get_by_role("dialog", name="Write an update")
    await expect(form.get_by_role("textbox", name="What is new?")).to_have_value(TOLD, timeout=SOON)
    await form.get_by_role("button", name="Send").click()
    await close_notice(manager, form)
    receipt = article(manager, "Your update about Orion").first
    await expect(receipt).to_contain_text("1 adopter", timeout=SOON)

    thread = await thread_of(page, thread_head)
    came = article(thread, TOLD)
    await expect(came).to_be_visible(timeout=2 * SOON)
    await came.get_by_role("button", name="Thank Sam").click()
    await came.get_by_role("button", name="Ask Sam").click()
    asking = page.get_by_role("dialog", name="Ask about Orion")
    await asking.get_by_role("textbox", name="Your question").fill(ASKED)
    await asking.get_by_role("button", name="Ask", exact=True).click()
    await close_notice(page, asking)

    asked = article(manager, ASKED).first
    await expect(asked).to_contain_text("Max Órfão", timeout=SOON)
    await answer_in_thread(manager, asked, ANSWERED)
    await page.keyboard.press("Escape")
    await expect(page.get_by_text(ANSWERED).first).to_be_visible(timeout=SOON)


async def test_people_draw_a_customer_out_of_the_hat(running: Flow, window: Open) -> None:
    admin, page = await window(ADMIN, "home"), await window(OTHER, "C0LINE1")
    await admin.get_by_role("button", name="Open a hat draw").first.click(timeout=SOON)
    form = admin.get_by_role("dialog", name="Open a hat draw")
    await choose(admin, form.get_by_role("combobox", name="Channel", exact=True), "line-1")
    await form.get_by_role("button", name="Open", exact=True).click()
    hat = article(page, "in the hat").first
    await hat.get_by_role("button", name="I'm in").or_(hat.get_by_role("button", name="I’m in")).click(timeout=SOON)
    await expect(article(page, "You are in.")).to_contain_text("Only visible to you", timeout=SOON)
    await change(running, update(HatDraw).values(draw_at=datetime.now(UTC)))
    await expect(article(page, "drew a customer").last).to_be_visible(timeout=2 * SOON)
    mine = await window(OTHER, "U0CANTEEN", size=NARROW)
    introduced = article(mine, "is your customer now").first
    await expect(introduced.get_by_role("button", name="Propose a first visit")).to_be_visible(timeout=SOON)
    manager = await window(MANAGER, "U0CANTEEN")
    await expect(article(manager, "Otto Berg adopted").get_by_role("button", name="Say hello").first).to_be_visible(
        timeout=SOON
    )


async def test_an_offered_update_is_approved_by_an_editor_and_reaches_a_channel(running: Flow, window: Open) -> None:
    manager, editor = await window(MANAGER, "U0CANTEEN"), await window(OTHER, "home")
    await write(manager, f"/customer-update Orion {OFFERED}")
    form = manager.get_by_role("dialog", name="Write an update")
    await form.get_by_role("button", name="Headline, picture, channels and more").click()
    await form.get_by_role("textbox", name="Headline").fill("A board on the wall", timeout=SOON)
    await form.get_by_role("checkbox", name="Offer it as a story, with my name").check()
    await form.get_by_role("checkbox", name="There is nothing personal").check()
    await form.get_by_role("button", name="Send").click()
    await expect(form).to_have_count(0)
    await approve(editor, "A board on the wall", "line-2")
    channel = await window(MAKER, "C0LINE2")
    await expect(article(channel, "A board on the wall").last).to_be_visible(timeout=2 * SOON)


async def approve(page: Page, headline: str, channel: str) -> None:
    """As an editor: from Home, at once into that channel."""
    look = page.get_by_role("button", name=re.compile(f"Look at: .*{headline}"))
    approving = page.get_by_role("dialog").get_by_role("button", name="Approve")
    for _ in range(8):  # a photo is fetched first
        await look.first.click(timeout=SOON)
        await expect(page.get_by_role("dialog")).to_contain_text("since", timeout=SOON)
        if await approving.count():
            break
        await page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await approving.click(timeout=SOON)
    deciding = page.get_by_role("dialog", name="Approve")
    await deciding.get_by_role("radio", name="At once, in these channels").check()
    if not await deciding.get_by_role("list", name="Chosen").filter(has_text=channel).count():  # else it is suggested
        await choose(page, deciding.get_by_role("combobox", name=re.compile("^Channels")), channel)
    await deciding.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("dialog").filter(has_text="Approved")).to_be_visible(timeout=SOON)


async def test_a_photo_spotted_in_a_shop_comes_back_as_a_post(running: Flow, window: Open) -> None:
    page, editor = await window(MAKER, "U0CANTEEN", size=NARROW), await window(OTHER, "home")
    photo = FilePayload(name="shop.png", mimeType="image/png", buffer=png())
    await page.get_by_label("Files to send").set_input_files(photo)
    await write(page, "In the window!")
    asked = article(page, "is it a photo of our work")
    await asked.last.get_by_role("button", name=re.compile("Spotted")).click(timeout=SOON)
    form = page.get_by_role("dialog", name="Spotted!")
    await choose(page, form.get_by_role("combobox", name=re.compile("^Which product")), "PB-7")
    await form.get_by_role("textbox", name="Where?").fill("Corner shop in Pune")
    await form.get_by_role("button", name="Send it in").click()
    await expect(page.get_by_role("dialog").filter(has_text="It is with the editors")).to_be_visible(timeout=SOON)
    await page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    await expect(article(page, "is with the editors").last).to_be_visible(timeout=SOON)
    await running.act(OTHER, "home")
    await approve(editor, "Spotted: PB-7", "line-2")
    channel = await window(ADMIN, "C0LINE2")
    await expect(article(channel, "Corner shop in Pune").last).to_be_visible(timeout=2 * SOON)
    await expect(article(page, "Otto Berg took").get_by_role("button", name="1 reply")).to_be_visible(timeout=SOON)


async def test_an_admin_gives_a_channel_a_quiz_without_leaving_slack(running: Flow, window: Open) -> None:
    page = await window(ADMIN, "home")
    await page.get_by_role("button", name="Add a channel").click(timeout=SOON)
    form = page.get_by_role("dialog", name="Add a channel")
    await choose(page, form.get_by_role("combobox", name="Channel", exact=True), "line-3")
    quiz_days = form.get_by_role("group", name=re.compile("^Quiz.*on these days"))
    await quiz_days.get_by_role("checkbox", name="Thursday").check()
    await choose(page, form.get_by_role("combobox", name=re.compile("^Teams that sit there")), "Line 2")
    await form.get_by_role("button", name="Save").click()
    saved = page.get_by_role("dialog", name="Saved")
    await expect(saved).to_contain_text("line-3", timeout=SOON)
    await expect(saved).to_contain_text("Thu", timeout=SOON)
