"""From Slack: everything that is pressed and sent in the editors' inbox, and *Spotted!*."""

import re
from collections.abc import Sequence

from slack_bolt.async_app import AsyncApp

from bot.features.edge import Edge
from bot.features.inbox import blocks, story_form, windows
from bot.features.inbox.deciding_windows import Deciding
from bot.features.inbox.desk import Desk
from bot.features.inbox.editing import Editing
from bot.features.inbox.looking import Looking
from bot.features.inbox.seams import DraftKind
from bot.features.inbox.spotting import SpottedCommand, Spotting, SuggestCommand
from bot.features.members.seams import Command
from bot.slack.listening import readable

CUSTOMER_SEARCHES = (story_form.CUSTOMER,)
"""Action ids of fields in which people search for a customer: customers answer them."""


def register(app: AsyncApp, edge: Edge, *, kinds: Sequence[DraftKind]) -> list[Command]:
    """`kinds`: what can be written and approved, in the order offered."""
    desk = Desk(edge=edge, kinds={kind.name: kind for kind in kinds})
    looking, editing, deciding = Looking(desk=desk), Editing(desk=desk), Deciding(desk=desk)
    spotting = Spotting(desk=desk)
    for action, listener in (
        (blocks.LOOK, looking.on_look),
        (blocks.LIST, looking.on_list),
        (blocks.EDIT, editing.on_edit),
        (blocks.CORRECT, editing.on_correct),
        (blocks.APPROVE, deciding.on_approve),
        (blocks.REJECT, deciding.on_reject),
        (blocks.SPOT, spotting.on_spot),
        (blocks.TAKE_BACK, deciding.on_take_back),
    ):
        app.action(action)(readable(listener))
    app.action(_any(blocks.WRITE))(readable(editing.on_write))
    app.action(_any(blocks.PAGE))(readable(looking.on_page))
    for callback, listener in (
        (windows.FORM, editing.on_form),
        (windows.KEEP, editing.on_keep),
        (windows.APPROVING, deciding.on_approving),
        (windows.REJECTING, deciding.on_rejecting),
        (windows.SPOTTED, spotting.on_spotted),
    ):
        app.view(callback)(readable(listener))
    app.options(story_form.PRODUCT)(readable(spotting.on_products))
    return [SpottedCommand(desk=desk), SuggestCommand(desk=desk)]


def _any(action: str) -> re.Pattern[str]:
    """Several in one row need ids of their own: "inbox:write:story"."""
    return re.compile(f"^{re.escape(action)}(:[a-z_]+)?$")
