"""Internet radio: stations that administrators keep and everybody may hear."""

import secrets

from conformance.model import MUST, expect, rule
from conformance.site import Site
from conformance.things import STREAM_URL, new_station, station_named

HOME = "https://radio.example.org/?a=1&b=ü"
ADMINS = ("createInternetRadioStation", "updateInternetRadioStation", "deleteInternetRadioStation")


@rule("kept", MUST, "A station is listed with its name and both addresses, as they were given.",
      "createInternetRadioStation", "getInternetRadioStations", needs="write admin")
def kept(site: Site, endpoint: str) -> None:
    made = new_station(site, "Säuseln & <Rauschen> 🎵", homepageUrl=HOME)
    expect(made["streamUrl"] == STREAM_URL, f"streamUrl {made['streamUrl']!r}")
    expect(made.get("homePageUrl") == HOME, f"homePageUrl {made.get('homePageUrl')!r}, {HOME!r} was given")


@rule("all", MUST, "Every account sees the stations.", "getInternetRadioStations", needs="write admin second")
def for_all(site: Site, endpoint: str) -> None:
    made = new_station(site)
    expect(station_named(site, made["name"], site.second), "another account does not see the station")


@rule("changes", MUST, "A station changes its name and its address, and keeps its id.", "updateInternetRadioStation",
      needs="write admin")
def changes(site: Site, endpoint: str) -> None:
    made = new_station(site)
    name = f"{site.mark}-renamed-{secrets.token_hex(2)}"
    site.reply(endpoint, id=made["id"], name=name, streamUrl=STREAM_URL + "?new", homepageUrl=HOME)
    got = station_named(site, name)
    expect(got, "the new name is not listed")
    expect(got["id"] == made["id"], f"id {got['id']}, it was {made['id']}")
    expect(got["streamUrl"] == STREAM_URL + "?new", f"streamUrl {got['streamUrl']!r}")
    expect(got.get("homePageUrl") == HOME, f"homePageUrl {got.get('homePageUrl')!r}")
    expect(not station_named(site, made["name"]), "the old name is still listed")


@rule("deleted", MUST, "A deleted station is gone, and a second time unknown.", "deleteInternetRadioStation",
      needs="write admin")
def deleted(site: Site, endpoint: str) -> None:
    made = new_station(site)
    site.reply(endpoint, id=made["id"])
    expect(not station_named(site, made["name"]), "still listed")
    site.refused(endpoint, (70,), id=made["id"])


@rule("admins", MUST, "An account that is no administrator may not make, change or delete a station: error 50.",
      *ADMINS, needs="write admin second")
def admins(site: Site, endpoint: str) -> None:
    made = new_station(site)
    name = f"{site.mark}-stolen-{secrets.token_hex(2)}"
    given = {"id": made["id"], "name": name, "streamUrl": STREAM_URL}
    if endpoint == "createInternetRadioStation":
        del given["id"]
    if endpoint == "deleteInternetRadioStation":
        given = {"id": made["id"]}
    site.refused(endpoint, (50,), site.second, **given)
    expect(station_named(site, made["name"]), "it was refused, and the station changed all the same")
    expect(not station_named(site, name), "it was refused, and done all the same")
