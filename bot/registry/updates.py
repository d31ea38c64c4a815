from bot.features.updates import handlers, jobs, owed
from bot.registry.part import Given, Part


def plug(given: Given) -> Part:
    handlers.register(given.app, given.edge)
    return Part(
        renderers=owed.renderers(new_id=given.edge.new_id),
        jobs=jobs.ticks(given.edge, given.defaults.updates),
    )
