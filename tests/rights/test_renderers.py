"""G1: whoever or whatever lost the right between owing a message and sending it gets nothing: every renderer in turn."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.delivery.queue import Owed
from bot.delivery.rendering import Rendered, Skip
from bot.slack.kit import Message
from tests.faults.proof import Proof
from tests.rights import door as doors
from tests.rights.door import Door
from tests.rights.pending import root
from tests.rights.test_taken_away import became, lost, text_of
from tests.rights.world import SECRET, World

HOME = "home.view"
# They show nobody anything by themselves: bytes for a message that has its own line, and what takes messages away.
SHOW_NOTHING = {
    "inbox.picture", "questions.picture", "quizzes.picture", "stories.picture", "updates.picture", "quizzes.withdraw",
    "stories.recall", "exports.file", "erased.take_back", "erased.file", "updates.confirmed",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sent:
    """`to` somebody, or a channel in capitals; `ref` names things of the world; `loss`: what may happen to the person."""

    to: str
    ref: Mapping[str, Any]
    method: str = "post"
    loss: tuple[str, ...] = ("deactivated", "external")


def _to(to: str, *loss: str, method: str = "post", **ref: Any) -> Sent:
    return Sent(to=to, ref=ref, method=method, loss=("deactivated", "external", *loss))


SENT: Mapping[str, Sent] = {
    "adoptions.adopters": _to("am", "lost", "guest", manager="U:am", day="adopted"),
    "adoptions.hat": _to("LINE", hat="h-open"),
    "adoptions.hat_result": _to("GUESTS", hat="h-drawn"),
    "adoptions.intro": _to("adopter", "guest", adoption="a-mine"),
    "adoptions.note": _to("adopter", adoption="a-mine", what="ended", why="manager"),
    "adoptions.swap": _to("mate", "guest", swap="swap"),
    "adoptions.told": _to("am", user="U:am", what="visit_declined", visit="v-adopter"),
    "adoptions.visit": _to("am", "lost", visit="v-manager", turn=1),
    "channels.missed": _to("owner", "lost", "guest", day="today"),
    "channels.trouble": _to("owner", "lost", "guest", channel="C:paused", error="is_archived"),
    "customers.drop": _to("admin", "lost", "guest", drop="f-checked"),
    "customers.drop_not_admin": _to("member", user="U:member"),
    "exports.customer": _to("am", "lost", "guest", method="share", what="customer", user="U:am", subject="orion"),
    "exports.not_sent": _to("guest", what="own", user="U:guest", subject="U:guest", asked="export", error="too_large"),
    "exports.own": _to("guest", method="share", what="own", user="U:guest", subject="U:guest"),
    "exports.totals": _to("owner", "lost", "guest", method="share", what="totals", user="U:owner", subject="works", channels=("C:LINE",)),
    "inbox.new": _to("editor", "lost", "guest", user="U:editor"),
    "inbox.posted": _to("author", draft="d-approved", post="p-story", channel="C:LINE", place="C:LINE"),
    "inbox.verdict": _to("author", draft="d-approved", at=None),
    "members.forget": _to("admin", "lost", "guest", user="U:member"),
    "pulse.ask": _to("GUESTS", round="r-open"),
    "questions.answer": _to("asker", "guest", question="ask-answered", answer="ans-said"),
    "questions.follow_up": _to("am", "lost", "guest", question="ask-answered", answer="ans-further", user="U:am"),
    "questions.nobody": _to("asker", question="ask-waiting"),
    "questions.not_relayed": Sent(to="member", ref={"user": "U:member", "why": "not_reached", "count": 0}, loss=("deactivated",)),
    "questions.to_editor": _to("editor", "lost", "guest", question="ask-waiting", user="U:editor"),
    "questions.to_manager": _to("am", "lost", "guest", question="ask-open", user="U:am"),
    "questions.which": _to("adopter", kept="k-text"),
    "quizzes.message": _to("LINE", post="qp-revealed-line", shown=0, method="update"),
    "quizzes.nothing_left": _to("editor", "lost", user="U:editor", channel="C:LINE"),
    "quizzes.out": _to("LINE", post="qp-revealed-line"),
    "quizzes.post": _to("LINE", post="qp-open-line", wait_until="now"),
    "quizzes.standings": _to("LINE", post="qp-revealed-line"),
    "quizzes.test": _to("editor", "lost", question="qq-open", user="U:editor", channel="C:LINE", wait_until="now", request="r-1"),
    "stories.correct": _to("LINE", post="p-story", wait_until="now", picture=None, method="update"),
    "stories.failed": _to("editor", "lost", user="U:editor", post="p-story", error="is_archived"),
    "stories.nothing_left": _to("editor", "lost", user="U:editor", channel="C:LINE", kind="story"),
    "stories.post": _to("LINE", post="p-story", wait_until="now", picture=None),
    "stories.test": _to("editor", "lost", story="s-next", user="U:editor", channel="C:LINE", wait_until="now", reason={}),
    "updates.handover": _to("am", "lost", "guest", user="U:am", customers=("orion",)),
    "updates.held_back": _to("am", "lost", "guest", update="u-stuck", user="U:am"),
    "updates.hold": _to("adopter", "guest", group="g-held", root="root"),
    "updates.new_manager": _to("adopter", "lost", "guest", user="U:adopter", customers=("orion",)),
    "updates.not_sent": _to("adopter", user="U:adopter", why="not_yours", count=0),
    "updates.note": _to("am", note="n-quiet-adopter", exchange="e-quiet"),
    "updates.offer": _to("adopter", exchange="e-offered", user="U:adopter"),
    "updates.post": _to("LINE", update="u-sent", channel="C:LINE"),
    "updates.receipt": _to("am", update="u-sent"),
    "updates.relays": _to("adopter", "lost", "guest", bundle="bundle"),
    "updates.reminder": _to("am", "lost", "guest", reminder="reminder", method="update"),
    "updates.reply": _to("adopter", "guest", note="n-quiet-am", update="u-own", exchange="e-quiet"),
}  # fmt: skip


@pytest.fixture
async def door(tmp_path: Path, empty_file: Path) -> AsyncIterator[Door]:
    async with doors.opened(tmp_path / "canteen.db", empty_file) as door:
        yield door


NAMES = {"what", "why", "error", "kind", "locale"}


def _value(world: World, name: str, given: Any) -> Any:
    if isinstance(given, tuple):
        return [_value(world, name, one) for one in given]
    if not isinstance(given, str) or name in NAMES:
        return given
    computed = {
        "now": world.now.isoformat(), "today": world.now.date().isoformat(), "root": root(world),
        "adopted": (world.now - timedelta(days=100)).date().isoformat(),
    }  # fmt: skip
    if given in computed:
        return computed[given]
    kind, _, rest = given.partition(":")
    return world.user(rest) if kind == "U" else world.place(rest) if kind == "C" else world.id(given)


def owed_by(world: World, kind: str, sent: Sent) -> Owed:
    place = sent.to.isupper()
    target = world.place(sent.to) if place else world.user(sent.to)
    ref = {name: _value(world, name, given) for name, given in sent.ref.items()}
    return Owed(
        id=999_999, workspace_id=world.ws, kind=kind, key=f"{kind}:here", method=sent.method, target=target, ref=ref,  # type: ignore[arg-type]
        channel=None, ts=None, thread_ts=None, state="pending", under_id=None, revision=1,
    )  # fmt: skip


async def rendered(door: Door, owed: Owed) -> Rendered:
    async with door.sessions.begin() as session:
        made = await door.features.renderers[owed.kind].render(session, owed)
        await session.rollback()
    return made


def without(sent: Sent, owed: Owed) -> Mapping[str, list[str]]:
    """What may happen meanwhile, by name."""
    if sent.to.isupper():
        return {"shared": [f"UPDATE channels SET outsiders = 1 WHERE channel_id = '{owed.target}'"]}
    return {change: lost(owed.target) if change == "lost" else became(change, owed.target) for change in sent.loss}


def test_every_renderer_has_a_line(door: Door) -> None:
    assert set(door.features.renderers) == set(SENT) | SHOW_NOTHING | {HOME}


@pytest.mark.row("G1")
async def test_nothing_goes_to_who_lost_the_right(door: Door, proof: Proof) -> None:
    world, problems, count = door.worlds["A"], [], 0
    for kind, sent in SENT.items():
        owed = owed_by(world, kind, sent)
        control = await rendered(door, owed)
        if not isinstance(control, Message):
            problems.append(f"{kind}: nothing to lose, {control!r}"[:300])
        for change, statements in without(sent, owed).items():
            door.change(*statements)
            made = await rendered(door, owed)
            count += 1
            corrected = sent.method == "update" and isinstance(made, Message) and SECRET not in text_of(made)
            if not isinstance(made, Skip) and not corrected:  # what stands already may only say less
                problems.append(f"{kind} to {sent.to}, {change}: {getattr(made, 'text', made)!r}"[:300])
            door.restore()
    assert not problems, f"{len(problems)} of {count}\n" + "\n".join(problems)
    proof.found(f"{len(SENT)} renderers, {count} rights lost before sending: nothing goes out")


# What Home may not show somebody who is no longer this, in what its texts are called in the world.
GUESTS_NEVER = re.compile(
    rf"{SECRET}A(?!storypublic)(secret|unnamed|update|draft|question|note|held|ans|kept|asked|story)"
)
NOBODYS = re.compile(rf"{SECRET}A(secret|unnamed|update|draft|note|held|ans|kept)|C0A|<@")
PUBLIC_ONLY = "UPDATE channels SET guests_see_internal = 0"
HAVE_SOMETHING = ("adopter", "mate", "author", "am", "deputy", "otheram", "editor", "owner", "otherowner", "admin")


@pytest.mark.row("G1")
async def test_home_after_a_right_was_lost(door: Door, proof: Proof) -> None:
    """It shows no more of anything than a newcomer sees; after they became a guest, only what is public; else nothing."""
    world, problems, had = door.worlds["A"], [], 0
    for name in HAVE_SOMETHING:
        owed = owed_by(world, HOME, Sent(to=name, ref={}))
        had += NOBODYS.search(text_of(await rendered(door, owed))) is not None
        for change, never in (("lost", NOBODYS), ("guest", GUESTS_NEVER)):
            door.change(*(lost(owed.target) if change == "lost" else [*became(change, owed.target), PUBLIC_ONLY]))
            shown = never.search(text_of(await rendered(door, owed)))
            problems += [f"{name}, {change}: {shown[0]}"] if shown else []
            door.restore()
        for kind in ("deactivated", "external", "bot"):
            door.change(*became(kind, owed.target))
            made = await rendered(door, owed)
            problems += [] if isinstance(made, Skip) else [f"{name}, {kind}: {made!r}"[:200]]
            door.restore()
    assert not problems, "\n".join(problems)
    assert had >= 6
    proof.found(f"Home of {len(HAVE_SOMETHING)} people who were no longer what they had been: nothing of it")
