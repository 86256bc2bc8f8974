"""How parameters are read: lenient where clients are sloppy, strict where a wrong value would do harm."""

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from server.kernel.errors import Invalid
from subsonic import endpoints
from subsonic.protocol import Between, Missing, Range, Request, Separated, parse


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Everything(Request[None]):
    """One parameter of each sort."""

    id: str
    page_size: Annotated[int, Range(1, 500)] = 10
    offset: Annotated[int, Range(0)] = 0
    rating: Annotated[int | None, Between(0, 5)] = None
    rate: float = 1.0
    on: bool | None = None
    order: Literal["up", "down"] = "up"
    bit_rate: Literal[0, 128] | None = None
    colour: Colour | None = None
    comment: str | None = None
    song_id: tuple[str, ...] = ()
    index: tuple[int, ...] = ()
    queue: Annotated[tuple[str, ...], Separated(",")] = ()


def read(**params):
    return parse(Everything, {"id": ["x"], **{name: [value] for name, value in params.items()}})


def test_what_is_absent_has_its_default():
    assert read() == Everything(id="x")


@pytest.mark.parametrize("params", [{}, {"id": []}, {"id": [""]}])
def test_a_required_parameter_that_is_absent_or_empty_is_missing(params):
    with pytest.raises(Missing, match="'id' is missing") as refusal:
        parse(Everything, params)
    assert refusal.value.name == "id"


def test_a_required_list_of_nothing_is_missing():
    with pytest.raises(Missing):
        parse(endpoints.Scrobble, {"id": ["", ""]})


@pytest.mark.parametrize(
    ("sent", "meant"), [("20", 20), ("0", 1), ("-3", 1), ("501", 500), (" 7 ", 7), ("+7", 7), ("", 10)]
)
def test_a_number_out_of_its_range_is_moved_to_the_bound(sent, meant):
    assert read(pageSize=sent).page_size == meant


def test_an_offset_below_zero_is_zero():
    assert read(offset="-5000").offset == 0


def test_a_fraction_is_cut_where_whole_numbers_are_meant():
    assert read(offset="12.9").offset == 12


@pytest.mark.parametrize("sent", ["ten", "1e3", "0x10", "1_0", "--1", "NaN", "9" * 40, "٣", "1,5"])
def test_what_is_no_number_is_refused_by_name(sent):
    with pytest.raises(Invalid, match="'offset' has to be a number"):
        read(offset=sent)


@pytest.mark.parametrize("sent", ["-1", "6"])
def test_a_strict_range_refuses(sent):
    with pytest.raises(Invalid, match="'rating' has to be from 0 to 5"):
        read(rating=sent)


@pytest.mark.parametrize("sent", ["nan", "inf", "fast"])
def test_a_float_has_to_be_finite(sent):
    with pytest.raises(Invalid, match="'rate'"):
        read(rate=sent)


@pytest.mark.parametrize(
    ("sent", "meant"), [("true", True), ("TRUE", True), ("1", True), ("False", False), ("0", False)]
)
def test_booleans_come_in_any_case_and_as_digits(sent, meant):
    assert read(on=sent).on is meant


def test_any_other_boolean_is_refused():
    with pytest.raises(Invalid, match="'on' has to be true or false, not 'perhaps'"):
        read(on="perhaps")


def test_a_choice_is_one_of_its_options():
    assert read(order="down", bitRate="128", colour="blue") == Everything(
        id="x", order="down", bit_rate=128, colour=Colour.BLUE
    )


@pytest.mark.parametrize("sent", [{"order": "sideways"}, {"bitRate": "129"}, {"colour": "RED"}])
def test_any_other_choice_is_refused_with_the_options(sent):
    with pytest.raises(Invalid, match="has to be one of"):
        read(**sent)


def test_an_empty_text_is_kept_where_text_is_optional():
    assert read(comment="").comment == ""


def test_the_first_of_a_repeated_single_parameter_counts():
    assert parse(Everything, {"id": ["x", "y"], "offset": ["3", "x"]}).offset == 3


def test_lists_keep_their_order_and_lose_empty_values():
    call = parse(Everything, {"id": ["x"], "songId": ["b", "", "a", "b"], "index": ["2", "0"]})
    assert (call.song_id, call.index) == (("b", "a", "b"), (2, 0))


def test_a_list_can_come_in_one_value_where_a_client_does_so():
    assert parse(Everything, {"id": ["x"], "queue": ["a,b", "c"]}).queue == ("a", "b", "c")


def test_a_multidict_serves_as_well():
    call = parse(Everything, MultiDict([("id", "x"), ("songId", "a"), ("songId", "b"), ("unknown", "1")]))
    assert call == Everything(id="x", song_id=("a", "b"))


def test_characters_that_no_answer_and_no_database_can_hold_are_dropped():
    assert read(comment="a\x00b\ud800c\nd").comment == "ab" + "c\nd"


def test_a_long_wrong_value_is_not_repeated_in_full():
    with pytest.raises(Invalid) as refusal:
        read(order="x" * 10_000)
    assert len(str(refusal.value)) < 120


@pytest.mark.parametrize(
    ("request_class", "params", "name"),
    [
        (endpoints.GetAlbumList2, {"type": ["byGenre"]}, "genre"),
        (endpoints.GetAlbumList, {"type": ["byYear"], "toYear": ["1990"]}, "fromYear"),
        (endpoints.GetAlbumList, {"type": ["byYear"], "fromYear": ["1990"]}, "toYear"),
        (endpoints.GetTopSongs, {}, "artist"),
        (endpoints.CreatePlaylist, {"songId": ["a"]}, "name"),
        (endpoints.Star, {}, "id"),
        (endpoints.SavePlayQueue, {"id": ["a"]}, "current"),
        (endpoints.SavePlayQueueByIndex, {"id": ["a"]}, "currentIndex"),
        (endpoints.SavePlayQueueByIndex, {"id": ["a"], "currentIndex": ["1"]}, "currentIndex"),
        (endpoints.JukeboxControl, {"action": ["skip"]}, "index"),
        (endpoints.JukeboxControl, {"action": ["setGain"]}, "gain"),
    ],
)
def test_what_another_parameter_makes_necessary_is_missing_too(request_class, params, name):
    with pytest.raises(Missing) as refusal:
        parse(request_class, params)
    assert refusal.value.name == name


@pytest.mark.parametrize(
    ("request_class", "params"),
    [
        (endpoints.SavePlayQueue, {"id": ["a", "b"], "current": ["c"]}),
        (endpoints.Scrobble, {"id": ["a", "b"], "time": ["1"]}),
        (endpoints.SetRating, {"id": ["a"], "rating": ["9"]}),
        (
            endpoints.ReportPlayback,
            {"mediaId": ["a"], "mediaType": ["song"], "positionMs": ["-1"], "state": ["playing"]},
        ),
    ],
)
def test_values_that_contradict_each_other_are_refused(request_class, params):
    with pytest.raises(Invalid) as refusal:
        parse(request_class, params)
    assert not isinstance(refusal.value, Missing)


def test_a_play_queue_without_ids_is_forgotten():
    assert parse(endpoints.SavePlayQueue, {}).id == ()
    assert parse(endpoints.SavePlayQueueByIndex, {}).id == ()


def test_the_same_id_in_all_three_places_is_starred_once():
    assert parse(endpoints.Star, {"id": ["a"], "albumId": ["a", "b"], "artistId": ["a"]}).ids == ("a", "b")


@pytest.mark.parametrize("sent", ["", '""', "''", "*", ' "" ', '"*"'])
def test_a_search_for_nothing_is_a_search_for_everything(sent):
    assert parse(endpoints.Search3, {"query": [sent]}).words == ""
    assert parse(endpoints.Search3, {}).words == ""


@pytest.mark.parametrize(
    ("sent", "meant"), [('"björk"', "björk"), ("bj*", "bj"), ("o'hara", "o'hara"), ('7" mix', '7" mix')]
)
def test_quotation_marks_around_words_do_not_count(sent, meant):
    assert parse(endpoints.Search2, {"query": [sent]}).words == meant


@given(st.data())
def test_no_parameter_of_any_endpoint_does_more_than_refuse(data):
    request = data.draw(st.sampled_from(sorted(endpoints.ENDPOINTS.values(), key=lambda each: each.wire)))
    values = st.lists(st.text(max_size=8) | st.sampled_from(["1", "-1", "true", "random", "song", "get"]), max_size=3)
    params = {}
    for name in request.declared:
        params[endpoints_wire(name)] = data.draw(values)
    try:
        assert isinstance(parse(request, params), request)
    except Invalid as refusal:
        assert str(refusal).endswith(".")


def endpoints_wire(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
