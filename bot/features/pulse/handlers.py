"""From Slack: the questions, the results, asking at once, switching off, and drawing who starts when."""

from slack_bolt.async_app import AsyncApp

from bot.features.edge import Edge
from bot.features.members.seams import Command
from bot.features.pulse import blocks
from bot.features.pulse.answering import Answering
from bot.features.pulse.commands import PulseCommand
from bot.features.pulse.desk import Desk
from bot.features.pulse.drawing import Drawing
from bot.features.pulse.looking import Looking
from bot.features.pulse.rules import Defaults
from bot.slack.listening import readable


def register(app: AsyncApp, edge: Edge, *, defaults: Defaults, secret: bytes) -> list[Command]:
    """Gives the commands back: `members.handlers.register` takes them. `secret` is not empty, the same in every
    process, and kept out of the database."""
    if not secret:
        raise ValueError("the pulse needs a secret that is not in the database")
    desk = Desk(edge=edge, defaults=defaults, secret=secret)
    answering, looking, drawing = Answering(desk=desk), Looking(desk=desk), Drawing(desk=desk)
    for action, listener in (
        (blocks.OPEN, answering.on_open),
        (blocks.RESULTS, looking.on_results),
        (blocks.ASK_NOW, looking.on_ask_now),
        (blocks.SWITCH, looking.on_switch),
        (blocks.STAGGER, drawing.on_stagger),
    ):
        app.action(action)(readable(listener))
    for callback, listener in ((blocks.ANSWER, answering.on_answer), (blocks.DRAW, drawing.on_draw)):
        app.view(callback)(readable(listener))
    return [PulseCommand(desk=desk)]
