"""`python -m benchmarks.acking stock|bare PORT SECRET`: what durable votes are measured against, a process of its own.

`stock`: a Bolt app behind Bolt's own Starlette adapter whose one listener acks. `bare`: a route that checks the
signature and answers.
"""

import re
import sys

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ACTION = re.compile("quizzes:answer.*")


def stock(secret: str) -> Starlette:
    async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-bench", bot_user_id="U0")

    app = AsyncApp(signing_secret=secret, authorize=authorize)

    async def on_answer(ack: AsyncAck) -> None:
        await ack()

    app.action(ACTION)(on_answer)
    handler = AsyncSlackRequestHandler(app)

    async def receive(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])


def bare(secret: str) -> Starlette:
    verifier = SignatureVerifier(secret)

    async def receive(request: Request) -> Response:
        good = verifier.is_valid_request(await request.body(), dict(request.headers))
        return Response(status_code=200 if good else 401)

    return Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])


def main() -> None:
    which, port, secret = sys.argv[1:4]
    app = {"stock": stock, "bare": bare}[which](secret)
    config = uvicorn.Config(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False, lifespan="off")
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
