"""`/api/openapi.json`: everything below `/api`, described for programs (OpenAPI 3.1).

Each file of this package says in `PATHS` what its addresses take and give. The
rule a newcomer would break: what is true of all of them, how one signs in and
how a refusal looks, is said here and nowhere else.
"""

import importlib
import pkgutil
import re
from functools import cache
from typing import Any

from aiohttp import web

from server import VERSION, api
from server.api.signed import answer
from server.app import App
from server.users.people import Viewer

PATHS = {
    "/openapi.json": {
        "get": {
            "summary": "This document.",
            "responses": {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {
                "type": "object"}}}}},
        }
    }
}  # fmt: skip
ABOUT = """\
What Subsonic has no words for. The Subsonic and OpenSubsonic endpoints are at /rest.

Times are milliseconds since 1970 in UTC, lengths end in their unit. Ids are those of the Subsonic endpoints."""
SECURITY = {
    "apiKey": {"type": "apiKey", "in": "query", "name": "apiKey", "description": "An API key."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "basic": {"type": "http", "scheme": "basic", "description": "Name and password, or an app password."},
}
PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, in a sentence for people."},
    },
}  # fmt: skip
REFUSAL = {
    "description": "A refusal (RFC 9457). 400: something is wrong with the request, 401: not signed in, 403: not"
    " allowed, 404: not there, 409: not now, 429 and 503: later, see Retry-After.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
HOLE = re.compile(r"{(\w+)}")


class Document:
    """The handler."""

    def __init__(self, app: App):
        self._base = app.config.base_path

    async def show(self, request: web.Request, viewer: Viewer) -> web.Response:
        return answer(document(self._base))


@cache
def document(base: str) -> dict[str, Any]:
    """Return the whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for module in sorted(each.name for each in pkgutil.iter_modules(api.__path__)):
        described = getattr(importlib.import_module(f"{api.__name__}.{module}"), "PATHS", {})
        for path, methods in described.items():
            paths[path] = {method: _whole(module, path, method, told) for method, told in methods.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Familiar", "version": VERSION, "description": ABOUT,
                 "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"}},
        "servers": [{"url": f"{base}/api"}],
        "security": [{name: []} for name in SECURITY],
        "paths": dict(sorted(paths.items())),
        "components": {"securitySchemes": SECURITY, "schemas": {"Problem": PROBLEM}},
    }  # fmt: skip


def _whole(module: str, path: str, method: str, told: dict[str, Any]) -> dict[str, Any]:
    """Return one operation with what is true of all."""
    named = "_".join([method, *(word for word in re.split(r"\W+", path) if word)])
    known = {each["name"] for each in told.get("parameters", ()) if each["in"] == "path"}
    holes = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in HOLE.findall(path) if name not in known
    ]  # fmt: skip
    return {"tags": [module], "operationId": named, **told,
            "parameters": [*holes, *told.get("parameters", ())],
            "responses": {**told["responses"], "default": REFUSAL}}  # fmt: skip
