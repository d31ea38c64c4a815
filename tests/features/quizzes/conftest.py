"""A company with a bank of questions, and a sender that pays what quizzes owe to a Slack of its own."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.ids import new_id as fresh_id
from bot.db.engine import Sessions
from bot.db.moment import OFFSET, db_now
from bot.db.tables.channels import Channel, ChannelPerson
from bot.db.tables.delivery import Delivery, Pace
from bot.db.tables.members import Member
from bot.db.tables.quizzes import Quiz, QuizAnswer, QuizPost
from bot.delivery.sender import Sender
from bot.features.channels import service as channels
from bot.features.channels.seams import Audience, Due
from bot.features.customers.seams import Report
from bot.features.edge import Edge
from bot.features.quizzes import jobs, rules
from bot.features.quizzes.ballots import Ballots, Outcome
from bot.features.quizzes.importing import QuizzesImporter
from bot.features.quizzes.owed import renderers
from bot.features.quizzes.rules import Click, Limits
from bot.metrics import Metrics
from sandbox.kit import check_blocks
from tests.doubles import CountingIds
from tests.features.members.conftest import edge, slack
from tests.features.stories.conftest import SlackWithFiles
from tests.features.stories.given import CHANNEL, NOW, WS, company

__all__ = ["edge", "slack"]
DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)
LONGEST = {
    "id": "longest",
    "question": "Which of these has been with us longest?",
    "options": ["Orion", "Halden", "Trenvista", "Brisalba"],
    "right": "Orion",
    "why": "Orion came in 2009.",
    "customer": "NL-001",
    "consent": "public",
}


def question(name: str, **values: Any) -> dict[str, Any]:
    """One question of a bank."""
    return copy.deepcopy({**LONGEST, "id": name, "question": f"Question {name}?", **values})


@dataclass
class Works:
    """What a test drives: a bank, an occurrence, presses, time, the sender, looks."""

    sessions: Sessions
    edge: Edge
    slack: SlackWithFiles
    sender: Sender
    ballots: Ballots
    folder: Path
    new_id: CountingIds
    limits: Limits
    pressed: int = 0
    later: timedelta = field(default_factory=timedelta)

    async def bank(self, *given: dict[str, Any], **values: Any) -> Report:
        path = self.folder / "bank.yaml"
        path.write_text(yaml.safe_dump({"questions": list(given or [LONGEST])}), encoding="utf-8")
        return await self.bring_in(path, **values)

    async def bring_in(self, path: Path, **values: Any) -> Report:
        asked = {"workspace_id": WS, "by": "cli", "dry_run": False, "strict": False, "now": NOW, "new_id": fresh_id}
        return await QuizzesImporter().run(self.sessions, path, progress=lambda _d, _t: None, **{**asked, **values})

    async def audience(self, channel: str = CHANNEL) -> Audience:
        async with self.sessions.begin() as session:
            found = await channels.audience(session, WS, channel)
        assert found is not None
        return found

    async def ask(
        self,
        name: str = "occ1",
        *,
        channel: str = CHANNEL,
        due_at: datetime | None = None,
        lateness: timedelta = rules.LATENESS,
    ) -> str | None:
        from bot.db.tables.channels import Occurrence

        due_at = due_at or self.now()
        audience = await self.audience(channel)
        async with self.sessions.begin() as session:
            row = {"id": name, "workspace_id": WS, "channel_id": channel, "kind": "quiz", "due_at": due_at}
            session.add(Occurrence(**row, local_day=due_at.date(), state="filled", decided_at=due_at))
            await session.flush()
            due = Due(occurrence_id=name, kind="quiz", due_at=due_at)
            kind = jobs.QuizKind(limits=self.limits, lateness=lateness)
            return await kind.fill(session, audience, due, now=due_at)

    async def another_channel(self, channel: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            row = {"workspace_id": WS, "channel_id": channel, "name": channel.casefold(), "zone": "Europe/Lisbon"}
            more = {"locale": "en-US", "added_by": "U0ADMIN", "added_at": NOW, "refreshed_at": NOW}
            session.add(Channel(**{**row, **more, **values}))

    async def people(self, *users: str, kind: str = "member", team: str | None = None) -> None:
        async with self.sessions.begin() as session:
            session.add_all(
                Member(
                    workspace_id=WS, user_id=user, name=f"Name of {user}", kind=kind, zone="Europe/Lisbon", locale="en-US",
                    team_id=team, refreshed_at=NOW,
                )
                for user in users
            )  # fmt: skip
            if kind.endswith("guest"):
                session.add_all(ChannelPerson(workspace_id=WS, channel_id=CHANNEL, user_id=user) for user in users)

    def now(self) -> datetime:
        return NOW + self.later

    async def database_time(self) -> datetime:
        async with self.sessions.begin() as session:
            return await db_now(session)

    def pass_time(self, by: timedelta) -> None:
        """For the database's clock and the tests' alike."""
        self.later += by
        info: dict[str, Any] = self.sessions._make.kw["info"]
        info[OFFSET] += by

    async def round(self) -> tuple[Quiz, QuizPost]:
        """The newest, with its first post."""
        async with self.sessions.begin() as session:
            quiz = (await session.scalars(select(Quiz).order_by(Quiz.opens_at.desc(), Quiz.id).limit(1))).one()
            posts = await session.scalars(select(QuizPost).where(QuizPost.quiz_id == quiz.id).order_by(QuizPost.due_at))
            return quiz, next(iter(posts))

    async def posts(self) -> list[QuizPost]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(QuizPost).order_by(QuizPost.due_at, QuizPost.id)))

    async def click(self, user: str, option: int, **values: Any) -> Click:
        """A press of the newest round's option, counted as in the bank."""
        quiz, post = await self.round()
        self.pressed += 1
        value = rules.button_value(post.id, rules.option_id(quiz.secret, option))
        given = {
            "workspace_id": WS, "user_id": user, "outsider": False, "channel_id": post.channel_id,
            "message_ts": post.ts or "1.2", "value": value, "acted_at": self.pressed,
        }  # fmt: skip
        return Click(**{**given, **values})

    async def press(self, user: str, option: int, **values: Any) -> Outcome:
        return await self.ballots.cast(await self.click(user, option, **values))

    async def answers(self) -> dict[str, int]:
        async with self.sessions.begin() as session:
            rows = await session.scalars(select(QuizAnswer).order_by(QuizAnswer.user_id))
            return {row.user_id: row.option for row in rows}

    async def tally(self) -> int:
        return await jobs.Tally(edge=self.edge)(self.now())

    async def reveal(self) -> int:
        return await jobs.Reveal(edge=self.edge, limits=self.limits)(self.now())

    async def send(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            async with self.sessions.begin() as session:
                past = await db_now(session) - SECOND
                await session.execute(update(Pace).values(next_free_at=past, limited_until=None))
                await session.execute(update(Delivery).where(Delivery.state == "pending").values(due_at=past))
            await self.sender.turn("lease")
            await self.sender.settle()

    async def deliveries(self, kind: str) -> list[Delivery]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)))

    def posted(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What stands there now; each as strict as Slack would have it."""
        made = self.slack.made(channel)
        for message in made:
            assert check_blocks(list(message["blocks"]), "message") == []
            assert message["text"]
        return made

    async def play(self, name: str, presses: dict[str, int], *, days: int = 2) -> None:
        """Ask, answer, close and reveal, and let some days pass."""
        assert await self.ask(name) is None
        await self.send(2)
        for user, option in presses.items():
            outcome = await self.press(user, option)
            assert outcome.told is rules.Told.COUNTED, outcome
        self.pass_time(DAY + SECOND)
        assert await self.reveal() == 1
        await self.send(3)
        self.pass_time(timedelta(days=days - 1))


def users(number: int, prefix: str = "U0P") -> Sequence[str]:
    return [f"{prefix}{one:04}" for one in range(number)]


@pytest.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    """The database's clock stands where the tests' does."""
    return Sessions(engine, clock_offset=NOW - datetime.now(UTC))


@pytest.fixture
async def works(sessions: Sessions, edge: Edge, tmp_path: Path, new_id: CountingIds) -> Works:
    async with sessions.begin() as session:
        await company(session)
    gateway, limits = SlackWithFiles(), Limits()
    sender = Sender(
        sessions=sessions,
        gateway=gateway,  # type: ignore[arg-type]
        renderers=renderers(public_url="", limits=limits, new_id=new_id),
        new_id=fresh_id,
        metrics=Metrics(),
    )
    return Works(
        sessions=sessions,
        edge=edge,
        slack=gateway,
        sender=sender,
        ballots=Ballots(sessions=sessions, limits=limits),
        folder=tmp_path,
        new_id=new_id,
        limits=limits,
    )
