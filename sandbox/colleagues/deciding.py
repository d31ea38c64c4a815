"""What one person does next: the same for the same plan and the same things seen in the same order."""

from dataclasses import dataclass, field
from random import Random

from sandbox.colleagues.looking import Button, Json, Post, posts
from sandbox.colleagues.plan import Habit, Plan


@dataclass(frozen=True, kw_only=True)
class Press:
    """`leaning`, from 0 to 1: which of several the person tends to choose in a form that opens."""

    post: Post
    button: Button
    words: str
    leaning: float


@dataclass(frozen=True, kw_only=True)
class Reply:
    post: Post
    words: str


@dataclass(frozen=True, kw_only=True)
class Run:
    command: str
    words: str


Deed = Press | Reply | Run


@dataclass(kw_only=True)
class _Intention:
    """What a person means to do about one thing: when, how often still, and what they have pressed before."""

    due: float
    left: int
    pressed: list[str] = field(default_factory=list)
    answered: str = ""


class Minds:
    """What everybody has noticed and done so far. Times are seconds of any clock that only goes forward."""

    def __init__(self, plan: Plan, *, since: float = 0.0) -> None:
        """Messages from before `since` (as Slack's `ts`) are old: nobody does anything about them."""
        self._plan = plan
        self._since = since
        self._noticed: dict[tuple[str, str, str], _Intention] = {}
        self._counted: dict[tuple[str, str], int] = {}

    def next(self, person: str, seen: Json, now: float) -> Deed | None:
        """At most one thing; it counts as done."""
        there = [one for one in posts(seen) if float(one.ts) >= self._since]
        for habit in self._plan.habits:
            if habit.people and person not in habit.people:
                continue
            found = self._command(habit, person, now) if habit.command else self._about(habit, person, there, now)
            if found:
                return found
        return None

    def _about(self, habit: Habit, person: str, there: list[Post], now: float) -> Deed | None:
        ready: Deed | None = None
        for post in there:
            buttons = post.fitting(habit.press or habit.reply)
            if not buttons and not post.reads(habit.heard):
                continue
            meant = self._intention(habit, person, f"{post.channel}/{post.ts}", now)
            if ready is None and meant.left and now >= meant.due:
                ready = (
                    self._press(habit, person, meant, post, buttons, now)
                    if habit.press
                    else self._reply(habit, person, meant, post, now)
                )
        return ready

    def _intention(self, habit: Habit, person: str, what: str, now: float) -> _Intention:
        """Everything is noticed when it is first seen, also what is not done at once."""
        key = (habit.name, person, what)
        if key not in self._noticed:
            chosen = self._random(habit, person)
            wanted = chosen.random() < habit.chance
            again = chosen.random() < habit.again
            times = (1 + again if habit.press else habit.most) if wanted else 0
            self._noticed[key] = _Intention(due=now + chosen.uniform(*habit.after), left=times)
        return self._noticed[key]

    def _press(
        self, habit: Habit, person: str, meant: _Intention, post: Post, buttons: tuple[Button, ...], now: float
    ) -> Press | None:
        chosen = self._random(habit, person)
        fresh = [one for one in buttons if one.action not in meant.pressed]
        meant.left -= 1
        if not fresh:
            return None
        button = chosen.choice(fresh)
        meant.pressed.append(button.action)
        meant.due = now + chosen.uniform(*habit.after)
        return Press(post=post, button=button, words=_one_of(habit, chosen), leaning=chosen.random())

    def _reply(self, habit: Habit, person: str, meant: _Intention, post: Post, now: float) -> Reply | None:
        """Only while somebody else spoke last, and not twice to the same."""
        if post.last == person:
            return None
        chosen = self._random(habit, person)
        meant.left -= 1
        meant.due = now + chosen.uniform(*habit.after)
        return Reply(post=post, words=_one_of(habit, chosen))

    def _command(self, habit: Habit, person: str, now: float) -> Run | None:
        """One person's times, one command after the other; the first after one whole pause."""
        key = (habit.name, "", "")
        meant = self._noticed.setdefault(key, _Intention(due=now + habit.every, left=habit.most))
        if not meant.left or now < meant.due:
            return None
        meant.left, meant.due = meant.left - 1, now + habit.every
        number = self._counted.get((habit.name, "command"), 0)
        self._counted[habit.name, "command"] = number + 1
        return Run(
            command=habit.command[number % len(habit.command)], words=_one_of(habit, self._random(habit, person))
        )

    def _random(self, habit: Habit, person: str) -> Random:
        """Times and ids differ from run to run; what is counted does not."""
        number = self._counted.get((habit.name, person), 0)
        self._counted[habit.name, person] = number + 1
        return Random(f"{self._plan.seed} {habit.name} {person} {number}")


def _one_of(habit: Habit, chosen: Random) -> str:
    return chosen.choice(habit.words) if habit.words else ""
