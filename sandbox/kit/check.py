"""The checks a server runs on a payload. None of them raises, whatever it is given."""

from sandbox.kit.across import check_across
from sandbox.kit.clean import at, bad_text, check_clean
from sandbox.kit.layout import block
from sandbox.kit.messages import (
    ATTACHMENT,
    BLOCKS_MAX,
    METADATA,
    METADATA_BYTES,
    TEXT_BYTES_UPDATE,
    TEXT_MAX_POST,
    metadata_size,
    too_many,
)
from sandbox.kit.problem import Problem, Surface
from sandbox.kit.spec import Run, array, length
from sandbox.kit.views import BLOCKS_MAX as VIEW_BLOCKS_MAX
from sandbox.kit.views import VIEW, VIEW_BYTES, size

VIEW_CODE = "invalid_arguments"
ATTACHMENTS_CODE = "invalid_attachments"


def check_blocks(blocks: object, surface: Surface) -> list[Problem]:
    """What is wrong with the blocks of a message, or with those of a view taken by themselves."""
    if not isinstance(blocks, list):
        return [Problem(pointer="/blocks", message="must provide an array", code="invalid_blocks_format")]
    if problems := check_clean(blocks, "/blocks", "invalid_blocks"):
        return problems
    run = Run(surface=surface, code="invalid_blocks")
    array(block, 0, BLOCKS_MAX if surface == "message" else VIEW_BLOCKS_MAX)(blocks, "/blocks", run)
    check_across(blocks, "/blocks", run)
    return run.problems


def check_view(view: object) -> list[Problem]:
    """What is wrong with a whole modal or Home view."""
    if problems := check_clean(view, "/view", VIEW_CODE):
        return problems
    if not isinstance(view, dict):
        return [Problem(pointer="/view", message="must provide an object", code=VIEW_CODE)]
    if size(view) > VIEW_BYTES:
        return [Problem(pointer="/view", message=f"must be at most {VIEW_BYTES} bytes", code="view_too_large")]
    run = Run(surface="home" if view.get("type") == "home" else "modal", code=VIEW_CODE)
    VIEW(view, "/view", run)
    check_across(view.get("blocks"), "/view/blocks", run)
    return run.problems


def check_attachments(attachments: object) -> list[Problem]:
    """What is wrong with a message's legacy attachments."""
    if not isinstance(attachments, list):
        return [Problem(pointer="/attachments", message="must provide an array", code=ATTACHMENTS_CODE)]
    if problems := too_many(attachments) or check_clean(attachments, "/attachments", ATTACHMENTS_CODE):
        return problems
    run = Run(surface="message", code=ATTACHMENTS_CODE)
    array(ATTACHMENT)(attachments, "/attachments", run)
    for index, attachment in enumerate(attachments):
        if isinstance(attachment, dict):
            check_across(attachment.get("blocks"), at(at("/attachments", index), "blocks"), run)
    return run.problems


def check_metadata(metadata: object) -> list[Problem]:
    """What is wrong with a message's metadata. An empty object is right: with it chat.update removes what was there."""
    if not isinstance(metadata, dict):
        return [Problem(pointer="/metadata", message="must provide an object", code="invalid_metadata_format")]
    if problems := check_clean(metadata, "/metadata", "invalid_metadata_format"):
        return problems
    if not metadata:
        return []
    run = Run(surface="message", code="invalid_metadata_schema")
    METADATA(metadata, "/metadata", run)
    if not run.problems and metadata_size(metadata) > METADATA_BYTES:
        run.say("/metadata", f"must be at most {METADATA_BYTES} bytes", "metadata_too_large")
    return run.problems


def check_text(text: str, *, update: bool) -> str | None:
    """The error Slack would answer for a message's text, or None. Whether a text is needed at all is not asked here."""
    if not isinstance(text, str) or bad_text(text):
        return "invalid_arguments"
    # An update's limit is in bytes: a text of 1,993 characters in 4,121 bytes has been seen refused.
    too_long = len(text.encode()) > TEXT_BYTES_UPDATE if update else length(text) > TEXT_MAX_POST
    return "msg_too_long" if too_long else None
