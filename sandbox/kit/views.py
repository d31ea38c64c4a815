"""Modals and Home tabs."""

import json
from typing import Any

from sandbox.kit import objects as o
from sandbox.kit.layout import block
from sandbox.kit.spec import Fields, Run, array, boolean, string, tagged, typed

VIEW_BYTES = 250_000
BLOCKS_MAX = 100

_SHARED: Fields = {
    "private_metadata": string(0, 3000),
    "callback_id": string(0, 255),
    "external_id": string(0, 255),
}
_BLOCKS: Fields = {"blocks": array(block, 1, BLOCKS_MAX)}


def _submit_with_inputs(view: dict[str, Any], pointer: str, run: Run) -> None:
    if "submit" not in view and any(one["type"] == "input" for one in view["blocks"]):
        run.say(pointer, "missing required field: submit (the view has input blocks)")


VIEW = tagged(
    {
        "modal": typed(
            "modal",
            {"title": o.plain(24), **_BLOCKS},
            {
                **_SHARED,
                "submit": o.plain(24),
                "close": o.plain(24),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
            },
            _submit_with_inputs,
        ),
        "home": typed("home", _BLOCKS, _SHARED),
    }
)


def size(view: object) -> int:
    """Bytes of the view as compact JSON in UTF-8."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode())
