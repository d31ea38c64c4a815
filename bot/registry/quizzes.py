from bot.features.adoptions import hats
from bot.features.quizzes import handlers, jobs, owed
from bot.features.quizzes.ballots import Ballots
from bot.registry.part import Given, Part
from bot.schedule.ticker import TickJob


def plug(given: Given, ballots: Ballots) -> Part:
    edge, limits = given.edge, given.defaults.quizzes
    direct = handlers.register(given.app, edge, ballots=ballots, limits=limits, on_unnamed=[hats.unnamed])
    return Part(
        renderers=owed.renderers(public_url=given.public_url, limits=limits, new_id=edge.new_id),
        direct=direct,
        jobs=[
            TickJob(name="quiz tallies", every=jobs.TALLY_EVERY, run=jobs.Tally(edge=edge)),
            TickJob(name="quiz reveals", every=jobs.REVEAL_EVERY, run=jobs.Reveal(edge=edge, limits=limits)),
        ],
    )
