"""What several features take from others: kinds of content and of drafts, importers, who hears of a new manager."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from bot.defaults import Defaults, load_defaults
from bot.features.adoptions import visits
from bot.features.channels import service as channels
from bot.features.channels.seams import ContentKind
from bot.features.customers import service as customers
from bot.features.customers.importing.files import importers as csv_importers
from bot.features.customers.matching import LookedAfter
from bot.features.customers.seams import Importer, ManagerChanged
from bot.features.inbox import story_kind
from bot.features.inbox.seams import DraftKind
from bot.features.members.seams import Theirs
from bot.features.quizzes.importing import QuizzesImporter
from bot.features.quizzes.jobs import QuizKind
from bot.features.quizzes.question_kind import QuestionKind
from bot.features.quizzes.rules import KIND as QUIZ
from bot.features.stories import jobs as stories_jobs
from bot.features.stories.importing import StoriesImporter
from bot.features.updates import handover
from bot.settings import Settings
from bot.slack import pictures


def content_kinds(settings: Settings, defaults: Defaults) -> Mapping[str, ContentKind]:
    """What channels schedule, by the word in a slot."""
    public_url = settings.public_url or ""
    quiz = QuizKind(
        public_url=public_url,
        lateness=defaults.lateness.get(QUIZ, QuizKind.lateness),
        limits=defaults.quizzes,
    )
    library = stories_jobs.kinds(public_url=public_url, lateness=defaults.lateness, limits=defaults.stories)
    return {**library, quiz.name: quiz}


def draft_kinds(settings: Settings, defaults: Defaults) -> list[DraftKind]:
    """What editors write and approve, in the order offered."""
    public_url = settings.public_url or ""
    library = story_kind.kinds(public_url=public_url, limits=defaults.stories, lateness=defaults.lateness)
    return [*library, QuestionKind(public_url=public_url)]


def manager_changed() -> list[ManagerChanged]:
    """Who hears that a customer's account manager is somebody else."""
    return [handover.manager_changed, visits.manager_changed]


async def things_of(session: AsyncSession, workspace_id: str, user_id: str) -> Theirs:
    """A `members.seams.ThingsOf`."""
    mine = await customers.managed_by(session, workspace_id, user_id)
    owned = await channels.owned_by(session, workspace_id, user_id)
    return Theirs(customers=[card.id for card in mine], channels=[channel.channel_id for channel in owned])


def people_saved() -> LookedAfter:
    """Matches what was waiting for people just read from Slack."""
    return LookedAfter(on_changed=manager_changed())


def importers() -> list[Importer]:
    """By the word after `canteen import`."""
    return [
        *csv_importers(pictures.read, on_manager_changed=manager_changed()),
        StoriesImporter(load_defaults().stories),
        QuizzesImporter(),
    ]
