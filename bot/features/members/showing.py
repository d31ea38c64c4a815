"""A window for whoever pressed a button or typed a command: shown, or the person is told why not."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bot.features.edge import Edge
from bot.features.members import blocks
from bot.slack import kit
from bot.slack.errors import Fault, SlackFault
from bot.slack.kit import View
from bot.slack.payloads import Press, SlashCommand
from bot.slack.words import Words

log = logging.getLogger(__name__)


async def show(
    edge: Edge,
    body: Mapping[str, Any],
    pressed: Press | SlashCommand,
    view: View,
    words: Words,
    *,
    plainer: View | None = None,
) -> bool:
    """On top of the modal that the press came from, else as a new one; False where Slack would not. A trigger lives 3 s
    and works once. When it has passed, the person is told where they pressed or typed; on Home and in a modal there is
    no way to say so. `plainer` is tried where Slack does not take what is in `view`."""
    fault = await _fault(edge, body, pressed, view)
    if plainer is not None and fault is not None and fault.fault is Fault.CONTENT and "trigger" not in fault.code:
        fault = await _fault(edge, body, pressed, plainer)
    if fault is None:
        return True
    log.warning("a window was not opened: %s", fault.code)
    if fault.code != "exchanged_trigger_id":  # a repeat: the window is open already
        edge.receipts.send(pressed.response_url, blocks.too_slow(words))
    return False


async def tell(
    edge: Edge,
    pressed: Press,
    body: Mapping[str, Any],
    words: Words,
    text: str,
    *,
    notice: Callable[[Words, str], View],
) -> None:
    """Privately: beneath the message; on Home and in a modal, where nothing can be said beneath, in a window."""
    if pressed.response_url:
        edge.receipts.send(pressed.response_url, kit.told(text))
    else:
        await show(edge, body, pressed, notice(words, text), words)


async def _fault(edge: Edge, body: Mapping[str, Any], pressed: Press | SlashCommand, view: View) -> SlackFault | None:
    shown_in = body.get("view")
    inside = isinstance(shown_in, Mapping) and shown_in.get("type") == "modal"
    place = edge.gateway.push_view if inside else edge.gateway.open_view
    try:
        await place(pressed.who.workspace_id, pressed.trigger_id, view)
    except SlackFault as fault:
        return fault
    return None
