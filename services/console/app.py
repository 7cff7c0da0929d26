"""The console's pages and its interface, as a FastAPI application."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any

import asyncpg
from aiokafka.errors import KafkaError
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from schemas.base import Bilingual
from services.console.accounts import sign_in
from services.console.api import (
    Acknowledge,
    Applied,
    CityView,
    DayView,
    Failure,
    FeedEvents,
    SessionView,
    SignIn,
    SystemView,
)
from services.console.console_services import ConsoleServices
from services.console.failure import RefusedError
from services.console.feed.stream import stream
from services.console.overview import OverviewView, overview
from services.console.point_day import last_day
from services.console.sessions import Session
from services.runtime.clock import NoCityTimeError, city_zone
from services.runtime.kafka import NamespaceError
from services.runtime.postgres import AWAY
from services.runtime.queries import queries

log = logging.getLogger(__name__)
PAGE = Path(__file__).parent / "web" / "dist"
COOKIE = "miyun_session"
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
UNAVAILABLE = (asyncpg.PostgresError, KafkaError, NamespaceError, NoCityTimeError, *AWAY)


EVENTS: dict[str, Any] = {
    "description": "Server-sent events: each one's name is a property of FeedEvents, its data that property",
    "content": {"text/event-stream": {"schema": {"$ref": "#/components/schemas/FeedEvents"}}},
}


def build(console: ConsoleServices) -> FastAPI:
    """The application around one console's services."""
    app = interface()
    app.state.console = console
    app.middleware("http")(_guarded)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    for error in UNAVAILABLE:
        app.add_exception_handler(error, _unavailable)
    if PAGE.is_dir():
        app.get("/overview", include_in_schema=False)(overview_page)
        app.mount("/", StaticFiles(directory=PAGE, html=True))
    return app


def interface() -> FastAPI:
    """The routes, without the services behind them: enough for the OpenAPI document."""
    app = FastAPI(
        title="Miyun console",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=attrgetter("name"),
    )
    answers: dict[int | str, dict[str, Any]] = {"default": {"model": Failure}}
    app.get("/api/session", responses=answers)(session_of)
    app.post("/api/session", responses=answers)(begin_session)
    app.delete("/api/session", status_code=204, responses=answers)(end_session)
    app.get("/api/city", responses=answers)(city)
    app.get(
        "/api/feed",
        response_class=StreamingResponse,
        response_model=FeedEvents,
        responses={200: EVENTS, **answers},
    )(feed)
    app.post("/api/alerts/{alert_id}/acknowledge", responses=answers)(acknowledge_alert)
    app.get("/api/stations/{station_id}/points/{point}/day", responses=answers)(day)
    app.get("/api/overview", responses=answers)(overview_now)
    app.get("/livez", include_in_schema=False)(livez)
    app.get("/readyz", include_in_schema=False)(readyz)
    app.get("/metrics", include_in_schema=False)(metrics)
    return app


def _console(request: Request) -> ConsoleServices:
    console: ConsoleServices = request.app.state.console
    return console


Console = Annotated[ConsoleServices, Depends(_console)]


def _session(request: Request, console: Console) -> Session:
    """The session of a request.

    Raises:
        RefusedError: nobody is signed in, or the session is over.
    """
    found = console.sessions.of(request.cookies.get(COOKIE))
    if found is None:
        raise RefusedError("no_session")
    return found


SignedIn = Annotated[Session, Depends(_session)]


def _changing(session: SignedIn, token: Annotated[str, Header(alias="X-CSRF-Token")] = "") -> Session:
    """The session of a request for a change, from a page of ours.

    Raises:
        RefusedError: the token is not the session's.
    """
    if not session.owns(token):
        raise RefusedError("csrf")
    return session


Changing = Annotated[Session, Depends(_changing)]


async def livez() -> Response:
    """The event loop turns."""
    return Response("alive\n", media_type="text/plain")


async def readyz(console: Console) -> JSONResponse:
    """Ready once the feed holds all open alerts and the database answers."""
    reasons = [] if console.liveness.consumer.caught_up else ["alerts_not_read"]
    try:
        await console.pool.fetchval("SELECT 1")
    except (asyncpg.PostgresError, *AWAY):
        reasons.append("database_unreachable")
    unreadable = dict(console.liveness.consumer.reader.unreadable.by_topic)
    body = {"ready": not reasons, "reasons": reasons, "unreadable": unreadable}
    return JSONResponse(body, status_code=503 if reasons else 200)


async def metrics() -> Response:
    """Prometheus' text format."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


async def session_of(session: SignedIn) -> SessionView:
    """Who is signed in."""
    return SessionView.model_validate(session)


async def begin_session(credentials: SignIn, response: Response, console: Console) -> SessionView:
    """Sign in."""
    if console.tries.are_too_many(credentials.name):
        raise RefusedError("too_many_tries", target=credentials.name)
    async with console.pool.acquire() as connection:
        account = await sign_in(connection, credentials.name, credentials.password)  # type: ignore[arg-type]
    if account is None:
        console.tries.failed(credentials.name)
        raise RefusedError("wrong_sign_in", target=credentials.name)
    console.tries.succeeded(credentials.name)
    token, session = console.sessions.begin(account)
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
    await console.note(actor=account.person, action="sign_in", target="console", result="applied")
    return SessionView.model_validate(session)


async def end_session(request: Request, response: Response, session: Changing, console: Console) -> None:
    """Sign out."""
    console.sessions.end(request.cookies.get(COOKIE))
    response.delete_cookie(COOKIE, path="/")
    await console.note(actor=session.person, action="sign_out", target="console", result="applied")


async def city(_: SignedIn, console: Console) -> CityView:
    """Names of systems."""
    systems = await console.pool.fetch(queries(__package__)["system_names"])
    zone = await city_zone(console.pool)
    offset = datetime.now(zone).utcoffset() or timedelta()
    return CityView(
        namespace=console.settings.namespace,
        time_zone=zone.key,
        utc_offset_minutes=round(offset.total_seconds() / 60),
        systems=[SystemView(system=one["system"], name=Bilingual(**one["name"])) for one in systems],
    )


async def feed(
    request: Request,
    _: SignedIn,
    console: Console,
    cursor: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> StreamingResponse:
    """The live feed."""
    find_session = partial(console.sessions.of, request.cookies.get(COOKIE), touch=False)
    events = stream(console.feed, console.liveness, cursor, find_session=find_session)
    return StreamingResponse(events, media_type="text/event-stream")


async def acknowledge_alert(alert_id: str, seen: Acknowledge, session: Changing, console: Console) -> Applied:
    """Acknowledge an open alert as it was seen."""
    if not session.may_act():
        raise RefusedError("role")
    alert = console.feed.open.get(alert_id)
    if alert is None:
        raise RefusedError("unknown_alert")
    await console.acknowledge(alert, actor=session.person, seen_seq=seen.seen_seq)
    return Applied()


async def day(station_id: str, point: str, _: SignedIn, console: Console) -> DayView:
    """A point's last day."""
    now_ms = await console.city_ms()
    return await last_day(console.pool, console.limits, station=station_id, point=point, now_ms=now_ms)


async def overview_now(_: SignedIn, console: Console) -> OverviewView:
    """What supervisors see at a glance, as far as it is stored."""
    return await overview(console.pool, console.liveness.heartbeat)


async def overview_page() -> FileResponse:
    """The supervisors' page."""
    return FileResponse(PAGE / "overview.html")


async def _guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """No change comes from another site; every answer tells the browser what it may do."""
    if request.method in CHANGING and not _is_own(request):
        response: Response = await _refused(request, RefusedError("origin"))
    else:
        response = await call_next(request)
    response.headers.update(HEADERS)
    return response


def _is_own(request: Request) -> bool:
    """True: the browser says that the request comes from a page of this very address."""
    origin = request.headers.get("Origin")
    return origin == f"{request.url.scheme}://{request.headers.get('Host')}"


async def _refused(request: Request, error: Exception) -> JSONResponse:
    """A refused change is noted with whoever asked for it."""
    assert isinstance(error, RefusedError)
    if request.method in CHANGING:
        console = _console(request)
        session = console.sessions.of(request.cookies.get(COOKIE), touch=False)
        await console.note_refusal(
            actor="-" if session is None else session.person,
            address="-" if request.client is None else request.client.host,
            action=f"{request.method} {request.url.path}",
            target=error.target,
            reason=error.code,
        )
    return JSONResponse(error.body().model_dump(), status_code=error.status)


async def _unreadable(request: Request, _: Exception) -> JSONResponse:
    return await _refused(request, RefusedError("bad_request"))


async def _unavailable(_: Request, error: Exception) -> JSONResponse:
    log.warning("console: cannot answer a request", extra={"reason": f"{type(error).__name__}: {error}"})
    refused = RefusedError("unavailable")
    return JSONResponse(refused.body().model_dump(), status_code=refused.status)
