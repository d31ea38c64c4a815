"""For `doctor --post-test`: whether somebody who was never given an uploaded picture sees it in a message.

Slack does not document it (a file that is shared nowhere belongs to the bot alone), so a second person has to look.
"""

import io
from collections.abc import AsyncIterator, Sequence

from PIL import Image

from bot.commands.findings import Finding
from bot.delivery.calls import upload_file
from bot.delivery.rendering import Upload
from bot.slack.errors import SlackFault
from bot.slack.kit import image, section
from bot.wiring import Parts

ALT = "A green square"
TEXT = "A test of Canteen's: do you see a green square below? Please tell whoever asked you to look."


async def post_test(parts: Parts, workspace_id: str, people: Sequence[str]) -> AsyncIterator[Finding]:
    """Uploads a picture and sends it to each of these people by direct message, in a block."""
    try:
        upload = Upload(name="canteen-test.png", data=_square(), alt=ALT)
        file_id = await upload_file(parts.gateway, workspace_id, upload)
        for user in people:
            await parts.gateway.call(
                workspace_id,
                "chat.postMessage",
                channel=user,
                text=TEXT,
                blocks=[section(TEXT), image(alt=ALT, file=file_id)],
                unfurl_links=False,
            )
    except SlackFault as fault:
        cure = "check the ids (U...), the scopes files:write and files:read, and that the Messages tab is on"
        yield Finding(level="serious", what=f"the test was not sent ({fault.code})", cure=cure)
        return
    yield Finding(
        level="note",
        what=f"a picture was uploaded and sent to {' and '.join(people)}: does {people[-1]} see a green square?",
        cure="yes: stories' pictures may stay uploads. No: set CANTEEN_PUBLIC_URL, which gives each an address",
    )


def _square() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (160, 160), (46, 125, 50)).save(data, "PNG")
    return data.getvalue()
