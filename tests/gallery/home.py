"""Whole Home pages: an employee's, an account manager's, an admin's, a guest's, a newcomer's."""

from bot.features.channels import blocks as channels
from bot.features.customers import blocks as customers
from bot.features.customers import change_form
from bot.features.customers.rules import Users
from bot.features.home import blocks
from bot.features.members import blocks as members
from bot.features.members import wish_blocks
from bot.features.stories import blocks as stories
from tests.gallery.channels import WARN, rows
from tests.gallery.members import AMARA, LAST_IMPORTS
from tests.gallery.sample import HALDEN, LINE_2, NOW, ORION, PB_7, TEAMS
from tests.gallery.shelf import Shelf
from tests.gallery.stories import RECENT


def show(shelf: Shelf) -> None:
    words = shelf.words
    shelf.part("chosen", blocks.my_team, team_id="t-line2", teams=TEAMS, ask=False)
    ask = shelf.part("asked", blocks.my_team, team_id=None, teams=TEAMS, ask=True)
    shelf.part("not chosen", blocks.my_team, team_id=None, teams=TEAMS, ask=False)
    team = blocks.my_team(words, team_id="t-line2", teams=TEAMS, ask=False)
    made = customers.team_products(words, LINE_2.name, (PB_7,), {PB_7.id: Users(first=(ORION, HALDEN), count=2)})
    latest, recent = stories.latest(words, RECENT), stories.recent(words, RECENT)
    wishes = wish_blocks.section(words, AMARA, NOW)
    shelf.show("employee", blocks.home_view, name="Amara Okafor", team=team, sections=[made, latest, wishes])
    menu = channels.menu(words, rows(), total=4, stopped=False, warn_below=WARN)
    naming = customers.naming(words, 12, (HALDEN,))
    people = members.people_section(words, admins=("U0CLARA",), editors=())
    trouble = blocks.trouble(words, uncertain=1, failed=2, days=7)
    change, imports = change_form.section(words, 420), customers.imports(words, LAST_IMPORTS)
    duties = [trouble, menu, people, change, naming, imports]
    shelf.show("admin", blocks.home_view, name="Clara Nóbrega", team=team, sections=[*duties, latest, recent, wishes])
    away = customers.away(words, count=12, deputies=("U0VERA",), alone=3)
    own = customers.naming(words, 2, (HALDEN, ORION), own=True)
    shelf.show("account manager", blocks.home_view, name="Sam Whitaker", team=team, sections=[made, own, away, wishes])
    shelf.show("newcomer", blocks.home_view, name="João Magalhães", team=ask, sections=[])
    shelf.show("guest", blocks.home_view, name="Greta Holm", team=[], sections=[latest])
    shelf.show("not read from Slack yet", blocks.home_view, name="", team=[], sections=[])
    endless = [menu * 12, naming * 20, menu * 12, naming * 20]
    shelf.show("too much for one page", blocks.home_view, name="Clara Nóbrega", team=team, sections=endless)
