"""*Spotted!*: what somebody saw out there, from a photo dropped to the app or from `/customer spotted`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.core.strings import why_unusable
from bot.db import seen
from bot.features.customers import service as customers
from bot.features.inbox import editing, fields, pictures, service, store, windows
from bot.features.inbox.desk import Desk
from bot.features.inbox.rules import SPOTTED, STORY, Content, Refusal, headline_of, leading
from bot.features.members.seams import Reply
from bot.features.members.service import Action, Person, Standing, allowed
from bot.features.questions import keeping as questions
from bot.slack import kit
from bot.slack.kit import View
from bot.slack.payloads import Search, SlashCommand, Submission, press, search, submission
from bot.slack.text import clean
from bot.slack.words import Words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

OFFERED = 20
WHERE, WORD = 100, 1000


@dataclass(frozen=True, kw_only=True)
class Spotting:
    desk: Desk

    async def on_spot(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Below what somebody dropped to the app: its pictures and its text are taken from there."""
        pressed = press(body)

        async def work(session: "AsyncSession") -> tuple[Words, View]:
            _, words = await self.desk.person(session, pressed.who)
            if not await self.desk.may(session, pressed.who, Action.SUGGEST):
                return words, _refused(words, Refusal.NOT_FOR_GUESTS)
            kept = await questions.kept(session, pressed.who.workspace_id, pressed.who.user_id, pressed.value)
            if kept is None:
                return words, _refused(words, Refusal.NOT_FOUND)
            some = any(file.is_picture for file in kept.files)
            return words, windows.spotted(words, kept=kept.id, word=kept.text[:WORD], with_picture=some)

        words, view = await self.desk.edge.sessions.run(work)
        await self.desk.show(body, pressed, view, words)
        await ack()

    async def on_products(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Guests and people of other companies find nothing."""
        typed = search(body)
        found = await self.desk.edge.sessions.run(lambda session: self._products(session, typed))
        await ack(options=[kit.option(name, product) for product, name in found])

    async def _products(self, session: "AsyncSession", typed: Search) -> Sequence[tuple[str, str]]:
        person, _ = await self.desk.person(session, typed.who)
        if typed.who.outsider or not allowed(Action.SUGGEST, Standing(person=person)) or why_unusable(typed.query):
            return ()
        return await store.products_like(session, typed.who.workspace_id, typed.query, OFFERED)

    async def on_spotted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)

        async def work(session: "AsyncSession") -> tuple[Words, str, Mapping[str, str]]:
            return await self._take(session, given)

        words, said, errors = await self.desk.edge.sessions.run(work)
        if errors:
            await ack(response_action="errors", errors=dict(errors))
        else:
            view = windows.notice(words, said, words.say("Spotted!"))
            await ack(response_action="update", view=view.payload())

    async def _take(self, session: "AsyncSession", given: Submission) -> tuple[Words, str, Mapping[str, str]]:
        ws, now = given.who.workspace_id, self.desk.edge.clock.now()
        person, words = await self.desk.person(session, given.who)
        if not await self.desk.may(session, given.who, Action.SUGGEST):
            return words, windows.refused(words, Refusal.NOT_FOR_GUESTS), {}
        errors = _errors(words, given)
        if errors:
            return words, "", errors
        if not await seen.first_time(session, workspace_id=ws, key=given.key, now=now):
            return words, await seen.outcome_of(session, workspace_id=ws, key=given.key) or "", {}
        said = await self._offer(session, given, person, words)
        await seen.remember_outcome(session, workspace_id=ws, key=given.key, outcome=said)
        return words, said, {}

    async def _offer(self, session: "AsyncSession", given: Submission, person: Person, words: Words) -> str:
        ws, now = given.who.workspace_id, self.desk.edge.clock.now()
        kept = await questions.kept(session, ws, person.user_id, given.private) if given.private else None
        if given.private and kept is None:
            return windows.refused(words, Refusal.NOT_FOUND)
        chosen = (given.picked("product") or ("",))[0]
        product = (await customers.products(session, ws, [chosen])).get(chosen) if chosen else None
        origin_id = kept.id if kept else given.view_id
        draft_id = await service.add(
            session,
            ws=ws,
            kind=STORY,
            author=person.user_id,
            content=_content(words, given, product.name if product else "", product.id if product else None),
            origin={"what": SPOTTED, "id": origin_id},
            credit=windows.CREDIT in given.picked("credit"),
            request=f"spotted:{origin_id}",
            now=now,
            new_id=self.desk.edge.new_id,
        )
        shared = [file.as_json() for file in kept.files if file.is_picture] if kept else []
        for file in [*fields.files(given, "picture"), *shared][:1]:
            file_id = await pictures.want(session, ws, file, now=now)
            if file_id is not None:
                await pictures.attach(session, ws, file_id, draft_id)
        if kept is not None:
            await questions.became(session, kept, f"spotted:{draft_id}", now=now)
        return windows.sent_in(words)


def _refused(words: Words, refusal: Refusal) -> View:
    return windows.notice(words, windows.refused(words, refusal), words.say("Spotted!"))


def _errors(words: Words, given: Submission) -> dict[str, str]:
    errors = {}
    for block, limit in (("where", WHERE), ("word", WORD)):
        typed = given.typed(block)
        if why_unusable(typed):
            errors[block] = words.say("There are characters in it that cannot be shown. Please type it again.")
        elif len(typed) > limit:
            errors[block] = words.say("At most {limit} characters fit.", limit=words.number(limit))
    if "where" not in errors and not clean(given.typed("where")).strip():
        errors["where"] = words.say("Please say where you saw it.")
    return errors


def _content(words: Words, given: Submission, product: str, product_id: str | None) -> Content:
    """The author's words where they fit a post, else a sentence of ours; an editor makes a story of it."""
    where = " ".join(clean(given.typed("where")).split())
    word = clean(given.typed("word")).strip()
    if product:
        headline = words.say("Spotted: {product}, {where}", product=product, where=where)
        plain = words.say("Our {product} was seen here: {where}.", product=product, where=where)
    else:
        headline = words.say("Spotted: our work, {where}", where=where)
        plain = words.say("Our work was seen here: {where}.", where=where)
    return Content(
        headline=headline_of(headline, plain),
        text=leading(word) or leading(plain),
        body=word or plain,
        product_ids=(product_id,) if product_id else (),
        picture_alt=plain,
        language=words.locale.partition("-")[0] or "en",
        details={"where": where},
    )


@dataclass(frozen=True, kw_only=True)
class SpottedCommand:
    """`/customer spotted`."""

    desk: Desk
    command: str = "/customer"
    word: str = "spotted"

    def help(self, words: Words) -> str:
        return words.say("`spotted`: send in a photo of our work that you saw somewhere")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        async def work(session: "AsyncSession") -> bool:
            return await self.desk.may(session, invoked.who, Action.SUGGEST)

        if not await self.desk.edge.sessions.run(work):
            return Reply(message=kit.told(windows.refused(words, Refusal.NOT_FOR_GUESTS)))
        typed = "" if why_unusable(rest) else rest[:WORD]
        return Reply(view=windows.spotted(words, kept="", word=typed, with_picture=False))


@dataclass(frozen=True, kw_only=True)
class SuggestCommand:
    """`/customer suggest`: a story of one's own for the editors."""

    desk: Desk
    command: str = "/customer"
    word: str = "suggest"

    def help(self, words: Words) -> str:
        return words.say("`suggest`: write a story for the editors")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        async def work(session: "AsyncSession") -> View:
            person, mine = await self.desk.person(session, invoked.who)
            return await editing.Editing(desk=self.desk).window(session, invoked.who, person, mine, STORY, "")

        return Reply(view=await self.desk.edge.sessions.run(work))
