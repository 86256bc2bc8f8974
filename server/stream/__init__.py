"""How a track travels to a listener.

send        a file, or a part of it, to one listener: sendfile, ranges, conditions
ranges      what a request's Range and If-… headers ask for; pure
profiles    the formats that we can make, as data
decide      raw or transcoded, to what, from where; pure
ffmpeg      finds the encoder and writes its command line
encoder     one running encoder and the file that it fills
cache       finished transcodes, bounded in bytes
transcode   joins them: one encoder per wish, many listeners
hls         a transcode in parts, and the lists that name them
players     mpv and ffplay on this machine
jukebox     the one list that they play, for all who may
bench       what all that costs, beside its references
"""
