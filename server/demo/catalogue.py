"""What is on the demo's records: invented people, titles and credits.

A table, and nothing but a table. Every name here is made up; before you add one,
make sure that nobody plays under it.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Song:
    """A track: its artist where it is not the album's, and tags of its own."""

    title: str
    artist: str = ""
    artists: tuple[str, ...] = ()
    style: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """An album: `art` names the drawing, `cover` says where it is kept."""

    artist: str
    title: str
    suffix: str
    style: str
    scale: str
    date: str
    genres: tuple[str, ...]
    art: str
    discs: tuple[tuple[Song, ...], ...]
    cover: str = "embedded"  # or "file"
    drawn_title: str = ""
    drawn_artist: str = ""
    tags: dict[str, str] = field(default_factory=dict)


# Sorting names, for those that do not sort as they are written.
SORT_NAMES = {
    "The Paper Foxes": "Paper Foxes, The",
    "Wren Hallowby": "Hallowby, Wren",
    "Mara Ellingsund": "Ellingsund, Mara",
    "Otto Brandvoll Trio": "Brandvoll, Otto, Trio",
    "Imre Castellane": "Castellane, Imre",
    "青空計算機": "Aozora Keisanki",
    "Белый Причал": "Bely Prichal",
    "Ελένη Μαυρογιάλου": "Mavrogialou, Eleni",
    "ليلى النورسي": "Nawrasi, Layla al-",
    "Северный Маяк": "Severny Mayak",
}


def _songs(*titles: str) -> tuple[Song, ...]:
    return tuple(Song(title) for title in titles)


PLAIN_LYRICS = """Leave the window on the latch
Let the evening find its chair
There's a kettle and a match
And a coat for you to wear

Nothing here that cannot keep
Nothing there that will not wait
All the harbour lights are asleep
And the last boat's running late"""

SYNCED_LYRICS = """[ar:The Paper Foxes]
[ti:Streetlight Arithmetic]
[00:02.00]Counting the lamps on the avenue
[00:06.50]One for the city and one for you
[00:11.00]Carry the night when the sums won't close
[00:15.50]Nobody's home but the radio knows
[00:20.00]Oh, streetlight arithmetic
[00:24.00]"""

RECORDS = (
    Record(
        "Mara Ellingsund", "Tidewater Hours", "flac", "ambient", "lydian", "2021-03-19", ("Ambient", "Electronic"),
        "tide",
        (_songs("First Light, Slack Water", "Eelgrass", "The Ferryman's Daughter", "Barometer Falling",
                "Small Hours, High Tide", "Salt on the Glass"),),
        tags={"label": "Slow Lantern", "catalognumber": "SLOW 014", "mood": "Calm", "media": "Digital Media",
              "producer": "Mara Ellingsund", "comment": "Recorded in a boathouse, with the doors open."},
    ),
    Record(
        "The Paper Foxes", "Neon Orchard", "mp3", "synth", "minor", "2019-09-06", ("Synth-pop", "Indie Pop"),
        "orchard",
        ((Song("Streetlight Arithmetic"), Song("Orchard Gate"),
          Song("Velvet Antenna", "The Paper Foxes feat. Juno Farrow", ("The Paper Foxes", "Juno Farrow")),
          Song("Half a Moon Is Plenty"), Song("Polaroid Weather", tags={"itunesadvisory": "1"}),
          Song("Slow Elevator", "The Paper Foxes & Imre Castellane", ("The Paper Foxes", "Imre Castellane")),
          Song("Last Tram to Lumen Street")),),
        tags={"label": "Glasshouse Tapes", "catalognumber": "GHT-007", "mood": "Energetic", "bpm": "",
              "lyricist": "Tilda Quarrie", "mixer": "Bo Anselmsen"},
    ),
    Record(
        "Otto Brandvoll Trio", "Greatest Hits", "m4a", "groove", "dorian", "2004", ("Jazz",), "trio",
        (_songs("Blue Bicycle", "Walking the Dachshund", "Tuesday in Bergamot", "Kitchen Samba", "Umbrella for Two",
                "One More for the Doorman"),),
        cover="file",
        tags={"label": "Corner Table", "originaldate": "1988-05-01", "composer": "Otto Brandvoll",
              "releasetype": "album",
              "performer:piano": "Otto Brandvoll", "performer:double bass": "Siv Halmrast",
              "performer:drums": "Placide Ombeni"},
    ),
    Record(
        "Los Faroles Azules", "Greatest Hits", "mp3", "ensemble", "minor", "2012-11-23", ("Latin", "Folk"),
        "lanterns",
        (_songs("Farol de Octubre", "La Vecina del Quinto", "Mañana Será Otro Pez", "Canción del Tranvía",
                "Corazón de Hojalata"),),
        tags={"label": "Discos Golondrina", "catalognumber": "DG-221", "originaldate": "1997", "language": "spa"},
    ),
    Record(
        "Wren Hallowby", "Atlas of Small Rivers", "flac", "guitar", "major", "2016-05-13",
        ("Folk", "Singer/Songwriter"), "rivers",
        ((Song("Headwater"), Song("The Last Boat's Running Late", tags={"lyrics": PLAIN_LYRICS}), Song("Ford"),
          Song("Alder and Ash")),
         (Song("Millrace"), Song("Oxbow"), Song("Kingfisher, Twice"), Song("Estuary"))),
        cover="file",
        tags={"label": "Hedge & Lane", "catalognumber": "HL 2CD 03", "composer": "Wren Hallowby",
              "engineer": "Ansel Pritchett-Moor"},
    ),
    Record(
        "Various Artists", "Harbour Lights: Night Music from Six Ports", "opus", "drone", "hijaz", "2022-10-28",
        ("World", "Downtempo"), "lights",
        ((Song("Φάρος", "Ελένη Μαυρογιάλου", style="guitar"), Song("مرفأ الليل", "ليلى النورسي", style="ensemble"),
          Song("Полярная звезда", "Северный Маяк", style="drone"),
          Song("Reeperlicht", "Kai & die Kräne", style="synth"),
          Song("Doca Sete", "Irmãos Vento", style="groove"), Song("灯台もと暮らし", "青空計算機", style="chip"),
          Song("Mooring Song", "Mara Ellingsund feat. Wren Hallowby", ("Mara Ellingsund", "Wren Hallowby"),
          style="ambient")),),
        drawn_title="Harbour Lights",
        tags={"compilation": "1", "label": "Slow Lantern", "catalognumber": "SLOW 020",
              "releasetype": "album;compilation"},
    ),
    Record(
        "青空計算機", "夜の地図", "opus", "chip", "yo", "2018-07-07", ("Chiptune", "Electronic"), "pixels",
        (_songs("電源を入れて", "ネオンの川", "自動販売機の歌", "屋上プラネタリウム",
                "終電のあと", "おやすみ、カセット"),),
        drawn_title="YORU NO CHIZU", drawn_artist="AOZORA KEISANKI",
        tags={"label": "八月レコード", "script": "Jpan", "language": "jpn", "releasecountry": "JP", "bpm": "",
              "mood": "Happy"},
    ),
    Record(
        "Белый Причал", "Тихая навигация", "m4a", "drone", "minor", "2014-02-02", ("Drone", "Post-Rock"), "ice",
        (_songs("Лёд у берега", "Радиограмма", "Семь ветров", "Туман на входе", "Обратный курс"),),
        drawn_title="TIKHAYA NAVIGATSIYA", drawn_artist="BELY PRICHAL",
        tags={"label": "Створ", "script": "Cyrl", "language": "rus", "mood": "Dark", "releasecountry": "RU"},
    ),
    Record(
        "Imre Castellane", "Études for a Quiet House", "flac", "piano", "major", "2020-01-10",
        ("Classical", "Piano"), "keys",
        (_songs("Étude No. 1: The Stairs", "Étude No. 2: Afternoon on the Landing", "Étude No. 3: Two Clocks",
                "Étude No. 4: Someone at the Gate", "Étude No. 5: The Linen Cupboard", "Étude No. 6: Lights Out"),),
        cover="file", drawn_title="Studies for a Quiet House",
        tags={"label": "Opus Attic", "catalognumber": "OA 5512", "composer": "Odile Vantongeren",
              "composersort": "Vantongeren, Odile",
              "performer:piano": "Imre Castellane", "mood": "Calm", "work": "Études for a Quiet House"},
    ),
    Record(
        "Cassette Heron", "Pocket Sunrise", "mp3", "synth", "major", "2024-06-21", ("Electronic", "Chillwave"),
        "sunrise",
        (_songs("Wake Word", "Marmalade Frequencies", "Tiny Motorway", "Pocket Sunrise", "Picnic on the Roof",
          "Battery at Nine"),),
        tags={"label": "Glasshouse Tapes", "catalognumber": "GHT-019", "releasetype": "ep",
              "remixer": "Juno Farrow", "bpm": ""},
    ),
)  # fmt: skip

# No tags at all: the folder and the file name are all there is.
UNTAGGED = ("Ida Marrowick", "Kitchen Tape (1987)", "01 - Rain on the Awning.mp3")
