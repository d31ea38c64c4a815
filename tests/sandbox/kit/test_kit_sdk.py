"""slack_sdk's own models as a second opinion: what they build and call right at their limits passes here.

Where the SDK allows more than Slack's pages do, the page wins; those places are listed and proved.
"""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models import blocks as sdk
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks.block_elements import FileInputElement, WorkflowButtonElement
from slack_sdk.models.views import View

from sandbox.kit import Surface, check_blocks, check_view
from tests.sandbox.kit.kit_samples import link, words

PLAIN = sdk.PlainTextObject
MRKDWN = sdk.MarkdownTextObject


def options(count: int, **more: Any) -> list[sdk.Option]:
    return [sdk.Option(text=words(75), value=str(n).rjust(150), **more) for n in range(count)]


def acts(element: Any) -> sdk.ActionsBlock:
    return sdk.ActionsBlock(elements=[element])


def asks(element: Any) -> sdk.InputBlock:
    return sdk.InputBlock(label=words(2000), hint=words(2000), element=element, dispatch_action=True)


CONFIRM = sdk.ConfirmObject(title=words(100), text=words(300), confirm=words(30), deny=words(30), style="danger")
IMAGE = sdk.ImageElement(image_url=link(3000), alt_text=words(2000))
BUTTON = sdk.ButtonElement(
    text=words(75),
    action_id=words(255),
    value=words(2000),
    url=link(3000),
    style="primary",
    confirm=CONFIRM,
    accessibility_label=words(75),
    agent_prompt=words(4000),
)
GROUP = sdk.OptionGroup(label=words(75), options=options(100))
RICH = sdk.RichTextBlock(
    elements=[
        sdk.RichTextSectionElement(
            elements=[
                sdk.RichTextElementParts.Text(text="Hello", style={"bold": True}),
                sdk.RichTextElementParts.Link(url="https://a.example", text="here"),
                sdk.RichTextElementParts.User(user_id="U0AMARA"),
                sdk.RichTextElementParts.Channel(channel_id="C0LINE2"),
                sdk.RichTextElementParts.UserGroup(usergroup_id="S1"),
                sdk.RichTextElementParts.Team(team_id="T1"),
                sdk.RichTextElementParts.Emoji(name="wave", skin_tone=2),
                sdk.RichTextElementParts.Date(timestamp=1_800_000_000, format="{date}"),
                sdk.RichTextElementParts.Broadcast(range="here"),
                sdk.RichTextElementParts.Color(value="#aabbcc"),
            ]
        ),
        sdk.RichTextListElement(
            style="ordered", indent=8, offset=1, border=1, elements=[sdk.RichTextSectionElement(elements=[])]
        ),
        sdk.RichTextQuoteElement(elements=[]),
        sdk.RichTextPreformattedElement(elements=[{"type": "text", "text": "x"}], border=0),
    ]
)

AT_THE_LIMIT: dict[Surface, list[sdk.Block]] = {
    "message": [
        sdk.SectionBlock(block_id=words(255), text=MRKDWN(text=words(3000), verbatim=True), expand=True),
        sdk.DividerBlock(),
        sdk.HeaderBlock(text=words(150)),
        sdk.ImageBlock(image_url=link(3000), alt_text=words(2000), title=words(2000)),
        sdk.ImageBlock(slack_file={"id": "F12345678"}, alt_text="a"),
        sdk.ContextBlock(elements=[MRKDWN(text="a"), PLAIN(text="b", emoji=True), IMAGE, *[MRKDWN(text="c")] * 7]),
        sdk.ActionsBlock(elements=[sdk.ButtonElement(text="a", action_id=str(n)) for n in range(25)]),
        acts(BUTTON),
        acts(sdk.LinkButtonElement(text="a", url=link(3000), action_id="a")),
        acts(sdk.StaticSelectElement(placeholder=words(150), options=options(100), confirm=CONFIRM)),
        acts(sdk.StaticSelectElement(option_groups=[GROUP.to_dict()], initial_option=options(1)[0])),
        acts(sdk.StaticMultiSelectElement(options=options(100), initial_options=options(2), max_selected_items=2)),
        acts(sdk.ExternalDataSelectElement(min_query_length=0, initial_option=options(1)[0])),
        acts(sdk.ExternalDataMultiSelectElement(min_query_length=3, max_selected_items=1)),
        acts(sdk.UserSelectElement(initial_user="U1")),
        acts(sdk.UserMultiSelectElement(initial_users=["U1", "W2"], max_selected_items=2)),
        acts(sdk.ChannelSelectElement(initial_channel="C1")),
        acts(sdk.ChannelMultiSelectElement(initial_channels=["C1"])),
        acts(sdk.ConversationSelectElement(filter=sdk.ConversationFilter(include=["im", "mpim", "private", "public"]))),
        acts(sdk.ConversationMultiSelectElement(default_to_current_conversation=True)),
        acts(sdk.CheckboxesElement(options=options(10), initial_options=options(10))),
        acts(sdk.RadioButtonsElement(options=options(10), initial_option=options(10)[9])),
        acts(sdk.OverflowMenuElement(options=[*options(4), sdk.Option(text="b", value="b", url=link(3000))])),
        acts(sdk.DatePickerElement(initial_date="2028-02-29", placeholder=words(150))),
        acts(sdk.TimePickerElement(initial_time="23:59", timezone="Europe/Lisbon")),
        acts(sdk.DateTimePickerElement(initial_date_time=9_999_999_999)),
        acts(
            WorkflowButtonElement(
                action_id="w", text=words(75), workflow={"trigger": {"url": link(30)}}, accessibility_label="a"
            )
        ),
        RICH,
        sdk.MarkdownBlock(text=words(12_000)),
        sdk.TableBlock(
            rows=[[{"type": "raw_text", "text": "c"}] * 20] * 100, column_settings=[{"align": "right"}] * 20
        ),
        sdk.CarouselBlock(elements=[sdk.CardBlock(body="a")] * 10),
        sdk.ContainerBlock(title=words(150), subtitle=words(150), width="full", child_blocks=[sdk.DividerBlock()] * 10),
        sdk.ContextActionsBlock(
            elements=[
                sdk.FeedbackButtonsElement(
                    positive_button=sdk.FeedbackButtonObject(
                        text=words(75), value=words(2000), accessibility_label="a"
                    ),
                    negative_button=sdk.FeedbackButtonObject(text="no", value="no"),
                )
            ]
            + [sdk.IconButtonElement(text="Delete", icon="trash", value="a", visible_to_user_ids=["U1"])] * 4
        ),
        sdk.TaskCardBlock(
            task_id="t", title="Do", status="in_progress", sources=[sdk.UrlSourceElement(url=link(20), text="a")]
        ),
        sdk.PlanBlock(title="p", tasks=[sdk.TaskCardBlock(task_id="t", title="Do", status="pending")]),
    ],
    "modal": [
        sdk.SectionBlock(fields=[words(2000)] * 10),
        asks(sdk.PlainTextInputElement(multiline=True, min_length=0, max_length=3000, focus_on_load=True)),
        asks(sdk.EmailInputElement(initial_value="amara@northlight.example", placeholder=words(150))),
        asks(sdk.UrlInputElement(initial_value="https://a.example")),
        asks(sdk.NumberInputElement(is_decimal_allowed=True, min_value="-1.5", initial_value="0", max_value="9")),
        sdk.InputBlock(label="Files", element=FileInputElement(filetypes=["png"], max_files=10)),
        asks(sdk.RichTextInputElement(action_id="r", initial_value=RICH, min_lines=1, max_lines=100)),
        asks(sdk.ConversationSelectElement(response_url_enabled=True)),
        sdk.AlertBlock(text="Look", level="warning"),
    ],
    "home": [
        sdk.SectionBlock(text="a", accessory=IMAGE),
        sdk.CardBlock(title=words(150), subtitle=words(150), body=words(200), icon=IMAGE, actions=[BUTTON]),
        sdk.VideoBlock(
            video_url="https://a.example/1",
            thumbnail_url=link(30),
            alt_text="a",
            title=words(199),
            title_url=link(30),
            author_name=words(49),
            provider_name="a",
            provider_icon_url=link(30),
            description=words(199),
        ),
    ],
}


CASES = [(block, surface) for surface, blocks in AT_THE_LIMIT.items() for block in blocks]


@pytest.mark.parametrize(("block", "surface"), CASES, ids=lambda part: getattr(part, "type", part))
def test_what_the_sdk_calls_right_passes(block: sdk.Block, surface: Surface) -> None:
    assert [str(problem) for problem in check_blocks([block.to_dict()], surface)] == []


WIDER_IN_THE_SDK: list[tuple[Callable[[], sdk.Block], str]] = [
    (lambda: sdk.AlertBlock(text=words(201)), "text/text"),
    (lambda: sdk.FileBlock(external_id="a"), "type"),
    (lambda: sdk.CallBlock(call_id="R1"), "type"),
    (lambda: sdk.CardBlock(actions=[sdk.ButtonElement(text="a")] * 3), "actions"),
]


@pytest.mark.parametrize(("build", "where"), WIDER_IN_THE_SDK, ids=lambda part: part if isinstance(part, str) else "")
def test_where_the_sdk_allows_more(build: Callable[[], sdk.Block], where: str) -> None:
    built = build()
    built.validate_json()
    surface: Surface = "modal" if built.type == "alert" else "message"
    (problem,) = check_blocks([built.to_dict()], surface)
    assert problem.pointer.endswith(f"/{where}")


def test_what_the_sdk_calls_wrong_is_refused() -> None:
    wrong: list[JsonObject] = [
        sdk.SectionBlock(text=words(3001)),
        sdk.SectionBlock(),
        sdk.HeaderBlock(text=words(151)),
        sdk.ContextBlock(elements=[MRKDWN(text="a")] * 11),
        sdk.ActionsBlock(elements=[sdk.ButtonElement(text="a")] * 26),
        sdk.ImageBlock(image_url=link(3001), alt_text="a"),
        sdk.CarouselBlock(elements=[sdk.CardBlock(body="a")] * 11),
        sdk.ContainerBlock(title="a", child_blocks=[sdk.DividerBlock()] * 11),
        sdk.MarkdownBlock(text=words(12_001)),
    ]
    for block in wrong:
        with pytest.raises(SlackObjectFormationError):
            block.validate_json()
        raw = {name: getattr(block, name) for name in block.attributes if getattr(block, name, None) is not None}
        plain = {name: _plain(value) for name, value in raw.items()}
        assert check_blocks([plain], "message"), plain["type"]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.to_dict() if isinstance(value, JsonObject) else value


def test_views_of_the_sdk_pass() -> None:
    modal = View(
        type="modal",
        title=words(24),
        submit=words(24),
        close=words(24),
        callback_id=words(255),
        private_metadata=words(3000),
        notify_on_close=True,
        clear_on_close=False,
        blocks=[sdk.DividerBlock()] * 99 + [asks(sdk.PlainTextInputElement())],
    )
    home = View(type="home", blocks=[sdk.DividerBlock()] * 100, callback_id="home")
    for view in (modal, home):
        assert [str(problem) for problem in check_view(view.to_dict())] == []
