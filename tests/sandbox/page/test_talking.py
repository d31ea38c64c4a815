"""Messages: read, written, answered, changed, and seen at once by everyone else."""

from playwright.async_api import FilePayload, Page, expect

from tests.browser.chromium import NARROW
from tests.sandbox.page.conftest import Scene

AMARA, BEN, LINE2 = "U0AMARA", "U0BEN", "C0LINE2"


async def say(page: Page, text: str, box: str = "Message #line-2") -> None:
    await page.get_by_role("textbox", name=box).fill(text)
    await page.keyboard.press("Enter")


async def test_what_one_writes_the_other_reads_at_once(scene: Scene) -> None:
    amara = await scene.windows.open(AMARA, LINE2)
    ben = await scene.windows.open(BEN, LINE2)
    await say(amara, "Good morning *all* @ben, see #open :tada:")
    message = ben.get_by_role("article", name="Amara Okafor")
    await expect(message).to_contain_text("Good morning all @Ben Adler, see #open 🎉")
    await expect(message.locator("b", has_text="all")).to_be_visible()


async def test_unread_is_bold_counted_and_in_the_title(scene: Scene) -> None:
    amara = await scene.windows.open(AMARA, "C0OPEN")
    await scene.client.chat_postMessage(channel=LINE2, text="A story")
    row = amara.get_by_role("button", name="line-2, channel, 1 unread")
    await expect(row).to_have_css("font-weight", "800")
    await expect(amara).to_have_title("(1) #open · Local Slack")
    await row.click()
    await expect(amara.get_by_role("button", name="line-2, channel", exact=True)).to_be_visible()
    await expect(amara).to_have_title("#line-2 · Local Slack")
    assert "in=C0LINE2" in amara.url


async def test_shift_enter_breaks_the_line_and_enter_sends(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, LINE2)
    box = page.get_by_role("textbox", name="Message #line-2")
    await box.fill("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await expect(box).to_have_value("one\ntwo")
    await page.keyboard.press("Enter")
    await expect(box).to_have_value("")
    await expect(page.get_by_role("article")).to_contain_text("one\ntwo")


async def test_a_draft_stays_while_one_looks_elsewhere(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, LINE2)
    await page.get_by_role("textbox", name="Message #line-2").fill("half a thought")
    await page.get_by_role("button", name="open, channel").click()
    await expect(page.get_by_role("textbox", name="Message #open")).to_have_value("")
    await scene.client.chat_postMessage(channel=LINE2, text="News meanwhile")
    await page.get_by_role("button", name="line-2, channel").click()
    await expect(page.get_by_role("textbox", name="Message #line-2")).to_have_value("half a thought")


async def test_a_thread_is_answered_beside_its_channel_and_esc_closes_it(scene: Scene) -> None:
    posted = await scene.client.chat_postMessage(channel=LINE2, text="Which product?")
    page = await scene.windows.open(AMARA, LINE2)
    root = page.locator(f'article[data-ts="{posted["ts"]}"]')
    await root.hover()
    await root.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    await thread.get_by_role("textbox", name="Reply").fill("The power board")
    await page.keyboard.press("Enter")
    await expect(thread.get_by_role("article", name="Amara Okafor")).to_contain_text("The power board")
    await expect(root.get_by_role("button", name="1 reply")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(thread).to_be_hidden()


async def test_reactions_edits_and_deleting_ones_own(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, LINE2)
    await say(page, "A tpyo")
    mine = page.get_by_role("article", name="Amara Okafor")
    await mine.hover()
    await mine.get_by_role("button", name="Add reaction").click()
    await page.get_by_role("searchbox", name="Search emoji").fill("tada")
    await page.keyboard.press("Enter")
    await expect(mine.get_by_role("button", name="tada, 1: Amara Okafor")).to_have_attribute("aria-pressed", "true")
    await mine.get_by_role("button", name="tada, 1").click()
    await expect(mine.get_by_role("button", name="tada, 1")).to_have_count(0)

    await mine.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Edit message").click()
    await page.get_by_role("textbox", name="Edit message").fill("A typo")
    await page.keyboard.press("Enter")
    await expect(mine).to_contain_text("A typo (edited)")

    await mine.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Delete message").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    await expect(mine).to_have_count(0)


async def test_only_you_see_an_ephemeral_and_can_dismiss_it(scene: Scene) -> None:
    await scene.client.chat_postEphemeral(channel=LINE2, user=AMARA, text="You chose Halden.")
    amara = await scene.windows.open(AMARA, LINE2)
    ben = await scene.windows.open(BEN, LINE2)
    note = amara.get_by_role("article").filter(has_text="You chose Halden.")
    await expect(note).to_contain_text("Only visible to you")
    await expect(ben.get_by_role("article")).to_have_count(0)
    await note.get_by_role("button", name="Dismiss").click()
    await expect(note).to_have_count(0)


async def test_each_reads_a_date_in_their_own_zone(scene: Scene) -> None:
    text = "Due <!date^1795341600^{date_num} {time}|soon> and <!date^1795341600^{nonsense}|as agreed>"
    await scene.client.chat_postMessage(channel=LINE2, text=text)
    amara = await scene.windows.open(AMARA, LINE2, zone="America/Lima")
    ben = await scene.windows.open(BEN, LINE2, zone="America/Lima")
    await expect(amara.get_by_role("article")).to_contain_text("Due 2026-11-22 10:00 and as agreed")
    await expect(ben.get_by_role("article").locator("time").nth(1)).to_have_text("2026-11-22 7:00 PM")


async def test_files_are_picked_and_shown(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, LINE2)
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>'
    notes = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"Seen in Porto")
    await page.get_by_label("Files to send").set_input_files(notes)
    await expect(page.get_by_role("list", name="Files to send")).to_contain_text("notes.txt")
    await say(page, "Look")
    await expect(page.get_by_role("article").get_by_role("link", name="notes.txt")).to_be_visible()
    shop = FilePayload(name="shop.svg", mimeType="image/svg+xml", buffer=picture)
    await page.get_by_label("Files to send").set_input_files(shop)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("article").filter(has_text="shop.svg")).to_have_count(1)


async def test_a_person_is_chosen_and_their_place_is_shown(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, LINE2)
    await page.get_by_role("button", name="Acting as Amara Okafor").click()
    dialog = page.get_by_role("dialog", name="Act as someone else")
    await dialog.get_by_role("searchbox", name="Find a person").fill("line manager")
    await expect(dialog.get_by_role("list", name="People")).to_contain_text("Tokyo")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Acting as Ben Adler")).to_be_visible()
    await expect(page.get_by_role("heading", name="line-2")).to_be_visible()
    assert "as=U0BEN" in page.url


async def test_a_narrow_window_folds_the_side_away(scene: Scene) -> None:
    await scene.client.chat_postMessage(channel=LINE2, text="W" * 200)
    page = await scene.windows.open(AMARA, LINE2, size=NARROW)
    await expect(page.get_by_role("article")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
    row = page.get_by_role("button", name="open, channel")
    await expect(row).to_be_hidden()
    await page.get_by_role("button", name="Channels", exact=True).click()
    await row.click()
    await expect(page.get_by_role("heading", name="open")).to_be_visible()
    await expect(row).to_be_hidden()


async def test_the_reader_stays_where_they_are_when_news_arrives(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, "C0TEAM")
    for number in range(9):
        words = "\n".join(f"{number}.{n}" for n in range(9))
        told = {"as": AMARA, "do": "type", "channel": "C0TEAM", "text": words}
        await page.request.post(f"{scene.slack.url}/_sandbox/act", data=told)
    log = page.get_by_role("log")
    await expect(page.get_by_role("article").last).to_be_in_viewport()
    await log.evaluate("el => { el.scrollTop = 0 }")
    await expect(page.get_by_role("article").first).to_be_in_viewport()
    await scene.client.chat_postMessage(channel="C0TEAM", text="The newest")
    await page.get_by_role("button", name="New messages").click()
    await expect(page.get_by_text("The newest")).to_be_in_viewport()


async def test_a_permalink_leads_to_a_message_of_an_app_as_well(scene: Scene) -> None:
    first = await scene.client.chat_postMessage(channel=AMARA, text="The first\n" + "more\n" * 60)
    link = await scene.client.chat_getPermalink(channel=str(first["channel"]), message_ts=str(first["ts"]))
    page = await scene.windows.open(AMARA, "C0OPEN")
    await page.goto(str(link["permalink"]))
    await expect(page.locator(f'article[data-ts="{first["ts"]}"]')).to_be_focused()
    await page.goto(f"{link['permalink']}?thread_ts={first['ts']}&cid={first['channel']}")
    await expect(page.get_by_role("complementary", name="Thread")).to_contain_text("The first")


async def test_a_permalink_leads_to_its_message_within_the_page(scene: Scene) -> None:
    first = await scene.client.chat_postMessage(channel=LINE2, text="The first\n" + "more\n" * 60)
    link = await scene.client.chat_getPermalink(channel=LINE2, message_ts=str(first["ts"]))
    page = await scene.windows.open(AMARA, "C0OPEN")
    await say(page, f"See {link['permalink']}", "Message #open")
    await page.get_by_role("link", name="archives").click()
    await expect(page.get_by_role("heading", name="line-2")).to_be_visible()
    await expect(page.locator(f'article[data-ts="{first["ts"]}"]')).to_be_focused()
    await expect(page.get_by_role("button", name="Acting as Amara Okafor")).to_be_visible()
    await page.reload()
    await expect(page.locator(f'article[data-ts="{first["ts"]}"]')).to_be_focused()
    await page.go_back()
    await expect(page.get_by_role("heading", name="open")).to_be_visible()
