"""What the colleagues decide, from what they see and nothing else."""

from typing import Any

import pytest

from sandbox.colleagues import plan
from sandbox.colleagues.deciding import Deed, Minds, Press, Reply, Run
from sandbox.colleagues.looking import answers

OPTIONS = tuple(f"quizzes:answer:{n}" for n in range(4))


def message(
    ts: str, *actions: str, user: str = "U0BOT", replies: list[Any] | None = None, **more: Any
) -> dict[str, Any]:
    elements = [{"type": "button", "action_id": one, "text": {"type": "plain_text", "text": one}} for one in actions]
    blocks = [{"type": "actions", "block_id": "b", "elements": elements}] if actions else []
    return {"ts": ts, "user": user, "blocks": blocks, "replies": replies or [], "ephemeral": False, **more}


def seen(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": {"C1": list(messages)}, "modals": []}


def minds(**habit: Any) -> Minds:
    return Minds(plan.make({"seed": 3, "habits": [{"name": "it", "after": [2, 4], **habit}]}))


def over_time(mind: Minds, person: str, what: dict[str, Any], seconds: int = 60) -> list[Deed]:
    return [found for now in range(seconds) if (found := mind.next(person, what, float(now)))]


def test_a_quiz_is_answered_once_after_a_while_with_one_of_its_options() -> None:
    mind = minds(press="quizzes:answer*")
    quiz = seen(message("1.0", *OPTIONS))
    assert mind.next("U1", quiz, 0.0) is None
    (pressed,) = over_time(mind, "U1", quiz)
    assert isinstance(pressed, Press)
    assert pressed.button.action in OPTIONS
    assert (pressed.post.channel, pressed.post.ts) == ("C1", "1.0")


def test_different_people_choose_differently_and_the_same_again_with_the_same_seed() -> None:
    def chosen() -> list[str]:
        mind = minds(press="quizzes:answer*", again=0.5)
        quiz = seen(message("1.0", *OPTIONS))
        pressed = [(who, over_time(mind, who, quiz)) for who in (f"U{n}" for n in range(12))]
        return [f"{who} {one.button.action}" for who, deeds in pressed for one in deeds if isinstance(one, Press)]

    first = chosen()
    assert first == chosen()
    assert {line.split()[1] for line in first} == set(OPTIONS)
    assert len(first) > 12, "some change their mind"
    assert len(first) == len(set(first)), "to something else"


def test_times_and_ids_of_a_run_do_not_change_what_is_chosen() -> None:
    one = over_time(minds(press="quizzes:answer*"), "U1", seen(message("1.0", *OPTIONS)))
    other = over_time(minds(press="quizzes:answer*"), "U1", seen(message("99.7", *OPTIONS)))
    assert [deed.button for deed in one if isinstance(deed, Press)] == [
        deed.button for deed in other if isinstance(deed, Press)
    ]


@pytest.mark.parametrize(
    "habit",
    [{"chance": 0.0, "press": "quizzes:*"}, {"people": ["U2"], "press": "quizzes:*"}, {"press": "quizzes:how"}],
)
def test_nothing_is_done_by_who_does_not_care(habit: dict[str, Any]) -> None:
    assert over_time(minds(**habit), "U1", seen(message("1.0", *OPTIONS))) == []


def test_what_is_only_for_ones_own_eyes_is_not_pressed() -> None:
    assert over_time(minds(press="*"), "U1", seen(message("1.0", "a:b", ephemeral=True))) == []


def test_buttons_in_a_thread_are_found_too() -> None:
    what = seen(message("1.0", replies=[message("2.0", "updates:thank")]))
    (pressed,) = over_time(minds(press="updates:thank"), "U1", what)
    assert isinstance(pressed, Press)
    assert (pressed.post.ts, pressed.post.thread) == ("2.0", "1.0")


def test_an_account_manager_answers_in_the_thread_and_not_themselves() -> None:
    mind = minds(reply="questions:answer", words=["The one at the corner."], most=2)
    asked = message("1.0", "questions:answer")
    first = next(one for now in range(20) if (one := mind.next("U1", seen(asked), float(now))))
    assert isinstance(first, Reply)
    assert (first.words, first.post.thread) == ("The one at the corner.", "1.0")
    own = {**asked, "replies": [message("2.0", user="U1")]}
    assert [mind.next("U1", seen(own), 20.0 + n) for n in range(40)] == [None] * 40
    more = {**asked, "replies": [message("2.0", user="U1"), message("3.0")]}
    assert len([1 for n in range(40) if mind.next("U1", seen(more), 60.0 + n)]) == 1, "two answers at most"


def test_what_is_heard_in_words_is_answered_too() -> None:
    mind = minds(heard=["*writes:*", "*escreve:*"], words=["Thank you!"])
    said = [message("1.0", text="Max, who has adopted Orion, writes: hello"), message("2.0", text="Good morning")]
    found = next(one for now in range(20) if (one := mind.next("U1", seen(*said), float(now))))
    assert isinstance(found, Reply)
    assert (found.post.ts, found.words) == ("1.0", "Thank you!")


def test_a_command_is_run_every_so_often_and_no_more() -> None:
    mind = minds(command=["/customer-update Orion A", "/customer-update Halden B"], every=10, most=3, people=["U1"])
    deeds = over_time(mind, "U1", seen(), 100)
    assert [one.command[-1] for one in deeds if isinstance(one, Run)] == ["A", "B", "A"]
    assert over_time(mind, "U2", seen(), 100) == []


def test_a_form_gets_what_it_needs_and_keeps_what_it_has() -> None:
    def block(name: str, kind: str, **more: Any) -> dict[str, Any]:
        optional = more.pop("optional", False)
        element = {"type": kind, "action_id": "it", **more}
        return {"type": "input", "block_id": name, "element": element, "optional": optional}

    choices = [{"value": "yes"}, {"value": "no"}]
    blocks = [
        {"type": "section", "block_id": "s"},
        block("empty", "plain_text_input"),
        block("full", "plain_text_input"),
        block("may", "plain_text_input", optional=True),
        block("tick", "checkboxes", options=choices),
        block("one", "static_select", options=choices),
    ]
    values = {"full": {"it": {"type": "plain_text_input", "value": "kept"}}, "tick": {"it": {"selected_options": []}}}
    modal = {"view": {"blocks": blocks}, "values": values}
    assert answers(modal, "Why?") == {"empty": "Why?", "tick": ["yes"], "one": "yes"}
    assert answers(modal, "Why?", 0.999) == {"empty": "Why?", "tick": ["yes"], "one": "no"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"habits": [{"press": "a"}]}, "needs a name"),
        ({"habits": [{"name": "x"}]}, "exactly one of"),
        ({"habits": [{"name": "x", "press": "a", "reply": "b", "words": "c"}]}, "exactly one of"),
        ({"habits": [{"name": "x", "reply": "b"}]}, "needs words"),
        ({"habits": [{"name": "x", "press": "a", "chance": 2}]}, "share"),
        ({"habits": [{"name": "x", "press": "a", "after": [5, 1]}]}, "after"),
        ({"habits": [{"name": "x", "press": "a", "often": 1}]}, "unknown key 'often'"),
        ({"sed": 1}, "unknown key 'sed'"),
        ({"pace": -1}, "pace"),
    ],
)
def test_a_wrong_plan_is_refused_by_name(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(plan.PlanError, match=said):
        plan.make(wrong)
