"""Do not disturb, and files: dropped into a direct message or a thread, given in a form."""

from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.chromium import NARROW
from tests.sandbox.page.conftest import Scene

AMARA, BEN, APP, LINE2 = "U0AMARA", "U0BEN", "U0BOT", "C0LINE2"
PHOTO = FilePayload(name="in the shop #1.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n" + b"0" * 30)


async def drop(page: Page, where: Locator, name: str, text: str) -> None:
    """Let go of a file over a part of the page, as a mouse does it."""
    held = await page.evaluate_handle(
        "([name, text]) => { const held = new DataTransfer();"
        " held.items.add(new File([text], name, {type: 'text/plain'})); return held; }",
        [name, text],
    )
    for event in ("dragenter", "dragover", "drop"):
        await where.dispatch_event(event, {"dataTransfer": held})


async def test_notifications_are_paused_and_let_in_again_with_the_keyboard_alone(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, LINE2)
    button = page.get_by_role("button", name="Do not disturb")
    await expect(button).to_have_attribute("aria-pressed", "false")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Do not disturb is on")).to_have_attribute("aria-pressed", "true")
    assert (await scene.client.dnd_info(user=AMARA))["dnd_enabled"]
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Do not disturb", exact=True)).to_be_visible()
    assert not (await scene.client.dnd_info(user=AMARA))["dnd_enabled"]
    ben = await scene.windows.open(BEN, LINE2)
    await expect(ben.get_by_role("button", name="Do not disturb is on")).to_be_visible()


async def test_a_file_is_dropped_into_the_apps_messages_and_into_a_channel(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, APP)
    await drop(page, page.get_by_role("main"), "customers.csv", "name\nOrion\n")
    await expect(page.get_by_role("list", name="Files to send")).to_contain_text("customers.csv")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("article").get_by_role("link", name="customers.csv")).to_be_visible()
    other = await scene.windows.open(AMARA, LINE2, size=NARROW)
    await other.get_by_label("Files to send").set_input_files(PHOTO)
    await other.get_by_role("button", name="Send").click()
    picture = other.get_by_role("article").get_by_role("img", name="in the shop #1.png")
    await expect(picture).to_be_attached()
    assert await other.evaluate("document.documentElement.scrollWidth") == NARROW[0]


async def test_a_direct_message_has_threads_and_files_are_dropped_into_them(scene: Scene) -> None:
    posted = await scene.client.chat_postMessage(channel=AMARA, text="Orion is your customer now")
    page = await scene.windows.open(AMARA, APP)
    root = page.locator(f'article[data-ts="{posted["ts"]}"]')
    await root.hover()
    await root.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    await drop(page, thread, "notes.txt", "Seen in Porto")
    await thread.get_by_role("textbox", name="Reply").fill("Look")
    await page.keyboard.press("Enter")
    await expect(thread.get_by_role("article", name="Amara Okafor")).to_contain_text("Look")
    await expect(thread.get_by_role("link", name="notes.txt")).to_be_visible()
    await expect(root.get_by_role("button", name="1 reply")).to_be_visible()


async def test_on_a_phone_the_banner_is_one_line_until_it_is_tapped(scene: Scene) -> None:
    scene.slack.banner = {"title": "A sample company", "lines": ["A story is in #line-2."]}
    page = await scene.windows.open(AMARA, LINE2, size=NARROW)
    banner = page.get_by_role("region", name="What is happening here")
    title = banner.get_by_role("button", name="A sample company")
    await expect(title).to_have_attribute("aria-expanded", "false")
    await expect(banner).not_to_contain_text("A story is in")
    await title.click()
    await expect(banner).to_contain_text("A story is in")
