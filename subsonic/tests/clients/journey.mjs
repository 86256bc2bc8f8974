// One listener's whole way through the server with subsonic-api, the JavaScript client.
//
//     node journey.mjs URL USER PASSWORD get|post
//
// USER is an administrator. The library is the drawn one of the Python tests. The
// journey leaves nothing behind; the first step that fails ends it with its name.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import SubsonicAPI from "subsonic-api";

const [url, username, password, method] = process.argv.slice(2);
const post = method === "post";
const connect = (auth) => new SubsonicAPI({ url, auth, post, crypto: webcrypto }); // Node 18 has no global crypto
const api = connect({ username, password });
const ids = (list) => list.map((each) => each.id);
const isDate = (value) => assert.ok(value instanceof Date && !Number.isNaN(value.getTime()), `${value} is no date`);

let steps = 0;
async function step(name, does) {
  try {
    await does();
    steps += 1;
  } catch (error) {
    console.error(`failed: ${name}\n${error.stack}`);
    process.exit(1);
  }
}

async function ok(answer) {
  const reply = await answer;
  assert.equal(reply.status, "ok", JSON.stringify(reply));
  return reply;
}

async function bytes(answer, type) {
  const response = await answer;
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type"), type);
  return Buffer.from(await response.arrayBuffer());
}

let album;
let songs;

await step("signs in, and not with a wrong password", async () => {
  const reply = await ok(api.ping());
  assert.equal(reply.openSubsonic, true);
  assert.equal(reply.version, "1.16.1");
  assert.ok(reply.type && reply.serverVersion);
  const refused = await connect({ username, password: `${password}x` }).ping();
  assert.deepEqual([refused.status, refused.error.code], ["failed", 40]);
  assert.equal((await ok(api.getLicense())).license.valid, true);
});

await step("learns which extensions there are", async () => {
  const { openSubsonicExtensions } = await ok(api.getOpenSubsonicExtensions());
  const found = new Map(openSubsonicExtensions.map((each) => [each.name, each.versions]));
  assert.ok(found.get("formPost")?.includes(1));
});

await step("browses by artist", async () => {
  const { artists } = await ok(api.getArtists());
  const everyone = artists.index.flatMap((index) => index.artist);
  const { artist } = await ok(api.getArtist({ id: everyone.find((each) => each.name === "Aurora Vale").id }));
  const light = artist.album.find((each) => each.name === "First Light");
  ({ album } = await ok(api.getAlbum({ id: light.id })));
  isDate(album.created);
  songs = album.song;
  assert.deepEqual(songs.map((each) => each.title), ["Dawn", "Ember", "Glass Tide", "Homeward"]);
  assert.equal(album.songCount, 4);
  assert.deepEqual(songs.map((each) => each.track), [1, 2, 3, 4]);
  assert.equal((await ok(api.getSong({ id: songs[0].id }))).song.title, "Dawn");
});

await step("browses by folder", async () => {
  const { musicFolders } = await ok(api.getMusicFolders());
  const music = musicFolders.musicFolder.find((each) => each.name === "Music");
  assert.equal(typeof music.id, "number");
  const { indexes } = await ok(api.getIndexes({ musicFolderId: music.id }));
  const top = indexes.index.flatMap((index) => index.artist).find((each) => each.name === "Aurora Vale");
  const { directory } = await ok(api.getMusicDirectory({ id: top.id }));
  const light = directory.child.find((each) => each.title === "2019 - First Light");
  assert.equal(light.isDir, true);
  const inside = await ok(api.getMusicDirectory({ id: light.id }));
  assert.deepEqual(ids(inside.directory.child), ids(songs));
});

await step("lists albums and genres", async () => {
  for (const type of ["random", "newest", "highest", "frequent", "recent", "starred", "alphabeticalByArtist"]) {
    const { albumList2 } = await ok(api.getAlbumList2({ type, size: 2 }));
    assert.ok(Array.isArray(albumList2.album) && albumList2.album.length <= 2, type);
  }
  const { albumList2 } = await ok(api.getAlbumList2({ type: "byGenre", genre: "Folk" }));
  assert.deepEqual(ids(albumList2.album), [album.id]);
  const { genres } = await ok(api.getGenres());
  assert.equal(genres.genre.find((each) => each.value === "Folk").songCount, 4);
});

await step("searches, and lists everything with no words at all", async () => {
  const { searchResult3: found } = await ok(api.search3({ query: "vale dawn" }));
  assert.deepEqual(ids(found.song), [songs[0].id]);
  const pages = [];
  for (let songOffset = 0; ; songOffset += 7) {
    const { searchResult3: page } = await ok(
      api.search3({ query: "", songCount: 7, songOffset, artistCount: 0, albumCount: 0 }),
    );
    pages.push(...ids(page.song));
    if (page.song.length < 7) break;
  }
  assert.equal(new Set(pages).size, pages.length);
  assert.equal(pages.length, (await ok(api.getScanStatus())).scanStatus.count);
});

await step("streams the file as it is", async () => {
  const body = await bytes(api.stream({ id: songs[0].id, format: "raw" }), /^audio\/flac$/);
  assert.equal(body.length, songs[0].size);
  assert.equal(body.toString("latin1", 0, 4), "fLaC");
  assert.ok(body.equals(await bytes(api.download({ id: songs[0].id }), /^audio\/flac$/)));
});

await step("streams in another format, of the length that was said", async () => {
  const response = await api.stream({ id: songs[0].id, format: "mp3", maxBitRate: 64, estimateContentLength: true });
  const said = Number(response.headers.get("content-length"));
  const body = await bytes(response, /^audio\/mpeg$/);
  assert.ok(said > 0);
  assert.equal(body.length, said);
});

await step("shows covers of songs, albums and artists", async () => {
  for (const id of [songs[0].coverArt, album.coverArt, album.id, album.artistId]) {
    assert.ok((await bytes(api.getCoverArt({ id, size: 80 }), /^image\//)).length > 100);
  }
});

await step("stars and rates", async () => {
  const marks = { id: ids(songs.slice(0, 2)), albumId: album.id, artistId: album.artistId };
  await ok(api.star(marks));
  const { starred2 } = await ok(api.getStarred2());
  assert.deepEqual(new Set(ids(starred2.song)), new Set(marks.id));
  assert.deepEqual([ids(starred2.album), ids(starred2.artist)], [[album.id], [album.artistId]]);
  isDate((await ok(api.getAlbum({ id: album.id }))).album.starred);
  await ok(api.unstar(marks));
  assert.deepEqual((await ok(api.getStarred2())).starred2, { artist: [], album: [], song: [] });
  for (const id of [songs[0].id, album.id, album.artistId]) await ok(api.setRating({ id, rating: 5 }));
  assert.equal((await ok(api.getSong({ id: songs[0].id }))).song.userRating, 5);
  for (const id of [songs[0].id, album.id, album.artistId]) await ok(api.setRating({ id, rating: 0 }));
});

await step("makes, changes, replaces and deletes a playlist", async () => {
  const { playlist } = await ok(api.createPlaylist({ name: "From JavaScript", songId: ids(songs) }));
  assert.deepEqual(ids(playlist.entry), ids(songs));
  isDate(playlist.created);
  isDate(playlist.changed);
  const playlistId = playlist.id;
  await ok(
    api.updatePlaylist({ playlistId, comment: "ours", public: true, songIdToAdd: [songs[0].id], songIndexToRemove: [0, 1] }),
  );
  let changed = (await ok(api.getPlaylist({ id: playlistId }))).playlist;
  assert.deepEqual(ids(changed.entry), [songs[2].id, songs[3].id, songs[0].id]);
  assert.deepEqual([changed.name, changed.comment, changed.public], ["From JavaScript", "ours", true]);
  await ok(api.createPlaylist({ playlistId, songId: [songs[3].id] }));
  changed = (await ok(api.getPlaylist({ id: playlistId }))).playlist;
  assert.deepEqual(ids(changed.entry), [songs[3].id]);
  assert.ok(ids((await ok(api.getPlaylists())).playlists.playlist).includes(playlistId));
  await ok(api.deletePlaylist({ id: playlistId }));
  assert.equal((await api.getPlaylist({ id: playlistId })).error.code, 70);
});

await step("keeps the play queue", async () => {
  await ok(api.savePlayQueue({ id: ids(songs), current: songs[2].id, position: 4321 }));
  const { playQueue } = await ok(api.getPlayQueue());
  assert.deepEqual(ids(playQueue.entry), ids(songs));
  assert.deepEqual([playQueue.current, playQueue.position], [songs[2].id, 4321]);
  await ok(api.savePlayQueue({}));
  assert.deepEqual((await ok(api.getPlayQueue())).playQueue?.entry ?? [], []);
});

await step("scrobbles", async () => {
  const { id } = songs[post ? 2 : 1]; // the same song twice in a minute is the same play
  const before = (await ok(api.getSong({ id }))).song.playCount ?? 0;
  await ok(api.scrobble({ id, submission: false }));
  const { nowPlaying } = await ok(api.getNowPlaying());
  assert.equal(nowPlaying.entry.find((each) => each.username === username).id, id);
  await ok(api.scrobble({ id, submission: true, time: Date.now() }));
  assert.equal((await ok(api.getSong({ id }))).song.playCount, before + 1);
});

await step("keeps bookmarks", async () => {
  await ok(api.createBookmark({ id: songs[0].id, position: 90_000, comment: "here" }));
  const { bookmarks } = await ok(api.getBookmarks());
  const [kept] = bookmarks.bookmark;
  assert.deepEqual([kept.position, kept.comment, kept.entry.id], [90_000, "here", songs[0].id]);
  await ok(api.deleteBookmark({ id: songs[0].id }));
  assert.deepEqual((await ok(api.getBookmarks())).bookmarks.bookmark, []);
});

await step("reads what is known of artists and albums, also when that is nothing", async () => {
  assert.ok((await ok(api.getArtistInfo2({ id: album.artistId }))).artistInfo2);
  assert.ok((await ok(api.getAlbumInfo2({ id: album.id }))).albumInfo);
  assert.ok(Array.isArray((await ok(api.getTopSongs({ artist: "Aurora Vale" }))).topSongs.song));
  assert.ok(Array.isArray((await ok(api.getLyricsBySongId({ id: songs[0].id }))).lyricsList.structuredLyrics));
});

await step("asks how a scan goes", async () => {
  assert.equal(typeof (await ok(api.getScanStatus())).scanStatus.scanning, "boolean");
});

await step("manages people", async () => {
  const guest = { username: "dora", password: "dora's secret 6" };
  await ok(api.createUser({ ...guest, email: "dora@example.org", downloadRole: true }));
  const { user } = await ok(api.getUser({ username: "dora" }));
  assert.deepEqual([user.email, user.downloadRole, user.adminRole], ["dora@example.org", true, false]);
  const dora = connect(guest);
  assert.equal((await dora.getUsers()).error.code, 50);
  await ok(dora.changePassword({ username: "dora", password: "dora's secret 7" }));
  await ok(connect({ ...guest, password: "dora's secret 7" }).ping());
  await ok(api.deleteUser({ username: "dora" }));
  assert.ok(!(await ok(api.getUsers())).users.user.some((each) => each.username === "dora"));
});

console.log(`${steps} steps by ${method}`);
