from datetime import timedelta

from bot.features.inbox import handlers, owed
from bot.features.inbox.jobs import FetchPictures
from bot.registry.part import Given, Part
from bot.schedule.ticker import TickJob


def plug(given: Given) -> Part:
    edge = given.edge
    fetch = FetchPictures(edge=edge, served=bool(given.public_url))
    return Part(
        commands=handlers.register(given.app, edge, kinds=given.drafts),
        renderers=owed.renderers(given.drafts),
        jobs=[TickJob(name="pictures of drafts", every=timedelta(seconds=2), run=fetch, watched=False)],
    )
