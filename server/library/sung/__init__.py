"""What is sung: from texts that strangers wrote to lyrics with the times of lines and words.

Strangers' texts are understood in the scan's child only, never in the server: any text gives lyrics or nothing, in
time and room that are bounded, and never an exception. What comes out is stored with the track and stays as it is
until the text changes or `READER` does.

    beside ─ which files belong to a track     layers ─ what lyrics are       building ─ words to lines and byte offsets
    lrc ttml srt ─ one format each             texts ─ encodings, formats     child ─ a file's tags and lyrics together
"""

READER = 1
"""Raise it whenever the reading of tags or lyrics changes: the next scan then reads every file again."""
