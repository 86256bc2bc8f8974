"""Pictures that people send: who may, what becomes of them, and what is refused."""

import io
import os

import orjson
import pytest
from PIL import Image, PngImagePlugin

from server.tests.running import query


def drawn(size=(900, 600), kind="JPEG", mode="RGB", colour=(200, 40, 40), **more) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **more)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


class Web:
    """The web API as one person calls it."""

    def __init__(self, server):
        self.server = server

    def __call__(self, method, path, user="alice", body=None, **headers):
        return self.server.send(method, f"/api{path}?{query(user)}", body, headers)

    def words(self, *args, **more) -> tuple[int, str]:
        answer = self(*args, **more)
        return answer.status, orjson.loads(answer.body)["detail"]

    def picture(self, name="alice"):
        return self.server.get("getAvatar", "bob", username=name)


@pytest.fixture
def api(server):
    made = Web(server)
    yield made
    for name in ("alice", "bob", "admin"):
        assert made("DELETE", f"/users/{name}/avatar", "admin").status == 204


def test_a_picture_is_everybodys_to_see_and_goes_again(api):
    before = api.picture()
    assert api("PUT", "/avatar", body=drawn()).status == 204
    shown = api.picture()
    assert seen(shown.body).size == (512, 512) and shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["etag"] != before.headers["etag"] and shown.headers["cache-control"] == "private, no-cache"
    assert api("GET", "/avatar").body == api("GET", "/users/ALICE/avatar", "bob").body == shown.body
    assert api.picture("bob").body != shown.body
    assert api("DELETE", "/avatar").status == 204
    assert api.picture().body == before.body


def test_the_etag_changes_with_the_picture_and_saves_sending_it(api):
    api("PUT", "/avatar", body=drawn())
    first = api.picture().headers["etag"]
    path = f"/rest/getAvatar?{query('alice', username='alice')}"
    assert api.server.send("GET", path, headers={"If-None-Match": first}).status == 304
    api("PUT", "/avatar", body=drawn(colour=(0, 0, 250)))
    again = api.server.send("GET", path, headers={"If-None-Match": first})
    assert again.status == 200 and again.headers["etag"] != first
    head = api.server.send("HEAD", path)
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", again.headers["etag"])


def test_nothing_of_the_file_stays_but_what_one_sees(api):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif[0x0112] = 6
    api("PUT", "/avatar", body=drawn((300, 600), exif=exif, comment=b"secret words"))
    body = api.picture().body
    assert b"secret" not in body and not seen(body).getexif()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret words")
    api("PUT", "/avatar", body=drawn((300, 600), "PNG", "RGBA", (1, 2, 3, 4), pnginfo=info))
    body = api.picture().body
    assert b"secret" not in body and (seen(body).format, seen(body).size) == ("PNG", (300, 300))


@pytest.mark.parametrize(("kind", "mode", "colour"), [
    ("PNG", "P", 3), ("PNG", "L", 9), ("PNG", "I;16", 900), ("PNG", "LA", (9, 9)), ("JPEG", "CMYK", (1, 2, 3, 4)),
    ("WEBP", "RGBA", (1, 2, 3, 4)), ("GIF", "P", 1), ("PNG", "1", 1),
])  # fmt: skip
def test_every_kind_of_picture_is_taken(api, kind, mode, colour):
    assert api("PUT", "/avatar", body=drawn((700, 40), kind, mode, colour)).status == 204
    assert seen(api.picture().body).size == (40, 40)


def test_only_administrators_change_the_pictures_of_others(api):
    assert api.words("PUT", "/users/alice/avatar", "bob", body=drawn())[0] == 403
    assert api.words("DELETE", "/users/alice/avatar", "bob")[0] == 403
    assert api.words("PUT", "/users/nobody/avatar", "bob", body=drawn())[0] == 403
    assert api.words("PUT", "/users/nobody/avatar", "admin", body=drawn())[0] == 404
    assert api("PUT", "/users/alice/avatar", "admin", body=drawn()).status == 204
    assert seen(api.picture().body).size == (512, 512)
    assert api("GET", "/users/nobody/avatar").status == 404


HOSTILE = {
    "nothing": b"",
    "no picture": b"hello" * 100,
    "a page": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a document": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
    "half a picture": drawn()[:3000],
    "half a png": drawn((900, 900), "PNG")[:200],
    "a bomb": drawn((9000, 9000), "PNG", "1", 1),
    "too much": b"\xff\xd8\xff\xe0" + os.urandom(9 << 20),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_good_picture_is_refused_in_words_and_changes_nothing(api, what):
    api("PUT", "/avatar", body=drawn())
    before = api.picture().body
    status, words = api.words("PUT", "/avatar", body=HOSTILE[what])
    assert status == 400 and words.endswith(".") and "Error" not in words
    assert api.picture().body == before


def test_a_form_is_told_to_be_none(api):
    status, words = api.words("PUT", "/avatar", body=b"--x\r\n", **{"Content-Type": "multipart/form-data; boundary=x"})
    assert status == 400 and "form" in words


def test_a_station_has_a_picture_of_every_size(api):
    server = api.server
    server.ask("createInternetRadioStation", "admin", name="Waves", streamUrl="http://waves.invalid/")
    [station] = server.ask("getInternetRadioStations")["internetRadioStation"]
    try:
        blank = server.get("getCoverArt", id=station["coverArt"], size=300)
        assert seen(blank.body).size == (300, 300)
        path = f"/radio/{station['id']}/picture"
        assert api("PUT", path, "alice", body=drawn()).status == 403
        assert api("PUT", path, "admin", body=drawn()).status == 204
        for size, expected in ((None, (512, 341)), (300, (300, 200)), (2000, (512, 341)), (64, (64, 43))):
            assert seen(server.get("getCoverArt", id=station["coverArt"], size=size).body).size == expected
        assert api("DELETE", path, "admin").status == 204
        assert server.get("getCoverArt", id=station["coverArt"], size=300).body == blank.body
        assert api("PUT", "/radio/ra-0000000000/picture", "admin", body=drawn()).status == 404
        assert api("PUT", "/radio/x/picture", "admin", body=drawn()).status == 404
    finally:
        server.ask("deleteInternetRadioStation", "admin", id=station["id"])
    assert server.get("getCoverArt", id=station["coverArt"]).error == 70
