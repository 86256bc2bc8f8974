"""Radio stations: what may be one, who may change them, and the files that list them."""

import pytest

from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.library import radio, station_lists
from server.library.radio import Listed
from server.tests.plays.small import ANN, CHIEF, read, write

WAVES = Listed("Waves", "http://radio.example:8000/waves", "https://radio.example/")


def names(db):
    return [each.name for each in read(db, radio.everything)]


def test_stations_are_kept_and_listed_by_name(db):
    for name in ("Zebra FM", "  älter\tals \n alle ", "Waves"):
        write(db, radio.create, CHIEF, WAVES._replace(name=name))
    assert names(db) == ["älter als alle", "Waves", "Zebra FM"]
    assert read(db, radio.everything)[1][2:] == ("http://radio.example:8000/waves", "https://radio.example/", "")


@pytest.mark.parametrize("change", [
    {"name": ""}, {"name": " \x00\n"}, {"name": "x" * 201}, {"stream_url": ""}, {"stream_url": "waves"},
    {"stream_url": "javascript:alert(1)"}, {"stream_url": "file:///etc/passwd"}, {"stream_url": "ftp://x.example/"},
    {"stream_url": "http://"}, {"stream_url": "http://a b/"}, {"stream_url": "http://x.example/\r\nX: y"},
    {"stream_url": "http://x.example/" + "x" * 5000}, {"homepage_url": "javascript:alert(1)"},
])  # fmt: skip
def test_what_cannot_be_a_station_is_refused(db, change):
    with pytest.raises(Invalid):
        write(db, radio.create, CHIEF, WAVES._replace(**change))
    number = write(db, radio.create, CHIEF, WAVES)
    with pytest.raises(Invalid):
        write(db, radio.change, CHIEF, number, *WAVES._replace(**change))
    assert read(db, radio.by_id, number)[1:4] == WAVES


def test_a_station_on_the_own_network_is_fine_because_apps_play_it(db):
    number = write(db, radio.create, CHIEF, Listed("Attic", "http://192.168.1.20:8000/"))
    assert read(db, radio.by_id, number).homepage_url == ""


def test_only_administrators_change_stations(db):
    number = write(db, radio.create, CHIEF, WAVES)
    for verb, args in ((radio.create, (WAVES,)), (radio.change, (number, *WAVES)), (radio.delete, (number,)),
                       (radio.add_new, ([WAVES],)), (radio.set_picture, (number, "k", b"x"))):  # fmt: skip
        with pytest.raises(Forbidden):
            write(db, verb, ANN, *args)
    assert names(db) == ["Waves"]


def test_a_homepage_that_is_not_named_stays_and_an_empty_one_goes(db):
    number = write(db, radio.create, CHIEF, WAVES)
    write(db, radio.change, CHIEF, number, "Waves 2", "http://x.example/", None)
    assert read(db, radio.by_id, number)[1:4] == ("Waves 2", "http://x.example/", "https://radio.example/")
    write(db, radio.change, CHIEF, number, "Waves 2", "http://x.example/", "")
    assert read(db, radio.by_id, number).homepage_url == ""


def test_the_id_of_a_station_that_has_gone_is_never_anothers(db):
    first = write(db, radio.create, CHIEF, WAVES)
    write(db, radio.delete, CHIEF, first)
    assert write(db, radio.create, CHIEF, WAVES) != first
    for verb, args in ((radio.change, (first, *WAVES)), (radio.delete, (first,)),
                       (radio.set_picture, (first, "k", b"x"))):  # fmt: skip
        with pytest.raises(NotFound):
            write(db, verb, CHIEF, *args)


def test_a_homepage_is_looked_at_once_in_a_while_and_again_when_it_moves(db):
    number = write(db, radio.create, CHIEF, WAVES)
    assert write(db, radio.seek_picture, number, 1000_000) == "https://radio.example/"
    assert write(db, radio.seek_picture, number, 1000_000) == ""
    write(db, radio.change, CHIEF, number, "Waves", WAVES.stream_url, "https://new.example/")
    assert write(db, radio.seek_picture, number, 1000_000) == "https://new.example/"
    write(db, radio.change, CHIEF, number, "Waves", WAVES.stream_url, "https://other.example/")
    write(db, radio.set_picture, CHIEF, number, "k", b"x")
    assert write(db, radio.seek_picture, number, 1000_000) == "", "it has one"
    assert read(db, radio.picture, number) == b"x" and read(db, radio.by_id, number).picture_key == "k"


def test_stations_have_an_end(db, monkeypatch):
    monkeypatch.setattr(radio, "STATIONS_MAX", 2)
    write(db, radio.add_new, CHIEF, [WAVES, WAVES._replace(stream_url="http://b.example/")])
    with pytest.raises(Conflict):
        write(db, radio.create, CHIEF, WAVES)


def test_those_that_are_listed_already_are_not_added_again(db):
    more = [WAVES, WAVES._replace(name="B", stream_url="http://b.example/"), WAVES]
    assert write(db, radio.add_new, CHIEF, more) == 2
    assert write(db, radio.add_new, CHIEF, more) == 0


M3U = """\ufeff#EXTM3U
#EXTINF:-1 tvg-logo="x",Some, FM
http://a.example/stream
/etc/passwd
#EXTVLCOPT:x=y
https://b.example/
file:///etc/passwd
"""
PLS = """[playlist]
NumberOfEntries=9999999
File2=http://b.example/
File1=http://a.example/stream
Title1=Some FM
Length1=-1
File3=c:\\music
Title999999999999=x
"""


def test_stations_are_read_from_m3u_and_pls():
    assert station_lists.read(M3U.encode()) == [
        ("Some, FM", "http://a.example/stream", ""), ("https://b.example/", "https://b.example/", "")
    ]  # fmt: skip
    assert station_lists.read(PLS.encode()) == [
        ("Some FM", "http://a.example/stream", ""), ("http://b.example/", "http://b.example/", "")
    ]  # fmt: skip
    assert station_lists.read("#EXTINF:0,Über\nhttp://a.example/".encode("latin-1"))[0].name == "Über"


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"\xff\xd8\xff" * 100, b"<html>", b"[playlist]", b"=" * 10_000])
def test_what_is_no_list_holds_no_stations(data):
    assert station_lists.read(data) == []


def test_a_stream_in_pieces_is_told_from_a_list_of_stations():
    assert station_lists.is_in_pieces(b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\na.ts\n")
    assert not station_lists.is_in_pieces(M3U.encode())
