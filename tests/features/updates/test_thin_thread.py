"""From `/customer-update` to the adopter and back."""

from tests.features.updates.conftest import AMARA, ORION, SAM, TOM, Desk, shown_in


async def test_typed_text_and_customer_stand_in_the_window_that_opens(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.command(SAM, "Orion They doubled the order")
    assert len(desk.gateway.views) == 1
    blocks = {one["block_id"]: one for one in desk.last_view()["blocks"] if one["type"] == "input"}
    assert blocks["customer"]["element"]["initial_option"]["value"] == ORION
    assert blocks["text"]["element"]["initial_value"] == "They doubled the order"


async def test_an_update_reaches_every_adopter_in_their_thread_and_fills_its_receipt(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.adopt(TOM)
    answer = await desk.update(SAM, "Orion They doubled the order")
    assert "On its way to 2 adopters of *Orion*" in shown_in(answer)
    await desk.rounds()
    intro = desk.seen(AMARA)[0]
    got = desk.about(AMARA, "They doubled the order")
    assert got["thread_ts"] == intro["ts"]
    assert "Thank Sam" in desk.shown(AMARA)
    assert "Ask Sam" in desk.shown(AMARA)
    assert "Delivered to 2 adopters." in await desk.receipt(SAM)

    (update,) = await desk.updates()
    await desk.press(AMARA, "updates:thank", update.id)
    assert "Sam will see" in desk.told()
    await desk.press(AMARA, "updates:thank", update.id)
    assert "already" in desk.told()
    assert "Amara Okoro thanked you" in await desk.receipt(SAM)


async def test_a_question_goes_to_the_account_manager_and_is_counted(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.update(SAM, "Orion They doubled the order")
    await desk.rounds()
    (update,) = await desk.updates()
    await desk.press(AMARA, "updates:ask", update.id)
    answer = await desk.send(AMARA, text="Which order?")
    assert "on its way to Sam" in shown_in(answer)
    await desk.rounds()
    assert "Which order?" in desk.shown(SAM)
    assert "1 adopter asked you something." in await desk.receipt(SAM)
