"""What questions owe Slack, rendered from the state at the moment of sending."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery import saying
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.delivery.uploads import Uploads
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.questions import blocks, copies, holding, owing, store, windows
from bot.features.questions.blocks import Asking, Relayed, Shared
from bot.features.questions.rules import ANSWERED, CLOSED, OPEN, WAITING, Answer, Question, Refusal
from bot.features.questions.seams import PictureButton
from bot.slack import kit
from bot.slack.text import escape
from bot.slack.words import Words, words_of

PICTURE_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format"})


def renderers(*, picture_button: PictureButton | None = None) -> dict[str, Renderer]:
    """`picture_button`: below a photo that somebody sent outside any thread."""
    return {
        owing.TO_MANAGER: ToAnswer(),
        owing.TO_EDITOR: ToAnswer(),
        owing.ANSWER: Answers(),
        owing.FOLLOW_UP: FollowUps(),
        owing.WHICH: Which(picture_button=picture_button),
        owing.NOT_RELAYED: NotRelayed(),
        owing.NOBODY: Nobody(),
        owing.PICTURE: Copies(),
    }


async def name_of(session: AsyncSession, words: Words, ws: str, user: str) -> str:
    return blocks.somebody(words, (await members.get(session, ws, user)).name)


async def _question(session: AsyncSession, owed: Owed) -> Question | None:
    return await store.question(session, owed.workspace_id, str(owed.ref.get("question")))


async def _shared(session: AsyncSession, owed: Owed, what: Question | Answer, name: str) -> Shared:
    """A new message never waits for its pictures: they are shown by the update that follows."""
    pictures: Mapping[str, str] = {}
    if owed.method == "update" and what.files:
        pictures = await store.ready(session, what.workspace_id, [file.id for file in what.files])
    return Shared(by=name, files=what.files, pictures=pictures)


class WithPictures(Quiet):
    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        if owed.method == "post":
            await copies.show_where_ready(session, owed, await self._files(session, owed), now=now)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """A picture that Slack does not take is left out of the next try."""
        if owed.method == "update" and error in PICTURE_REFUSED:
            files = await self._files(session, owed)
            if await store.give_up_copies(session, owed.workspace_id, files):
                await copies.once_more(session, owed, now=now)

    async def _files(self, session: AsyncSession, owed: Owed) -> list[str]:
        said = await store.answer(session, owed.workspace_id, str(owed.ref.get("answer")))
        asked = await _question(session, owed)
        what = said or asked
        return [file.id for file in what.files if file.is_picture] if what is not None else []


class ToAnswer(WithPictures):
    """A question, to the account manager or an editor: open, answered, passed on, taken back."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        question = await _question(session, owed)
        reader = await members.get(session, owed.workspace_id, str(owed.ref["user"]))
        if question is None or not members.able(reader, Action.READ_INSIDE):
            return Skip(reason="gone")
        can_answer = await holding.may_answer(session, question, reader.user_id)
        if owed.method == "post":
            against = await self._against(session, question, reader, can_answer=can_answer)
            if against is not None:
                return against
        words = words_of(reader)
        asking = await self._asking(session, owed, question, reader, words)
        if question.state == CLOSED:
            return blocks.taken_back(words, asking.asker)
        if question.state == WAITING and not can_answer and _could_find(reader) and question.with_user is None:
            return blocks.for_admin(words, replace(asking, can_answer=False))
        holds = question.with_user == reader.user_id and question.state == OPEN
        editing = question.state == WAITING and can_answer
        return blocks.to_answer(words, replace(asking, can_answer=holds or editing, can_pass=holds))

    @staticmethod
    async def _against(
        session: AsyncSession, question: Question, reader: Person, *, can_answer: bool
    ) -> Skip | Later | None:
        if question.state == CLOSED:
            return Skip(reason="taken_back")
        if question.state == OPEN and question.with_user != reader.user_id:
            return Skip(reason="with_somebody_else")
        if not can_answer and not (question.state == WAITING and _could_find(reader)):
            return Skip(reason="may_not_answer")
        now = await db_now(session)
        awake = await members.when_awake(session, question.workspace_id, reader.user_id, now=now)
        return Later(until=awake) if awake > now else None

    @staticmethod
    async def _asking(session: AsyncSession, owed: Owed, question: Question, reader: Person, words: Words) -> Asking:
        ws = question.workspace_id
        asker = await members.get(session, ws, question.asker)
        teams = {team.id: team.name for team in await customers.teams(session, ws)} if asker.team_id else {}
        customer = await customers.get(session, ws, question.customer_id)
        name = blocks.somebody(words, asker.name)
        return Asking(
            question=question,
            asker=name,
            team=teams.get(asker.team_id or "", ""),
            customer=customer.name if customer else "",
            shared=await _shared(session, owed, question, name),
            status=await _status(session, question, reader, words),
        )

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """Who cannot be written to cannot answer: the editors get it. The asker hears of it if nobody is left."""
        if owed.method != "post":
            await super().on_failed(session, owed, error=error, now=now)
            return
        question = await _question(session, owed)
        if question is None or not question.is_unanswered:
            return
        if question.with_user == owed.ref["user"]:
            await holding.pass_on(session, question, now=now)
        if not await holding.reachable_elsewhere(session, question, but=str(owed.ref["user"])):
            await saying.owe_message(
                session,
                now=now,
                ws=owed.workspace_id,
                kind=owing.NOBODY,
                key=f"question:{question.id}:nobody",
                target=question.asker,
                ref={"question": question.id},
            )


def _could_find(reader: Person) -> bool:
    """An admin cannot answer, but can find an editor who does."""
    return members.able(reader, Action.GIVE_ROLES)


async def _status(session: AsyncSession, question: Question, reader: Person, words: Words) -> str:
    ws = question.workspace_id
    if question.state == ANSWERED:
        author = await store.last_author(session, ws, question.id) or ""
        if author == reader.user_id:
            return await _own_answer(session, question, words)
        return words.say("Answered by {name}.", name=escape(await name_of(session, words, ws, author)))
    if question.state == OPEN and question.with_user and question.with_user != reader.user_id:
        return words.say("{name} has it now.", name=escape(await name_of(session, words, ws, question.with_user)))
    if question.state == WAITING and not members.able(reader, Action.SEE_WAITING_QUESTIONS):
        return words.say("The editors have it now.")
    if question.state == WAITING and question.with_user:
        name = escape(await name_of(session, words, ws, question.with_user))
        return words.say("{name} has five open questions, so this one waits with you.", name=name)
    return ""


async def _own_answer(session: AsyncSession, question: Question, words: Words) -> str:
    standing = await store.answers_to(session, question.workspace_id, [question.id])
    if standing and await owing.undelivered(session, question, standing[-1]):
        asker = await name_of(session, words, question.workspace_id, question.asker)
        return words.say("Your answer could not be delivered to {name}.", name=escape(asker))
    return words.say("You answered this.")


class Answers(WithPictures):
    """Where one does not reach the asker, its author's own message says so."""

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:  # noqa: ARG002
        if owed.method == "post":
            await self._tell_author(session, owed, now=now)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        await super().on_failed(session, owed, error=error, now=now)
        if owed.method == "post":
            await self._tell_author(session, owed, now=now)

    @staticmethod
    async def _tell_author(session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        question = await _question(session, owed)
        said = await store.answer(session, owed.workspace_id, str(owed.ref.get("answer")))
        if question is not None and said is not None:
            await owing.refresh_for(session, question, said.author, now=now)

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        question = await _question(session, owed)
        said = await store.answer(session, ws, str(owed.ref.get("answer")))
        asker = await members.get(session, ws, owed.target if question is None else question.asker)
        if question is None or said is None or not members.able(asker, Action.READ_INSIDE):
            return Skip(reason="gone")
        customer = await customers.get(session, ws, question.customer_id)
        if customer is None or not customers.visible(customer, customers.viewer_of(asker)):
            return Skip(reason="may_not_read")
        _, opens = await owing.delivery_of(session, question, said)
        if owed.method == "post" and said.deleted:
            return Skip(reason="taken_back")
        words = words_of(asker)
        name = await name_of(session, words, ws, said.author)
        return blocks.relayed_answer(
            words,
            Relayed(
                answer=said,
                author=name,
                customer=customer.name,
                shared=await _shared(session, owed, said, name),
                quoted=question.text if opens else None,
            ),
        )


class FollowUps(WithPictures):
    """Where one reaches nobody, its author is told below their own words."""

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        if owed.method == "post" and reason != "taken_back":
            await self._tell_author(session, owed, now=now)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        await super().on_failed(session, owed, error=error, now=now)
        if owed.method == "post":
            await self._tell_author(session, owed, now=now)

    @staticmethod
    async def _tell_author(session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        question = await _question(session, owed)
        said = await store.answer(session, owed.workspace_id, str(owed.ref.get("answer")))
        if question is not None and said is not None and await owing.reached_nobody(session, said):
            await owing.not_reached(session, question, said, now=now)

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        said = await store.answer(session, ws, str(owed.ref.get("answer")))
        question = await _question(session, owed)
        reader = await members.get(session, ws, str(owed.ref["user"]))
        if said is None or said.deleted or question is None:
            return Skip(reason="taken_back")
        if not await self._may_read(session, question, reader):
            return Skip(reason="may_not_read")
        words = words_of(reader)
        name = await name_of(session, words, ws, said.author)
        return blocks.follow_up(
            words,
            Relayed(answer=said, author=name, customer="", shared=await _shared(session, owed, said, name)),
        )

    @staticmethod
    async def _may_read(session: AsyncSession, question: Question, reader: Person) -> bool:
        """Whoever may answer it now, and the desk, which has every question that nobody else answers."""
        if not members.able(reader, Action.READ_INSIDE):
            return False
        desk = members.able(reader, Action.SEE_WAITING_QUESTIONS) or _could_find(reader)
        return desk or await holding.may_answer(session, question, reader.user_id)


@dataclass(frozen=True, kw_only=True)
class Which(Quiet):
    """*Which customer is this about?*, until it has been said."""

    picture_button: PictureButton | None = None

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        kept = await store.kept_text(session, owed.workspace_id, str(owed.ref["kept"]))
        if kept is None:
            return Skip(reason="taken_back")
        person = await members.get(session, owed.workspace_id, kept.user_id)
        if not members.able(person, Action.BE_ANSWERED):
            return Skip(reason="gone")
        words = words_of(person)
        if kept.became is not None:
            return kit.told(words.say("It is with the editors now. Thank you!"))
        if kept.question_id is None:
            offered = self.picture_button is not None and any(file.is_picture for file in kept.files)
            button = self.picture_button(words, kept.id) if offered and self.picture_button else None
            return blocks.which_customer(words, kept.id, kept.text, picture=button)
        question = await store.question(session, owed.workspace_id, kept.question_id)
        if question is None:
            return Skip(reason="gone")
        customer = await customers.get(session, owed.workspace_id, question.customer_id)
        return kit.told(words.say("You asked about *{customer}*.", customer=escape(customer.name if customer else "")))


class NotRelayed(Quiet):
    """Below somebody's words: why they went no further."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        person = await members.get(session, owed.workspace_id, str(owed.ref["user"]))
        if person.kind in {"bot", "deactivated"}:
            return Skip(reason="gone")
        words, why = words_of(person), str(owed.ref["why"])
        if why == owing.SENT_ON:
            return kit.told(words.say("It has been sent on now."))
        if why == Refusal.TOO_LONG.value:
            return kit.told(windows.too_long(words, int(owed.ref["count"])))
        return kit.told(windows.refused(words, Refusal(why)))


class Nobody(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        question = await _question(session, owed)
        if question is None or not question.is_unanswered:
            return Skip(reason="no_longer_true")
        person = await members.get(session, owed.workspace_id, question.asker)
        customer = await customers.get(session, owed.workspace_id, question.customer_id)
        if customer is None or not members.able(person, Action.READ_INSIDE):
            return Skip(reason="gone")
        words = words_of(person)
        text = words.say(
            "Nobody can answer your question about {customer} at the moment. It is kept until somebody can.",
            customer=escape(customer.name),
        )
        return kit.told(text)


class Copies(Uploads):
    """Pictures out of somebody's message."""

    async def ready(self, session: AsyncSession, ws: str, digest: str, *, now: datetime) -> None:
        await copies.show(session, ws, digest, now=now)
