"""As `cases`: what concerns customers, the inbox, channels, the pulse and people themselves."""

from bot.features.members.rights import Action
from tests.rights.cases import MANAGERS, Case, known, made, named, place, soon
from tests.rights.payloads import Command, Press, Submit, Typing, Value, channels, many, one, people, text
from tests.rights.world import EVERYBODY, INSIDE, World

DROPS = (
    *(
        Case(
            payload=Press(action=f"customers:drop_{verb}", value=known("f-checked")), right=Action.IMPORT,
            does="dropped_files", only=("admin",),
        )
        for verb in ("import", "discard", "other")
    ),
    Case(
        payload=Press(action="customers:drop_as_teams", value=known("f-asking")), right=Action.IMPORT,
        does="dropped_files", only=("admin",),
    ),
    Case(
        payload=Press(action="customers:drop_all", value=known("f-checked")), right=Action.IMPORT, only=("admin",),
    ),
)  # fmt: skip


def _change(world: World) -> dict[str, object]:
    return {"flags": many("adoptable"), "named": one("no")}


CUSTOMERS = (
    Case(payload=Press(action="customers:show", value=known("orion")), right=Action.FIND_CUSTOMER, does="says:Zq"),
    Case(payload=Press(action="customers:show", value=known("secret")), right=Action.FIND_CUSTOMER, does="says:Zq",
         only=tuple(name for name in (*INSIDE, "deputy", "otheram", "otherowner") if name != "guest")),
    *(
        Case(
            payload=Press(action=f"customers:name_{answer}", value=known("unnamed"), place="home"), right=Action.CONSENT,
            does="customers", managers=("am",),
        )
        for answer in ("yes", "no")
    ),
    *(
        Case(payload=Press(action=f"customers:name_all_{answer}", place="home"), right=Action.CONSENT, does="customers")
        for answer in ("yes", "no")
    ),
    Case(
        payload=Press(action="customers:edit", value=known("orion")), right=Action.CHANGE_CUSTOMER,
        does="view:customers:change",
    ),
    Case(
        payload=Press(action="customers:pick", option=known("orion"), place="home"), right=Action.CHANGE_CUSTOMER,
        does="view:customers:change",
    ),
    Case(
        payload=Submit(callback="customers:change", private=known("orion"), values=_change), right=Action.CHANGE_CUSTOMER,
        does="customers", opens="customers:edit",
    ),
    *(
        Case(
            payload=Typing(action=action, typed=lambda world: world.name("or")), right=Action.FIND_CUSTOMER,
            does="says:Zq", silent=True,
        )
        for action in ("questions:which", "inbox:customer", "customers:pick")
    ),
)  # fmt: skip


def _story(world: World) -> dict[str, object]:
    return {"headline": text("A headline"), "text": text("It left the dock."), "consent": one("internal")}


def _question(world: World) -> dict[str, object]:
    return {
        "question": text("Which?"), "why": text("Because."), "option_1": text("One"), "option_2": text("Two"),
        "right": one("1"), "consent": one("internal"),
    }  # fmt: skip


EDITORS = ("editor", "approver")
INBOX = (
    Case(payload=Press(action="inbox:look", value=known("d-waiting")), right=Action.EDIT_DRAFT, does="says:Zq"),
    Case(payload=Press(action="inbox:list", value=lambda _: "0", place="home"), right=Action.EDIT_DRAFT, does="says:Zq"),
    Case(payload=Press(action="inbox:page:newer", value=lambda _: "0", place="modal"), right=Action.EDIT_DRAFT, does="says:Zq"),
    Case(
        payload=Press(action="inbox:edit", value=known("d-waiting")), right=Action.EDIT_DRAFT, does="view:inbox:form",
        own=("author",),
    ),
    Case(
        payload=Press(action="inbox:edit", value=known("d-approved")), right=Action.EDIT_DRAFT, own=("author",), over=True,
    ),
    Case(
        payload=Press(action="inbox:edit", value=known("d-question")), right=Action.SEE_RIGHT_ANSWER,
        does="view:inbox:form", own=("author",), approver=EDITORS,
    ),
    Case(payload=Press(action="inbox:correct", value=known("s-story")), right=Action.EDIT_DRAFT, does="view:inbox:form"),
    Case(
        payload=Press(action="inbox:approve", value=made("{}:1", "d-waiting")), right=Action.APPROVE,
        does="view:inbox:approving", own=("author",),
    ),
    Case(
        payload=Press(action="inbox:approve", value=made("{}:1", "d-editors")), right=Action.APPROVE,
        does="view:inbox:approving", own=("editor",),
    ),
    Case(payload=Press(action="inbox:approve", value=made("{}:1", "d-rejected")), right=Action.APPROVE, own=("author",), over=True),
    Case(
        payload=Press(action="inbox:reject", value=known("d-waiting")), right=Action.EDIT_DRAFT,
        does="view:inbox:rejecting",
    ),
    Case(
        payload=Press(action="inbox:take_back", value=known("d-waiting"), place="home"), right=Action.TAKE_BACK,
        does="drafts", own=("author",),
    ),
    Case(
        payload=Press(action="inbox:spot", value=known("k-photo")), right=Action.SUGGEST, does="view:inbox:spotted",
        only=("adopter",),
    ),
    Case(
        payload=Press(action="inbox:write:story", value=lambda _: "story", place="home"), right=Action.SUGGEST,
        does="view:inbox:form",
    ),
    Case(
        payload=Submit(callback="inbox:form", private=lambda _: "story||1", values=_story), right=Action.SUGGEST,
        does="draft_sketches", opens="inbox:write:story",
    ),
    Case(
        payload=Submit(callback="inbox:form", private=made("story|{}|1", "d-waiting"), values=_story),
        right=Action.EDIT_DRAFT, does="draft_sketches", own=("author",), opens="inbox:edit",
    ),
    Case(
        payload=Submit(callback="inbox:form", private=made("question|{}|1", "d-question"), values=_question),
        right=Action.SEE_RIGHT_ANSWER, does="draft_sketches", own=("author",), approver=EDITORS, opens="inbox:edit",
    ),
    Case(
        payload=Submit(callback="inbox:keep", private=known("k-sketch")), right=Action.EDIT_DRAFT, does="drafts",
        own=("author",), only=("editor",), opens="inbox:edit", silent=True,
    ),
    Case(
        payload=Submit(
            callback="inbox:approving", private=made("{}:1", "d-waiting"), values=lambda _: {"when": one("chooser")}
        ),
        right=Action.APPROVE, does="drafts", own=("author",), opens="inbox:approve",
    ),
    Case(
        payload=Submit(callback="inbox:rejecting", private=known("d-waiting"), values=lambda _: {"reason": text("No")}),
        right=Action.EDIT_DRAFT, does="drafts", opens="inbox:reject",
    ),
    Case(
        payload=Submit(callback="inbox:spotted", values=lambda _: {"where": text("In a shop")}), right=Action.SUGGEST,
        does="drafts",
    ),
    Case(
        payload=Submit(callback="inbox:spotted", private=known("k-photo"), values=lambda _: {"where": text("In a shop")}),
        right=Action.SUGGEST, does="drafts", only=("adopter",), opens="inbox:spot",
    ),
    Case(
        payload=Typing(action="inbox:product", typed=lambda _: "zq"), right=Action.SUGGEST, does="says:Zq", silent=True
    ),
)  # fmt: skip


def said_as(words: str) -> Value:
    return lambda _: words


def _menu(verb: str, right: Action, does: str, **more: object) -> Case:
    press = Press(action="channels:menu", option=lambda world: f"{verb}:{world.place('line')}", place="home")
    return Case(payload=press, right=right, does=does, owners=("owner",), **more)  # type: ignore[arg-type]


def _times(world: World) -> dict[str, object]:
    """As the window with the times alone has them."""
    return {"days-story": many("1"), "time-story": {"any": {"type": "timepicker", "selected_time": "11:30"}}}


def _channel(world: World) -> dict[str, object]:
    more = {
        "zone": one("Europe/Lisbon"),
        "locale": one("en-GB"),
        "window": one("1440"),
        "owners": people(world.user("owner")),
    }
    return {**_times(world), **more, "pulse": many("ask")}


CHANNELS = (
    _menu("next", Action.SEE_NEXT_POSTS, "says:Zq"),
    _menu("test", Action.SEE_NEXT_POSTS, "deliveries"),
    _menu("edit", Action.CHANGE_SLOT, "view:channels:save"),
    _menu("more", Action.SEE_NEXT_POSTS, "says:C0ALINE"),
    _menu("pause", Action.PAUSE_CHANNEL, "channels"),
    Case(
        payload=Press(action="channels:menu", option=lambda world: f"resume:{world.place('paused')}", place="home"),
        right=Action.PAUSE_CHANNEL, does="channels", owners=("owner",),
    ),
    Case(
        payload=Press(action="channels:find", option=place("line"), place="home"), right=Action.SEE_NEXT_POSTS,
        does="says:C0ALINE", owners=("owner",),
    ),
    Case(
        payload=Press(action="channels:post_now", option=lambda world: f"story:{world.place('line')}", place="modal"),
        right=Action.POST_NOW, does="posts", owners=("owner",),
    ),
    Case(
        payload=Press(action="channels:remove_ask", value=place("line"), place="modal"), right=Action.SET_UP_CHANNEL,
        does="view:channels:remove",
    ),
    Case(
        payload=Submit(callback="channels:remove", private=place("line")), right=Action.SET_UP_CHANNEL, does="channels",
        opens="channels:remove_ask",
    ),
    Case(payload=Press(action="channels:add", place="home"), right=Action.SET_UP_CHANNEL, does="view:channels:save"),
    Case(payload=Press(action="channels:stop", place="home"), right=Action.STOP_POSTING, does="workspaces"),
    Case(payload=Press(action="channels:start", place="home"), right=Action.STOP_POSTING),
    Case(payload=Press(action="channels:quiet", place="home"), right=Action.SET_UP_CHANNEL, does="view:channels:quiet_save"),
    Case(
        payload=Submit(callback="channels:quiet_save", values=lambda w: {"quiet": text(f"{soon(w)} Fair")}),
        right=Action.SET_UP_CHANNEL, does="quiet_dates", opens="channels:quiet",
    ),
    Case(
        payload=Press(action="channels:form_next", value=place("line"), place="modal", state_of=_channel),
        right=Action.SEE_NEXT_POSTS, does="says:Zq", owners=("owner",),
    ),
    Case(
        payload=Submit(callback="channels:save", private=place("line"), values=_times), right=Action.CHANGE_SLOT,
        does="slots", owners=("owner",), opens="channels:menu",
    ),
    Case(
        payload=Submit(callback="channels:save", private=place("line"), values=_channel), right=Action.SET_UP_CHANNEL,
        does="channels", opens="channels:menu",
    ),
    Case(
        payload=Submit(
            callback="channels:save",
            values=lambda world: {**_channel(world), "channel": {"any": {"type": "conversations_select", "selected_conversation": world.place("new")}}},
        ),
        right=Action.SET_UP_CHANNEL, does="channels", opens="channels:add",
    ),
    Case(
        payload=Typing(action="channels:find", typed=lambda _: "zq"), right=Action.SEE_NEXT_POSTS, does="says:zq",
        owners=("owner", "otherowner"), silent=True,
    ),
    *(
        Case(
            payload=Typing(action=f"channels:{field}", typed=said_as(words)), right=Action.SET_UP_CHANNEL,
            does=f"says:{said}", silent=True,
        )
        for field, words, said in (("zone", "lisbon", "Lisbon"), ("teams", "zq", "Zq"), ("holidays", "portugal", "Portugal"))
    ),
)  # fmt: skip


def _answers(_: World) -> dict[str, object]:
    return {"who": one("4"), "why": one("3"), "what": one("5")}


PULSE = (
    Case(
        payload=Press(action="pulse:open", value=known("r-line")), right=Action.ANSWER_PULSE, does="view:pulse:answer",
        only=tuple(name for name in INSIDE if name != "guest"),
    ),
    Case(
        payload=Press(action="pulse:open", value=known("r-open")), right=Action.ANSWER_PULSE, does="view:pulse:answer",
        only=INSIDE, guests=True,
    ),
    Case(payload=Press(action="pulse:open", value=known("r-over")), right=Action.ANSWER_PULSE, over=True),
    Case(
        payload=Submit(callback="pulse:answer", private=known("r-line"), values=_answers), right=Action.ANSWER_PULSE,
        does="pulse_totals", only=tuple(name for name in INSIDE if name != "guest"), opens="pulse:open",
    ),
    Case(
        payload=Press(action="pulse:results", value=place("line"), place="home"), right=Action.SEE_PULSE,
        owners=("owner",),
    ),
    Case(
        payload=Press(action="pulse:ask_now", value=place("shared"), place="modal"), right=Action.SET_UP_CHANNEL,
        over=True,
    ),
    Case(
        payload=Press(action="pulse:ask_now", value=place("quiet"), place="modal"), right=Action.SET_UP_CHANNEL,
        does="pulse_rounds",
    ),
    Case(
        payload=Press(action="pulse:switch", value=lambda _: "off", place="modal"), right=Action.CHANGE_SETTINGS,
        does="pulse_settings",
    ),
    Case(payload=Press(action="pulse:stagger", place="modal"), right=Action.SET_UP_CHANNEL, does="says:zq"),
    Case(
        payload=Submit(
            callback="pulse:draw",
            values=lambda w: {"channels": channels(w.place("fresh"), w.place("fresher")), "weeks": one("4")},
        ),
        right=Action.SET_UP_CHANNEL, does="pulse_draws", opens="pulse:stagger",
    ),
)  # fmt: skip


def _wishes(_: World) -> dict[str, object]:
    return {"often": one("weekly"), "language": one("slack")}


MEMBERS = (
    *(
        Case(payload=Press(action=f"members:{verb}"), right=Action.CHANGE_OWN, does=does)
        for verb, does in (("less", "members"), ("pause", "members"), ("stop", "members"), ("daily", ""), ("resume", ""))
    ),
    Case(payload=Press(action="members:wishes", place="home"), right=Action.CHANGE_OWN, does="view:members:wishes_save"),
    Case(
        payload=Submit(callback="members:wishes_save", values=_wishes), right=Action.CHANGE_OWN, does="members",
        opens="members:wishes",
    ),
    Case(
        payload=Press(action="members:forget", place="modal"), right=Action.CHANGE_OWN, does="deliveries",
        only=tuple(name for name in EVERYBODY if name != "admin"),  # the only one, who has nobody else to ask
    ),
    Case(
        payload=Press(action="members:trail", place="home"), right=Action.READ_AUDIT, does="says:changed a c", only=("am", "deputy", "owner", "admin"), managers=(*MANAGERS, "otheram"),
        owners=("owner", "otherowner"),
    ),
    *(
        Case(
            payload=Press(action=f"members:trail_{way}", value=known("audit10"), place="modal"), right=Action.READ_AUDIT,
            does="says:changed a c", only=("am", "deputy", "owner", "admin"), managers=(*MANAGERS, "otheram"), owners=("owner", "otherowner"),
        )
        for way in ("older", "newer")
    ),
    Case(payload=Press(action="members:change_roles", place="home"), right=Action.GIVE_ROLES, does="view:members:roles"),
    Case(
        payload=Submit(
            callback="members:roles",
            values=lambda w: {"admins": people(w.user("admin")), "editors": people(w.user("editor"), w.user("member"))},
        ),
        right=Action.GIVE_ROLES, does="roles", opens="members:change_roles",
    ),
)  # fmt: skip
EVERYBODY_OF_US = tuple(name for name in (*INSIDE, "deputy", "otheram", "otherowner") if name != "guest")


def typed(words: str, thing: str = "") -> Command:
    command, _, rest = words.partition(" ")
    return Command(command=command, text=lambda world: f"{rest} {world.name(thing)}".strip() if thing else rest)


COMMANDS = (
    Case(payload=typed("/customer find", "orion"), right=Action.FIND_CUSTOMER, does="says:Zq"),
    Case(payload=typed("/customer ask", "orion"), right=Action.ASK, does="view:questions:asked", managers=("am",), kindly=("am",)),
    Case(payload=typed("/customer mine"), right=Action.OPEN_HOME, does="says:Zq", only=("adopter", "mate", "am", "deputy", "otheram")),
    Case(payload=typed("/customer adopt", "lonely"), right=Action.ADOPT, does="adoptions"),
    Case(payload=typed("/customer adopt"), right=Action.ADOPT, does="view:adoptions:picked"),
    Case(payload=typed("/customer hat"), right=Action.OPEN_HAT, does="view:adoptions:hat_opened", owners=("owner", "otherowner")),
    Case(payload=typed("/customer spotted"), right=Action.SUGGEST, does="view:inbox:spotted"),
    Case(payload=typed("/customer suggest"), right=Action.SUGGEST, does="view:inbox:form"),
    Case(payload=typed("/customer quiet"), right=Action.CHANGE_OWN, does="view:members:wishes_save"),
    Case(payload=typed("/customer quiet 2 weeks"), right=Action.CHANGE_OWN, does="members"),
    Case(payload=typed("/customer help"), right=None),
    Case(
        payload=typed("/customer-admin"), right=Action.SEE_NEXT_POSTS, does="says:C0A", owners=("owner", "otherowner"),
    ),
    Case(
        payload=typed("/customer-admin channels"), right=Action.SEE_NEXT_POSTS, does="says:C0A", owners=("owner", "otherowner"),
    ),
    Case(  # what there is, for a word that there is not
        payload=typed("/customer-admin zzz"), right=Action.SEE_NEXT_POSTS, does="says:choose the admins", silent=True,
    ),
    Case(payload=typed("/customer-admin add"), right=Action.SET_UP_CHANNEL, does="view:channels:save"),
    Case(
        payload=Command(command="/customer-admin", text=lambda w: f"next <#{w.place('line')}|x>"),
        right=Action.SEE_NEXT_POSTS, does="says:Zq", owners=("owner",),
    ),
    Case(payload=typed("/customer-admin stop"), right=Action.STOP_POSTING, does="says:channels:stop"),
    Case(payload=typed("/customer-admin start"), right=Action.STOP_POSTING),
    Case(payload=typed("/customer-admin quiet-dates"), right=Action.SET_UP_CHANNEL, does="view:channels:quiet_save"),
    Case(
        payload=Command(command="/customer-admin", text=lambda w: f"pulse <#{w.place('line')}|x>"),
        right=Action.SEE_PULSE, owners=("owner",),
    ),
    Case(payload=typed("/customer-admin roles"), right=Action.GIVE_ROLES, does="view:members:roles"),
    Case(payload=typed("/customer-admin people"), right=Action.GIVE_ROLES, does="view:members:roles"),
    Case(payload=typed("/customer-admin customer", "orion"), right=Action.CHANGE_CUSTOMER, does="view:customers:change"),
    Case(
        payload=typed("/customer-admin adopters", "orion"), right=Action.END_ADOPTION, does="says:Adopter", managers=MANAGERS, silent=True,
    ),
    Case(payload=Command(command="/customer-update", text=named("orion")), right=Action.WRITE_UPDATE, does="says:a-orion", managers=MANAGERS),
)  # fmt: skip
UPDATE_SEARCHES = (
    Case(
        payload=Typing(action="updates:customer", typed=lambda w: w.name("or")), right=Action.WRITE_UPDATE,
        does="says:Zq", managers=MANAGERS, silent=True,
    ),
    Case(
        payload=Typing(action="updates:channels", typed=lambda _: "zq"), right=Action.WRITE_UPDATE, does="says:zq",
        managers=(*MANAGERS, "otheram"), silent=True,
    ),
    Case(
        payload=Typing(action="adoptions:which", typed=lambda _: "zq"), right=Action.ADOPT, does="says:Zq", silent=True
    ),
)  # fmt: skip
