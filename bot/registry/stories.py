from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.features.adoptions.buttons import adopt
from bot.features.edge import Edge
from bot.features.inbox import telling
from bot.features.questions.blocks import ask_button
from bot.features.stories import handlers, owed, service
from bot.registry.part import Given, Part


def plug(given: Given) -> Part:
    edge, public_url = given.edge, given.public_url
    handlers.register(given.app, edge, ask_button=ask_button, public_url=public_url, card_buttons=[adopt])
    return Part(
        renderers=owed.renderers(
            ask_button=ask_button,
            card_buttons=[adopt],
            public_url=public_url,
            new_id=edge.new_id,
            on_posted=[telling.posted],
        ),
        routes=[Route("/media/{digest}", partial(_media, edge), methods=["GET"])],
    )


async def _media(edge: Edge, request: Request) -> Response:
    """A picture by the hash of its bytes: nobody guesses one, and it never changes."""
    async with edge.sessions.begin() as session:
        found = await service.picture(session, str(request.path_params["digest"]))
    if found is None:
        return PlainTextResponse("no such picture", status_code=404)
    mimetype, data = found
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=mimetype, headers=headers)
