"""The page of a report stands alone, says what was asked and what came, and shows no secret."""

import re
from html.parser import HTMLParser

import pytest

from conformance import page
from conformance.__main__ import main
from conformance.client import Account, Client, masked
from conformance.model import FAILED, MUST, Exchange, Outcome, Rule
from conformance.site import Site
from conformance.tests.fake import API_KEY, served
from conformance.tests.faults import SAID, SENT
from conformance.tests.misdeeds_things import MISDEEDS

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """What the page holds: its tags in balance, its text, its ids and links."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.text, self.ids, self.links, self.tags = "", set(), [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        given = dict(attributes)
        if "id" in given:
            assert given["id"] not in self.ids, f"{given['id']} twice"
            self.ids.add(given["id"])
        self.links += [value for name, value in attributes if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def told(tmp_path):
    """Run the suite against a fake with these faults and read the page."""
    def run(*faults, only: str, known: str = "") -> tuple[Reader, str]:
        path, known_file = tmp_path / "report.html", tmp_path / "known.toml"
        known_file.write_text(known)
        with served() as (fake, url):
            for fault in faults:
                fault.apply(fake)
            main(["--url", url, "--user", "admin", "--password", "sesame", "--api-key", API_KEY, "--only", only,
                  "--html", str(path), "--known", str(known_file)])
        text = path.read_text()
        return Reader(text), text

    return run


def fault(name: str):
    return next(f for f in (*SAID, *SENT, *MISDEEDS) if f.name.startswith(name))


def test_it_stands_alone_and_every_link_inside_leads_somewhere(told):
    read, text = told(fault("getSong  song.isDir gone"), only="getSong,ping,getAlbum")
    assert not read.open
    assert not read.tags & {"script", "link", "img", "iframe"}
    assert not re.search(r"url\(|@import", text)
    assert {link[1:] for link in read.links if link.startswith("#")} <= read.ids
    assert all(link.startswith(("#", "https://")) for link in read.links)


def test_a_shortcoming_says_what_was_asked_what_came_what_belongs_there_and_where_it_is_written(told):
    read, _ = told(fault("getSong  error.code"), only="getSong")
    assert "error 0 (there is no song tr-99999999999999999) instead of error 70" in read.text
    assert "HTTP 200, status failed, error 70" in read.text
    assert "GET /rest/getSong?u=admin&t=•••&s=•••&v=1.16.1" in read.text
    assert '"code": 0' in read.text
    assert "https://opensubsonic.netlify.app/docs/api-reference/#error-handling" in read.links


def test_no_secret_is_shown(told):
    _, text = told(fault("createUser  error.code"), only="createUser,ping,tokenInfo")
    assert "sesame" not in text and API_KEY not in text
    shown = re.findall(r"(?<=[?;])(?:p|t|s|apiKey|password)=([^&\s]*)", text)
    assert shown and set(shown) == {"•••"}
    assert masked("GET /rest/x?u=a&p=enc:7365&apiKey=k&password=q") == "GET /rest/x?u=a&p=•••&apiKey=•••&password=•••"


def test_what_a_server_says_stays_text():
    hostile = "</pre><script>alert(1)</script>\x00\x1b\ud800"
    rule = Rule("r", MUST, "A rule.", "", ("ping",), print, frozenset())
    one = Outcome("ping", rule, FAILED, hostile, hostile, (Exchange(hostile, f"HTTP 200\n{hostile}"),))
    text = page.as_html([one], hostile, Site(Client("http://fake"), Account("a", "b")))
    assert "<script" not in text and "\x00" not in text and "&lt;script&gt;" in text
    assert not Reader(text).open


def test_known_deviations_stand_with_their_reasons(told):
    known = '[[deviation]]\nendpoint = "getGenres"\nrule = "fields.required"\nreason = "an old habit & more"\n'
    read, _ = told(fault("getGenres  genres.genre.0.albumCount gone"), only="getGenres", known=known)
    assert "an old habit & more" in read.text and "Nothing fell short." in read.text
