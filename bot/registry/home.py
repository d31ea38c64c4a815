from bot.features.adoptions.sections import AdoptersOfMine, HatDraws, MyCustomers
from bot.features.channels.owed import SetupSection
from bot.features.customers import owed as customers
from bot.features.customers.service import teams
from bot.features.exports.sections import FilesSection
from bot.features.home import handlers, owed
from bot.features.home.commands import MineCommand
from bot.features.home.seams import Section
from bot.features.inbox import blocks as inbox_blocks
from bot.features.inbox import owed as inbox
from bot.features.members.owed import TrailSection, WishesSection
from bot.features.questions.blocks import ask_button
from bot.features.questions.sections import MyQuestions, UnansweredQuestions
from bot.features.quizzes import owed as quizzes
from bot.features.stories import owed as stories
from bot.features.updates.sections import CustomersWithoutNews, NewsToWrite, RecentUpdates
from bot.features.updates.service import latest
from bot.registry import seams
from bot.registry.part import Given, Part


def plug(given: Given) -> Part:
    handlers.register(given.app, given.edge, teams=teams)
    return Part(
        commands=[MineCommand(edge=given.edge, sections=[_my_customers(), AdoptersOfMine()])],
        renderers=owed.renderers(sections=_sections(given), teams=teams),
    )


def _my_customers() -> MyCustomers:
    return MyCustomers(latest=latest, buttons=(ask_button,))


def _sections(given: Given) -> list[Section]:
    """In the order shown: what waits for this person, by role, then what is theirs, then how they get it."""
    defaults = given.defaults
    return [
        UnansweredQuestions(),
        NewsToWrite(defaults=defaults.updates),
        inbox.InboxSection(given.drafts),
        CustomersWithoutNews(defaults=defaults.updates),
        owed.TroubleSection(),
        SetupSection(given.kinds, defaults.channels),
        owed.PeopleSection(),
        customers.ChangeSection(),
        customers.NamingSection(),
        customers.ImportsSection(),
        _my_customers(),
        AdoptersOfMine(),
        HatDraws(),
        MyQuestions(),
        inbox.MyOffers(given.drafts),
        customers.TeamProductsSection(),
        quizzes.MyQuizRecord(limits=defaults.quizzes),
        stories.LatestStories(),
        stories.RecentPosts(correct=inbox_blocks.correct_button),
        quizzes.RecentQuizzes(),
        RecentUpdates(),
        FilesSection(),
        TrailSection(theirs=seams.things_of),
        customers.AwaySection(),
        WishesSection(),
    ]
