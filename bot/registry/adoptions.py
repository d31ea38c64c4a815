from datetime import timedelta

from bot.features.adoptions import handlers, owed
from bot.features.adoptions.jobs import DrawHats, EndOfPeopleGone
from bot.features.questions.blocks import ask_button
from bot.registry.part import Given, Part
from bot.schedule.ticker import TickJob


def plug(given: Given) -> Part:
    edge = given.edge
    return Part(
        commands=handlers.register(given.app, edge),
        renderers=owed.renderers(buttons=[ask_button]),
        jobs=[
            TickJob(name="hats", every=timedelta(seconds=3), run=DrawHats(edge=edge)),
            TickJob(name="adoptions", every=timedelta(minutes=1), run=EndOfPeopleGone(edge=edge)),
        ],
    )
