"""A quiz open in a channel with many people, and signed presses on the message that the bot really posted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.pressing import Round
from bot.features.members import service as members
from tests.flows import company
from tests.flows.conftest import Flow

CHANNEL = "C0LINE0"
QUESTION = """\
- id: Q-{number}
  question: Which of these has been with us longest? ({number})
  options: [Orion, Halden, Quiet Street, Northlight]
  right: Halden
  why: Halden has bought from us since 2004.
"""


async def set_up(flow: Flow, *, people: int, stories: int = 1, questions: int = 1) -> None:
    """Installed, with `people` members, a bank of so many questions, and a channel that gets quizzes."""
    await flow.install(stories=stories)
    users = [{"id": f"U0{n:07}", "name": f"p{n}", "tz": "Europe/Lisbon", "team_id": "T0FLOW"} for n in range(people)]
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await members.save(session, "T0FLOW", users, parts.clock.now())
    bank = Path(flow.folder) / "quizzes.yaml"
    bank.write_text("".join(QUESTION.format(number=n + 1) for n in range(questions)), encoding="utf-8")
    await _run(flow, "import", "quizzes", str(bank))
    await _run(flow, "channels", "add", CHANNEL, "--zone", "Europe/Lisbon", "--slot", "quiz:mon@09:00")


async def open_quiz(flow: Flow, *, people: int, respond_to: str) -> Round:
    """What to press, once the running bot has posted it. `respond_to`: where private answers go."""
    before = len(await _with_buttons(flow))
    await _run(flow, "post-now", CHANNEL, "quiz")
    *_, message = await flow.until(lambda: _with_buttons(flow, more_than=before))
    return Round(
        workspace="T0FLOW",
        channel=CHANNEL,
        message={name: message[name] for name in ("ts", "text", "blocks")},
        buttons=buttons(message),
        secret=company.SECRET,
        respond_to=respond_to,
        people=people,
    )


async def _run(flow: Flow, *words: str) -> None:
    code, printed = await flow.canteen(*words)
    assert code == 0, f"canteen {' '.join(words)}: {printed}"


async def _with_buttons(flow: Flow, *, more_than: int = 0) -> list[dict[str, Any]]:
    found = [message for message in await flow.posts(CHANNEL) if buttons(message)]
    return found if len(found) > more_than else []


def buttons(message: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Of the options: block id, action id and value of each."""
    return [
        (str(block["block_id"]), str(element["action_id"]), str(element["value"]))
        for block in message["blocks"]
        for element in block.get("elements", ())
        if str(element.get("action_id", "")).startswith("quizzes:answer")
    ]
