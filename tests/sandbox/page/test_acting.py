"""Buttons, selects, modals, Home, commands, shortcuts: what people do reaches the app, and its answer the page."""

from typing import Any

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.sandbox.page.conftest import Scene
from tests.sandbox.page.page_app import STORY

AMARA, LINE2 = "U0AMARA", "C0LINE2"


async def story(scene: Scene) -> tuple[Page, Locator]:
    posted = await scene.client.chat_postMessage(channel=LINE2, text="Orion ships", blocks=STORY)
    page = await scene.windows.open(AMARA, LINE2)
    return page, page.locator(f'article[data-ts="{posted["ts"]}"]')


async def form(scene: Scene) -> tuple[Page, Locator]:
    page, message = await story(scene)
    await message.get_by_role("button", name="Read the whole story").click()
    modal = page.get_by_role("dialog", name="Ask about Orion")
    await expect(modal).to_be_visible()
    return page, modal


def actions(scene: Scene) -> list[dict[str, Any]]:
    return [action for body in scene.heard for action in body.get("actions", ())]


async def choose(page: Page, modal: Locator, name: str, *picks: str, search: str = "") -> None:
    await modal.get_by_role("combobox", name=name, exact=True).click()
    if search:
        await page.get_by_role("searchbox", name="Search options").fill(search)
    for pick in picks:
        await page.get_by_role("option", name=pick).click()
    if len(picks) > 1:
        await page.keyboard.press("Escape")


async def test_a_confirm_dialog_stands_before_the_press(scene: Scene) -> None:
    page, message = await story(scene)
    await message.get_by_role("button", name="Adopt Orion").click()
    dialog = page.get_by_role("alertdialog", name="Adopt Orion?")
    await dialog.get_by_role("button", name="Not now").click()
    assert actions(scene) == []
    await message.get_by_role("button", name="Adopt Orion").click()
    await dialog.get_by_role("button", name="Adopt", exact=True).click()
    await expect(message.get_by_role("button", name="Adopt Orion")).to_be_enabled()
    assert [a["action_id"] for a in actions(scene)] == ["adopt"]


async def test_selects_and_overflow_menus_in_a_message(scene: Scene) -> None:
    page, message = await story(scene)
    await message.get_by_role("combobox", name="How is it?").click()
    await page.get_by_role("option", name="Good").click()
    await expect(message.get_by_role("combobox", name="How is it?")).to_contain_text("Good")
    await message.get_by_role("button", name="More options").click()
    await page.get_by_role("menuitem", name="Why").press("Enter")
    await expect(message.get_by_role("button", name="More options")).to_be_enabled()
    assert [a["selected_option"]["value"] for a in actions(scene)] == ["good", "why"]


async def test_every_field_of_a_modal_reaches_the_app(scene: Scene) -> None:
    page, modal = await form(scene)
    await modal.get_by_role("textbox", name="Question").fill("How many?")
    await modal.get_by_role("textbox", name="Story").fill("Line one\nLine two")
    await modal.get_by_role("textbox", name="Words").fill("Rich words")
    await choose(page, modal, "Kind (optional)", "Praise")
    await choose(page, modal, "Customer (optional)", "Halden", search="hal")
    await choose(page, modal, "Person (optional)", "Ben Adler", search="adler")
    await choose(page, modal, "Place (optional)", "#our-private")
    await choose(page, modal, "Channel (optional)", "#open")
    await choose(page, modal, "Days (optional)", "Monday", "Friday")
    await choose(page, modal, "People (optional)", "Amara Okafor", "Greta Holm")
    await modal.get_by_role("checkbox", name="Late").check()
    await modal.get_by_role("radio", name="Yes").check()
    await modal.get_by_label("Date (optional)").fill("2026-12-24")
    await modal.get_by_label("Hour (optional)").fill("06:30")
    moment = modal.get_by_role("group", name="Date and time in Europe/Lisbon")
    await moment.get_by_label("Date").fill("2026-07-01")
    await moment.get_by_label("Time").fill("12:00")
    await modal.get_by_role("textbox", name="Number").fill("7")
    await modal.get_by_role("textbox", name="Mail").fill("a@b.example")
    await modal.get_by_role("textbox", name="Link").fill("https://example.com")
    seen = FilePayload(name="seen.txt", mimeType="text/plain", buffer=b"In a shop in Porto")
    await modal.get_by_label("Picture").set_input_files(seen)
    await expect(modal.get_by_role("list", name="Chosen files")).to_contain_text("seen.txt")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal).to_be_hidden()
    sent = {key: next(iter(block.values())) for key, block in scene.heard[-1]["view"]["state"]["values"].items()}
    assert sent["Question"]["value"] == "How many?"
    assert sent["Story"]["value"] == "Line one\nLine two"
    assert sent["Words"]["rich_text_value"]["elements"][0]["elements"] == [{"type": "text", "text": "Rich words"}]
    assert sent["Kind"]["selected_option"]["value"] == "praise"
    assert sent["Customer"]["selected_option"]["value"] == "halden"
    assert sent["Person"]["selected_user"] == "U0BEN"
    assert sent["Place"]["selected_conversation"] == "C0TEAM"
    assert sent["Channel"]["selected_channel"] == "C0OPEN"
    assert [o["value"] for o in sent["Days"]["selected_options"]] == ["monday", "friday"]
    assert sent["People"]["selected_users"] == [AMARA, "U0GRETA"]
    assert [o["value"] for o in sent["Shifts"]["selected_options"]] == ["late"]
    assert sent["Answer"]["selected_option"]["value"] == "yes"
    assert (sent["Date"]["selected_date"], sent["Hour"]["selected_time"]) == ("2026-12-24", "06:30")
    assert sent["Moment"]["selected_date_time"] == 1782903600
    assert (sent["Number"]["value"], sent["Mail"]["value"]) == ("7", "a@b.example")
    assert sent["Link"]["value"] == "https://example.com"
    assert [(f["name"], f["size"]) for f in sent["Picture"]["files"]] == [("seen.txt", 18)]


async def test_errors_stand_under_their_field(scene: Scene) -> None:
    _, modal = await form(scene)
    question = modal.get_by_role("textbox", name="Question")
    await expect(question).to_be_focused()
    await expect(question).to_have_accessible_description("One question at a time")
    await modal.get_by_role("textbox", name="Number").fill("many")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal.get_by_role("alert")).to_have_text(
        ["Please complete this required field.", "Please enter a whole number."]
    )
    await expect(question).to_be_focused()
    assert not any(body.get("type") == "view_submission" for body in scene.heard)
    await modal.get_by_role("textbox", name="Number").fill("")
    await question.fill("Who cares?")
    await expect(modal.get_by_role("alert")).to_have_count(0)
    await modal.get_by_role("button", name="Send").click()
    await expect(modal.get_by_role("alert")).to_have_text("Please ask something kinder.")
    await expect(question).to_have_attribute("aria-invalid", "true")
    await expect(question).to_have_value("Who cares?")


async def test_a_modal_over_another_keeps_what_was_typed_below(scene: Scene) -> None:
    page, modal = await form(scene)
    await modal.get_by_role("textbox", name="Question").fill("Half a question")
    await modal.get_by_role("button", name="What was asked before").click()
    above = page.get_by_role("dialog", name="Asked before")
    await expect(above).to_be_visible()
    await above.get_by_role("button", name="Back").click()
    await expect(modal.get_by_role("textbox", name="Question")).to_have_value("Half a question")
    pressed = next(body for body in scene.heard if body.get("view") and body["actions"][0]["action_id"] == "push")
    assert pressed["view"]["state"]["values"]["Question"]["value"]["value"] == "Half a question"
    await page.keyboard.press("Escape")
    await expect(modal).to_be_hidden()


async def test_tab_stays_inside_a_modal(scene: Scene) -> None:
    page, modal = await form(scene)
    await modal.get_by_role("button", name="Send").focus()
    await page.keyboard.press("Tab")
    await expect(modal.get_by_role("button", name="Exit")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(modal.get_by_role("button", name="Send")).to_be_focused()


async def test_home_has_its_tabs_and_its_buttons_work(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, "home")
    await expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_role("tabpanel")).to_contain_text("My team: Line 2")
    await page.get_by_role("tabpanel").get_by_role("button", name="Ask").click()
    await expect(page.get_by_role("dialog", name="Ask about Orion")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name="Home").press("ArrowRight")
    await page.get_by_role("textbox", name="Message Canteen").fill("hello app")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article")).to_contain_text("hello app")
    await page.get_by_role("tab", name="About").click()
    await expect(page.get_by_role("tabpanel")).to_contain_text("/customer find NAME")


async def test_a_command_is_completed_run_and_answered_privately(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, LINE2)
    await page.get_by_role("textbox", name="Message #line-2").fill("/cu")
    await expect(page.get_by_role("listbox", name="Suggestions").get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Tab")
    await page.keyboard.type("find Orion")
    await page.keyboard.press("Enter")
    answer = page.get_by_role("article").filter(has_text="You asked for find Orion")
    await expect(answer).to_contain_text("Only visible to you")


@pytest.mark.usefixtures("impatient")
async def test_what_slack_would_say_of_a_failure_is_said(scene: Scene) -> None:
    page = await scene.windows.open(AMARA, LINE2)
    await page.get_by_role("textbox", name="Message #line-2").fill("/slow now")
    await page.keyboard.press("Enter")
    notice = page.get_by_role("region", name="Notices").get_by_role("alert")
    await expect(notice).to_contain_text("/slow failed")
    await notice.get_by_role("button", name="Dismiss notice").click()
    await expect(notice).to_have_count(0)


async def test_shortcuts_of_both_kinds(scene: Scene) -> None:
    page, message = await story(scene)
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="Suggest a story").click()
    await expect(page.get_by_role("dialog", name="Asked before")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    async with page.expect_response("**/_sandbox/act"):
        await page.get_by_role("menuitem", name="Make it news").click()
    heard = [(body["type"], body["callback_id"]) for body in scene.heard if "callback_id" in body]
    assert heard == [("shortcut", "suggest"), ("message_action", "make_news")]


async def test_an_app_is_invited_to_a_private_channel(scene: Scene) -> None:
    page = await scene.windows.open("U0BEN", "C0SECRET")
    await page.get_by_role("textbox", name="Message leads").fill("/invite @canteen")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Members of leads").click()
    await expect(page.get_by_role("list", name="Members")).to_contain_text("Canteen")


async def test_channels_are_browsed_and_joined(scene: Scene) -> None:
    page = await scene.windows.open("U0BEN", LINE2)
    await page.get_by_role("button", name="Browse channels").click()
    await page.get_by_role("button", name="Join open").click()
    await expect(page.get_by_role("heading", name="open")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message #open")).to_be_visible()


async def test_the_banner_leads_to_channels_and_people_and_goes_away(scene: Scene) -> None:
    scene.slack.banner = {"title": "A sample company", "lines": ["A story is in #line-2.", "Act as Ben Adler."]}
    page = await scene.windows.open(AMARA, "C0OPEN")
    banner = page.get_by_role("region", name="What is happening here")
    await banner.get_by_role("button", name="#line-2").click()
    await expect(page.get_by_role("heading", name="line-2")).to_be_visible()
    await banner.get_by_role("button", name="Ben Adler").click()
    await expect(page.get_by_role("button", name="Acting as Ben Adler")).to_be_visible()
    await banner.get_by_role("button", name="Dismiss banner").click()
    async with page.expect_response("**/_sandbox/banner"):
        await page.reload()
    await expect(page.get_by_role("button", name="Acting as Ben Adler")).to_be_visible()
    await expect(banner).to_have_count(0)
