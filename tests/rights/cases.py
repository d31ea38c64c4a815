"""What can be asked of Canteen: every listener with a payload, the right that it takes, and what it does.

A new listener without a line here fails `test_everything`.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.features.members.rights import Action
from tests.rights.payloads import (
    Payload,
    Press,
    Submit,
    Typing,
    Value,
    clock,
    day,
    many,
    one,
    person,
    text,
)
from tests.rights.world import EVERYBODY, INSIDE, World, quiz_button

MANAGERS = ("am", "deputy")


@dataclass(frozen=True, kw_only=True)
class Case:
    """`right` None: nobody needs one. Who has what to do with the thing: `managers`, `owners`, `own`, `approver`,
    `audience`; `guests`: the channel lets them; `reachable`, `alone`: see `rights.Standing`.

    `does`: the table that changes, or `view:` with the callback of a window that opens, or `says:` with what is then to
    be read; "" for nothing. `only`: of those who may, who gets it: to the others the thing is not there. `over`: its
    state lets nobody. `silent`: a refusal is not kept in the audit trail, since one key pressed would be one; of `kindly` neither,
    since the thing is theirs in another way."""

    payload: Payload
    right: Action | None
    does: str = ""
    managers: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    approver: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    guests: bool = False
    reachable: bool = True
    alone: bool = False
    only: tuple[str, ...] | None = None
    over: bool = False
    silent: bool = False
    kindly: tuple[str, ...] = ()
    opens: str = ""


def known(name: str) -> Value:
    return lambda world: world.id(name)


def named(name: str) -> Value:
    return lambda world: world.name(name)


def place(name: str) -> Value:
    return lambda world: world.place(name)


def made(pattern: str, *names: str) -> Value:
    """`{}` for each of the world's ids."""
    return lambda world: pattern.format(*(world.id(name) for name in names))


def soon(world: World, days: int = 5) -> str:
    return (world.now + timedelta(days=days)).date().isoformat()


def quiz_option(name: str) -> Value:
    return lambda world: quiz_button(world, name)


def _on_quiz(name: str, value: Value, action: str) -> Press:
    return Press(action=action, value=value, ts=lambda world: world.ts(name), channel=place(name.partition("-")[2]))


QUIZZES = (
    *(
        Case(
            payload=_on_quiz(f"open-{where}", quiz_option(f"open-{where}"), "quizzes:answer"),
            right=Action.ANSWER_QUIZ, does="quiz_answers", own=("author",), approver=("approver",), guests=where == "guests",
        )
        for where in ("line", "guests")
    ),
    Case(
        payload=_on_quiz("closed-line", lambda world: quiz_button(world, "closed-line"), "quizzes:answer"),
        right=Action.ANSWER_QUIZ, over=True,
    ),
    Case(
        payload=_on_quiz("revealed-line", lambda world: quiz_button(world, "revealed-line"), "quizzes:answer"),
        right=Action.ANSWER_QUIZ, over=True,
    ),
    Case(
        payload=_on_quiz("revealed-line", known("qp-revealed-line"), "quizzes:mine"), right=Action.SEE_OWN_RECORD,
        own=EVERYBODY,
    ),
    Case(payload=Press(action="quizzes:name_me", value=lambda _: "yes"), right=Action.BE_NAMED, does="members"),
    Case(payload=Press(action="quizzes:name_me", value=lambda _: "no"), right=Action.BE_NAMED),
    Case(
        payload=Press(action="quizzes:scores", value=lambda _: "off", place="home"), right=Action.CHANGE_SETTINGS,
        does="quiz_desks",
    ),
    Case(
        payload=Press(action="quizzes:withdraw", value=known("qp-open-line"), place="home"), right=Action.RECALL,
        does="quiz_questions", managers=MANAGERS, owners=("owner",),
    ),
)  # fmt: skip

STORIES = (
    Case(
        payload=Press(action="stories:read", value=known("p-story")), right=Action.READ_STORY, does="says:Zq",
        only=tuple(name for name in (*INSIDE, "deputy", "otheram", "otherowner") if name != "guest"),
    ),
    Case(payload=Press(action="stories:read", value=known("p-internal")), right=Action.READ_STORY, does="says:Zq"),
    Case(payload=Press(action="stories:read", value=known("p-public")), right=Action.READ_STORY, does="says:Zq"),
    Case(payload=Press(action="stories:read", value=known("p-recalled")), right=Action.READ_STORY, over=True),
    Case(payload=Press(action="stories:read", value=made("story:{}", "s-expired")), right=Action.READ_STORY, over=True),
    Case(payload=Press(action="stories:read", value=made("story:{}", "s-withdrawn")), right=Action.READ_STORY, over=True),
    Case(payload=Press(action="stories:read", value=made("story:{}", "s-hidden")), right=Action.READ_STORY, over=True),
    Case(
        payload=Press(action="stories:recall", value=known("p-story"), place="home"), right=Action.RECALL, does="posts",
        managers=MANAGERS, owners=("owner",),
    ),
)  # fmt: skip

QUESTIONS = (
    Case(
        payload=Press(action="questions:ask", value=made("{}:{}", "orion", "p-story")), right=Action.ASK,
        does="view:questions:asked", managers=("am",), kindly=("am",),
    ),
    Case(
        payload=Submit(
            callback="questions:asked", private=made("{}:{}", "orion", "p-story"), values=lambda _: {"text": text("Why?")}
        ),
        right=Action.ASK, does="questions", managers=("am",), kindly=("am",), opens="questions:ask",
    ),
    Case(
        payload=Press(action="questions:answer", value=known("ask-open")), right=Action.ANSWER,
        does="view:questions:answered", managers=MANAGERS,
    ),
    Case(
        payload=Press(action="questions:answer", value=known("ask-waiting")), right=Action.ANSWER,
        does="view:questions:answered", reachable=False,
    ),
    Case(payload=Press(action="questions:answer", value=known("ask-closed")), right=Action.ANSWER, over=True),
    Case(
        payload=Submit(
            callback="questions:answered", private=known("ask-open"), values=lambda _: {"text": text("Because.")}
        ),
        right=Action.ANSWER, does="answers", managers=MANAGERS, opens="questions:answer",
    ),
    Case(
        payload=Submit(
            callback="questions:answered", private=known("ask-waiting"), values=lambda _: {"text": text("Because.")}
        ),
        right=Action.ANSWER, does="answers", reachable=False, opens="questions:answer",
    ),
    Case(
        payload=Submit(
            callback="questions:answered", private=known("ask-closed"), values=lambda _: {"text": text("Because.")}
        ),
        right=Action.ANSWER, over=True,
    ),
    Case(
        payload=Press(action="questions:pass_on", value=known("ask-open")), right=Action.ANSWER, does="questions",
        managers=MANAGERS, only=("am",),
    ),
    Case(payload=Press(action="questions:which", option=known("orion")), right=None),
    Case(
        payload=Press(
            action="questions:chosen", value=known("k-text"),
            state_of=lambda world: {"questions:which": one(world.id("orion"))},
        ),
        right=Action.ASK, does="questions", managers=("am",), only=("adopter",), silent=True,
    ),
)  # fmt: skip


def _update(world: World) -> dict[str, object]:
    return {
        "customer": one(world.id("orion")), "text": text("New line"), "tick": many("yes"),
        "kind": one("news"),
    }  # fmt: skip


READERS = (*INSIDE,)
UPDATES = (
    Case(
        payload=Press(action="updates:write", value=known("orion")), right=Action.WRITE_UPDATE,
        does="view:updates:written", managers=MANAGERS,
    ),
    Case(payload=Press(action="updates:write", value=known("halden")), right=Action.WRITE_UPDATE,
         does="view:updates:written", managers=("otheram",)),
    Case(payload=Press(action="updates:more", place="modal"), right=None),
    Case(
        payload=Press(action="updates:thank", value=known("u-own")), right=Action.READ_UPDATE, does="relays",
        managers=MANAGERS, audience=("adopter",), only=("adopter",),
    ),
    Case(
        payload=Press(action="updates:ask", value=known("u-own")), right=Action.READ_UPDATE, does="view:updates:asked",
        managers=MANAGERS, audience=("adopter",), only=("adopter", "deputy", "editor", "approver"),
    ),
    Case(
        payload=Submit(callback="updates:asked", private=known("u-own"), values=lambda _: {"text": text("Really?")}),
        right=Action.READ_UPDATE, does="questions", managers=MANAGERS, audience=("adopter",),
        only=("adopter", "deputy", "editor", "approver"), opens="updates:ask",
    ),
    Case(
        payload=Press(action="updates:read", value=known("u-own")), right=Action.READ_UPDATE, does="says:Zq",
        managers=MANAGERS, audience=("adopter",),
    ),
    Case(
        payload=Press(action="updates:read", value=known("u-sent")), right=Action.READ_UPDATE, does="says:Zq",
        managers=MANAGERS, audience=INSIDE,
    ),
    Case(payload=Press(action="updates:read", value=known("u-back")), right=Action.READ_UPDATE, over=True),
    Case(
        payload=Press(action="updates:read", value=known("u-held")), right=Action.READ_UPDATE, does="says:Zq",
        managers=MANAGERS,
    ),
    Case(
        payload=Press(action="updates:edit", value=known("u-sent")), right=Action.WRITE_UPDATE,
        does="view:updates:edited", managers=MANAGERS, only=("am", "admin"),
    ),
    Case(
        payload=Submit(callback="updates:edited", private=known("u-sent"), values=_update), right=Action.WRITE_UPDATE,
        does="customer_updates", managers=MANAGERS, only=("am", "admin"), opens="updates:edit",
    ),
    Case(
        payload=Press(action="updates:withdraw", value=known("u-sent")), right=Action.WRITE_UPDATE,
        does="customer_updates", managers=MANAGERS, only=("am", "admin"),
    ),
    Case(
        payload=Submit(callback="updates:written", values=_update), right=Action.WRITE_UPDATE, does="customer_updates",
        managers=MANAGERS, opens="updates:write",
    ),
    Case(
        payload=Press(action="updates:nothing_new", value=known("reminder")), right=Action.WRITE_UPDATE, does="news_reminders",
        managers=MANAGERS, only=("am",),
    ),
    Case(
        payload=Press(action="updates:recall", value=known("u-sent"), place="home"), right=Action.RECALL,
        does="customer_updates", managers=MANAGERS, owners=("owner",),
    ),
    Case(payload=Press(action="updates:recall", value=known("u-back"), place="home"), right=Action.RECALL, over=True),
    Case(
        payload=Press(action="updates:send_on:a-orion", value=known("g-held")), right=Action.EXCHANGE, does="exchange_notes",
        own=("adopter",),
    ),
    Case(
        payload=Press(action="updates:keep", value=known("g-held")), right=Action.EXCHANGE, does="exchange_notes",
        own=("adopter",),
    ),
    Case(
        payload=Press(action="updates:offer_exchange", value=known("e-quiet")), right=Action.EXCHANGE, does="exchanges",
        own=("adopter", "am"),
    ),
    *(
        Case(
            payload=Press(action=f"updates:{verb}", value=known("e-offered")), right=Action.EXCHANGE, does="exchanges",
            own=("adopter",),
        )
        for verb in ("agree", "decline")
    ),
)  # fmt: skip

HOME = (
    Case(payload=Press(action="home:team", option=lambda _: "", place="home"), right=Action.CHOOSE_TEAM),
    Case(payload=Press(action="home:team_not_now", place="home"), right=Action.CHOOSE_TEAM, does="members"),
    Case(
        payload=Typing(action="home:team", typed=lambda _: "zq"), right=Action.CHOOSE_TEAM, does="says:Zq", silent=True
    ),
)

ADOPTIONS = (
    Case(
        payload=Press(action="adoptions:adopt", value=known("lonely")), right=Action.ADOPT, does="adoptions",
    ),
    Case(
        payload=Press(action="adoptions:adopt", value=known("orion")), right=Action.ADOPT, does="adoptions",
        managers=MANAGERS, kindly=MANAGERS, only=("asker", "author", "editor", "approver", "owner", "admin", "mate", "member", "otheram", "otherowner"),
    ),
    Case(payload=Press(action="adoptions:adopt", value=known("secret")), right=Action.ADOPT, over=True),
    Case(payload=Press(action="adoptions:choose", place="home"), right=Action.ADOPT, does="view:adoptions:picked"),
    Case(
        payload=Submit(callback="adoptions:picked", values=lambda world: {"adoptions:which": one(world.id("lonely"))}),
        right=Action.ADOPT, does="adoptions", opens="adoptions:choose",
    ),
    Case(
        payload=Press(action="adoptions:mine", option=made("stop:{}", "a-mine"), place="home"), right=Action.END_ADOPTION,
        does="adoptions", managers=MANAGERS, own=("adopter",),
    ),
    *(
        Case(
            payload=Press(action="adoptions:mine", option=made(f"{verb}:{{}}", "a-mine"), place="home"),
            right=Action.PAUSE_ADOPTION, does="deliveries" if verb == "resume" else "adoptions", own=("adopter",),
        )
        for verb in ("pause", "pause_long", "resume")
    ),
    Case(
        payload=Press(action="adoptions:mine", option=made("swap:{}", "a-mine"), place="home"), right=Action.SWAP,
        does="view:adoptions:swap_asked", own=("adopter",),
    ),
    Case(
        payload=Press(action="adoptions:theirs", option=made("end:{}", "a-mine"), place="home"),
        right=Action.END_ADOPTION, does="adoptions", managers=MANAGERS, own=("adopter",),
    ),
    Case(
        payload=Press(action="adoptions:hello", value=known("a-mine")), right=Action.GREET,
        does="view:adoptions:said_hello", managers=MANAGERS,
    ),
    Case(
        payload=Submit(callback="adoptions:said_hello", private=known("a-mine"), values=lambda _: {"text": text("Hello")}),
        right=Action.GREET, does="hellos", managers=MANAGERS, opens="adoptions:hello",
    ),
    Case(
        payload=Submit(callback="adoptions:swap_asked", private=known("a-mine"), values=lambda w: {"who": person(w.user("mate"))}),
        right=Action.SWAP, does="swaps", own=("adopter",), over=True, opens="adoptions:mine",
    ),
    Case(
        payload=Press(action="adoptions:swap_yes_0", value=made("{}:{}", "swap", "a-mates")), right=Action.SWAP,
        does="adoptions", own=("mate",),
    ),
    *(
        Case(
            payload=Press(action=f"adoptions:swap_yes_{number}", value=made("{}:{}", "swap", "a-mine")), right=Action.SWAP,
            own=("mate",),
        )
        for number in range(1, 5)
    ),
    Case(payload=Press(action="adoptions:swap_no", value=known("swap")), right=Action.SWAP, does="swaps", own=("mate",)),
)  # fmt: skip

VISITS = (
    Case(
        payload=Press(action="adoptions:visit", value=known("a-mine")), right=Action.VISIT, own=("adopter",), over=True,
    ),
    *(
        Case(
            payload=Press(action=f"adoptions:visit_{verb}", value=made("{}:1", visit)), right=Action.VISIT,
            does=f"view:adoptions:{callback}", managers=MANAGERS, own=("adopter",), only=only,
        )
        for visit, only in (("v-manager", MANAGERS), ("v-adopter", ("adopter",)))
        for verb, callback in (("other", "proposed"), ("decline", "declined"))
    ),
    *(
        Case(
            payload=Press(action=f"adoptions:visit_accept_{number}", value=made(f"{{}}:1:{number}", "v-manager")),
            right=Action.VISIT, does="" if number else "first_visits", managers=MANAGERS, own=("adopter",),
            only=MANAGERS if number == 0 else (), over=number > 0,
        )
        for number in range(3)
    ),
    Case(
        payload=Submit(callback="adoptions:proposed", private=made("{}:1", "v-manager"), values=lambda w: {"date0": day(soon(w))}),
        right=Action.VISIT, does="first_visits", managers=MANAGERS, own=("adopter",), only=MANAGERS,
        opens="adoptions:visit_other",
    ),
    Case(
        payload=Submit(callback="adoptions:declined", private=made("{}:1", "v-adopter"), values=lambda _: {"text": text("Sorry")}),
        right=Action.VISIT, does="first_visits", managers=MANAGERS, own=("adopter",), only=("adopter",),
        opens="adoptions:visit_decline",
    ),
)  # fmt: skip


def _hat(world: World) -> dict[str, object]:
    return {
        "adoptions:hat_channel": one(world.place("guests")), "adoptions:hat_day": day(soon(world)),
        "adoptions:hat_time": clock("10:00"),
    }  # fmt: skip


HATS = (
    *(
        Case(payload=Press(action=f"adoptions:{verb}", value=known("h-open")), right=Action.ADOPT, does="hat_entries")
        for verb in ("hat_in", "hat_out", "hat_name_yes", "hat_name_no")
    ),
    Case(payload=Press(action="adoptions:hat_in", value=known("h-drawn")), right=Action.ADOPT, over=True),
    Case(payload=Press(action="adoptions:hat_in", value=known("h-cancelled")), right=Action.ADOPT, over=True),
    Case(
        payload=Press(action="adoptions:hat_open", place="home"), right=Action.OPEN_HAT,
        does="view:adoptions:hat_opened", owners=("owner", "otherowner"),
    ),
    *(
        Case(
            payload=Press(
                action=f"adoptions:hat_{field}", option=lambda _: "any", place="modal", state_of=_hat
            ),
            right=Action.OPEN_HAT, owners=("owner", "otherowner"), does="view:adoptions:hat_opened",
        )
        for field in ("channel", "product", "industry", "country")
    ),
    Case(
        payload=Typing(action="adoptions:hat_product", typed=lambda _: "zq"), right=Action.OPEN_HAT,
        owners=("owner", "otherowner"), does="says:Zq", silent=True,
    ),
    Case(
        payload=Submit(callback="adoptions:hat_opened", values=_hat), right=Action.OPEN_HAT, does="hat_draws",
        owners=("owner",), opens="adoptions:hat_open",
    ),
    Case(
        payload=Press(action="adoptions:hat_cancel", value=known("h-open"), place="home"), right=Action.CANCEL_HAT,
        does="hat_draws", own=("owner",),
    ),
)  # fmt: skip
