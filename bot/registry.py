"""Every feature, registered: what it listens to, what it owes, what it shows on Home, what it does by the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from slack_bolt.async_app import AsyncApp
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.core.ids import new_id
from bot.defaults import Defaults, load_defaults
from bot.delivery.rendering import Renderer
from bot.features.adoptions import buttons as adoptions_buttons
from bot.features.adoptions import handlers as adoptions_handlers
from bot.features.adoptions import owed as adoptions_owed
from bot.features.adoptions.jobs import DrawHats, EndOfPeopleGone
from bot.features.adoptions.sections import AdoptersOfMine, HatDraws, MyCustomers
from bot.features.channels import handlers as channels_handlers
from bot.features.channels import owed as channels_owed
from bot.features.channels import service as channels
from bot.features.channels.jobs import PostWhatIsDue, RefreshChannels
from bot.features.channels.seams import ContentKind
from bot.features.customers import drop_handlers, drop_jobs, drop_owed
from bot.features.customers import handlers as customers_handlers
from bot.features.customers import owed as customers_owed
from bot.features.customers import service as customers
from bot.features.customers.dropping import ImportDrops
from bot.features.customers.importing import importers as csv_importers
from bot.features.customers.matching import LookedAfter
from bot.features.customers.seams import Importer, ManagerChanged
from bot.features.edge import Edge
from bot.features.home import handlers as home_handlers
from bot.features.home import owed as home_owed
from bot.features.home import service as home
from bot.features.home.commands import MineCommand
from bot.features.home.seams import Section
from bot.features.inbox import blocks as inbox_blocks
from bot.features.inbox import handlers as inbox_handlers
from bot.features.inbox import owed as inbox_owed
from bot.features.inbox import story_kind, telling
from bot.features.inbox.jobs import FetchPictures
from bot.features.inbox.seams import DraftKind
from bot.features.members import handlers as members_handlers
from bot.features.members import owed as members_owed
from bot.features.members.disturbing import ReadDoNotDisturb
from bot.features.members.jobs import ReadPeople
from bot.features.members.seams import Command
from bot.features.pulse import blocks as pulse_blocks
from bot.features.pulse import handlers as pulse_handlers
from bot.features.pulse import owed as pulse_owed
from bot.features.pulse.jobs import AskWhatIsDue
from bot.features.questions import blocks as questions_blocks
from bot.features.questions import handlers as questions_handlers
from bot.features.questions import owed as questions_owed
from bot.features.questions.commands import AskCommand
from bot.features.questions.jobs import CopyPictures, Reassign
from bot.features.questions.sections import MyQuestions, UnansweredQuestions
from bot.features.quizzes import handlers as quizzes_handlers
from bot.features.quizzes import jobs as quizzes_jobs
from bot.features.quizzes import owed as quizzes_owed
from bot.features.quizzes.ballots import Ballots
from bot.features.quizzes.importing import QuizzesImporter
from bot.features.quizzes.question_kind import QuestionKind
from bot.features.quizzes.rules import KIND as QUIZ
from bot.features.stories import handlers as stories_handlers
from bot.features.stories import jobs as stories_jobs
from bot.features.stories import owed as stories_owed
from bot.features.stories import service as stories
from bot.features.stories.importing import StoriesImporter
from bot.features.updates import handlers as updates_handlers
from bot.features.updates import handover
from bot.features.updates import jobs as updates_jobs
from bot.features.updates import owed as updates_owed
from bot.features.updates import service as updates
from bot.features.updates.sections import CustomersWithoutNews, NewsToWrite
from bot.schedule.ticker import TickJob
from bot.settings import Settings
from bot.slack import pictures


@dataclass(frozen=True, kw_only=True)
class Features:
    renderers: Mapping[str, Renderer]
    kinds: Mapping[str, ContentKind]
    jobs: Sequence[TickJob]
    routes: Sequence[BaseRoute]
    defaults: Defaults
    ballots: Ballots  # drained when the process ends


def content_kinds(settings: Settings, defaults: Defaults) -> Mapping[str, ContentKind]:
    public_url = settings.public_url or ""
    quiz = quizzes_jobs.QuizKind(
        public_url=public_url,
        lateness=defaults.lateness.get(QUIZ, quizzes_jobs.QuizKind.lateness),
        limits=defaults.quizzes,
    )
    library = stories_jobs.kinds(public_url=public_url, lateness=defaults.lateness, limits=defaults.stories)
    return {**library, quiz.name: quiz}


def draft_kinds(public_url: str, defaults: Defaults) -> list[DraftKind]:
    """What editors write and approve, in the order offered."""
    library = story_kind.kinds(public_url=public_url, limits=defaults.stories, lateness=defaults.lateness)
    return [*library, QuestionKind(public_url=public_url)]


def manager_changed() -> list[ManagerChanged]:
    """Who hears that a customer's account manager is somebody else."""
    return [handover.manager_changed]


def importers() -> list[Importer]:
    """By the word after `canteen import`."""
    return [
        *csv_importers(pictures.read, on_manager_changed=manager_changed()),
        StoriesImporter(load_defaults().stories),
        QuizzesImporter(),
    ]


def register_features(app: AsyncApp, edge: Edge, settings: Settings) -> Features:
    """Listeners are matched in order, so the hot ones come first."""
    defaults = load_defaults()
    public_url = settings.public_url or ""
    kinds = content_kinds(settings, defaults)
    ask, adopt = questions_blocks.ask_button, adoptions_buttons.adopt

    async def refresh_home(session: AsyncSession, ws: str, user: str) -> None:
        await home.owe_if_open_today(session, now=edge.clock.now(), ws=ws, users=[user])

    ballots = Ballots(sessions=edge.sessions, limits=defaults.quizzes)
    quizzes_handlers.register(app, edge, ballots=ballots, limits=defaults.quizzes)
    stories_handlers.register(app, edge, ask_button=ask, public_url=public_url, card_buttons=[adopt])
    questions_handlers.register(
        app,
        edge,
        channel_of_post=stories.channel_of_post,
        thread_owners=updates_handlers.thread_owners(edge),
        drop_owners=[ImportDrops(new_id=edge.new_id)],
    )
    drop_handlers.register(app, edge, kinds=list(drop_jobs.droppable(importers())))
    updates_handlers.register(app, edge)
    home_handlers.register(app, edge, teams=customers.teams)
    customers_handlers.register(
        app,
        edge,
        refresh_home=home.owe_if_open_today,
        card_actions=[ask],
        card_buttons=[adopt],
        searches=[questions_blocks.WHICH, *inbox_handlers.CUSTOMER_SEARCHES],
    )
    commands: list[Command] = [
        AskCommand(edge=edge),
        MineCommand(edge=edge, sections=[_my_customers(), AdoptersOfMine()]),
        *adoptions_handlers.register(app, edge),
        customers_handlers.FindCommand(edge=edge, card_actions=[ask], card_buttons=[adopt]),
        customers_handlers.change_command(
            app,
            edge,
            refresh_home=home.owe_if_open_today,
            every=defaults.updates.news_every.days,
            on_manager_changed=manager_changed(),
        ),
        *inbox_handlers.register(app, edge, kinds=draft_kinds(public_url, defaults)),
        *channels_handlers.register(
            app,
            edge,
            kinds=kinds,
            defaults=defaults.channels,
            refresh_home=refresh_home,
            others=[pulse_blocks.results_button],
        ),
        *pulse_handlers.register(app, edge, defaults=defaults.pulse, secret=_secret(settings)),
    ]
    members_handlers.register(
        app,
        edge,
        commands=commands,
        on_people_saved=[LookedAfter(on_changed=manager_changed())],
        refresh_home=home.owe_if_open_today,
        owners=_owners,
    )
    return Features(
        renderers=_renderers(edge, kinds, sections(kinds, defaults), public_url),
        kinds=kinds,
        jobs=_jobs(edge, settings, kinds, defaults),
        routes=[Route("/media/{digest}", partial(_media, edge), methods=["GET"])],
        defaults=defaults,
        ballots=ballots,
    )


async def _owners(session: AsyncSession, workspace_id: str) -> list[tuple[str, list[str]]]:
    return [(channel.channel_id, sorted(channel.owners)) for channel in await channels.all(session, workspace_id)]


def _my_customers() -> MyCustomers:
    return MyCustomers(latest=updates.latest, buttons=(questions_blocks.ask_button,))


def sections(kinds: Mapping[str, ContentKind], defaults: Defaults) -> list[Section]:
    """Of Home, in the order shown: what waits for this person, by role, then what is theirs, then how they get it."""
    return [
        UnansweredQuestions(),
        NewsToWrite(defaults=defaults.updates),
        inbox_owed.InboxSection(draft_kinds("", defaults)),
        CustomersWithoutNews(defaults=defaults.updates),
        home_owed.TroubleSection(),
        channels_owed.SetupSection(kinds, defaults.channels),
        home_owed.PeopleSection(),
        customers_owed.ChangeSection(),
        customers_owed.NamingSection(),
        customers_owed.ImportsSection(),
        _my_customers(),
        AdoptersOfMine(),
        HatDraws(),
        MyQuestions(),
        inbox_owed.MyOffers(draft_kinds("", defaults)),
        customers_owed.TeamProductsSection(),
        quizzes_owed.MyQuizRecord(limits=defaults.quizzes),
        stories_owed.LatestStories(),
        stories_owed.RecentPosts(correct=inbox_blocks.correct_button),
        quizzes_owed.RecentQuizzes(),
        customers_owed.AwaySection(),
        members_owed.WishesSection(),
    ]


def _renderers(
    edge: Edge, kinds: Mapping[str, ContentKind], shown: Sequence[Section], public_url: str
) -> dict[str, Renderer]:
    return {
        **stories_owed.renderers(
            ask_button=questions_blocks.ask_button,
            card_buttons=[adoptions_buttons.adopt],
            public_url=public_url,
            new_id=edge.new_id,
            on_posted=[telling.posted],
        ),
        **inbox_owed.renderers(draft_kinds(public_url, load_defaults())),
        **quizzes_owed.renderers(public_url=public_url, limits=load_defaults().quizzes, new_id=edge.new_id),
        **questions_owed.renderers(picture_button=inbox_blocks.spot_button),
        **adoptions_owed.renderers(buttons=[questions_blocks.ask_button]),
        **updates_owed.renderers(new_id=edge.new_id),
        **channels_owed.renderers(kinds),
        **pulse_owed.renderers(new_id=edge.new_id),
        **home_owed.renderers(sections=shown, teams=customers.teams),
        **drop_owed.renderers(list(drop_jobs.droppable(importers()))),
    }


def _jobs(edge: Edge, settings: Settings, kinds: Mapping[str, ContentKind], defaults: Defaults) -> list[TickJob]:
    read_people = ReadPeople(admins=settings.admins, on_people_saved=[LookedAfter(on_changed=manager_changed())])

    async def people(now: datetime) -> None:
        await read_people(edge, now)

    return [
        TickJob(name="posts", every=defaults.channels.tick, run=PostWhatIsDue(edge, kinds, defaults.channels)),
        TickJob(name="people", every=timedelta(seconds=3), run=people, watched=False),
        TickJob(name="do not disturb", every=timedelta(seconds=2), run=ReadDoNotDisturb(edge=edge), watched=False),
        TickJob(name="quiz tallies", every=quizzes_jobs.TALLY_EVERY, run=quizzes_jobs.Tally(edge=edge)),
        TickJob(
            name="quiz reveals",
            every=quizzes_jobs.REVEAL_EVERY,
            run=quizzes_jobs.Reveal(edge=edge, limits=defaults.quizzes),
        ),
        TickJob(name="questions", every=timedelta(minutes=1), run=Reassign(edge=edge)),
        TickJob(name="shared pictures", every=timedelta(seconds=2), run=CopyPictures(edge=edge), watched=False),
        TickJob(
            name="pictures of drafts",
            every=timedelta(seconds=2),
            run=FetchPictures(edge=edge, served=bool(settings.public_url)),
            watched=False,
        ),
        TickJob(name="dropped files erased", every=timedelta(minutes=1), run=drop_jobs.EraseDrops(edge=edge)),
        TickJob(
            name="dropped files",
            every=timedelta(seconds=2),
            run=drop_jobs.WorkOnDrops(edge=edge, importers=importers()),
            watched=False,
        ),
        *updates_jobs.ticks(edge, defaults.updates),
        TickJob(name="hats", every=timedelta(seconds=3), run=DrawHats(edge=edge)),
        TickJob(name="adoptions", every=timedelta(minutes=1), run=EndOfPeopleGone(edge=edge)),
        TickJob(name="pulse", every=timedelta(minutes=1), run=AskWhatIsDue(edge, defaults.pulse)),
        TickJob(name="channels", every=timedelta(minutes=1), run=RefreshChannels(edge, defaults.channels)),
    ]


def _secret(settings: Settings) -> bytes:
    """What every process of this installation knows and no database holds: hides who has answered the pulse."""
    known = settings.signing_secret or settings.app_token
    return known.get_secret_value().encode() if known else new_id().encode()


async def _media(edge: Edge, request: Request) -> Response:
    """A picture by the hash of its bytes: nobody guesses one, and it never changes."""
    async with edge.sessions.begin() as session:
        found = await stories.picture(session, str(request.path_params["digest"]))
    if found is None:
        return PlainTextResponse("no such picture", status_code=404)
    mimetype, data = found
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=mimetype, headers=headers)
