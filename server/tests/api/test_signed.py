"""Signing in to `/api`: every way in, every refusal, and what pages of other sites may do."""

import asyncio
import base64
import io

import aiohttp
import pytest
from aiohttp import web

from server.api import signed
from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from server.main import master_key
from server.serving import equip
from server.tests.running import PASSWORDS
from server.tests.running import signed as by_token
from server.users import accounts, credentials
from server.users.people import OPERATOR, Viewer
from server.users.signin import SignIn

FAILURES = {
    "lost": (NotFound("It is not there."), 404),
    "shut": (Forbidden("It is not yours."), 403),
    "odd": (Invalid("It cannot be."), 400),
    "twice": (Conflict("It is there already."), 409),
    "later": (Unavailable("Not now.", 7), 503),
    "broken": (ZeroDivisionError("a secret"), 500),
}


async def me(request: web.Request, viewer: Viewer) -> web.Response:
    return signed.answer({"name": viewer.name})


async def fail(request: web.Request, viewer: Viewer) -> web.Response:
    raise FAILURES[request.match_info["how"]][0]


async def echo(request: web.Request, viewer: Viewer) -> web.Response:
    return signed.answer(await signed.json_body(request), 201, Location="/api/echo/1")


async def small(request: web.Request, viewer: Viewer) -> web.Response:
    return signed.answer({"length": len(await signed.body(request, 2048))})


@pytest.fixture
def ask(library):
    """Return a function that asks a server made of nothing but these handlers, once or several times."""

    async def asking(calls):
        child = equip(library)
        application = web.Application()
        door = signed.Signed(application.router, library)
        door.add("/me", GET=me)
        door.add("/fail/{how}", GET=fail)
        door.add("/echo", POST=echo)
        door.add("/small", PUT=small)
        runner = web.AppRunner(application, handler_cancellation=True)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
                return [await _one(session, *call) for call in calls]
        finally:
            await runner.cleanup()
            await child.close()
            await library.part(SignIn).aclose()

    async def _one(session, method, path, more=None):
        async with session.request(method, path, **(more or {})) as answer:
            body = await answer.json(content_type=None) if answer.content_type.endswith("json") else await answer.read()
            return answer.status, body, answer.headers

    return lambda *calls: asyncio.run(asking(calls))


def basic(name: str, password: str) -> dict:
    return {"headers": {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}}


def api_key(app) -> str:
    key = master_key(app.config)
    with app.db.writing() as conn:
        alice = accounts.by_name(conn, OPERATOR, "alice").id
        return credentials.lend_api_key(conn, OPERATOR, key, alice, "script")[1]


def test_people_come_in_by_every_way_that_rest_knows_and_by_the_header(ask, library):
    key, password = api_key(library), PASSWORDS["alice"]
    answers = ask(
        ("GET", "/api/me", {"params": by_token("alice")}),
        ("GET", "/api/me", {"params": {"u": "alice", "p": password}}),
        ("GET", "/api/me", {"params": {"u": "alice", "p": "enc:" + password.encode().hex()}}),
        ("GET", "/api/me", {"params": {"apiKey": key}}),
        ("GET", "/api/me", {"headers": {"Authorization": f"Bearer {key}"}}),
        ("GET", "/api/me", basic("alice", password)),
        # The password of a proxy that was passed on is not looked at.
        ("GET", "/api/me", basic("proxy", "gate") | {"params": {"apiKey": key}}),
    )
    for status, body, headers in answers:
        assert (status, body) == (200, {"name": "alice"})
        assert headers["Access-Control-Allow-Origin"] == "*" and headers["Cache-Control"] == "no-store"


def test_whoever_is_not_known_is_told_what_to_send(ask):
    answers = ask(
        ("GET", "/api/me"),
        ("GET", "/api/me", {"params": {"u": "alice"}}),
        ("GET", "/api/me", {"params": {"u": "alice", "p": "wrong"}}),
        ("GET", "/api/me", {"params": {"apiKey": "nonsense"}}),
        ("GET", "/api/me", basic("alice", "wrong too")),
        ("GET", "/api/me", {"headers": {"Authorization": "Basic ???"}}),
        ("GET", "/api/me", {"headers": {"Authorization": "Digest username=alice"}}),
        ("GET", "/api/me", {"headers": {"Cookie": "session=alice"}}),
    )
    for status, body, headers in answers:
        assert status == body["status"] == 401 and body["detail"]
        assert headers["Content-Type"] == "application/problem+json"
        # A browser that were asked for Basic would send it along from other sites, too.
        assert headers["WWW-Authenticate"].startswith("Bearer")
        assert headers["Access-Control-Allow-Origin"] == "*"
    assert "API key" in answers[0][1]["detail"]


def test_a_key_with_a_name_beside_it_is_a_contradiction(ask):
    [(status, body, _)] = ask(("GET", "/api/me", {"params": {"apiKey": "x", "u": "alice"}}))
    assert status == 400 and "alone" in body["detail"]


def test_who_tries_too_often_is_told_when_to_come_back(ask):
    tries = [("GET", "/api/me", {"params": {"u": "bob", "p": f"wrong {at}"}}) for at in range(11)]
    status, body, headers = ask(*tries)[-1]
    assert status == 429 and int(headers["Retry-After"]) > 0 and "Too many" in body["detail"]


@pytest.mark.parametrize("how", FAILURES)
def test_a_refusal_is_told_in_words_and_a_fault_keeps_its_words(ask, how):
    [(status, body, headers)] = ask(("GET", f"/api/fail/{how}", {"params": by_token("alice")}))
    failure, expected = FAILURES[how]
    assert status == body["status"] == expected
    assert (str(failure) == body["detail"]) == (how != "broken") and "secret" not in body["detail"]
    assert headers.get("Retry-After") == ("7" if how == "later" else None)


def test_browsers_may_ask_first_and_a_method_that_is_not_there_is_named(ask):
    asked, refused, head = ask(
        ("OPTIONS", "/api/echo"), ("DELETE", "/api/echo"), ("HEAD", "/api/me", {"params": by_token("alice")})
    )
    assert asked[0] == 204 and "POST" in asked[2]["Access-Control-Allow-Methods"]
    assert "Authorization" in asked[2]["Access-Control-Allow-Headers"]
    assert refused[0] == 405 and refused[2]["Allow"] == "OPTIONS, POST"
    assert head[0] == 200


def test_a_body_is_taken_when_it_is_what_it_should_be(ask):
    def sent(more):
        return "POST", "/api/echo", {"params": by_token("alice"), **more}

    good, form, broken, listed, long = ask(
        sent({"json": {"a": "ä"}}), sent({"data": {"a": "b"}}),
        sent({"data": b"{", "headers": {"Content-Type": "application/json"}}), sent({"json": [1]}),
        sent({"data": io.BytesIO(b'"' + b"x" * (1 << 20) + b'"'), "headers": {"Content-Type": "application/json"}}),
    )  # fmt: skip
    assert good[:2] == (201, {"a": "ä"}) and good[2]["Location"] == "/api/echo/1"
    assert [each[0] for each in (form, broken, listed, long)] == [400] * 4
    assert "1 MB" in long[1]["detail"]


def test_a_body_without_a_length_is_bounded_too(ask):
    async def endless():
        for _ in range(64):
            yield b"x" * 1024

    [(status, body, _)] = ask(("PUT", "/api/small", {"params": by_token("alice"), "data": endless()}))
    assert status == 400 and "2 kB" in body["detail"]
