"""Podcasts: channels and episodes for everybody, and what those with the right `podcast` do about them.

What takes time is only asked for here; the worker does it, and the status of a
channel or an episode says how far it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.library import episodes, podcasts
from server.library.facts import Faced
from server.library.podcasts import Channel
from subsonic.endpoints import (
    CreatePodcastChannel,
    DeletePodcastChannel,
    DeletePodcastEpisode,
    DownloadPodcastEpisode,
    GetNewestPodcasts,
    GetPodcastEpisode,
    GetPodcasts,
    RefreshPodcasts,
)
from subsonic.protocol import Over, handles
from subsonic.shapes import NewestPodcasts, PodcastChannel, PodcastEpisode, Podcasts

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetPodcasts)
async def get_podcasts(call: Call, q: GetPodcasts) -> Podcasts:
    if q.id is None:
        found = await call.db.read(podcasts.listed, call.viewer)
    else:
        found = [await call.db.read(podcasts.channel, call.viewer, call.ids.number("pc", q.id))]
    below: dict[int, list[Faced]] = {}
    if q.include_episodes:
        below = await call.db.read(episodes.of_channels, call.viewer, [each.id for each in found])
    return Podcasts(channel=tuple(_channel(call, each, below.get(each.id, [])) for each in found))


@handles(GetNewestPodcasts)
async def get_newest_podcasts(call: Call, q: GetNewestPodcasts) -> NewestPodcasts:
    return NewestPodcasts(episode=tuple(await call.db.read(episodes.newest, call.viewer, q.count)))


@handles(GetPodcastEpisode)
async def get_podcast_episode(call: Call, q: GetPodcastEpisode) -> Over:
    return PodcastEpisode.over(await call.db.read(episodes.one, call.viewer, call.ids.number("pe", q.id)))


@handles(RefreshPodcasts)
async def refresh_podcasts(call: Call, q: RefreshPodcasts) -> None:
    await call.db.write(podcasts.refresh_soon, call.viewer)


@handles(CreatePodcastChannel)
async def create_podcast_channel(call: Call, q: CreatePodcastChannel) -> None:
    await call.app.fetch.check(q.url)
    await call.db.write(podcasts.follow, call.viewer, q.url)


@handles(DeletePodcastChannel)
async def delete_podcast_channel(call: Call, q: DeletePodcastChannel) -> None:
    await call.db.write(podcasts.leave, call.viewer, call.ids.number("pc", q.id))


@handles(DeletePodcastEpisode)
async def delete_podcast_episode(call: Call, q: DeletePodcastEpisode) -> None:
    await call.db.write(episodes.drop, call.viewer, call.ids.number("pe", q.id), call.app.render)


@handles(DownloadPodcastEpisode)
async def download_podcast_episode(call: Call, q: DownloadPodcastEpisode) -> None:
    await call.db.write(episodes.want, call.viewer, call.ids.number("pe", q.id), call.app.render)


def _channel(call: Call, each: Channel, below: list[Faced]) -> PodcastChannel:
    id_text = call.ids.text("pc", each.id)
    return PodcastChannel(
        id=id_text,
        url=each.url,
        title=each.title,
        description=each.description,
        cover_art=id_text,
        original_image_url=each.image_url or None,
        status=each.status,
        error_message=each.error or None,
        episode=tuple(below),
    )
