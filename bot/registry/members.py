from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import forgetting
from bot.features.adoptions import hats
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.home import service as home
from bot.features.members import forgetting as asking
from bot.features.members import handlers
from bot.features.members.disturbing import ReadDoNotDisturb
from bot.features.members.jobs import ReadPeople
from bot.features.members.seams import Command
from bot.features.quizzes import service as quizzes
from bot.registry import seams
from bot.registry.part import Given, Part
from bot.schedule.ticker import TickJob


def plug(given: Given, commands: Sequence[Command]) -> Part:
    """`commands` of the other features, in the order of the help."""
    edge = given.edge
    handlers.register(
        given.app,
        edge,
        commands=commands,
        on_people_saved=[seams.people_saved()],
        refresh_home=home.owe_if_open_today,
        owners=_owners,
        on_unnamed=[quizzes.unnamed, hats.unnamed],
        customer_names=_customer_names,
        things_of=seams.things_of,
    )
    asking.Forgetting(edge=edge).register(given.app)
    read = ReadPeople(admins=given.settings.admins, on_people_saved=[seams.people_saved()])

    async def people(now: datetime) -> None:
        await read(edge, now)

    return Part(
        renderers={
            forgetting.TAKE_BACK: forgetting.TakenBack(),
            forgetting.DELETE_FILE: forgetting.DeletesFile(),
            asking.TELL: asking.TellAdmin(),
        },
        jobs=[
            TickJob(name="people", every=timedelta(seconds=3), run=people, watched=False),
            TickJob(name="do not disturb", every=timedelta(seconds=2), run=ReadDoNotDisturb(edge=edge), watched=False),
        ],
    )


async def _owners(session: AsyncSession, workspace_id: str) -> list[tuple[str, list[str]]]:
    return [(channel.channel_id, sorted(channel.owners)) for channel in await channels.all(session, workspace_id)]


async def _customer_names(session: AsyncSession, workspace_id: str, ids: Collection[str]) -> dict[str, str]:
    found = await customers.customers(session, workspace_id, sorted(ids))
    return {one: card.name for one, card in found.items()}
