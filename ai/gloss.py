"""What genres are in plain words: a tag says "Chiptune", people look for "8-bit video game music".

The rule a newcomer would break: a row is known by its place (`ai.traits` stores
it), so new rows come last and none is ever taken out.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from server.library.names import fold


class Row(NamedTuple):
    names: tuple[str, ...]
    """What tags call it, folded; the first is its own name."""
    words: str
    kinds: tuple[str, ...]
    """The wider names that people use for it."""


def _row(names: str, words: str, kinds: str = "") -> Row:
    return Row(tuple(names.split("|")), words, tuple(kinds.split("|")) if kinds else ())


ROWS: tuple[Row, ...] = (
    _row("electronic|electronica|electro", "electronic music, synthesizers, electronic beats", "electronic"),
    _row("techno|detroit techno|minimal techno|hardtechno", "electronic dance club music, hypnotic driving beat, synth",
         "electronic|dance|club"),
    _row("house|deep house|tech house|progressive house|electro house|french house|acid house",
         "electronic dance club party music, four on the floor beat, groovy bass", "electronic|dance|club|party"),
    _row("trance|psytrance|goa|goa trance|uplifting trance", "electronic dance club music, euphoric synth melodies",
         "electronic|dance|club"),
    _row("drum and bass|drum & bass|drum n bass|drum'n'bass|dnb|d&b|jungle|liquid funk|neurofunk",
         "fast electronic dance breakbeats with heavy bass", "electronic|dance|club|bass"),
    _row("dubstep|brostep|bass music|riddim|future bass", "electronic music with heavy wobbling bass",
         "electronic|bass|dance"),
    _row("ambient|dark ambient|space ambient|drone|space music|soundscape",
         "atmospheric soundscape, relaxing floating pads, for sleep and meditation", "electronic|relaxing|background"),
    _row("chillout|chill out|chill-out|downtempo|lounge|lo-fi|lofi|lo-fi hip hop|chillhop|chill",
         "relaxed laid back beats, background music for studying", "electronic|relaxing|background"),
    _row("trip hop|trip-hop", "slow moody electronic beats", "electronic"),
    _row("chiptune|8-bit|8bit|chip music|bitpop|nintendocore|chip",
         "8-bit video game music, retro computer game console sounds", "electronic|game"),
    _row("video game|video game music|game|vgm|game soundtrack", "video game music, soundtrack", "game|soundtrack"),
    _row("synthwave|synth-pop|synthpop|retrowave|outrun|vaporwave|new wave|electropop|darkwave|coldwave",
         "retro eighties synthesizer pop", "electronic|pop"),
    _row("industrial|ebm|aggrotech", "harsh mechanical electronic beats", "electronic"),
    _row("idm|glitch|experimental electronic|breakcore", "experimental electronic music", "electronic|experimental"),
    _row("breakbeat|big beat|breaks", "electronic dance music with broken beats", "electronic|dance"),
    _row("dance|edm|eurodance|club|hardstyle|gabber|hands up|hardcore techno|happy hardcore",
         "electronic dance party music", "electronic|dance|club|party"),
    _row("disco|nu disco|italo disco|italo-disco", "seventies dance party music, groovy bass and strings",
         "dance|party"),
    _row("pop|teen pop|dance-pop|dance pop|indie pop|power pop|britpop|chanson|schlager|europop",
         "catchy popular songs"),
    _row("k-pop|kpop|j-pop|jpop|c-pop|cantopop|mandopop|city pop", "catchy popular songs from asia", "pop"),
    _row("rock|classic rock|hard rock|soft rock|arena rock|roots rock|southern rock|glam rock",
         "loud band with electric guitars, bass and drums", "rock|guitar"),
    _row("alternative rock|alternative|indie|indie rock|alt rock|college rock",
         "independent band with electric guitars", "rock|guitar"),
    _row("punk|punk rock|pop punk|hardcore|hardcore punk|post-punk|emo|ska punk",
         "fast loud raw band with distorted guitars", "rock|guitar"),
    _row("grunge|shoegaze|noise rock|stoner rock|post-rock|math rock",
         "band with distorted walls of electric guitars", "rock|guitar"),
    _row("progressive rock|prog rock|psychedelic rock|krautrock|art rock|space rock|psychedelic",
         "long complex songs with electric guitars and organ", "rock|guitar"),
    _row("metal|heavy metal|power metal|progressive metal|nu metal|alternative metal|symphonic metal|folk metal",
         "aggressive loud band with heavy distorted electric guitars", "rock|guitar"),
    _row("death metal|black metal|thrash metal|doom metal|metalcore|grindcore|sludge metal|deathcore|thrash",
         "extremely aggressive, fast and dark, heavy distorted electric guitars", "metal|rock|guitar"),
    _row("rock and roll|rock & roll|rock 'n' roll|rockabilly|surf rock|surf",
         "fifties and sixties party music with guitars", "rock|guitar"),
    _row("hip hop|hip-hop|rap|gangsta rap|trap|boom bap|conscious hip hop|grime|drill|underground hip hop",
         "rapping over beats, urban music", "rap|urban"),
    _row("r&b|rnb|rhythm and blues|contemporary r&b|neo soul|new jack swing", "smooth soulful singing over beats",
         "soul|urban"),
    _row("soul|motown|northern soul|southern soul", "soulful singing with horns and organ"),
    _row("funk|p-funk|funk rock|afrobeat", "groovy danceable bass guitar and horns", "dance|groove"),
    _row("jazz|cool jazz|modal jazz|hard bop|bebop|contemporary jazz|jazz vocal|vocal jazz|smooth jazz|post-bop",
         "improvised music with saxophone, trumpet, piano and double bass"),
    _row("big band|swing|big band swing|dixieland|ragtime|gypsy jazz|jazz swing",
         "jazz orchestra with brass and saxophones, swinging dance music of the forties", "jazz"),
    _row("free jazz|avant-garde jazz|jazz fusion|fusion|acid jazz|nu jazz|jazz-funk", "adventurous electric jazz",
         "jazz"),
    _row("blues|delta blues|electric blues|chicago blues|blues rock|country blues",
         "slow sad songs with guitar and harmonica", "guitar"),
    _row("country|alt-country|country rock|americana|bluegrass|honky tonk|outlaw country|western",
         "country songs with acoustic guitar, banjo and fiddle", "guitar|acoustic"),
    _row("folk|traditional|singer-songwriter|singer/songwriter|folk rock|indie folk|acoustic|contemporary folk|neofolk",
         "acoustic songs with guitar and voice", "acoustic|guitar"),
    _row("celtic|irish|irish folk|irish traditional|jig|scottish|celtic folk|fiddle",
         "irish folk dance with fiddle, flute and pipes", "folk|acoustic"),
    _row("classical|classical music|orchestral|symphony|symphonic|romantic|classical period|romantic classical",
         "orchestra, concert hall music", "acoustic|instrumental"),
    _row("baroque|early music|renaissance|medieval", "old music with harpsichord, strings and lute",
         "classical|acoustic"),
    _row("chamber music|string quartet|chamber|strings|string trio|classical chamber",
         "classical music for violins, viola and cello", "classical|acoustic"),
    _row("piano|solo piano|classical piano|piano music|neoclassical|modern classical|contemporary classical",
         "quiet piano music", "classical|acoustic|instrumental"),
    _row("opera|choral|choir|vocal classical|oratorio|a cappella|gregorian chant|sacred", "classical singing, choir",
         "classical|vocal"),
    _row("waltz|guitar waltz|acoustic guitar|classical guitar|guitar|fingerstyle|flamenco|spanish guitar",
         "acoustic guitar music", "acoustic|guitar"),
    _row("soundtrack|score|film score|ost|original score|movie soundtrack|musical|cinematic|trailer",
         "film music, cinematic orchestra", "film|movie"),
    _row("reggae|roots reggae|dub|dancehall|ragga|lovers rock|rocksteady|ska",
         "laid back sunny jamaican music with offbeat guitar and bass", "caribbean"),
    _row("latin|salsa|merengue|cumbia|reggaeton|bachata|mambo|son cubano|latin pop|tropical",
         "latin american dance music with percussion and brass", "dance|party"),
    _row("bossa nova|samba|mpb|latin jazz|bossa|brazilian", "soft brazilian latin jazz with guitar, for a dinner",
         "latin|jazz|relaxing"),
    _row("tango|milonga", "argentine latin dance with bandoneon and violin", "latin|dance"),
    _row("world|world music|ethnic|african|afropop|arabic|indian|raga|bollywood|balkan|klezmer|middle eastern",
         "traditional music of the world"),
    _row("new age|meditation|relaxation|healing|nature|sleep|yoga|spa",
         "relaxing calm music for meditation and sleep, nature sounds", "relaxing|background"),
    _row("gospel|christian|worship|spiritual|ccm", "religious singing"),
    _row("audiobook|speech|spoken word|spoken|podcast|audio drama|hörbuch|hörspiel|radio play|comedy|audio theatre",
         "a person speaking, reading a story, no music", "spoken|talking"),
    _row("children's music|children|kids|nursery|kindermusik|lullaby", "songs for children"),
    _row("christmas|holiday|xmas|weihnachten", "christmas songs, winter holidays"),
    _row("experimental|avant-garde|noise|musique concrète|field recording|industrial noise", "unusual sounds"),
    _row("instrumental|easy listening|exotica|elevator music|muzak", "instrumental background music", "background"),
    _row("marching band|brass band|military|march|polka|oompah|volksmusik", "brass band music", "brass"),
)  # fmt: skip


@lru_cache(8192)
def of(name: str) -> int | None:
    """Return the place of the row that a tag's genre belongs to: by name, else by the longest name within it."""
    folded = fold(name)
    if (found := _BY_NAME.get(folded)) is not None:
        return found
    held = max((each for each in _BY_NAME if _within(each, folded)), key=len, default=None)
    return None if held is None else _BY_NAME[held]


def words(name: str) -> str:
    """Return what a genre is in plain words; "" where nobody wrote that down."""
    place = of(name)
    return "" if place is None else ROWS[place].words


def degrees(query: str) -> dict[int, float]:
    """Return how much each row is what a query names: 1 by its own name, less by what it is a kind of."""
    folded = fold(query)
    named = [each for each in _MENTIONED if _within(each, folded)]
    # "rock" within "punk rock" names punk.
    named = [each for each in named if not any(each != other and _within(each, other) for other in named)]
    found = {_BY_NAME[name]: 1.0 for name in named if name in _BY_NAME}
    # Thrash is a kind of metal, also for those who say heavy metal.
    kinds = {*named, *(name for place in found for name in ROWS[place].names[:1])}
    return {place: KIND for place, row in enumerate(ROWS) if kinds & set(row.kinds)} | found


def first(text: str) -> str:
    """Return the name of a genre that a folded text begins with, the longest; "" when it begins with none."""
    found = (name for name in _MENTIONED if text.startswith(name) and _pattern(name).match(text))
    return max(found, key=len, default="")


KIND = 0.7
"""What a track counts that is of a kind of what was named."""


@lru_cache(2048)
def _pattern(part: str) -> re.Pattern:
    return re.compile(rf"(?<!\w){re.escape(part)}(?!\w)")


def _within(part: str, whole: str) -> bool:
    # Most are not even there as letters, which is quicker to see.
    return part in whole and _pattern(part).search(whole) is not None


_BY_NAME = {fold(name): place for place, row in enumerate(ROWS) for name in row.names}
_MENTIONED = tuple(dict.fromkeys((*_BY_NAME, *(kind for row in ROWS for kind in row.kinds))))
