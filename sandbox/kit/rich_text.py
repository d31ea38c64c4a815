"""Rich text: the block, its four kinds of parts, and what stands in them."""

from sandbox.kit.objects import BLOCK_ID, CHANNEL, TEAM, USER, USERGROUP
from sandbox.kit.spec import Check, Fields, array, boolean, enum, integer, record, string, tagged, typed, url

_FACES = ("bold", "italic", "strike", "code", "underline")
STYLE = record({}, dict.fromkeys(_FACES, boolean))
MENTION_STYLE = record({}, dict.fromkeys((*_FACES, "highlight", "client_highlight", "unlink"), boolean))


def _piece(kind: str, required: Fields, optional: Fields | None = None, style: Check = STYLE) -> Check:
    return typed(kind, required, {"style": style, **(optional or {})})


_TEXT = _piece("text", {"text": string(1)})
_LINK = _piece(
    "link",
    {"url": url(schemes=("http", "https", "mailto"))},
    {"text": string(), "unsafe": boolean},
)
_EMOJI = {
    "unicode": string(1, pattern=r"[0-9a-f]+(-[0-9a-f]+)*", what="code point"),
    "skin_tone": integer(1, 6),
    "url": url(),
}

PIECES: dict[str, Check] = {
    "text": _TEXT,
    "link": _LINK,
    "emoji": _piece("emoji", {"name": string(1)}, _EMOJI),
    "user": _piece("user", {"user_id": USER}, None, MENTION_STYLE),
    "channel": _piece("channel", {"channel_id": CHANNEL}, None, MENTION_STYLE),
    "usergroup": _piece("usergroup", {"usergroup_id": USERGROUP}, None, MENTION_STYLE),
    "broadcast": _piece("broadcast", {"range": enum("here", "channel", "everyone")}),
    "team": _piece("team", {"team_id": TEAM}),
    "color": _piece("color", {"value": string(pattern=r"#[0-9A-Fa-f]{6}", what="colour")}),
    "date": _piece(
        "date",
        {"timestamp": integer(0), "format": string(1)},
        {"url": url(), "fallback": string(1)},
    ),
}

_BORDER = {"border": enum(0, 1)}
# These may be empty: an empty line of a list is an empty section.
_ANY = array(tagged(PIECES))
SECTION = typed("rich_text_section", {"elements": _ANY})

PARTS: dict[str, Check] = {
    "rich_text_section": SECTION,
    "rich_text_list": typed(
        "rich_text_list",
        {"elements": array(tagged({"rich_text_section": SECTION}), 1), "style": enum("bullet", "ordered")},
        {"indent": integer(0, 8), "offset": integer(0), **_BORDER},
    ),
    "rich_text_quote": typed("rich_text_quote", {"elements": _ANY}, _BORDER),
    "rich_text_preformatted": typed(
        "rich_text_preformatted", {"elements": array(tagged({"text": _TEXT, "link": _LINK}))}, _BORDER
    ),
}

RICH_TEXT = typed("rich_text", {"elements": array(tagged(PARTS), 1)}, {"block_id": BLOCK_ID})
RICH_TEXT_ONLY = tagged({"rich_text": RICH_TEXT})
