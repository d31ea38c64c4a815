from datetime import timedelta

from bot.features.adoptions.buttons import adopt
from bot.features.customers import handlers
from bot.features.customers.dropping import handlers as drop_handlers
from bot.features.customers.dropping import jobs as drop_jobs
from bot.features.customers.dropping import owed as drop_owed
from bot.features.exports.buttons import get_data
from bot.features.home import service as home
from bot.features.inbox.handlers import CUSTOMER_SEARCHES
from bot.features.questions.blocks import WHICH, ask_button
from bot.registry import seams
from bot.registry.part import Given, Part
from bot.schedule.ticker import TickJob


def plug(given: Given) -> Part:
    app, edge = given.app, given.edge
    files = list(drop_jobs.droppable(given.importers))
    drop_handlers.register(app, edge, kinds=files)
    handlers.register(
        app,
        edge,
        refresh_home=home.owe_if_open_today,
        card_actions=[ask_button],
        card_buttons=[adopt, get_data],
        searches=[WHICH, *CUSTOMER_SEARCHES],
    )
    change = handlers.change_command(
        app,
        edge,
        refresh_home=home.owe_if_open_today,
        every=given.defaults.updates.news_every.days,
        on_manager_changed=seams.manager_changed(),
    )
    return Part(
        commands=[handlers.FindCommand(edge=edge, card_actions=[ask_button], card_buttons=[adopt, get_data]), change],
        renderers=drop_owed.renderers(files),
        jobs=_jobs(given),
    )


def _jobs(given: Given) -> list[TickJob]:
    work = drop_jobs.WorkOnDrops(edge=given.edge, importers=given.importers)
    erase = drop_jobs.EraseDrops(edge=given.edge)
    return [
        TickJob(name="dropped files erased", every=timedelta(minutes=1), run=erase),
        TickJob(name="dropped files", every=timedelta(seconds=2), run=work, watched=False),
    ]
