"""From Slack: the menu, the set-up modal, what external menus offer, and events about channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.core.times import zones
from bot.features.channels import blocks, following, form, quiet, service
from bot.features.channels.commands import commands
from bot.features.channels.desk import ChannelButton, Desk, RefreshHome
from bot.features.channels.facts import EVENTS, read_event
from bot.features.channels.menu import Menu
from bot.features.channels.rules import Defaults
from bot.features.channels.seams import ContentKind
from bot.features.channels.setup import SetUp
from bot.features.customers import service as customers
from bot.features.edge import Edge
from bot.features.members import service as members
from bot.features.members.seams import Command
from bot.features.members.service import Action, Standing
from bot.slack import kit
from bot.slack.listening import Listener, readable
from bot.slack.payloads import Search, search

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

MOST_OPTIONS = 100


def register(
    app: AsyncApp,
    edge: Edge,
    *,
    kinds: Mapping[str, ContentKind],
    defaults: Defaults,
    refresh_home: RefreshHome,
    others: Sequence[ChannelButton] = (),
) -> list[Command]:
    """Gives the commands back: `members.handlers.register` takes them. `others`: see `menu.Menu`."""
    desk = Desk(edge=edge, kinds=kinds, defaults=defaults, refresh_home=refresh_home)
    set_up, offers, events = SetUp(desk=desk), Offers(edge=edge), Events(edge=edge)
    menu = Menu(desk=desk, set_up=set_up, others=others)
    actions: Mapping[str, Listener] = {
        blocks.MENU: menu.on_menu,
        blocks.FIND: menu.on_find,
        blocks.POST_NOW: menu.on_post_now,
        blocks.ASK_REMOVE: menu.on_ask_remove,
        blocks.ADD: set_up.on_add,
        blocks.STOP: menu.on_stop,
        blocks.START: menu.on_start,
        blocks.QUIET: menu.on_quiet,
        form.NEXT: set_up.on_next,
    }
    for action, listener in actions.items():
        app.action(action)(readable(listener))
    for callback, listener in (
        (form.SAVE, set_up.on_save),
        (blocks.REMOVE, menu.on_remove),
        (blocks.QUIET_SAVE, menu.on_quiet_save),
    ):
        app.view(callback)(readable(listener))
    for action in (form.ZONE, form.TEAMS, form.HOLIDAYS, blocks.FIND):
        app.options(action)(readable(offers.on_search))
    for event in EVENTS:
        app.event(event)(readable(events.on_event))
    return commands(desk)


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What the menus offer while somebody types."""

    edge: Edge

    async def on_search(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        asked = search(body)
        words = asked.query.casefold().replace("_", " ").replace("/", " ").split()
        choices = () if asked.who.outsider else await self._choices(asked)
        fitting = [(name, value) for name, value in choices if fits(name, value, words)]
        await ack(options=[kit.option(name, value) for name, value in fitting[:MOST_OPTIONS]])

    async def _choices(self, asked: Search) -> Sequence[tuple[str, str]]:
        """(name, value) of everything; what is typed is looked for afterwards. Nothing here names a customer."""
        return await self.edge.sessions.run(lambda session: self._offered(session, asked))

    @staticmethod
    async def _offered(session: AsyncSession, asked: Search) -> Sequence[tuple[str, str]]:
        workspace_id = asked.who.workspace_id
        person = await members.get(session, workspace_id, asked.who.user_id)
        if asked.action == blocks.FIND:
            found = await service.shown_to(session, person)
            return [(f"#{one.name}", one.channel_id) for one in found]
        if not members.allowed(Action.SET_UP_CHANNEL, Standing(person=person)):
            return ()
        if asked.action == form.ZONE:
            return [(form.zone_label(zone), zone) for zone in zones()]
        if asked.action == form.TEAMS:
            return [(team.name, team.id) for team in await customers.teams(session, workspace_id)]
        return [(name, code) for code, name in quiet.places(person.locale)]


def fits(name: str, value: str, words: Sequence[str]) -> bool:
    """Every word typed is somewhere in the name or the value."""
    text = f"{name} {value}".casefold()
    return all(word in text for word in words)


@dataclass(frozen=True, kw_only=True)
class Events:
    edge: Edge

    async def on_event(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The event's id and its effect are one transaction: a failure answers 500, and Slack sends it again."""
        event = read_event(body)
        if event is not None:
            new_id, now = self.edge.new_id, self.edge.clock.now()
            await self.edge.sessions.run(lambda session: following.happened(session, event, new_id=new_id, now=now))
        await ack()
