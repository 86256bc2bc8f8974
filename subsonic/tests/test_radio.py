"""Internet radio and the chat, as clients ask for them."""

import pytest


def made(server, **params):
    server.ask("createInternetRadioStation", "admin", **params)
    stations = server.ask("getInternetRadioStations")["internetRadioStation"]
    return next(each for each in stations if each["name"] == params["name"])


def test_a_station_is_added_changed_and_removed(server):
    station = made(server, name="Waves", streamUrl="http://radio.invalid/", homepageUrl="http://home.invalid/")
    assert station == {
        "id": station["id"], "name": "Waves", "streamUrl": "http://radio.invalid/",
        "homePageUrl": "http://home.invalid/", "coverArt": station["id"],
    }  # fmt: skip
    assert station["id"].startswith("ra-")
    server.ask("updateInternetRadioStation", "admin", id=station["id"], name="Hills", streamUrl="https://b.invalid/",
               homepageUrl="")  # fmt: skip
    [now] = server.ask("getInternetRadioStations", "bob")["internetRadioStation"]
    assert now == {"id": station["id"], "name": "Hills", "streamUrl": "https://b.invalid/", "coverArt": station["id"]}
    xml = server.get("getInternetRadioStations", f="xml").body.decode()
    assert f'<internetRadioStation id="{station["id"]}" name="Hills" streamUrl="https://b.invalid/"' in xml
    server.ask("deleteInternetRadioStation", "admin", id=station["id"])
    assert server.ask("getInternetRadioStations") == {"internetRadioStation": []}
    assert server.get("deleteInternetRadioStation", "admin", id=station["id"]).error == 70


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "", "ftp://x/", "http://"])
def test_an_address_that_is_none_is_refused(server, url):
    assert server.get("createInternetRadioStation", "admin", name="x", streamUrl=url).error in (0, 10)
    if url:
        params = {"name": "x", "streamUrl": "http://a.invalid/", "homepageUrl": url}
        assert server.get("createInternetRadioStation", "admin", **params).error == 0


@pytest.mark.parametrize("id", ["x", "tr-0000000000", "ra-0000000000", "17"])
def test_a_station_that_is_not_there_is_not_found(server, id):
    params = {"id": id, "name": "x", "streamUrl": "http://a.invalid/"}
    assert server.get("updateInternetRadioStation", "admin", **params).error == 70
    assert server.get("deleteInternetRadioStation", "admin", id=id).error == 70


def test_people_talk(server):
    server.ask("addChatMessage", "bob", message="hello <all> & everybody")
    server.ask("addChatMessage", "alice", message="hi")
    first, second = server.ask("getChatMessages")["chatMessage"]
    assert (first["username"], second["username"]) == ("alice", "bob") and first["time"] > second["time"]
    assert second["message"] == "hello <all> & everybody"
    assert server.ask("getChatMessages", since=second["time"]) == {"chatMessage": [first]}
    assert server.ask("getChatMessages", since=first["time"]) == {"chatMessage": []}
    assert 'message="hello &lt;all&gt; &amp; everybody"' in server.get("getChatMessages", f="xml").body.decode()
    assert server.get("addChatMessage", message=" ").error in (0, 10)
    assert server.get("addChatMessage").error == 10
