from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels import handlers, owed
from bot.features.channels.jobs import PostWhatIsDue, RefreshChannels
from bot.features.home import service as home
from bot.features.pulse.blocks import results_button
from bot.registry.part import Given, Part
from bot.schedule.ticker import TickJob


def plug(given: Given) -> Part:
    edge, kinds, defaults = given.edge, given.kinds, given.defaults.channels

    async def refresh_home(session: AsyncSession, ws: str, user: str) -> None:
        await home.owe_if_open_today(session, now=edge.clock.now(), ws=ws, users=[user])

    return Part(
        commands=handlers.register(
            given.app, edge, kinds=kinds, defaults=defaults, refresh_home=refresh_home, others=[results_button]
        ),
        renderers=owed.renderers(kinds),
        jobs=[
            TickJob(name="posts", every=defaults.tick, run=PostWhatIsDue(edge, kinds, defaults)),
            TickJob(name="channels", every=timedelta(minutes=1), run=RefreshChannels(edge, defaults)),
        ],
    )
