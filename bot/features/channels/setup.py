"""The set-up modal from Slack: opened, previewed, saved."""

from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import seen
from bot.features.channels import answers, blocks, filled, form, owed, service
from bot.features.channels.desk import Desk
from bot.features.channels.facts import Facts, read_facts
from bot.features.channels.filled import Filled
from bot.features.channels.form import CHANNEL_BLOCK
from bot.features.channels.reading import PAGE, refresh
from bot.features.channels.rules import Channel, as_channel
from bot.features.customers import service as customers
from bot.features.members.asking import Asker
from bot.features.members.service import Action
from bot.slack.errors import Fault, SlackFault
from bot.slack.kit import View
from bot.slack.payloads import Press, Submission, UnreadableError, press, submission
from bot.slack.words import Words

LOOK = 1.5  # seconds for Slack to say what the channel is: the answer to a submission is due in 3
GLANCE = 1.0  # the same for a preview: its trigger lives 3 s


@dataclass(frozen=True, kw_only=True)
class SetUp:
    desk: Desk

    def offered(self, words: Words) -> list[form.Kind]:
        return [form.Kind(name=name, label=kind.label(words)) for name, kind in self.desk.kinds.items()]

    async def on_add(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        asker = await self.desk.edge.sessions.run(
            lambda session: self.desk.asker(session, pressed.who, Action.SET_UP_CHANNEL)
        )
        words = asker.words
        view = blocks.refused(words, asker.refusal) if asker.refusal else form.view(words, self.offered(words))
        await self.desk.show(body, pressed, view, words)
        await ack()

    async def edit_view(self, session: AsyncSession, channel: Channel, asker: Asker) -> View:
        """The whole form for whoever may set up channels; the times alone for its owners and for editors."""
        words = asker.words
        if not await self.desk.may(session, asker.person, Action.SET_UP_CHANNEL, channel=channel):
            return form.view(words, self.offered(words), channel=channel, only_times=True)
        names = await self._team_names(session, channel.workspace_id)
        inside = {team: names[team] for team in channel.team_ids if team in names}
        return form.view(words, self.offered(words), channel=channel, teams=inside)

    @staticmethod
    async def _team_names(session: AsyncSession, workspace_id: str) -> dict[str, str]:
        return {team.id: team.name for team in await customers.teams(session, workspace_id)}

    async def on_next(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Show me the next five posts* inside the modal: of what is filled in now, saved or not."""
        pressed = press(body)
        given = filled.read(pressed.values, list(self.desk.kinds), pressed.private)
        inside = None
        if not pressed.private and given.channel_id:
            inside = await self._inside(pressed.who.workspace_id, given.channel_id)
        view = await self.desk.edge.sessions.run(lambda session: self._preview(session, pressed, given, inside))
        await self.desk.show(body, pressed, view)
        await ack()

    async def _inside(self, workspace_id: str, channel_id: str) -> list[str] | None:
        """Who is in a channel that is not set up yet; None where Slack does not say so at once, or they are many."""
        try:
            answer = await self.desk.edge.gateway.call(
                workspace_id, "conversations.members", timeout=GLANCE, channel=channel_id, limit=PAGE
            )
        except SlackFault:
            return None
        more = (answer.get("response_metadata") or {}).get("next_cursor")
        return None if more else [user for user in answer.get("members", ()) if isinstance(user, str)]

    async def _preview(self, session: AsyncSession, pressed: Press, given: Filled, inside: list[str] | None) -> View:
        workspace_id = pressed.who.workspace_id
        was = await service.get(session, workspace_id, pressed.private) if pressed.private else None
        asker = await self.desk.asker(session, pressed.who, Action.SEE_NEXT_POSTS, channel=was)
        words = asker.words
        if asker.refusal:
            return blocks.refused(words, asker.refusal)
        errors = filled.check(given, words, was)
        errors.pop(CHANNEL_BLOCK, None)
        if errors:
            missing = "\n".join(f"• {error}" for error in errors.values())
            return blocks.note(words, words.say("Next five posts"), missing)
        now = self.desk.edge.clock.now()
        wish = filled.as_setup(given, name=was.name if was else "", was=was, outsiders=bool(was and was.outsiders))
        channel = as_channel(workspace_id, wish, now=now if was is None else max(now, was.starts_at or now))
        if was is not None:
            channel = replace(channel, refreshed_at=was.refreshed_at)
        return await self.next_view(session, channel, words, inside=inside)

    async def next_view(
        self, session: AsyncSession, channel: Channel, words: Words, *, inside: list[str] | None = None
    ) -> View:
        now, n = self.desk.edge.clock.now(), self.desk.defaults.next_posts
        local = Words(locale=words.locale, zone=channel.zone)
        place = await service.audience_of(session, channel, inside)
        posts = await service.next_posts(session, channel, self.desk.kinds, local, now=now, n=n, inside=inside)
        return blocks.next_view(
            words,
            channel,
            [(one.coming, one.preview) for one in posts],
            owed.labels(self.desk.kinds, words),
            has_guests=place.has_guests,
        )

    async def on_save(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Field errors keep everything typed. The channel is looked at before the transaction and joined after it."""
        try:
            given = submission(body)
        except UnreadableError:
            await ack()
            return
        wanted, was, words, answer = await self._check(given)
        facts = None
        if answer is None and was is None:
            facts, error = await self._look(given.who.workspace_id, wanted.channel_id, words)
            answer = {"response_action": "errors", "errors": {CHANNEL_BLOCK: error}} if error else None
        if answer is None:
            view = await self.desk.edge.sessions.run(
                lambda session: self._save(session, given, wanted, was, facts, words)
            )
            answer = {"response_action": "update", "view": view.payload()}
            self.desk.edge.receipts.run(refresh(self.desk.edge, given.who.workspace_id, wanted.channel_id))
        await ack(**answer)

    async def _check(self, given: Submission) -> tuple[Filled, Channel | None, Words, dict[str, Any] | None]:
        """What is wanted, the channel as it is, the asker's words, and the answer where it can be given already."""
        wanted = filled.read(given.values, list(self.desk.kinds), given.private)
        was, words, shown, errors = await self.desk.edge.sessions.run(
            lambda session: self._before(session, given, wanted)
        )
        if shown is not None:
            return wanted, was, words, {"response_action": "update", "view": shown.payload()}
        errors |= filled.check(wanted, words, was if given.private else None)
        if was is not None and not given.private:
            errors[CHANNEL_BLOCK] = words.say("This channel is set up already: choose Edit in its menu.")
        if was is None and given.private:
            where = form.days_block(next(iter(wanted.days), "")) if wanted.only_times else form.ZONE_BLOCK
            errors = {where: words.say("This channel has been removed. Close this and add it again.")}
        return wanted, was, words, {"response_action": "errors", "errors": errors} if errors else None

    async def _before(
        self, session: AsyncSession, given: Submission, wanted: Filled
    ) -> tuple[Channel | None, Words, View | None, dict[str, str]]:
        """With what to show where the asker may not, or this has been saved already; and who cannot be an owner."""
        workspace_id = given.who.workspace_id
        was = await service.get(session, workspace_id, wanted.channel_id) if wanted.channel_id else None
        action = Action.CHANGE_SLOT if given.private and wanted.only_times else Action.SET_UP_CHANNEL
        asker = await self.desk.asker(session, given.who, action, channel=was)
        words = asker.words
        if asker.refusal:
            return was, words, blocks.refused(words, asker.refusal), {}
        done = await seen.outcome_of(session, workspace_id=workspace_id, key=given.key) if was else None
        shown = await self.saved_view(session, was, words) if was and done else None
        new = wanted.owners - (
            was.owners if was else frozenset()
        )  # who has left since stays until somebody else is named
        wrong = await service.no_owners(session, workspace_id, new)
        errors = {form.OWNERS_BLOCK: words.say("Only members of this workspace can own a channel: no guests, no apps.")}
        return was, words, shown, errors if wrong else {}

    async def _look(self, workspace_id: str, channel_id: str, words: Words) -> tuple[Facts | None, str]:
        """What Slack says about the channel, or why it cannot be set up."""
        invite = words.say(
            "Canteen cannot see this channel. If it is private, type /invite @Canteen in it and press Save again."
        )
        try:
            answer = await self.desk.edge.gateway.call(
                workspace_id, "conversations.info", timeout=LOOK, channel=channel_id
            )
        except SlackFault as fault:
            if fault.fault is Fault.PLACE:
                return None, invite
            return None, words.say("Slack did not say what this channel is. Please press Save again in a moment.")
        facts = read_facts(answer)
        if facts.direct:
            return None, words.say("Please choose a channel: direct messages get no posts.")
        if facts.archived:
            return None, words.say("This channel is archived. Please choose another.")
        if facts.outsiders:
            return None, words.say(
                "People of another company can read this channel, and customers are not named to them. Please choose"
                " another."
            )
        return (None, invite) if facts.private and not facts.member else (facts, "")

    async def _save(
        self,
        session: AsyncSession,
        given: Submission,
        wanted: Filled,
        was: Channel | None,
        facts: Facts | None,
        words: Words,
    ) -> View:
        workspace_id, now = given.who.workspace_id, self.desk.edge.clock.now()
        if await seen.first_time(session, workspace_id=workspace_id, key=given.key, now=now):
            known = await self._team_names(session, workspace_id)
            wish = filled.as_setup(
                wanted,
                name=facts.name if facts else was.name if was else "",
                was=was,
                private=facts.private if facts else bool(was and was.private),
                outsiders=bool(was and was.outsiders),
                only_teams=known.keys(),
            )
            await service.add(session, workspace_id, wish, by=given.who.user_id, new_id=self.desk.edge.new_id, now=now)
            await seen.remember_outcome(session, workspace_id=workspace_id, key=given.key, outcome=wanted.channel_id)
            concerned = {given.who.user_id, *wish.owners, *(was.owners if was else ())}
            for user in sorted(concerned):
                await self.desk.refresh_home(session, workspace_id, user)
        saved = await service.get(session, workspace_id, wanted.channel_id)
        if saved is None:
            return blocks.note(words, words.say("Channel"), answers.removed_meanwhile(words))
        return await self.saved_view(session, saved, words)

    async def saved_view(self, session: AsyncSession, channel: Channel, words: Words) -> View:
        row = await self.row(session, channel, words)
        return blocks.saved_view(words, row, warn_below=self.desk.defaults.warn_below_weeks)

    async def row(self, session: AsyncSession, channel: Channel, words: Words) -> blocks.Row:
        now = self.desk.edge.clock.now()
        found = await service.standings(
            session, channel.workspace_id, self.desk.kinds, now=now, only={channel.channel_id}
        )
        return owed.rows(found, self.desk.kinds, words)[0]
