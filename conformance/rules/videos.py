"""Videos, and the words beneath them. A library without videos says so with an empty list."""

from conformance.model import MUST, expect, rule
from conformance.site import Site
from conformance.things import video


@rule("videos", MUST, "What is listed is a video, and says so.", "getVideos")
def videos(site: Site, endpoint: str) -> None:
    for one in site.read(endpoint).get("video") or []:
        expect(one.get("isVideo") is True and one["isDir"] is False, f"isVideo {one.get('isVideo')} for {one['id']}")


@rule("info.own", MUST, "The information about a video carries its id.", "getVideoInfo")
def info(site: Site, endpoint: str) -> None:
    wanted = video(site)["id"]
    got = site.read(endpoint, id=wanted)["id"]
    expect(got == wanted, f"id {got}, {wanted} was asked for")


@rule("captions.format", MUST, "Captions come in the format that is asked for.", "getCaptions")
def captions(site: Site, endpoint: str) -> None:
    for form, begin in (("vtt", b"WEBVTT"), ("srt", b"1")):
        answer = site.ask(endpoint, {"id": video(site)["id"], "format": form})
        if answer.kind in ("application/json", "text/xml"):  # a video without captions
            expect(answer.tree().get("error", {}).get("code") == 70, f"{answer.asked} answered {answer.brief()}")
            return
        text = answer.body.removeprefix(b"\xef\xbb\xbf").lstrip()
        expect(text.startswith(begin), f"format={form} begins with {text[:10]!r}")
