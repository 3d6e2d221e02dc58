"""The web page: one file, and a policy under which nothing else can run in it."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from aiohttp import web
from aiohttp.typedefs import Handler

SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def page() -> Handler:
    """Read the page once, and make the handler that serves it."""
    text = files("imageway.qwen").joinpath("page.html").read_text(encoding="utf-8")
    headers = {
        "Content-Security-Policy": _policy(text),
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
    }

    async def get_page(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="text/html", headers=headers)

    return get_page


def _policy(text: str) -> str:
    """Only this script and this style, only this service, only pictures made here."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hashes(SCRIPT, text)}",
            f"style-src {_hashes(STYLE, text)}",
            "img-src blob: data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _hashes(tag: re.Pattern[str], text: str) -> str:
    """What a browser computes of each element's text."""
    digests = (sha256(each.encode()).digest() for each in tag.findall(text))
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
