"""Questions as a kind of draft that editors write, preview and approve in the inbox: an `inbox.seams.DraftKind`."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db import kept_pictures
from bot.db.moment import db_now
from bot.features.channels import planning
from bot.features.channels import service as channels
from bot.features.customers import blocks as customers_blocks
from bot.features.customers import service as customers
from bot.features.inbox import checking, fields
from bot.features.inbox.rules import APPROVED, QUESTION, Content, Draft
from bot.features.inbox.seams import Plan, ReadForm
from bot.features.quizzes import (
    answers,
    bank,
    blocks,
    choosing,
    correcting,
    correction_form,
    question_form,
    rounds,
    rules,
    service,
    showing,
    store,
)
from bot.features.quizzes.blocks import Shot
from bot.features.quizzes.choosing import Candidate
from bot.features.quizzes.question_form import Names
from bot.features.quizzes.rules import Wording
from bot.features.stories import blocks as stories_blocks
from bot.slack import kit
from bot.slack.kit import Block, Message
from bot.slack.payloads import Submission
from bot.slack.words import Words

DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class QuestionKind:
    """Also corrects what was posted: an `inbox.seams.Corrects`. `public_url`: where our own pictures can be fetched, ""
    where they cannot."""

    name: str = QUESTION
    public_url: str = ""
    can_schedule: bool = True
    prefix: str = rules.KIND

    def label(self, words: Words) -> str:
        return words.say("Quiz question")

    async def form(self, session: AsyncSession, draft: Draft, words: Words) -> list[Block]:
        content, ws = draft.content, draft.workspace_id
        if self._posted(draft):
            return correction_form.correction_form(words, content)
        customer = await customers.get(session, ws, content.customer_id) if content.customer_id else None
        products = await customers.products(session, ws, content.product_ids[:1])
        names = Names(
            customer=customers_blocks.customer_options([customer])[0] if customer else None,
            product=next((kit.option(one.name, one.id) for one in products.values()), None),
            picture=await checking.picture_state(session, draft, words),
        )
        return question_form.question_form(words, content, names)

    async def read(self, session: AsyncSession, draft: Draft, given: Submission, words: Words) -> ReadForm:
        if self._posted(draft):
            corrected = correction_form.read(words, given, draft.content)
            secrets = await self._secrets(session, draft.workspace_id, corrected.content, words)
            return ReadForm(content=corrected.content, errors={**secrets, **corrected.errors})
        typed = question_form.read(words, given, draft.content)
        errors = {**await self._unknown(session, draft.workspace_id, typed.content, words), **typed.errors}
        return ReadForm(content=typed.content, errors=errors, files=fields.files(given, "picture"))

    async def _unknown(self, session: AsyncSession, ws: str, content: Content, words: Words) -> dict[str, str]:
        errors: dict[str, str] = {}
        if content.customer_id and await customers.get(session, ws, content.customer_id) is None:
            errors["customer"] = words.say("This customer is not there any more.")
        if len(await customers.products(session, ws, content.product_ids)) < len(content.product_ids):
            errors["product"] = words.say("This product is not there any more.")
        return {**errors, **await self._secrets(session, ws, content, words)}

    @staticmethod
    async def _secrets(session: AsyncSession, ws: str, content: Content, words: Words) -> dict[str, str]:
        options = {f"option_{n}": said for n, said in enumerate(content.details.get("options", ()), start=1)}
        said_in = {
            "question": content.headline,
            "why": content.text,
            "picture_alt": content.picture_alt or "",
            **options,
        }
        return await checking.secrets(session, ws, said_in, content.customer_id, words)

    async def why_unfinished(self, session: AsyncSession, draft: Draft, words: Words) -> str | None:
        content = draft.content
        right = content.details.get("right")
        if not content.headline or not content.text or not isinstance(right, int):
            return words.say("It needs a question, its options, the right one and why: press Edit.")
        if why := await checking.why_picture_unfinished(session, draft, words):
            return why
        if await self._unknown(session, draft.workspace_id, content, words):
            return words.say("It names a customer or product that it must not name: press Edit.")
        return None

    async def preview(self, session: AsyncSession, draft: Draft, words: Words) -> Message:
        """As it will be asked, so without the answer: other editors look at it who may answer it later."""
        if posted := self._posted(draft):
            return await self._preview_of_correction(session, draft, posted, words)
        content = _content(draft)
        secret = sha256(f"preview {draft.id}".encode()).hexdigest()
        until = await db_now(session) + DAY
        shown = blocks.example(content, secret, words.locale, until, await self._shot(session, draft))
        return blocks.without_pressing(words, shown)

    async def _preview_of_correction(self, session: AsyncSession, draft: Draft, posted: str, words: Words) -> Message:
        """As its message will look: with the answer only where that is out."""
        found = await service.get_post(session, draft.workspace_id, posted)
        if found is None:
            raise LookupError("it was read in this transaction")
        post, quiz = found
        shown = replace(quiz, content=rules.corrected(quiz.content, _wording(draft)))
        url = shown.content.picture_url
        shot = Shot(alt=draft.content.picture_alt or "", url=url) if url else await self._shot(session, draft)
        return stories_blocks.corrected(words, blocks.as_it_stands(words, post, shown, shot))

    async def _shot(self, session: AsyncSession, draft: Draft) -> Shot | None:
        content = draft.content
        if content.picture_hash is None or content.picture_alt is None:
            return None
        if self.public_url:
            return Shot(alt=content.picture_alt, url=f"{self.public_url.rstrip('/')}/media/{content.picture_hash}")
        file_id = await kept_pictures.slack_file(session, draft.workspace_id, content.picture_hash)
        return Shot(alt=content.picture_alt, file=file_id) if file_id else None

    def for_approver(self, draft: Draft, words: Words) -> str:
        """Whoever approves it never counts among those who answer it."""
        options, right = draft.content.details.get("options", ()), _right(draft)
        if right is None:
            return ""
        answer = words.say("The right answer: {answer}", answer=options[right])
        return f"{answer}\n{words.say('Why: {why}', why=draft.content.text)}"

    async def opened(self, session: AsyncSession, draft: Draft, words: Words, *, by: str) -> str:
        """Its right answer stands there: theirs will not count. A draft's id is the question's later on."""
        if not draft.id or _right(draft) is None:
            return ""
        question_id = draft.id
        if posted := self._posted(draft):
            found = await service.get_post(session, draft.workspace_id, posted)
            if found is None or found[1].revealed_at is not None:
                return ""
            question_id = found[1].question_id
        answered = await showing.shown(session, draft.workspace_id, question_id, by)
        return answers.knows_now(words, answered=answered)

    async def why_not_planned(self, session: AsyncSession, draft: Draft, plan: Plan, words: Words) -> str | None:
        ws, content = draft.workspace_id, draft.content
        customer = await customers.get(session, ws, content.customer_id) if content.customer_id else None
        nameable = customer is None or (customer.may_be_named is True and not customer.confidential)
        candidate = Candidate(
            question_id=draft.id, nameable=nameable, about_customer=customer is not None, consent=content.consent
        )
        for channel_id in plan.channel_ids:
            audience = await channels.audience(session, ws, channel_id)
            code = choosing.why_not(candidate, rounds.place_of(audience)) if audience else None
            if audience is not None and code is not None:
                return _not_there(words, code, audience.name)
        return None

    async def publish(
        self, session: AsyncSession, draft: Draft, plan: Plan, *, by: str, now: datetime, new_id: NewId
    ) -> str:
        """Into the bank, as the question of the draft's id: who was shown its answer in the inbox, as its author,
        whoever changed it last and the approver, never counts among those who answer."""
        ws, content = draft.workspace_id, draft.content
        question = _content(draft)
        await bank.put_question(
            session,
            {
                "id": draft.id,
                "workspace_id": ws,
                "key": f"inbox-{draft.id}",
                "secret": new_id(),
                "content": question.stored(),
                "customer_id": content.customer_id,
                "product_id": next(iter(content.product_ids), None),
                "consent": content.consent,
                "picture_hash": content.picture_hash,
                "picture_url": None,
                "source": question.source,
                "author": draft.author,
                "approver": by,
                "editor": draft.edited_by,
                "withdrawn_at": None,
                "fingerprint": sha256(repr(question).encode()).hexdigest(),
                "added_at": now,
                "updated_at": now,
            },
        )
        row = (await bank.known(session, ws))[f"inbox-{draft.id}"]
        await store.lock_choice(session, ws)
        for channel_id in plan.channel_ids:
            at, request = plan.at or now, f"draft:{draft.id}:{channel_id}"
            due = await planning.plan(
                session, ws, channel_id, rules.KIND, at, request=request, by=by, new_id=new_id, now=now
            )
            audience = await channels.audience(session, ws, channel_id)
            if due is not None and audience is not None:
                await rounds.ask(session, audience, due, row, served=bool(self.public_url), now=now)
        return row.id

    # -- corrected after it was posted -----------------------------------------------------------------------------

    def _posted(self, draft: Draft) -> str:
        """The id of the post that is corrected; "" for a draft."""
        return draft.id.removeprefix(f"{self.prefix}:") if draft.id.startswith(f"{self.prefix}:") else ""

    async def as_draft(self, session: AsyncSession, ws: str, posted: str, *, now: datetime) -> Draft | None:
        """Without its translations."""
        found = await service.get_post(session, ws, posted)
        if found is None or found[1].is_withdrawn:
            return None
        content = found[1].content
        language, wording = next(iter(content.wordings.items()))
        return Draft(
            id=f"{self.prefix}:{posted}",
            workspace_id=ws,
            kind=self.name,
            state=APPROVED,
            author="",
            content=Content(
                headline=wording.text,
                text=wording.why,
                customer_id=content.customer_id,
                picture_hash=content.picture_hash,
                picture_alt=wording.alt,
                language=language,
                details={"options": list(wording.options), "right": content.right, "source": content.source or ""},
            ),
            origin={},
            offered_at=now,
            published=posted,
        )

    def about_correcting(self, words: Words) -> str:
        return words.say(
            "It changes wherever it was posted, and answers keep counting. Translations are taken out where the words "
            "change. Which option is right stays as it is: if that was wrong, close this and press *Withdraw*."
        )

    async def standing_in(self, session: AsyncSession, draft: Draft) -> int:
        return await correcting.standing_in(session, draft.workspace_id, self._posted(draft))

    async def correct(
        self, session: AsyncSession, draft: Draft, *, by: str, now: datetime, new_id: NewId
    ) -> int | None:
        ws, posted = draft.workspace_id, self._posted(draft)
        return await correcting.correct(session, ws, posted, _wording(draft), by=by, now=now, new_id=new_id)


def _right(draft: Draft) -> int | None:
    options, right = draft.content.details.get("options", ()), draft.content.details.get("right")
    return right if isinstance(right, int) and 0 <= right < len(options) else None


def _content(draft: Draft) -> rules.Content:
    content = draft.content
    return rules.Content(
        wordings={content.language: _wording(draft)},
        right=content.details.get("right") or 0,
        customer_id=content.customer_id,
        picture_hash=content.picture_hash,
        source=content.details.get("source") or None,
    )


def _wording(draft: Draft) -> Wording:
    """A picture's words go with it; what was posted has them only with one."""
    content = draft.content
    pictured = content.picture_hash or draft.published
    return Wording(
        text=content.headline,
        options=tuple(content.details.get("options", ())),
        why=content.text,
        alt=content.picture_alt if pictured else None,
    )


def _not_there(words: Words, code: str, channel: str) -> str:
    match code:
        case "consent":
            return words.say("#{channel} has guests, and only what everybody may see goes there.", channel=channel)
        case "outsiders":
            return words.say(
                "#{channel} is shared with another company: nothing that names a customer goes there.", channel=channel
            )
    return words.say("Its customer may not be named yet, so it cannot go to #{channel}.", channel=channel)
