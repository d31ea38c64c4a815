"""From Slack: the form of a draft, its preview, and what is kept of it; the same form corrects what was posted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.db import seen
from bot.features.inbox import deciding, pictures, service, store, windows
from bot.features.inbox.desk import Desk
from bot.features.inbox.rules import QUESTION, WRITTEN, Content, Draft, Refusal, content_from
from bot.features.inbox.seams import Corrects, DraftKind, ReadForm
from bot.features.inbox.store import Sketch
from bot.features.members import asking
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.slack.kit import View
from bot.slack.payloads import Press, Submission, Who, press, submission
from bot.slack.words import Words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

STORY = "story:"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a form is about: a new draft (no id), one that waits, or something posted that is corrected."""

    draft: Draft
    kind: DraftKind

    @property
    def corrects(self) -> Corrects | None:
        """The kind, where it is about something posted."""
        return self.kind if is_posted(self.draft.id) and isinstance(self.kind, Corrects) else None


def is_posted(subject: str) -> bool:
    """What waits has a plain id."""
    return ":" in subject


@dataclass(frozen=True, kw_only=True)
class Editing:
    desk: Desk

    # -- opened --------------------------------------------------------------------------------------------------------

    async def on_write(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        await self._open(ack, body, pressed, pressed.value, "")

    async def on_edit(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        await self._open(ack, body, pressed, "", pressed.value)

    async def on_correct(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        subject = pressed.value if is_posted(pressed.value) else f"{STORY}{pressed.value}"
        await self._open(ack, body, pressed, "", subject)

    async def _open(self, ack: AsyncAck, body: dict[str, Any], pressed: Press, kind: str, subject: str) -> None:
        async def work(session: "AsyncSession") -> tuple[Words, View]:
            person, words = await self.desk.person(session, pressed.who)
            return words, await self.window(session, pressed.who, person, words, kind, subject)

        words, view = await self.desk.edge.sessions.run(work)
        await self.desk.show(body, pressed, view, words)
        await ack()

    async def window(
        self, session: "AsyncSession", who: Who, person: Person, words: Words, kind: str, subject: str
    ) -> View:
        """The form, or why there is none."""
        found = await self._subject(session, who, person, kind, subject)
        if isinstance(found, Refusal):
            return windows.notice(words, windows.refused(words, found))
        if found.draft.kind == QUESTION and not await self._may_know(session, who, found.draft):
            return windows.notice(words, windows.refused(words, Refusal.NOT_AN_EDITOR))
        made = await found.kind.form(session, found.draft, words)
        private = f"{found.kind.name}|{found.draft.id}|{found.draft.revision}"
        title = found.kind.label(words) if found.draft.id else words.say("New: {what}", what=found.kind.label(words))
        intro = found.corrects.about_correcting(words) if found.corrects else ""
        intro = " ".join(filter(None, (intro, await found.kind.opened(session, found.draft, words, by=who.user_id))))
        return windows.form(words, title, made, private=private, intro=intro)

    async def _may_know(self, session: "AsyncSession", who: Who, draft: Draft) -> bool:
        """The right answer stands in the form; in a new one there is none yet."""
        if not draft.id or await deciding.may_see_answer(session, draft, who.user_id):
            return True
        await asking.refused(self.desk.edge, session, who, Action.SEE_RIGHT_ANSWER)
        return False

    async def _subject(
        self, session: "AsyncSession", who: Who, person: Person, kind: str, subject: str
    ) -> Subject | Refusal:
        """With the right to it checked, at press, at preview and when it is kept."""
        ws, now = who.workspace_id, self.desk.edge.clock.now()
        if is_posted(subject):
            if not await self.desk.may(session, who, Action.EDIT_DRAFT):
                return Refusal.NOT_AN_EDITOR
            return await self._posted(session, ws, subject)
        if subject:
            draft = await store.get(session, ws, subject)
            if draft is None or draft.kind not in self.desk.kinds:
                return Refusal.NOT_FOUND
            own = draft.author == who.user_id
            if not await self.desk.may(session, who, Action.EDIT_DRAFT, own=own, about=draft):
                return Refusal.NOT_AN_EDITOR
            return Subject(draft=draft, kind=self.desk.kinds[draft.kind]) if draft.is_waiting else Refusal.ALREADY
        if not await self.desk.may(session, who, Action.SUGGEST):
            return Refusal.NOT_FOR_GUESTS
        if kind not in self.desk.kinds:
            return Refusal.UNKNOWN_KIND
        empty = Content(headline="", text="", language=person.locale.partition("-")[0] or "en")
        draft = Draft(
            id="",
            workspace_id=ws,
            kind=kind,
            state="waiting",
            author=who.user_id,
            content=empty,
            origin={"what": WRITTEN, "id": ""},
            offered_at=now,
        )
        return Subject(draft=draft, kind=self.desk.kinds[kind])

    async def _posted(self, session: "AsyncSession", ws: str, subject: str) -> Subject | Refusal:
        prefix, _, posted = subject.partition(":")
        for kind in self.desk.kinds.values():
            if isinstance(kind, Corrects) and kind.prefix == prefix:
                draft = await kind.as_draft(session, ws, posted, now=self.desk.edge.clock.now())
                if draft is not None:
                    return Subject(draft=draft, kind=kind)
        return Refusal.NOT_FOUND

    # -- previewed -----------------------------------------------------------------------------------------------------

    async def on_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Field errors keep all that was typed; otherwise the preview goes on top, so that *Back* keeps it too."""
        given = submission(body)

        async def work(session: "AsyncSession") -> Mapping[str, Any]:
            return await self._previewed(session, given)

        await ack(**await self.desk.edge.sessions.run(work))

    async def _previewed(self, session: "AsyncSession", given: Submission) -> Mapping[str, Any]:
        kind, _, rest = given.private.partition("|")
        subject, _, revision = rest.partition("|")
        person, words = await self.desk.person(session, given.who)
        found = await self._subject(session, given.who, person, kind, subject)
        if isinstance(found, Refusal):
            said = windows.refused(words, found)
            return {"response_action": "update", "view": windows.notice(words, said).payload()}
        form = await found.kind.read(session, found.draft, given, words)
        if form.errors or form.content is None:
            return {"response_action": "errors", "errors": dict(form.errors)}
        sketch = await self._sketch(session, given, found, form, revision)
        shown = await found.kind.preview(session, replace(found.draft, content=form.content), words)
        places = await found.corrects.standing_in(session, found.draft) if found.corrects else None
        view = windows.preview(words, shown, sketch=sketch, correcting=places, picture=bool(form.files))
        return {"response_action": "push", "view": view.payload()}

    async def _sketch(
        self, session: "AsyncSession", given: Submission, found: Subject, form: ReadForm, revision: str
    ) -> str:
        """What stood in the form, until the preview is confirmed: one for each form, however often it is sent. Its
        pictures begin to be fetched."""
        ws, now = given.who.workspace_id, self.desk.edge.clock.now()
        wanted = [await pictures.want(session, ws, file, now=now) for file in form.files]
        content = form.content.stored() if form.content else {}
        sketch = Sketch(
            id=sha256(f"{ws}:{given.who.user_id}:{given.key}".encode()).hexdigest()[:24],
            by=given.who.user_id,
            subject=found.draft.id,
            kind=found.kind.name,
            content={"content": content, "files": [one for one in wanted if one], "revision": revision},
        )
        await store.add_sketch(session, ws, sketch, now=now)
        return sketch.id

    # -- kept ----------------------------------------------------------------------------------------------------------

    async def on_keep(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)

        async def work(session: "AsyncSession") -> View:
            return await self._kept(session, given)

        view = await self.desk.edge.sessions.run(work)
        await ack(response_action="update", view=view.payload())

    async def _kept(self, session: "AsyncSession", given: Submission) -> View:
        """Once for each preview: a repeat is told the first outcome."""
        ws, now = given.who.workspace_id, self.desk.edge.clock.now()
        person, words = await self.desk.person(session, given.who)
        before = await seen.outcome_of(session, workspace_id=ws, key=given.key)
        if before is not None:
            return windows.notice(words, before)
        sketch = await store.sketch(session, ws, given.private, given.who.user_id)
        if sketch is None:
            return windows.notice(words, words.say("This preview is too old. Please open the form again."))
        found = await self._subject(session, given.who, person, sketch.kind, sketch.subject)
        if isinstance(found, Refusal):
            return windows.notice(words, windows.refused(words, found))
        if found.corrects and await self._still_fetching(session, ws, sketch):
            return windows.not_yet(words)
        if not await seen.first_time(session, workspace_id=ws, key=given.key, now=now):
            return windows.notice(words, await seen.outcome_of(session, workspace_id=ws, key=given.key) or "")
        said, done = await self._store(session, found, sketch, person, words)
        await seen.remember_outcome(session, workspace_id=ws, key=given.key, outcome=said)
        return windows.notice(words, said, final=done)

    async def _still_fetching(self, session: "AsyncSession", ws: str, sketch: Sketch) -> bool:
        found = [await store.picture_of_file(session, ws, file) for file in sketch.content["files"]]
        return any(one is not None and one.state == "wanted" for one in found)

    async def _store(
        self, session: "AsyncSession", found: Subject, sketch: Sketch, person: Person, words: Words
    ) -> tuple[str, bool]:
        """What is said, and whether it was done: otherwise the form below keeps what was typed."""
        ws, now, new_id = person.workspace_id, self.desk.edge.clock.now(), self.desk.edge.new_id
        content, files = content_from(sketch.content["content"]), sketch.content["files"]
        if found.corrects:
            return await self._correct(session, found.corrects, found.draft, content, files, person, words)
        if not found.draft.id:
            draft_id = await service.add(
                session,
                ws=ws,
                kind=found.kind.name,
                author=person.user_id,
                content=content,
                origin={"what": WRITTEN, "id": sketch.id},
                request=f"sketch:{sketch.id}",
                now=now,
                new_id=new_id,
            )
            said = windows.kept(words, new=True, editor=members.able(person, Action.APPROVE))
        else:
            draft_id, revision = found.draft.id, str(sketch.content["revision"])
            decision = await deciding.change(
                session,
                ws,
                draft_id,
                content,
                revision=int(revision) if revision.isdecimal() else 0,
                by=person.user_id,
                now=now,
                new_id=new_id,
            )
            if decision.refusal is not None:
                decider = await self.desk.decider(session, decision.draft)
                return windows.refused(words, decision.refusal, decision.draft, decider), False
            said = windows.kept(words, new=False, editor=True)
        for file in files:
            await pictures.attach(session, ws, file, draft_id)
        return said, True

    async def _correct(
        self,
        session: "AsyncSession",
        kind: Corrects,
        draft: Draft,
        content: Content,
        files: list[str],
        person: Person,
        words: Words,
    ) -> tuple[str, bool]:
        for file in files:
            picture = await store.picture_of_file(session, person.workspace_id, file)
            if picture is None or picture.hash is None:
                said = words.say("The picture could not be used, so nothing was changed. Please choose another one.")
                return said, False
            content = replace(content, picture_hash=picture.hash)
        places = await kind.correct(
            session,
            replace(draft, content=content),
            by=person.user_id,
            now=self.desk.edge.clock.now(),
            new_id=self.desk.edge.new_id,
        )
        if places is None:
            return windows.refused(words, Refusal.NOT_FOUND), False
        return windows.corrected(words, places), True
