"""The catcher's page, and its webhook."""

import time
from dataclasses import asdict, dataclass
from html import escape
from string import Template

from aiohttp import web

from services.notifier.carriers import carriers
from services.notifier.carriers.signature import HEADER, KEY_HEADER, refusal
from services.notifier.catcher.store import CaughtMessage, Store, of_hook
from services.notifier.words import CATCHER
from services.runtime.web import metrics
from services.runtime.words import Language

LARGEST_BODY = 256 * 1024
PAGE = Template("""<!doctype html>
<html lang="$lang"><head><meta charset="utf-8"><title>$title</title><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem; }
article { border: 1px solid #bbb; border-radius: 6px; padding: .6rem 1rem; margin: .8rem 0; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 0; }
pre { white-space: pre-wrap; font: inherit; margin: .5rem 0 0; } small { color: #555; }
</style></head><body><h1>$title</h1><p>$about $other</p><p>$count</p>
$messages
</body></html>
""")
SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """Answers of the catcher's web server."""

    store: Store
    secret: bytes

    def application(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.add_routes(
            [
                web.get("/", self.page),
                web.get("/messages.json", self.messages),
                web.post("/hook", self.hook),
                web.get("/livez", self.live),
                web.get("/readyz", self.ready),
                web.get("/metrics", metrics),
            ]
        )
        return app

    async def page(self, request: web.Request) -> web.Response:
        """All messages, the latest first."""
        language: Language = "en" if request.query.get("lang") == "en" else "zh"
        text = rendered(self.store, language)
        return web.Response(text=text, content_type="text/html", headers=SAFE)

    async def messages(self, _: web.Request) -> web.Response:
        """The same for a program."""
        held = [asdict(caught) for caught in reversed(self.store.messages)]
        return web.json_response({"messages": held, "repeats": self.store.repeats}, headers=SAFE)

    async def hook(self, request: web.Request) -> web.Response:
        """Take a webhook: 200, also for a repeat; 401: the signature does not hold; 400: it is no message."""
        body = await request.read()
        why = refusal(self.secret, body, request.headers.get(HEADER, ""), now_s=int(time.time()))
        if why is not None:
            return web.json_response({"refused": why}, status=401)
        try:
            caught = of_hook(body)
        except ValueError as error:
            return web.json_response({"refused": str(error)}, status=400)
        if caught.id != request.headers.get(KEY_HEADER):
            return web.json_response({"refused": f"{KEY_HEADER} is not the body's key"}, status=400)
        return web.json_response({"taken": self.store.take(caught, body)})

    async def live(self, _: web.Request) -> web.Response:
        """The event loop turns."""
        return web.Response(text="alive\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Messages are taken as soon as the page is served."""
        return web.json_response({"ready": True, "reasons": [], "messages": len(self.store.messages)})


def rendered(store: Store, language: Language) -> str:
    """The page's HTML."""
    words = {key: text[language] for key, text in CATCHER.items()}
    shown = "\n".join(_article(caught, language) for caught in reversed(store.messages))
    return PAGE.substitute(
        words,
        lang="zh-CN" if language == "zh" else "en",
        count=words["count"].format(held=len(store.messages), repeats=store.repeats),
        messages=shown or f"<p>{words['none']}</p>",
    )


def _article(caught: CaughtMessage, language: Language) -> str:
    way = getattr(carriers()[caught.way].words, language)
    told = (way, f"{CATCHER['to'][language]} {caught.to}", f"{CATCHER['at'][language]} {caught.at}")
    return (
        f"<article><h2>{escape(caught.subject)}</h2><small>{escape(' · '.join(told))}</small>"
        f"<pre>{escape(caught.body)}</pre></article>"
    )
