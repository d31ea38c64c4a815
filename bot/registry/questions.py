from datetime import timedelta

from bot.features.customers.dropping.service import ImportDrops
from bot.features.inbox.blocks import spot_button
from bot.features.questions import handlers, owed
from bot.features.questions.commands import AskCommand
from bot.features.questions.jobs import CopyPictures, Reassign
from bot.features.stories import service as stories
from bot.features.updates.handlers import thread_owners
from bot.registry.part import Given, Part
from bot.schedule.ticker import TickJob


def plug(given: Given) -> Part:
    edge = given.edge
    handlers.register(
        given.app,
        edge,
        channel_of_post=stories.channel_of_post,
        thread_owners=thread_owners(edge),
        drop_owners=[ImportDrops(new_id=edge.new_id)],
    )
    return Part(
        commands=[AskCommand(edge=edge)],
        renderers=owed.renderers(picture_button=spot_button),
        jobs=[
            TickJob(name="questions", every=timedelta(minutes=1), run=Reassign(edge=edge)),
            TickJob(name="shared pictures", every=timedelta(seconds=2), run=CopyPictures(edge=edge), watched=False),
        ],
    )
