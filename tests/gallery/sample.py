"""The fixed company that the gallery shows: nothing here changes from run to run."""

from datetime import UTC, date, datetime, time

from bot.features.channels.rules import Channel, Coming, Miss, Slot
from bot.features.customers.rules import CustomerCard, Made, ProductCard, Shown, TeamCard
from bot.features.members.rules import Person
from bot.features.questions.rules import Answer, File, Question
from bot.features.stories.rules import Post, Product, Story, Wording

WS = "T0NORTH"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PICTURES = "https://pictures.northlight.example/"

CLARA = Person(workspace_id=WS, user_id="U0CLARA", name="Clara Nóbrega")
LUIZA = Person(workspace_id=WS, user_id="U0LUIZA", name="Luíza Conceição")

ORION = CustomerCard(
    workspace_id=WS,
    id="c-orion",
    external_id="NL-001",
    name="Orion",
    aliases=("Orion TV", "Orion Electronics AB"),
    industry="Consumer electronics",
    country="Sweden",
    customer_since=date(2009, 3, 16),
    size_rank=1,
    revenue_band="5 to 10 million",
    website="https://orion.example",
    may_be_named=True,
)
HALDEN = CustomerCard(
    workspace_id=WS, id="c-halden", external_id="NL-002", name="Halden", industry="Bicycles", country="Norway"
)
KESTRELANE = CustomerCard(
    workspace_id=WS, id="c-kestrelane", external_id="NL-014", name="Kestrelane", confidential=True
)
SANKT_ELIN = CustomerCard(
    workspace_id=WS,
    id="c-elin",
    external_id="NL-003",
    name="Sankt Elin",
    industry="Hospital monitors",
    country="Denmark",
)

LINE_2, FINANCE = TeamCard(id="t-line2", name="Line 2"), TeamCard(id="t-finance", name="Finance")
LINE_1 = TeamCard(id="t-line1", name="Line 1")
TEAMS = (LINE_1, LINE_2, FINANCE)
PB_7 = ProductCard(
    id="p-pb7", external_id="PB-7", name="PB-7 power board", team_id="t-line2", ends_up_in=("televisions", "projectors")
)
DC_3 = ProductCard(id="p-dc3", external_id="DC-3", name="DC-3 display controller", team_id="t-line2")
MANY = tuple(
    ProductCard(id=f"p-{n}", external_id=f"X-{n}", name=f"X-{n} relay", ends_up_in=("lifts",)) for n in range(1, 16)
)

SHOWN = Shown(
    customer=ORION,
    made=(Made(product=PB_7, team=LINE_2), Made(product=DC_3, team=LINE_2)),
    manager="Sam Whitaker",
)

LINE2_CHANNEL = Channel(
    workspace_id=WS,
    channel_id="C0LINE2",
    name="line-2",
    zone="Europe/Lisbon",
    locale="en",
    holidays_of="PT",
    team_ids=frozenset({"t-line2"}),
    slots=(
        Slot(id="s1", kind="story", weekday=1, at=time(10)),
        Slot(id="s2", kind="news", weekday=3, at=time(14)),
    ),
)
FITOUT_CHANNEL = Channel(
    workspace_id=WS, channel_id="C0FITOUT", name="new-canteen", zone="Europe/Lisbon", locale="pt-PT"
)
NEXT = Coming(
    slot_id="s1", kind="story", due_at=datetime(2026, 11, 24, 10, 0, tzinfo=UTC), local_day=date(2026, 11, 24)
)
NEXT_NEWS = Coming(
    slot_id="s2", kind="news", due_at=datetime(2026, 11, 26, 14, 0, tzinfo=UTC), local_day=date(2026, 11, 26)
)
HOLIDAY = Coming(
    slot_id="s1",
    kind="story",
    due_at=datetime(2026, 12, 1, 10, 0, tzinfo=UTC),
    local_day=date(2026, 12, 1),
    quiet="Restoration of Independence",
)
MISSES = (
    Miss(kind="story", due_at=datetime(2026, 11, 17, 10, 0, tzinfo=UTC), reason="late"),
    Miss(kind="story", due_at=datetime(2026, 11, 10, 10, 0, tzinfo=UTC), reason="missed"),
    Miss(kind="news", due_at=datetime(2026, 11, 19, 14, 0, tzinfo=UTC), reason="nothing_left"),
)

BODY = """## What Orion needed

Orion wanted a bigger picture in the same thin case. That left **19 millimetres** for everything behind the panel.

- Line 2 made the PB-7 four millimetres lower.
- The heat now leaves at the side, away from the panel.

> We had never launched a model without one return for its power supply. Now we have.

[Read how Orion tests its sets](https://orion.example/testing)
"""
STORY = Story(
    id="st-orion",
    kind="story",
    customer_id="c-orion",
    customer="Orion",
    nameable=True,
    wordings={
        "en": Wording(
            headline="Orion's new 55-inch set ships with your power board",
            snippet="Orion's largest television went on sale this month. Every set holds one PB-7 from Line 2. It starts"
            " in two seconds and rests on less than half a watt.",
            body=BODY,
            quote="We tried four boards on a hot bench for six weeks. Yours was the one nobody had to talk about.",
            alt="A large television shows a sunset over hills. A magnifier points to the power board inside.",
        )
    },
    quote_name="Elsa Thorén",
    quote_role="Head of hardware, Orion",
    picture_url=f"{PICTURES}television.png",
    video_url="https://video.northlight.example/orion-55-inch",
    consent="public",
    published_on=date(2026, 11, 3),
    products=(Product(id="p-pb7", name="PB-7 power board", team_id="t-line2", team="Line 2"),),
)
NEWS = Story(
    id="st-order",
    kind="news",
    customer_id="c-orion",
    customer="Orion",
    nameable=True,
    wordings={
        "en": Wording(
            headline="Orion doubles its spring order",
            snippet="Twice as many power boards from March on. Line 2 starts a third shift in February.",
            body="They told us on Friday.",
        )
    },
    published_on=date(2026, 11, 20),
)
POST = Post(
    id="po-1",
    workspace_id=WS,
    channel_id="C0LINE2",
    story_id="st-orion",
    customer_id="c-orion",
    reason={"code": "team_makes_product"},
    due_at=datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
    ts="1795514400.000100",
    posted_at=datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
)

PHOTO = File(id="F0PHOTO", name="shop.png", mimetype="image/png", url="")
SHEET = File(id="F0SHEET", name="figures.xlsx", mimetype="application/vnd.ms-excel", url="")
QUESTION = Question(
    workspace_id=WS,
    id="q-1",
    customer_id="c-orion",
    asker="U0AMARA",
    text="Which shops in Lisbon have the new set? I would like to show it to my daughter.",
    files=(),
    state="open",
    with_user="U0SAM",
    passed=False,
    asked_at=datetime(2026, 11, 24, 10, 5, tzinfo=UTC),
)
ANSWER = Answer(
    workspace_id=WS,
    id="a-1",
    request="r-1",
    question_id="q-1",
    direction="answer",
    author="U0SAM",
    text="The big shop at the Saldanha roundabout has two on the wall. Ask for the Aurora.",
    files=(),
    at=datetime(2026, 11, 24, 11, 0, tzinfo=UTC),
)

PEOPLE = [
    {"id": "U0CLARA", "name": "clara", "real_name": "Clara Nóbrega", "tz": "Europe/Lisbon", "locale": "en-GB"},
    {"id": "U0LUIZA", "name": "luiza", "real_name": "Luíza Conceição", "tz": "America/Sao_Paulo", "locale": "pt-BR"},
]
CHANNELS = [
    {"id": "C0LINE2", "name": "line-2", "kind": "public"},
    {"id": "C0FITOUT", "name": "new-canteen", "kind": "public"},
]
