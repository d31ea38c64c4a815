"""Stories and news as kinds of draft: `DraftKind` on top of the library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import local_day
from bot.db.moment import db_now
from bot.features.channels import service as channels
from bot.features.customers import blocks as customers_blocks
from bot.features.customers import service as customers
from bot.features.inbox import checking, fields, store, story_form
from bot.features.inbox.rules import NEWS, STORY, Content, Draft
from bot.features.inbox.seams import Plan, ReadForm
from bot.features.inbox.story_form import Names
from bot.features.members import service as members
from bot.features.stories import blocks as stories_blocks
from bot.features.stories import service as stories
from bot.features.stories import writing
from bot.features.stories.blocks import Look
from bot.features.stories.rules import USUAL, Limits, Why, named_in_channels
from bot.features.stories.service import Product, Story, Wording
from bot.features.stories.writing import Written
from bot.slack import kit
from bot.slack.kit import Block, Message
from bot.slack.payloads import Submission
from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class StoryKind:
    """A `DraftKind`. `public_url`: where our own pictures can be fetched, "" where they cannot. `lateness`: how late a
    planned post may still go out."""

    name: str
    public_url: str = ""
    lateness: timedelta = timedelta(hours=4)
    limits: Limits = field(default=USUAL)
    can_schedule: bool = True
    prefix: str = "story"

    def label(self, words: Words) -> str:
        return words.say("News item") if self.name == NEWS else words.say("Story")

    async def form(self, session: AsyncSession, draft: Draft, words: Words) -> list[Block]:
        content, ws = draft.content, draft.workspace_id
        customer = await customers.get(session, ws, content.customer_id) if content.customer_id else None
        products = await customers.products(session, ws, content.product_ids)
        names = Names(
            customer=customers_blocks.customer_options([customer])[0] if customer else None,
            products=[kit.option(one.name, one.id) for one in products.values()],
            picture=await checking.picture_state(session, draft, words),
        )
        return story_form.form(words, content, names, post_words=self.limits.post_words)

    async def read(self, session: AsyncSession, draft: Draft, given: Submission, words: Words) -> ReadForm:
        today = local_day(await db_now(session), words.zone)
        typed = story_form.read(words, given, draft.content, today=today, post_words=self.limits.post_words)
        errors = {**await self._unknown(session, draft.workspace_id, typed.content, words), **typed.errors}
        return ReadForm(content=typed.content, errors=errors, files=fields.files(given, "picture"))

    @staticmethod
    async def _unknown(session: AsyncSession, ws: str, content: Content, words: Words) -> dict[str, str]:
        errors: dict[str, str] = {}
        if content.customer_id and await customers.get(session, ws, content.customer_id) is None:
            errors["customer"] = words.say("This customer is not there any more.")
        if len(await customers.products(session, ws, content.product_ids)) < len(content.product_ids):
            errors["products"] = words.say("One of these products is not there any more.")
        said_in = {
            block: getattr(content, block) or ""
            for block in ("headline", "text", "body", "quote_text", "quote_name", "picture_alt")
            if block != "body" or content.body != content.text
        }
        return {**errors, **await checking.secrets(session, ws, said_in, content.customer_id, words)}

    async def why_unfinished(self, session: AsyncSession, draft: Draft, words: Words) -> str | None:
        content = draft.content
        if not content.headline or not content.text:
            return words.say("It needs a headline and a short text first: press Edit.")
        if len(content.text.split()) > self.limits.post_words or stories_blocks.too_much(content.body):
            return words.say("Its text is too long for a post: press Edit.")
        if why := await checking.why_picture_unfinished(session, draft, words):
            return why
        if await self._unknown(session, draft.workspace_id, content, words):
            return words.say("It names a customer or product that it must not name: press Edit.")
        return None

    async def preview(self, session: AsyncSession, draft: Draft, words: Words) -> Message:
        story = await self._story(session, draft)
        made = next((one for one in story.products if one.team), None)
        why = Why(code="team_makes_product", team=made.team, product=made.name) if made else Why(code="chosen")
        look = Look(
            story=story,
            wording=story.wording(draft.content.language),
            why=why,
            shot=await stories.shot(session, draft.workspace_id, story, self.public_url),
            read=f"story:{draft.id}",
        )
        return stories_blocks.post(words, look)

    async def _story(self, session: AsyncSession, draft: Draft) -> Story:
        content, ws = draft.content, draft.workspace_id
        customer = await customers.get(session, ws, content.customer_id) if content.customer_id else None
        found = await customers.products(session, ws, content.product_ids)
        teams = {team.id: team.name for team in await customers.teams(session, ws)}
        author = await members.known(session, ws, draft.author) if draft.credit else None
        return Story(
            id=draft.id,
            kind=self.name,
            customer_id=content.customer_id,
            customer=customer.name if customer else None,
            nameable=customer is None
            or named_in_channels(confidential=customer.confidential, may_be_named=customer.may_be_named),
            wordings={content.language: _wording(content)},
            quote_name=content.quote_name,
            quote_role=content.quote_role,
            picture_hash=content.picture_hash,
            consent=content.consent,
            published_on=draft.offered_at.date() - timedelta(days=1),
            expires_on=content.expires_on,
            products=tuple(
                Product(id=one.id, name=one.name, team_id=one.team_id, team=teams.get(one.team_id or ""))
                for one in found.values()
            ),
            credit=author.name if author else None,
        )

    def for_approver(self, draft: Draft, words: Words) -> str:  # noqa: ARG002 - the preview shows everything
        return ""

    async def opened(self, session: AsyncSession, draft: Draft, words: Words, *, by: str) -> str:  # noqa: ARG002
        return ""

    async def why_not_planned(self, session: AsyncSession, draft: Draft, plan: Plan, words: Words) -> str | None:
        story = await self._story(session, draft)
        at = plan.at or await db_now(session)
        for channel_id in plan.channel_ids:
            audience = await channels.audience(session, draft.workspace_id, channel_id)
            code = writing.why_not_there(story, audience, at) if audience else None
            if audience is not None and code is not None:
                return _not_there(words, code, audience.name, story.customer or "")
        return None

    async def publish(
        self, session: AsyncSession, draft: Draft, plan: Plan, *, by: str, now: datetime, new_id: NewId
    ) -> str:
        ws = draft.workspace_id
        await writing.write(session, ws, draft.id, written(self.name, draft), now=now, limits=self.limits)
        for channel_id in plan.channel_ids:
            await writing.plan(
                session,
                ws,
                draft.id,
                channel_id,
                plan.at or now,
                request=f"draft:{draft.id}:{channel_id}",
                by=by,
                lateness=self.lateness,
                served=bool(self.public_url),
                now=now,
                new_id=new_id,
            )
        return draft.id

    async def as_draft(self, session: AsyncSession, ws: str, posted: str, *, now: datetime) -> Draft | None:
        """A story of the library, to be corrected in the same form."""
        story = await stories.get_story(session, ws, posted)
        if story is None or story.withdrawn or story.kind != self.name:
            return None
        language, wording = next(iter(story.wordings.items()))
        content = Content(
            headline=wording.headline,
            text=wording.snippet,
            body=wording.body,
            customer_id=story.customer_id,
            product_ids=tuple(one.id for one in story.products),
            quote_text=wording.quote,
            quote_name=story.quote_name,
            quote_role=story.quote_role,
            picture_hash=story.picture_hash,
            picture_alt=wording.alt,
            language=language,
            consent=story.consent,
            expires_on=story.expires_on,
        )
        return Draft(
            id=f"{self.prefix}:{story.id}",
            workspace_id=ws,
            kind=self.name,
            state="approved",
            author="",
            content=content,
            origin={},
            offered_at=now,
            published=story.id,
        )

    def about_correcting(self, words: Words) -> str:
        return words.say("It changes wherever it was posted. Translations are taken out where the words change.")

    async def standing_in(self, session: AsyncSession, draft: Draft) -> int:
        return await stories.standing_in(session, draft.workspace_id, self._posted(draft))

    def _posted(self, draft: Draft) -> str:
        return draft.id.removeprefix(f"{self.prefix}:")

    async def correct(
        self, session: AsyncSession, draft: Draft, *, by: str, now: datetime, new_id: NewId
    ) -> int | None:
        """A draft from `as_draft` with its content changed: into the library and every post of it."""
        ws, story_id = draft.workspace_id, self._posted(draft)
        offered = await store.of_published(session, ws, story_id)
        credit = offered.author if offered is not None and offered.credit else None
        return await writing.correct(
            session,
            ws,
            story_id,
            written(self.name, draft, credit=credit),
            by=by,
            served=bool(self.public_url),
            now=now,
            new_id=new_id,
            limits=self.limits,
        )


def kinds(*, public_url: str, limits: Limits, lateness: Mapping[str, timedelta]) -> list[StoryKind]:
    return [
        StoryKind(name=name, public_url=public_url, limits=limits, lateness=lateness.get(name, timedelta(hours=4)))
        for name in (STORY, NEWS)
    ]


def _wording(content: Content) -> Wording:
    return Wording(
        headline=content.headline,
        snippet=content.text,
        body=content.body or content.text,
        quote=content.quote_text,
        alt=content.picture_alt,
    )


def written(kind: str, draft: Draft, *, credit: str | None = None) -> Written:
    content = draft.content
    return Written(
        kind=kind,
        customer_id=content.customer_id,
        product_ids=content.product_ids,
        language=content.language,
        wording=_wording(content),
        quote_name=content.quote_name,
        quote_role=content.quote_role,
        picture_hash=content.picture_hash,
        consent=content.consent,
        expires_on=content.expires_on,
        credit=draft.author if draft.credit else credit,
    )


def _not_there(words: Words, code: str, channel: str, customer: str) -> str:
    match code:
        case "consent":
            return words.say("#{channel} has guests, and only what everybody may read goes there.", channel=channel)
        case "outsiders":
            return words.say(
                "#{channel} is shared with another company: nothing that names a customer goes there.", channel=channel
            )
        case "not_nameable":
            return words.say(
                "{customer} may not be named yet, so it cannot go to #{channel}. It waits for that in the library.",
                customer=customer,
                channel=channel,
            )
    return words.say("Its last day is over by then, so it would not be posted in #{channel}.", channel=channel)
