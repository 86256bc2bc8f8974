"""What the protocol promises of lyrics, whatever they were made of."""

from server.library.sung.layers import MAIN, PRONUNCIATION, TRANSLATION, Layer


def keeps(layer: Layer) -> None:
    """Fail unless a layer is one that may be sent."""
    starts = [line.start_ms for line in layer.lines]
    assert layer.kind in (MAIN, TRANSLATION, PRONUNCIATION)
    assert layer.lines and any(line.text for line in layer.lines)
    assert starts == (sorted(starts) if layer.synced else [None] * len(starts))
    assert all(line.text == line.text.strip() and "\n" not in line.text for line in layer.lines)
    assert layer.synced or not layer.cue_lines
    ids = [agent.id for agent in layer.agents]
    assert len(set(ids)) == len(ids)
    if ids:
        assert layer.cue_lines and [agent.role for agent in layer.agents].count("main") == 1
    assert all(line.agent in ids if ids else line.agent == "" for line in layer.cue_lines)
    main = next((agent.id for agent in layer.agents if agent.role == "main"), "")
    seen = -1
    for line in layer.cue_lines:
        assert 0 <= line.index < len(layer.lines) and line.index >= seen
        assert line.index > seen or line.agent != main
        seen = line.index
        text = line.text.encode()
        assert line.cues and text
        assert len({cue.end_ms is None for cue in line.cues}) == 1
        before, byte = 0, -1
        for cue in line.cues:
            assert byte < cue.first_byte <= cue.last_byte < len(text)
            text[cue.first_byte : cue.last_byte + 1].decode()
            assert before <= cue.start_ms <= (cue.start_ms if cue.end_ms is None else cue.end_ms) < 2**31
            before, byte = cue.end_ms or cue.start_ms, cue.last_byte
