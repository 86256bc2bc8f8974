"use strict";
// The page /ears: signs in with what was typed, asks /api, and writes the answers as text, never as HTML.

const base = new URL(document.currentScript.src).pathname.replace(/\/ears\.js$/, "");
const NAMES = {
  heard: "Heard", compared: "Can be compared", album: "Same album", artist: "Same artist", genre: "Same genre",
  copies: "Copies", halves: "Halves of a song", hubs: "Hubs", orphans: "Never found", recommended: "Recommended",
};
const SHARES = new Set(["heard", "compared", "album", "artist", "genre", "copies", "orphans"]);
const at = (id) => document.getElementById(id);
let pass = "";

async function ask(path, method = "GET") {
  const answer = await fetch(`${base}/api/${path}`, {method, headers: {Authorization: pass}});
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail || `The server answered ${answer.status}.`);
  return told;
}

function rows(list, pairs) {
  list.replaceChildren(...pairs.map(([name, text, warn]) => {
    const row = document.createElement("div"), term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = name;
    said.textContent = text;
    if (warn) said.className = "warn";
    row.append(term, said);
    return row;
  }));
}

const number = (line, value) => SHARES.has(line.name) ? `${Math.round(100 * value)} %` : value.toFixed(2);

function span(seconds) {
  const hours = Math.floor(seconds / 3600), minutes = Math.round(seconds % 3600 / 60);
  return hours ? `${hours} h ${minutes} min` : `${minutes} min`;
}

function showAnalysis(told) {
  const rest = told.eta_s ? `, ${span(told.eta_s)} to go at ${Math.round(told.per_hour)} songs an hour` : "";
  at("state").textContent = `It is ${told.state}${rest}. ${told.reason || ""}`;
  rows(at("counts"), Object.entries(told.counts).map(([name, count]) => [name, count.toLocaleString()]));
  at("left").hidden = !told.left_alone.length;
  rows(at("reasons"), told.left_alone.map((each) => [each.state, `${each.name || each.id}: ${each.reason}`]));
}

function showQuality(told) {
  at("measured").textContent = !told.measured_ms
    ? "Nothing was measured yet: that begins once 50 songs can be compared."
    : `Measured ${new Date(told.measured_ms).toLocaleString()} on ${told.songs.toLocaleString()} songs.` +
      (told.waiting ? " It is to be measured anew." : "");
  const lines = told.lines.map((line) => [
    NAMES[line.name] || line.name,
    `${number(line, line.value)}, ${line.verdict}: ${line.sentence}` +
      (line.chance === null ? "" : `; by chance ${number(line, line.chance)}`),
    line.verdict === "poor",
  ]);
  const held = told.held_back.map((each) => [`Held back: ${each.kind}`, each.reason, true]);
  rows(at("lines"), lines.concat(held));
}

async function show() {
  try {
    const [analysis, quality] = await Promise.all([ask("analysis"), ask("quality")]);
    at("said").textContent = "";
    at("sign-in").hidden = true;
    at("told").hidden = false;
    showAnalysis(analysis);
    showQuality(quality);
    return true;
  } catch (error) {
    at("said").textContent = error.message;
    return false;
  }
}

at("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = new TextEncoder().encode(`${at("name").value}:${at("password").value}`);
  pass = `Basic ${btoa(String.fromCharCode(...typed))}`;
  if (await show()) setInterval(show, 10000);
});
at("again").addEventListener("click", async () => {
  try {
    showQuality(await ask("quality", "POST"));
  } catch (error) {
    at("said").textContent = error.message;
  }
});
