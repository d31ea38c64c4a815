"""One Web API request from its bytes to its answer: token, arguments, scopes, limits, faults, ledger."""

import asyncio
import json
import re
from typing import Any

from aiohttp import web

import sandbox.api.methods  # noqa: F401  (registers every method)
from sandbox.api.arguments import Arguments, missing
from sandbox.api.registry import ALWAYS_ALLOWED, METHODS, Call, Method
from sandbox.errors import RateLimitedError, SlackError
from sandbox.faults import Fault
from sandbox.ledger import CallRecord
from sandbox.slack import Slack
from sandbox.store import Grant, Json

_STATES = {"revoked": "token_revoked", "inactive": "account_inactive", "expired": "token_expired"}


class Answer:
    """An HTTP answer to be; `status` 0 means the connection is to be reset instead."""

    def __init__(self, status: int, body: Json | None, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.body = body
        self.headers = headers or {}

    @property
    def error(self) -> str | None:
        return None if self.body is None or self.body.get("ok") else self.body.get("error")


async def serve(slack: Slack, request: web.Request) -> web.StreamResponse:
    name = request.match_info["method"]
    began = slack.clock.now()
    number = slack.ledger.number()
    args, token, broken = await _read(request, METHODS.get(name))
    grant = slack.store.grants.get(token)
    team = grant.app.team if grant else None
    fault = slack.faults.pick(name, team, _places(slack, args, grant))
    answer = await _faulty(slack, fault, lambda: _carry_out(slack, name, args, token, broken))
    slack.ledger.add_call(
        CallRecord(
            n=number,
            at=began,
            team=team,
            app=grant.app.id if grant else None,
            method=name,
            args=args.shown(),
            status=answer.status,
            ok=bool(answer.body and answer.body.get("ok")),
            error=answer.error,
            fault=fault.what if fault else None,
            ms=round((slack.clock.now() - began) * 1000, 2),
            warnings=tuple(_warnings(answer)),
        )
    )
    return _send(request, answer)


def _places(slack: Slack, args: Arguments, grant: Grant | None) -> set[str]:
    """Where a call is aimed, for faults: what it names, and for a person's id the DM behind it too."""
    shown = args.shown()
    named = {str(shown[name]) for name in ("channel", "channel_id", "user_id") if name in shown}
    dms = [slack.store.dm(grant.user, one) for one in named] if grant else []
    return named | {dm.id for dm in dms if dm}


def _warnings(answer: Answer) -> list[str]:
    return list((answer.body or {}).get("response_metadata", {}).get("warnings", ()))


def _send(request: web.Request, answer: Answer) -> web.StreamResponse:
    if answer.status == 0:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


async def _read(request: web.Request, method: Method | None) -> tuple[Arguments, str, SlackError | None]:
    """Arguments and token; the error says why the body could not be read."""
    values: dict[str, Any] = dict(request.query)
    broken = None
    kind = request.content_type
    if request.method == "POST":
        raw = await request.read()
        if kind == "application/json":
            if method is None or method.json:
                try:
                    loaded = json.loads(raw or b"{}")
                    values |= loaded if isinstance(loaded, dict) else {}
                    broken = None if isinstance(loaded, dict) else SlackError("json_not_object")
                except ValueError:
                    broken = SlackError("invalid_json")
        elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        elif raw:
            broken = SlackError("invalid_post_type")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = token.strip() if scheme.lower() == "bearer" else ""
    if not found and kind != "application/json":
        found = str(values.get("token", ""))
    return Arguments(values), found, broken


async def _carry_out(slack: Slack, name: str, args: Arguments, token: str, broken: SlackError | None) -> Answer:
    headers: dict[str, str] = {}
    warnings: list[str] = []
    try:
        method = _known(name)
        if method.scopes:
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
        grant = _authorize(slack, method, token)
        headers["X-OAuth-Scopes"] = ",".join(sorted(grant.scopes))
        if broken:
            raise broken
        call = Call(slack=slack, args=args, grant=grant, warnings=warnings)
        _check(call, method)
        body = {"ok": True, **await method.handler(call)}
    except RateLimitedError as error:
        return Answer(429, {"ok": False, "error": error.code}, headers | {"Retry-After": str(error.retry_after)})
    except SlackError as error:
        body = {"ok": False, "error": error.code, **error.extra}
        if error.messages:
            body["response_metadata"] = {"messages": error.messages}
    if warnings:
        body["warning"] = ",".join(w.split(":")[0] for w in warnings)
        body.setdefault("response_metadata", {})["warnings"] = warnings
    return Answer(200, body, headers)


def _known(name: str) -> Method:
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    return METHODS[name]


def _authorize(slack: Slack, method: Method, token: str) -> Grant:
    if method.needs == "none":
        return slack.store.grants.get(token) or _nobody(slack)
    if not token:
        raise SlackError("not_authed")
    if method.needs == "app":
        app = next((app for app in slack.store.apps.values() if app.app_token and app.app_token == token), None)
        if app is None:
            raise SlackError("not_allowed_token_type" if token in slack.store.grants else "invalid_auth")
        return Grant(app=app, user=app.bot_user, is_bot=True, scopes=frozenset({"connections:write"}))
    if any(app.app_token == token for app in slack.store.apps.values()):
        raise SlackError("not_allowed_token_type")
    grant = slack.store.grants.get(token)
    if grant is None:
        raise SlackError("invalid_auth")
    if grant.state != "active":
        raise SlackError(_STATES[grant.state])
    if not grant.is_bot and grant.user in slack.store.deactivated:
        raise SlackError("account_inactive")
    return grant


def _nobody(slack: Slack) -> Grant:
    app = next(iter(slack.store.apps.values()), None)
    if app is None:
        raise SlackError("not_authed")
    return Grant(app=app, user="", is_bot=False, scopes=frozenset())


def _check(call: Call, method: Method) -> None:
    """Scopes, then arguments, then pace: a call that could never succeed does not use up the pace."""
    if method.scopes:
        call.demand(*method.scopes)
    for name in call.args.names():
        if not re.fullmatch(r"[A-Za-z0-9_]{1,100}", name):
            raise SlackError("invalid_arg_name")
        if name not in method.args and name not in ALWAYS_ALLOWED:
            call.warnings.append(f"unknown_argument: {name}")
    if method.per_minute is not None:
        app = call.grant.app
        wait = call.slack.limits.wait(app.id, call.team, method.name, method.per_minute, call.now)
        if wait:
            raise RateLimitedError(wait)
    team = call.args.text("team_id") if "team_id" in call.args else ""
    if team and team != call.team and method.needs == "bot":
        raise SlackError("team_not_found")
    for name in method.required:
        if name not in call.args or call.args.shown()[name] == "":
            raise missing(name)


async def _faulty(slack: Slack, fault: Fault | None, carry_out: Any) -> Answer:
    """The answer as a fault bends it."""
    if fault is None:
        answer: Answer = await carry_out()
        return answer
    what = fault.what
    if what == "refuse":
        return Answer(503, None)
    if what == "rate_limited":
        headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
        return Answer(429, {"ok": False, "error": "ratelimited"}, headers)
    if what == "reset_before":
        return Answer(0, None)
    if what == "error_before":
        return _broken(fault)
    if what == "late_before":
        await asyncio.sleep(fault.seconds)
    before = len(slack.ledger.messages())
    answer = await carry_out()
    if what == "hidden_for":
        for message in slack.ledger.messages()[before:]:
            message.visible_at = slack.clock.now() + fault.seconds
    if what == "late_after":
        await asyncio.sleep(fault.seconds)
    if what in ("reset_after", "hidden_for"):
        return Answer(0, answer.body)
    return _broken(fault) if what == "error_after" else answer


def _broken(fault: Fault) -> Answer:
    if fault.error:
        return Answer(fault.status or 200, {"ok": False, "error": fault.error})
    return Answer(fault.status or 500, None)
