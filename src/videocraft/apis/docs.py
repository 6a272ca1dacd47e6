"""``GET /docs``: the API's description as a page that needs nothing from the internet."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

_PAGE = files("videocraft.apis").joinpath("docs.html").read_text("utf-8")


def _allowed(element: str) -> str:
    text = re.search(rf"<{element}>(.*?)</{element}>", _PAGE, re.DOTALL)
    digest = hashlib.sha256(text.group(1).encode() if text else b"").digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


# Nothing but the page's own script and style may run, and it may ask this server only.
_POLICY = (
    f"default-src 'none'; script-src {_allowed('script')}; style-src {_allowed('style')}; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def docs_page(_request: Request) -> HTMLResponse:
    """The page; it fetches ``openapi.json`` and shows it."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


route = Route("/docs", docs_page, methods=["GET"], include_in_schema=False)
