"""The sample company: everything that one file says about another is true, and nothing is too long for Slack."""

import csv
import re
from datetime import date
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from bot.commands import sample
from bot.features.customers.importing.columns import recognise
from bot.features.stories import reading
from sandbox.colleagues import plan

SAMPLE = Path(__file__).parents[2] / "config" / "sample"
STORIES = SAMPLE / "stories"
FILES = sorted(STORIES.glob("*.md"))
WORLD = yaml.safe_load((SAMPLE / "world.yaml").read_text("utf-8"))
PICTURES = sorted((SAMPLE / "pictures").glob("*.png"))
LOGOS = sorted((SAMPLE / "logos").glob("*.png"))


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def front(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text("utf-8").split("---\n")[1])
    return found


CUSTOMERS = {row["external id"]: row for row in rows("customers.csv")}
PRODUCTS = {row["id"]: row for row in rows("products.csv")}
TEAMS = {row["name"]: row for row in rows("teams.csv")}
EMPLOYEES = {one["email"]: one for one in WORLD["people"] if one.get("kind", "member") in ("member", "admin")}


def test_it_is_as_large_as_promised() -> None:
    kinds = [front(file)["kind"] for file in FILES]
    assert (kinds.count("story"), kinds.count("news")) == (16, 10)
    assert (len(CUSTOMERS), len(PRODUCTS), len(TEAMS), len(EMPLOYEES)) == (14, 8, 5, 12)


@pytest.mark.parametrize("what", ["customers", "products", "teams", "people"])
def test_every_column_is_recognised(what: str) -> None:
    columns = recognise(what, list(rows(f"{what}.csv")[0]))
    assert (columns.ignored, columns.doubled, columns.missing) == ((), (), ())


def test_every_employee_sits_in_one_known_team() -> None:
    people = rows("people.csv")
    assert sorted(row["email"] for row in people) == sorted(EMPLOYEES)
    assert {row["team"] for row in people} == set(TEAMS)


def test_teams_have_channels_that_exist() -> None:
    names = {channel["name"] for channel in WORLD["channels"]}
    assert {name for team in TEAMS.values() for name in several(team["channels"])} <= names


def test_every_customer_has_an_account_manager_and_a_logo() -> None:
    managers = {row["email"] for row in rows("people.csv") if row["team"] == "Customer support"}
    for customer in CUSTOMERS.values():
        assert customer["account manager"] in managers
        assert (SAMPLE / customer["logo file"]) in LOGOS
        assert date.fromisoformat(customer["customer since"])
        assert customer["website"].endswith(".example")


def test_one_customer_is_confidential_and_of_one_nobody_has_said_whether_it_may_be_named() -> None:
    assert [row["name"] for row in CUSTOMERS.values() if row["confidential"] == "yes"] == ["Kestrelane Rescue Systems"]
    assert [row["name"] for row in CUSTOMERS.values() if not row["may be named"]] == ["Ōmorido Vending"]


def test_products_are_made_by_teams_and_used_by_customers() -> None:
    used = set()
    for product in PRODUCTS.values():
        assert product["made by team"] in TEAMS
        used |= set(several(product["used by customers"]))
    assert used == set(CUSTOMERS)


def test_the_world_is_consistent() -> None:
    ids = [one["id"] for one in WORLD["people"]]
    assert len(ids) == len(set(ids))
    for channel in WORLD["channels"]:
        assert set(channel.get("members", [])) <= set(ids), channel["name"]
    kinds = {one["id"]: one.get("kind", "member") for one in WORLD["people"]}
    assert {"guest", "external", "bot", "deactivated", "admin"} <= set(kinds.values())
    outside = {c["id"] for c in WORLD["channels"] if any(kinds[m] == "external" for m in c.get("members", []))}
    assert outside == {c["id"] for c in WORLD["channels"] if c.get("shared")}


def test_no_token_is_written_down() -> None:
    app = WORLD["apps"][0]
    for key in ("bot_token", "app_token", "signing_secret"):
        assert re.fullmatch(r"\$\{SLACK_[A-Z_]+\}", app[key])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_story_can_be_imported(file: Path) -> None:
    story, problems = reading.read_file(STORIES, file)
    assert story is not None, problems
    assert [problem for problem in problems if not problem.warning] == []
    assert 120 <= len(story.wording.body.split()) <= 250


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_story_speaks_of_what_exists(file: Path) -> None:
    said = front(file)
    assert said["customer"] in CUSTOMERS
    assert CUSTOMERS[said["customer"]]["confidential"] == "no"
    assert said["products"]
    for product in said["products"]:
        assert said["customer"] in several(PRODUCTS[product]["used by customers"]), product
    assert (file.parent / said["picture"]["file"]).resolve() in PICTURES
    assert len(said["picture"]["alt"]) >= 30
    assert {"text", "name", "role"} == set(said["quote"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_post_is_read_in_ten_seconds(file: Path) -> None:
    said = front(file)
    for wording in (said, *said.get("variants", {}).values()):
        assert len(wording["snippet"].split()) <= 60
        assert all(len(one.split()) <= 20 for one in re.split(r"(?<=[.!?।])\s+", wording["snippet"]))


def test_news_is_fresh_whenever_it_is_imported() -> None:
    for file in FILES:
        said = front(file)
        if said["kind"] == "news":
            assert not {"published", "expires"} & set(said), "a fixed day would make the demo stale after two weeks"
        else:
            assert isinstance(said["published"], date)


def test_variants_in_portuguese_have_all_parts() -> None:
    whole = [file for file in FILES if {"headline", "snippet", "quote", "body"} <= set(_brazilian(file))]
    assert len(whole) >= 5


def _brazilian(file: Path) -> dict[str, str]:
    found: dict[str, str] = front(file).get("variants", {}).get("pt-BR", {})
    return found


def test_one_piece_of_news_is_a_complaint() -> None:
    headlines = [front(file)["headline"] for file in FILES]
    for start in ("New win:", "Repeat win:", "Praise:", "Trend:"):
        assert any(headline.startswith(start) for headline in headlines)
    assert sum(headline.startswith("Complaint:") for headline in headlines) == 1


@pytest.mark.parametrize("file", PICTURES, ids=lambda file: file.stem)
def test_pictures_are_small_and_of_one_size(file: Path) -> None:
    with Image.open(file) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 675))
    assert file.stat().st_size < 60_000


@pytest.mark.parametrize("file", LOGOS, ids=lambda file: file.stem)
def test_logos_are_small_squares(file: Path) -> None:
    with Image.open(file) as picture:
        assert (picture.format, picture.size) == ("PNG", (256, 256))
    assert file.stat().st_size < 20_000


def test_every_picture_is_used() -> None:
    used = {(STORIES / front(file)["picture"]["file"]).resolve() for file in FILES}
    assert used == set(PICTURES)
    assert {SAMPLE / row["logo file"] for row in CUSTOMERS.values()} == set(LOGOS)


def test_colleagues_are_people_there_and_do_what_the_app_offers() -> None:
    """A command that is none, or a name that has changed, would go unseen."""
    wanted = plan.load(SAMPLE / "colleagues.yaml")
    people = {one["id"] for one in WORLD["people"] if one.get("kind", "member") in ("member", "admin")}
    manifest = yaml.safe_load((SAMPLE.parent / "slack-manifest.yaml").read_text("utf-8"))
    commands = {one["command"] for one in manifest["features"]["slash_commands"]}
    for habit in wanted.habits:
        assert habit.people <= people, habit.name
        assert {one.split()[0] for one in habit.command} <= commands, habit.name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_whole_story_says_its_quote_twice(file: Path) -> None:
    """It stands below the text, with the name of whoever said it."""
    quote = front(file).get("quote")
    body = " ".join(file.read_text("utf-8").split("---\n", 2)[2].replace(">", " ").split())
    assert quote is None or " ".join(quote["text"].split()) not in body


def test_a_quiz_comes_at_once_and_again_when_it_is_over_and_nobody_runs_out() -> None:
    turns = list(sample.turns())
    assert (turns[0].channel, turns[0].kind) == ("general", "quiz")
    assert sum(one.after for one in turns[:6]) < 10, "there is something to look at within seconds"
    at = list(accumulate(one.after for one in turns))
    asked = [now for now, one in zip(at, turns, strict=True) if (one.channel, one.kind) == ("general", "quiz")]
    lasts = sample.QUIZ_OPEN.total_seconds()
    assert all(later - earlier > lasts + len(sample.QUIZZED) for earlier, later in pairwise(asked))
    assert asked[-1] > 20 * 60, "whoever comes late finds a quiz too"
    assert len(asked) <= len(yaml.safe_load((SAMPLE / "quizzes.yaml").read_text("utf-8"))["questions"]) - 4
    for name in {one["name"] for one in sample._places()}:
        kinds = [one.kind for one in turns if one.channel == name]
        assert kinds.count("news") <= 5, "ten there are, and four weeks' worth is left"
        assert kinds.count("story") <= 8


def test_adopters_and_deputies_are_there() -> None:
    wanted = yaml.safe_load((SAMPLE / "adopters.yaml").read_text("utf-8"))
    by_name = {row["name"]: row for row in CUSTOMERS.values()}
    emails = {one["id"]: one.get("email") for one in WORLD["people"]}
    for name, people in wanted["adopters"].items():
        assert len(people) <= int(by_name[name]["max adopters"])
        assert all(emails[user] in EMPLOYEES for user in people)
        assert by_name[name]["account manager"] not in {emails[user] for user in people}
    managers = {row["account manager"] for row in CUSTOMERS.values()}
    assert {emails[one] for one in wanted["deputies"]} == managers
    assert all(manager != deputy for manager, deputy in wanted["deputies"].items())
