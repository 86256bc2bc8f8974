"""Outside services, one leaf each, asked in the order of `SERVICES`: what the first says stands before the rest.

None is asked unless `FAMILIAR_OUTSIDE` names it, and all go out through `Fetch`.
A new one is a file here, with what it offers of `capabilities`, and a line below.
"""

from server.integrations import deezer, lastfm, lrclib, musicbrainz, wikipedia
from server.integrations.capabilities import Service
from server.kernel.config import Config
from server.kernel.errors import Invalid

SERVICES: tuple[Service, ...] = (
    lastfm.SERVICE, wikipedia.SERVICE, musicbrainz.SERVICE, deezer.SERVICE, lrclib.SERVICE,
)  # fmt: skip


def switched_on(config: Config) -> dict[str, object]:
    """Return name → client of the services that the settings name, in our order. Raises Invalid."""
    wanted = {name.strip().lower() for name in config.outside.split(",") if name.strip()}
    if unknown := wanted - {service.name for service in SERVICES}:
        known = ", ".join(service.name for service in SERVICES)
        raise Invalid(f"outside names {', '.join(sorted(unknown))}; it can name {known}.")
    for service in SERVICES:
        if service.name in wanted and (setting := service.lacks(config)):
            raise Invalid(f"outside names {service.name}, which needs the setting {setting}.")
    return {service.name: service.make(config) for service in SERVICES if service.name in wanted}
