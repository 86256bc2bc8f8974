"""Internet radio: the list of stations, and who may change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.library import radio
from server.library.logos import Logos
from server.library.radio import Listed, Station
from subsonic.endpoints import (
    CreateInternetRadioStation,
    DeleteInternetRadioStation,
    GetInternetRadioStations,
    UpdateInternetRadioStation,
)
from subsonic.protocol import handles
from subsonic.shapes import InternetRadioStation, InternetRadioStations

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetInternetRadioStations)
async def stations(call: Call, q: GetInternetRadioStations) -> InternetRadioStations:
    found = await call.db.read(radio.everything)
    return InternetRadioStations(internet_radio_station=tuple(_shown(call, each) for each in found))


@handles(CreateInternetRadioStation)
async def create(call: Call, q: CreateInternetRadioStation) -> None:
    number = await call.db.write(radio.create, call.viewer, Listed(q.name, q.stream_url, q.homepage_url or ""))
    call.app.part(Logos).soon(number)


@handles(UpdateInternetRadioStation)
async def update(call: Call, q: UpdateInternetRadioStation) -> None:
    number = call.ids.number("ra", q.id)
    await call.db.write(radio.change, call.viewer, number, q.name, q.stream_url, q.homepage_url)
    call.app.part(Logos).again(number)


@handles(DeleteInternetRadioStation)
async def delete(call: Call, q: DeleteInternetRadioStation) -> None:
    await call.db.write(radio.delete, call.viewer, call.ids.number("ra", q.id))


def _shown(call: Call, station: Station) -> InternetRadioStation:
    id_text = call.ids.text("ra", station.id)
    return InternetRadioStation(
        id=id_text,
        name=station.name,
        stream_url=station.stream_url,
        home_page_url=station.homepage_url or None,
        cover_art=id_text,
    )
