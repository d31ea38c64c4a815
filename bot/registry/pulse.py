from datetime import timedelta

from bot.core.ids import new_id
from bot.features.pulse import handlers, owed
from bot.features.pulse.jobs import AskWhatIsDue
from bot.registry.part import Given, Part
from bot.schedule.ticker import TickJob
from bot.settings import Settings


def plug(given: Given) -> Part:
    edge, defaults = given.edge, given.defaults.pulse
    return Part(
        commands=handlers.register(given.app, edge, defaults=defaults, secret=_secret(given.settings)),
        renderers=owed.renderers(new_id=edge.new_id),
        jobs=[TickJob(name="pulse", every=timedelta(minutes=1), run=AskWhatIsDue(edge, defaults))],
    )


def _secret(settings: Settings) -> bytes:
    """What every process of this installation knows and no database holds: hides who has answered the pulse."""
    known = settings.signing_secret or settings.app_token
    return known.get_secret_value().encode() if known else new_id().encode()
