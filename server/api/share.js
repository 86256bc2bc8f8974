/* The player of a share's page. What the browser can play comes as it is, the rest converted.
   A converted song cannot be skipped about in while it is made: it is asked for anew from another second. */
"use strict";
(() => {
  const share = document.body.dataset.share;
  const rows = [...document.querySelectorAll("[data-track]")];
  const at = (id) => document.getElementById(id);
  const [player, toggle, prev, next, seek, said] = ["player", "toggle", "prev", "next", "seek", "said"].map(at);
  const audio = new Audio();
  let current = -1;
  let offset = 0;
  let whole = true;
  let dragging = false;

  const text = (row, name) => row.querySelector(`.${name}`).textContent;
  const by = document.querySelector(".by")?.textContent ?? "";
  const artist = (row) => text(row, "artist") || by;
  const known = () => Number(rows[current].dataset.length) || (Number.isFinite(audio.duration) ? audio.duration : 0);
  const position = () => offset + audio.currentTime;

  function clock(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const tail = String(s % 60).padStart(2, "0");
    const minutes = Math.floor(s / 60);
    return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
  }

  function format(row) {
    if (row.dataset.failed) return "mp3";
    if (row.dataset.type && audio.canPlayType(row.dataset.type)) return "raw";
    return audio.canPlayType('audio/ogg; codecs="opus"') ? "opus" : "mp3";
  }

  function load(from) {
    const row = rows[current];
    const wanted = format(row);
    whole = wanted === "raw";
    offset = whole ? 0 : Math.floor(from);
    audio.src = `${share}/stream/${row.dataset.track}?format=${wanted}${offset ? `&start=${offset}` : ""}`;
    if (whole && from) audio.currentTime = from;
    audio.play().catch(() => {});
  }

  function play(index) {
    rows[current]?.removeAttribute("aria-current");
    current = index;
    const row = rows[current];
    row.setAttribute("aria-current", "true");
    said.textContent = "";
    at("title").textContent = text(row, "title");
    at("artist").textContent = artist(row);
    at("thumb").src = `${share}/cover/${row.dataset.track}?size=200`;
    player.hidden = false;
    prev.disabled = next.disabled = rows.length < 2;
    load(0);
    tell(row);
    draw();
  }

  function step(by) {
    if (by < 0 && position() > 4) return jump(0);
    play((current + by + rows.length) % rows.length);
  }

  function jump(to) {
    const target = Math.min(Math.max(0, to), Math.max(0, known() - 1));
    if (whole) audio.currentTime = target;
    else load(target);
    draw();
  }

  function flip() {
    if (current < 0) play(0);
    else if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  }

  function draw() {
    const length = known();
    seek.max = Math.max(1, Math.floor(length));
    if (!dragging) seek.value = Math.floor(position());
    const shown = dragging ? Number(seek.value) : position();
    at("at").textContent = clock(shown);
    at("length").textContent = clock(length);
    seek.setAttribute("aria-valuetext", `${clock(shown)} of ${clock(length)}`);
  }

  function state() {
    const playing = !audio.paused;
    document.body.classList.toggle("playing", playing);
    rows[current]?.classList.toggle("paused", !playing);
    toggle.setAttribute("aria-label", playing ? "Pause" : "Play");
    at("start").querySelector("span").textContent = playing ? "Pause" : "Play";
    if ("mediaSession" in navigator) navigator.mediaSession.playbackState = playing ? "playing" : "paused";
  }

  function tell(row) {
    document.title = `${text(row, "title")} · ${document.querySelector("h1").textContent}`;
    if (!("mediaSession" in navigator)) return;
    const cover = new URL(`${share}/cover/${row.dataset.track}?size=600`, location.href).href;
    navigator.mediaSession.metadata = new MediaMetadata({
      title: text(row, "title"), artist: artist(row), album: document.querySelector("h1").textContent,
      artwork: [{src: cover, sizes: "600x600"}],
    });
  }

  function where() {
    const duration = known();
    if (!duration || !navigator.mediaSession?.setPositionState) return;
    navigator.mediaSession.setPositionState({duration, position: Math.min(position(), duration), playbackRate: 1});
  }

  rows.forEach((row, index) => {
    row.querySelector(".song").addEventListener("click", () => (index === current ? flip() : play(index)));
  });
  at("start").addEventListener("click", flip);
  toggle.addEventListener("click", flip);
  prev.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  seek.addEventListener("input", () => { dragging = true; draw(); });
  seek.addEventListener("change", () => { dragging = false; jump(Number(seek.value)); });
  audio.addEventListener("timeupdate", draw);
  for (const name of ["play", "playing", "seeked"]) audio.addEventListener(name, where);
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, state);
  audio.addEventListener("ended", () => { if (current + 1 < rows.length) play(current + 1); });
  audio.addEventListener("error", () => {
    const row = rows[current];
    if (!row.dataset.failed) {
      row.dataset.failed = "1";
      load(position());
      return;
    }
    said.textContent = `${text(row, "title")} cannot be played just now.`;
    state();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== document.body || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = {ArrowLeft: -10, ArrowRight: 10}[event.key];
    if (event.key === " ") flip();
    else if (move && current >= 0) jump(position() + move);
    else return;
    event.preventDefault();
  });
  if ("mediaSession" in navigator) {
    const actions = {
      play: flip, pause: flip, previoustrack: () => step(-1), nexttrack: () => step(1),
      seekbackward: (e) => jump(position() - (e.seekOffset || 10)),
      seekforward: (e) => jump(position() + (e.seekOffset || 10)), seekto: (e) => jump(e.seekTime),
    };
    for (const [name, action] of Object.entries(actions)) {
      try { navigator.mediaSession.setActionHandler(name, action); } catch { /* an older browser knows fewer */ }
    }
  }
  document.documentElement.classList.add("js");
})();
