"""Composition objects: text, options, confirmation dialogs, filters, files."""

from sandbox.kit.spec import (
    Check,
    array,
    at_least_one,
    boolean,
    distinct,
    enum,
    exactly_one,
    record,
    string,
    tagged,
    typed,
    url,
)

TEXT_MAX = 3000
ACTION_ID = string(1, 255)
BLOCK_ID = string(1, 255)
BUTTON_STYLE = enum("primary", "danger")

USER = string(pattern=r"[UW][A-Z0-9]+", what="user id")
CHANNEL = string(pattern=r"[CG][A-Z0-9]+", what="channel id")
CONVERSATION = string(pattern=r"[CGDUW][A-Z0-9]+", what="conversation id")
TEAM = string(pattern=r"[TE][A-Z0-9]+", what="team id")
USERGROUP = string(pattern=r"S[A-Z0-9]+", what="user group id")


def plain(most: int = TEXT_MAX) -> Check:
    return tagged({"plain_text": typed("plain_text", {"text": string(1, most)}, {"emoji": boolean})})


def mrkdwn(most: int = TEXT_MAX) -> Check:
    return tagged({"mrkdwn": typed("mrkdwn", {"text": string(1, most)}, {"verbatim": boolean})})


def text(most: int = TEXT_MAX) -> Check:
    return tagged(
        {
            "plain_text": plain(most),
            "mrkdwn": mrkdwn(most),
        }
    )


CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": BUTTON_STYLE},
)

OPTION_VALUE_MAX = 150


def option(*, markup: bool = False, links: bool = False) -> Check:
    """Radio buttons and checkboxes may be marked up; only an overflow menu's options may be links."""
    words = text if markup else plain
    optional: dict[str, Check] = {"description": words(75)}
    if links:
        optional["url"] = url()
    return record({"text": words(75), "value": string(1, OPTION_VALUE_MAX)}, optional)


OPTION_GROUP = record({"label": plain(75), "options": array(option(), 1, 100)})

CONVERSATION_FILTER = record(
    {},
    {
        "include": array(enum("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
    distinct("include"),
)

DISPATCH = record(
    {"trigger_actions_on": array(enum("on_enter_pressed", "on_character_entered"), 1, 2)},
    None,
    distinct("trigger_actions_on"),
)

SLACK_FILE = record(
    {},
    {"id": string(pattern=r"F[A-Z0-9]{8,}", what="file id"), "url": url()},
    exactly_one("id", "url"),
)

RAW_TEXT = typed("raw_text", {"text": string(1)})
