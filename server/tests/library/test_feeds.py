"""Feeds and lists of feeds as strangers write them, read where a child would read them."""

import gzip
import resource

import pytest

from server.kernel.errors import Invalid
from server.kernel.run import Child, ChildDied
from server.library import feeds, opml
from server.tests.broadcast import ITUNES

NOW_MS = 1_790_000_000_000
BOMB = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
SECRET = "what no feed may show"


@pytest.fixture
def read(tmp_path):
    def read(feed: str | bytes, **more) -> dict:
        path = tmp_path / "feed"
        path.write_bytes(feed.encode() if isinstance(feed, str) else feed)
        return feeds.work({"do": "feed", "path": str(path), "url": "https://tea.test/a/feed", "now_ms": NOW_MS, **more})

    return read


@pytest.fixture
def read_list(tmp_path):
    def read_list(text: str | bytes) -> list[dict]:
        path = tmp_path / "list"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return feeds.work({"do": "list", "path": str(path)})

    return read_list


def rss(items: str, head: str = "", channel: str = "<title>T</title>") -> str:
    return f'<?xml version="1.0"?>{head}<rss version="2.0" {ITUNES}><channel>{channel}{items}</channel></rss>'


def item(inside: str = "", guid: str = "1", url: str = "https://tea.test/1.mp3", more: str = "") -> str:
    return (f'<item><guid>{guid}</guid><enclosure url="{url}" type="audio/mpeg" length="9" {more}/>{inside}</item>')


def one(found: dict) -> dict:
    assert len(found["episodes"]) == 1, found
    return found["episodes"][0]


def test_atom_with_enclosures(read):
    found = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">Tea &amp;amp; more</title><subtitle>S</subtitle>'
        "<logo>/logo.png</logo><entry><id>urn:1</id><title>First</title><published>2026-01-05T06:30:00Z</published>"
        '<link rel="alternate" href="/page"/><link rel="enclosure" type="audio/ogg" href="1.ogg" length="77"/>'
        "<summary>About</summary></entry><entry><id>urn:2</id><title>News</title></entry></feed>"
    )
    assert (found["title"], found["description"]) == ("Tea & more", "S")
    assert found["image_url"] == "https://tea.test/logo.png"
    episode = one(found)
    assert (episode["guid"], episode["url"], episode["suffix"]) == ("urn:1", "https://tea.test/a/1.ogg", "ogg")
    assert (episode["size_bytes"], episode["published_ms"]) == (77, 1_767_594_600_000)


def test_rss_1_and_media_rss(read):
    found = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:m="http://search.yahoo.com/mrss/"><channel><title>Old</title></channel><item><title>One</title>'
        '<m:group><m:content url="https://tea.test/film.mp4" type="video/mp4"/>'
        '<m:content url="https://tea.test/1.m4a" type="audio/x-m4a" fileSize="5"/></m:group></item></rdf:RDF>'
    )
    assert (one(found)["url"], one(found)["suffix"], one(found)["size_bytes"]) == ("https://tea.test/1.m4a", "m4a", 5)


@pytest.mark.parametrize(("said", "seconds"), [
    ("1:02:03", 3723), ("62:03", 3723), ("3723", 3723), (" 90.5 ", 90), ("", 0), ("soon", 0), ("-5", 0), ("1e400", 0),
    ("nan", 0), ("99999999", 0),
])  # fmt: skip
def test_lengths_as_people_write_them(read, said, seconds):
    assert one(read(rss(item(f"<itunes:duration>{said}</itunes:duration>"))))["length_ms"] // 1000 == seconds


@pytest.mark.parametrize(("said", "at_ms"), [
    ("Mon, 05 Jan 2026 06:30:00 GMT", 1_767_594_600_000), ("Mon, 5 Jan 2026 07:30 +0100", 1_767_594_600_000),
    ("2026-01-05T06:30:00Z", 1_767_594_600_000), ("2026-01-05 06:30:00", 1_767_594_600_000),
    ("5 Jan 26 06:30:00 EST", 1_767_612_600_000), ("Fri, 31 Dec 9999 23:59:59 GMT", NOW_MS),
    ("yesterday", None), ("", None), ("Mon, 02 Nov 2026 10:00:00 +9999", None),
])  # fmt: skip
def test_dates_as_people_write_them(read, said, at_ms):
    assert one(read(rss(item(f"<pubDate>{said}</pubDate>"))))["published_ms"] == at_ms


def test_texts_are_plain_and_have_an_end(read):
    found = one(read(rss(item(
        "<title>A &amp;lt;b&amp;gt;cup&amp;lt;/b&amp;gt;\n of <![CDATA[<i>tea</i>]]></title><description><![CDATA["
        "<style>p{}</style><p>One &amp; two</p><script>alert(1)</script><ul><li>a</li><li>b</li></ul>]]></description>"
    ))))  # fmt: skip
    assert found["title"] == "A cup of tea"
    assert found["description"] == "One & two\na\nb"
    long = one(read(rss(item(f"<title>{'t' * 9000}</title><description>{'d' * 90_000}</description>"))))
    assert len(long["title"]) == feeds.TITLE_MAX and len(long["description"]) == feeds.TEXT_MAX


def test_a_title_may_hold_signs_that_begin_no_markup(read):
    assert one(read(rss(item("<title>1 &lt; 2 &amp;amp; &lt;Part 3&gt;</title>"))))["title"] == "1 < 2 & <Part 3>"


def test_what_markup_is_left_cannot_run(read):
    for evil in ("&lt;script&gt;x()&lt;/script&gt;", "&lt;img src=x onerror=x()&gt;", "&amp;lt;svg/onload=x()&amp;gt;",
                 "&lt;scr&lt;script&gt;ipt&gt;x()"):  # fmt: skip
        title = f"<title>{evil}</title>"
        found = read(rss(item(f"{title}<description>{evil}</description>"), channel=title))
        assert "<" not in found["title"] + one(found)["title"] + one(found)["description"]


def test_an_episode_without_a_guid_is_known_by_its_sound(read):
    found = one(read(rss(item(guid="", url="https://tea.test/1.mp3?token=7"))))
    assert found["guid"] == "https://tea.test/1.mp3" and found["title"] == "Untitled"
    assert len(one(read(rss(item(guid="g" * 9000))))["guid"]) < 100


def test_each_guid_is_one_episode_and_news_is_none(read):
    found = read(rss(item() + item() + item(guid="2") + "<item><title>News</title></item>"))
    assert [each["guid"] for each in found["episodes"]] == ["1", "2"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "data:audio/mpeg;base64,AA", "http://[x/"])
def test_only_addresses_of_the_web_are_taken_from_a_feed(read, url):
    assert read(rss(item(url=url)))["episodes"] == []
    assert read(rss("", channel=f"<title>T</title><itunes:image href='{url}'/>"))["image_url"] == ""


def test_what_is_heard_comes_before_what_is_seen_and_odd_types_are_read_by_the_name(read):
    both = '<item><enclosure url="/1.mp4" type="video/mp4"/><enclosure url="/1.mp3" type="audio/mpeg"/></item>'
    assert one(read(rss(both)))["url"] == "https://tea.test/1.mp3"
    assert one(read(rss('<item><enclosure url="/1.opus?a=b.mp3"/></item>')))["suffix"] == "opus"
    assert one(read(rss('<item><enclosure url="/1" type="audio/x-strange"/></item>')))["suffix"] == "mp3"
    assert one(read(rss('<item><enclosure url="/1.pdf" type="application/pdf"/></item>')))["suffix"] == ""


@pytest.mark.parametrize(("data", "more"), [
    (rss("", channel="<title>Grün</title>").encode("utf-16"), {}),
    (rss("", channel="<title>Grün</title>").replace('"1.0"', '"1.0" encoding="ISO-8859-1"').encode("latin-1"), {}),
    ("<rss><channel><title>Grün</title></channel></rss>".encode("latin-1"), {"charset": "iso-8859-1"}),
    ("<rss><channel><title>Grün</title></channel></rss>".encode(), {"charset": "no-such-thing"}),
    ("\ufeff  <rss><channel><title>Grün</title></channel></rss>".encode(), {}),
    (b"\n\n " + rss("", channel="<title>Gr\u00fcn</title>").encode(), {}),
])  # fmt: skip
def test_encodings(read, data, more):
    assert read(data, **more)["title"] == "Grün"


def test_a_feed_that_is_not_quite_xml_is_read_as_far_as_it_goes(read):
    found = read(rss(item("<title>Tea & cake &nbsp; jam</title>")).replace("</channel></rss>", "<item><tit"))
    assert found["title"] == "T" and one(found)["title"].startswith("Tea")


def test_entities_are_refused_and_never_followed(read, tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    for declared in (
        f"<!DOCTYPE rss [<!ENTITY l0 'lol'>{BOMB}]>", f"<!DOCTYPE rss [<!ENTITY l9 '{'A' * 100_000}'>]>",
        f"<!DOCTYPE rss [<!ENTITY l9 SYSTEM 'file://{tmp_path}/secret'>]>",
        "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/evil.dtd' [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/p'>%p;]>",
    ):  # fmt: skip
        try:
            assert SECRET not in str(read(rss(item("<title>&l9;</title>"), head=declared)))
        except Invalid as refused:
            assert "entities" in str(refused)
    with pytest.raises(Invalid, match="entities"):
        read(rss(item("<title>&l9;</title>"), head=f"<!DOCTYPE rss [<!ENTITY l0 'lol'>{BOMB}]>"))
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    assert one(read(rss(item(f"<title>{include}</title>"))))["title"] == "Untitled"
    assert read(rss(item(), head='<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.test/r.dtd">'))["episodes"]


@pytest.mark.parametrize("data", [
    b"", b"\0" * 100, b"<", b"<!doctype html><title>Sign in</title>" + b"<p>x" * 2000, b"{}",
    gzip.compress(b"x", mtime=0),
    b'<?xml version="1.0" encoding="UTF-7"?>+ADw-rss+AD4-', rss(item()).encode("utf-16-le")[1:],
    b"<rss>" + b"<a>" * 100_000 + b"</a>" * 100_000,
])  # fmt: skip
def test_nonsense_is_refused_in_words(read, data):
    with pytest.raises(Invalid):
        read(data)


def test_the_newest_of_a_feed_without_end_are_kept(read):
    many = "".join(item(f"<pubDate>2026-01-05T00:{at // 60 % 60:02}:{at % 60:02}Z</pubDate>", guid=str(at))
                   for at in range(3000))  # fmt: skip
    found = read(rss(many))["episodes"]
    assert len(found) == feeds.EPISODES_MAX and found[0]["guid"] == "2999"


def test_fifty_thousand_items_cost_the_child_at_most(tmp_path):
    path = tmp_path / "feed"
    path.write_text(rss("".join(item(guid=str(at)) for at in range(50_000))))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Child(opml.WORK, memory_mb=512) as child:
        try:
            asked = {"do": "feed", "path": str(path), "url": "https://tea.test/", "now_ms": NOW_MS, "charset": ""}
            assert len(child.call(asked, 60)["episodes"]) == feeds.EPISODES_MAX
        except ChildDied as died:
            assert "MB" in died.reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_lists_of_other_programs_are_read(read_list):
    found = read_list(
        '<opml version="1.0"><body><outline text="Folder"><outline text="Tea" xmlUrl="https://tea.test/feed"/>'
        '<outline title="Cake &amp; jam" XMLURL=" https://cake.test/ "/></outline><outline text="no feed"/>'
        '<outline text="Tea again" xmlUrl="https://tea.test/feed"/></body></opml>'
    )
    assert found == [
        {"url": "https://tea.test/feed", "title": "Tea"}, {"url": "https://cake.test/", "title": "Cake & jam"}
    ]  # fmt: skip


@pytest.mark.parametrize("text", [
    "", "no list", "<rss/>", f"<!DOCTYPE opml [<!ENTITY l0 'lol'>{BOMB}]><opml><body>&l9;</body></opml>",
    "<opml>" + "".join(f'<outline xmlUrl="https://x.test/{at}"/>' for at in range(1001)) + "</opml>",
], ids=["nothing", "text", "a feed", "a bomb", "a thousand"])  # fmt: skip
def test_what_is_no_list_is_refused(read_list, text):
    with pytest.raises(Invalid):
        read_list(text)
