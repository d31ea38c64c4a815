"""auth.*, api.test, apps.connections.open and blocks.validate."""

from sandbox.api import content
from sandbox.api.registry import Call, method
from sandbox.errors import SlackError
from sandbox.store import Json


@method("auth.test")
async def auth_test(call: Call) -> Json:
    app = call.grant.app
    team = next(team for team in call.slack.world.teams if team.id == call.team)
    answer: Json = {
        "url": f"{call.slack.url}/",
        "team": team.name,
        "user": call.slack.store.people[call.grant.user].name,
        "team_id": team.id,
        "user_id": call.grant.user,
        "is_enterprise_install": False,
    }
    return answer | {"bot_id": app.bot_id} if call.grant.is_bot else answer


@method("api.test", args="error foo", tier=4, needs="none")
async def api_test(call: Call) -> Json:
    args = call.args.shown()
    if "error" in args:
        raise SlackError(call.args.text("error"), args=args)
    return {"args": args}


@method("apps.connections.open", tier=3, needs="app")
async def open_connection(call: Call) -> Json:
    ticket = call.slack.courier.sockets.ticket(call.grant.app.id)
    return {"url": call.slack.url.replace("http", "ws", 1) + f"/socket/{ticket}"}


@method("blocks.validate", args="blocks message view", tier=0, needs="none")
async def validate(call: Call) -> Json:
    given = [name for name in ("blocks", "message", "view") if name in call.args]
    if len(given) != 1:
        raise SlackError("invalid_arguments", messages=["[ERROR] give exactly one of blocks, message and view"])
    if given[0] == "view":
        content.view(call, kinds=("modal", "home"))
    elif given[0] == "blocks":
        content.blocks(call, call.args.nested("blocks", code="invalid_blocks_format"))
    else:
        message = call.args.nested("message")
        if not isinstance(message, dict):
            raise SlackError("invalid_message")
        content.blocks(call, message.get("blocks"))
    return {}
