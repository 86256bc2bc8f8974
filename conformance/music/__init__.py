"""The suite's own test library, made from nothing but the standard library: `python -m conformance music DIR`.

    sound.py      the least that is valid MP3, FLAC and Opus
    tags.py       what is written into them: ID3, Vorbis comments
    pictures.py   a PNG of one colour
    library.py    what the albums are, and what each of them is there for
"""
