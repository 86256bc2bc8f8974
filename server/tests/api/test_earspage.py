"""The page for administrators: complete in itself, silent about everything until its script has signed in."""

import base64
import re

import pytest

from server.tests.running import PASSWORDS, Server

ALICE = base64.b64encode(f"alice:{PASSWORDS['alice']}".encode()).decode()


@pytest.fixture
def page(server: Server):
    return server.send("GET", "/ears")


def test_the_page_tells_nothing_by_itself(server, page):
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    text = page.body.decode()
    assert 'id="sign-in"' in text and "hidden" in text
    for name in ("Aurora", "alice", "admin@"):
        assert name not in text


def test_its_policy_lets_its_own_script_and_style_count_and_nothing_else(server, page):
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy and "unsafe" not in policy and "form-action 'none'" in policy
    assert re.findall(r"<script[^>]*>", page.body.decode()) == ['<script src="/ears.js">']
    script = server.send("GET", "/ears.js")
    assert script.headers["content-type"].startswith("text/javascript")
    # What the server says is written as text: names in tags come from strangers.
    assert b"innerHTML" not in script.body and b"textContent" in script.body


def test_every_place_that_the_script_fills_is_on_the_page(server, page):
    script, text = server.send("GET", "/ears.js").body.decode(), page.body.decode()
    wanted = set(re.findall(r'\bat\("([a-z-]+)"\)', script))
    assert wanted and wanted == {name for name in wanted if f'id="{name}"' in text}


def test_what_the_script_asks_for_is_for_administrators_alone(server):
    for path in ("analysis", "quality"):
        assert server.send("GET", f"/api/{path}").status == 401
        assert server.send("GET", f"/api/{path}", headers={"Authorization": f"Basic {ALICE}"}).status == 403
