"""What the pages say is there: links, commands, targets, metrics, settings, file formats. And nothing of one machine."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from prometheus_client import generate_latest

from bot.commands import register_all
from bot.features.customers.importing.columns import recognise
from bot.features.stories import reading
from bot.metrics import Metrics
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CALL = re.compile(r"(?:^|[\s/])canteen ((?:[a-z][a-z-]*)(?: .*)?)$")
WRITTEN_BY_OTHERS = ("sandbox/page/dist/", "sandbox/page/vendor/")
MACHINE = re.compile(r"(?<![\w.~}])/(?:work|root|home|Users)/\w")
HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|registry\.yarnpkg|docker\.io|ghcr\.io|quay\.io|index\.crates", re.I
)


def tracked() -> list[str]:
    """Every file of the project, also those not committed yet."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.skip("this is not a git checkout, so what belongs to the project cannot be told")
    return [name for name in found.stdout.splitlines() if (ROOT / name).is_file()]


def pages() -> list[Path]:
    ours = [name for name in tracked() if name.endswith(".md") and not name.startswith(("config/sample/stories/",))]
    return [ROOT / name for name in ours if "node_modules" not in name and "/vendor/" not in name]


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    plain = re.sub(r"[`*]", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in pages():
        for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert broken == []


def code(page: Path) -> Iterator[str]:
    """Every line in a block, and every span."""
    text = page.read_text(encoding="utf-8")
    for _, block in FENCE.findall(text):
        yield from (line.strip().removeprefix("$ ") for line in block.replace("\\\n", " ").splitlines())
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", FENCE.sub("", text)))


def commands() -> click.Group:
    app = typer.Typer()
    register_all(app)
    found = typer.main.get_command(app)
    assert hasattr(found, "commands")
    return found  # type: ignore[return-value]


def complaint(call: str, group: click.Group) -> str | None:
    """What is wrong with a quoted call; None where the program knows it."""
    words = re.split(r" [>|<&#(]|[;…]|\.\.\.", call)[0].split()
    command: click.Command = group
    path: list[str] = []
    while words and getattr(command, "commands", None) and not words[0].startswith("-"):
        name = words.pop(0)
        if name not in command.commands:  # type: ignore[attr-defined]
            return f"there is no `canteen {' '.join([*path, name])}`"
        command = command.commands[name]  # type: ignore[attr-defined]
        path.append(name)
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word.split("=")[0] not in known]
    return f"`canteen {' '.join(path)}` has no {unknown[0]}" if unknown else None


def test_every_quoted_command_exists_with_its_options() -> None:
    group, wrong, seen = commands(), [], 0
    for page in pages():
        for line in code(page):
            found = CALL.search(re.sub(r"^.*?(?=(?:^|[\s/])canteen [a-z])", "", line)) if "canteen " in line else None
            if found is None or line.startswith(("docker run", "buildah", "container")):
                continue
            seen += 1
            problem = complaint(re.sub(r"^canteen ", "", found[1]), group)
            if problem is not None:
                wrong.append(f"{page.relative_to(ROOT)}: {problem}")
    assert wrong == []
    assert seen > 40


def test_the_check_of_commands_finds_what_is_wrong() -> None:
    group = commands()
    assert complaint("channels fly line-2", group) == "there is no `canteen channels fly`"
    assert complaint("import customers a.csv --dry", group) == "`canteen import` has no --dry"
    assert complaint("deliveries --state uncertain", group) is None


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        (page.name, target)
        for page in pages()
        for line in code(page)
        for target in re.findall(r"^make ([a-z-]+)", line)
    }
    assert {target for _, target in named} >= {"demo", "test", "run", "gallery", "bench", "lock"}
    assert [one for one in sorted(named) if one[1] not in targets] == []


def test_no_file_names_one_machine_or_a_registry() -> None:
    found = []
    for name in tracked():
        raw = (ROOT / name).read_bytes()
        if name.startswith(WRITTEN_BY_OTHERS) or b"\0" in raw:
            continue
        for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
            if MACHINE.search(line) or HOSTS.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == []


def test_the_page_on_operations_has_every_metric() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    exposed = re.findall(r"^# TYPE (\S+)", generate_latest(Metrics().registry).decode(), re.MULTILINE)
    ours = {name for name in exposed if not name.endswith("_created")}
    rows = set(re.findall(r"^\| `(canteen_\w+)` \|", page, re.MULTILINE))
    assert rows == ours


def test_the_example_of_settings_has_every_one() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    explained = set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.MULTILINE))
    assert explained == {str(field.validation_alias) for field in Settings.model_fields.values()}


def test_the_files_shown_to_admins_are_taken_as_they_are() -> None:
    page = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
    for what in ("teams", "people", "customers", "products"):
        part = page.split(f"### {what}.csv", 1)[1].split("###", 1)[0]
        (header,) = [block.splitlines()[0] for kind, block in FENCE.findall(part) if kind == "csv"]
        columns = recognise(what, header.split(","))
        assert (columns.missing, columns.ignored) == ((), ()), what
        for row in re.findall(r"^\| (`.+?) \|", part, re.MULTILINE):
            for name in re.findall(r"`([^`]+)`", row):
                assert recognise(what, [name]).ignored == (), f"{what}: {name}"
    (story,) = [block for kind, block in FENCE.findall(page) if kind == "markdown"]
    found, problems = reading.read("example.md", story.encode())
    assert found is not None
    assert problems == []


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {page.name for page in folder.glob("0*.md")}
    for page in folder.glob("0*.md"):
        text = page.read_text(encoding="utf-8")
        assert [f"## {part}" in text for part in ("Context", "Decision", "Consequences", "Measured")] == [True] * 4
