// Checks one document against its proof and a policy, here in the browser, with WebCrypto alone.
//
// Formats: C2SP tlog-proof, signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy; RFC 6962; what
// entries, openings and proofs hold is described in docs/formats/ (log-entries.md, item-proof.md). Nothing is sent anywhere.
"use strict";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const FILE_BYTES_MAX = 256 * 1024;

/** Something that does not hold; `step` names what. */
class Broken extends Error {
  constructor(step, reason) {
    super(reason || step);
    this.step = step;
  }
}

function require(holds, step, reason) {
  if (!holds) { throw new Broken(step, reason); }
}

// Bytes

function fromBase64(text) {
  require(/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, "unread", "not base64");
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) { bytes[at] = raw.charCodeAt(at); }
  require(toBase64(bytes) === text, "unread", "base64 in another spelling");
  return bytes;
}

function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) { text += String.fromCharCode(byte); }
  return btoa(text);
}

function concat(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) { whole.set(piece, at); at += piece.length; }
  return whole;
}

function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

// Merkle trees (RFC 6962 section 2.1). Indexes and sizes are BigInt: they go up to 2^63.

function leafHash(entry) { return sha256(concat(Uint8Array.of(0), entry)); }
function nodeHash(left, right) { return sha256(concat(Uint8Array.of(1), left, right)); }

/** The root that a leaf and its path lead to; the check of RFC 9162 section 2.1.3.2. */
async function rootOf(leaf, index, size, path) {
  require(index < size, "inclusion", "the place is beyond the tree");
  let [place, last, hash] = [index, size - 1n, leaf];
  for (const sibling of path) {
    require(last > 0n, "inclusion", "the path is too long");
    if ((place & 1n) === 1n || place === last) {
      hash = await nodeHash(sibling, hash);
      while ((place & 1n) === 0n && place !== 0n) { place >>= 1n; last >>= 1n; }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    place >>= 1n;
    last >>= 1n;
  }
  require(last === 0n, "inclusion", "the path is too short");
  return hash;
}

async function isIncluded(entry, index, path, head) {
  return same(await rootOf(await leafHash(entry), index, head.size, path), head.root);
}

// Keys and signed notes

const LOG_KEY = 1;
const WITNESS_KEY = 4;

/** Reads a `vkey`: name, id, and public key with its type before it. */
async function parseKey(text) {
  const found = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  require(found, "unread", "not a key");
  const key = fromBase64(found[3]);
  require(key.length === 33, "unread", "a key of another length");
  const hash = await sha256(concat(encoder.encode(found[1]), Uint8Array.of(10), key));
  require(hex(hash.slice(0, 4)) === found[2], "unread", "the id of a key is another key's");
  return { text, name: found[1], id: found[2], type: key[0], bytes: key.slice(1) };
}

/** Splits a note into its text and its signatures, as bytes. */
function parseNote(text) {
  const end = text.lastIndexOf("\n\n");
  require(end >= 0 && text.endsWith("\n"), "unread", "not a signed note");
  const lines = text.slice(end + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const found = /^\u2014 (\S+) (\S+)$/.exec(line);
    require(found, "unread", "not a signature line");
    const bytes = fromBase64(found[2]);
    require(bytes.length > 4, "unread", "a signature that is too short");
    return { name: found[1], id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
  });
  return { text: text.slice(0, end + 1), signatures };
}

/** Whether this browser verifies Ed25519: asked with a signature known to be good (RFC 8032, 7.1). */
async function canVerify() {
  const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  const key = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = bytes("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  try {
    return await verifyBytes(key, signature, new Uint8Array(0));
  } catch {
    return false;
  }
}

async function verifyBytes(key, signature, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

/**
 * The keys of these that signed, with the time of a cosignature. A wrong signature in a known key's
 * name makes the whole note refused.
 */
async function openNote(note, keys, step) {
  const good = [];
  for (const signature of note.signatures) {
    const key = keys.find((one) => one.name === signature.name && one.id === signature.id);
    if (!key) { continue; }
    let [bytes, message, at] = [signature.bytes, encoder.encode(note.text), 0];
    if (key.type === WITNESS_KEY) {
      require(bytes.length === 72, step, "a cosignature of another length");
      at = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0));
      message = encoder.encode(`cosignature/v1\ntime ${at}\n${note.text}`);
      bytes = bytes.slice(8);
    }
    require(bytes.length === 64 && await verifyBytes(key.bytes, bytes, message), step, `the signature by ${key.name} is wrong`);
    const known = good.find((one) => one.key === key);
    if (known) { known.at = Math.max(known.at, at); } else { good.push({ key, at }); }
  }
  return good;
}

// Checkpoints and policies

const SIZE = /^(0|[1-9][0-9]{0,18})$/;

function parseCheckpoint(text) {
  const note = parseNote(text);
  const [origin, size, root] = note.text.split("\n");
  require(origin && SIZE.test(size) && root, "unread", "not a checkpoint");
  return { note, origin, size: BigInt(size), root: fromBase64(root) };
}

/** Reads a policy (C2SP tlog-policy): logs, witnesses, groups, quorum. */
async function parsePolicy(text) {
  const policy = { logs: [], witnesses: [], groups: new Map(), quorum: null };
  require(text.endsWith("\n"), "unread", "the policy was cut off");
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.split(/[ \t]+/).filter((item) => item);
    if (!word || word.startsWith("#")) { continue; }
    if (word === "log") {
      policy.logs.push(await parseKey(rest[0]));
    } else if (word === "witness") {
      policy.witnesses.push({ name: rest[0], key: await parseKey(rest[1]) });
    } else if (word === "group") {
      const [name, threshold, ...members] = rest;
      const count = threshold === "all" ? members.length : threshold === "any" ? 1 : Number(threshold);
      require(count >= 1 && count <= members.length, "unread", "a group of the policy cannot be reached");
      policy.groups.set(name, { threshold: count, members });
    } else if (word === "quorum") {
      policy.quorum = rest[0];
    } else {
      throw new Broken("unread", "not a policy");
    }
  }
  require(policy.logs.length > 0 && policy.quorum, "unread", "the policy names no log or no quorum");
  return policy;
}

function isQuorum(policy, names) {
  const has = (member) => {
    const group = policy.groups.get(member);
    return group ? group.members.filter(has).length >= group.threshold : names.has(member);
  };
  return policy.quorum === "none" || has(policy.quorum);
}

// Proofs

/** Refuses members that are not known: a later version may mean something else by them. */
function hasOnly(object, names) {
  require(Object.keys(object).every((name) => names.includes(name)), "unread", "a member that is not known");
}

/** Reads a proof file and what is in its extra data; nothing of it is believed yet. */
function parseProof(text) {
  const [header, ...lines] = text.split("\n");
  require(header === "c2sp.org/tlog-proof@v1", "unread", "not a proof");
  const end = lines.indexOf("");
  require(end >= 2 && lines[0].startsWith("extra ") && lines[1].startsWith("index "), "unread", "not a proof of an item");
  const extra = JSON.parse(utf8.decode(fromBase64(lines[0].slice(6))));
  require(extra.v === 1, "unread", "a proof of a version this page does not know");
  hasOnly(extra, ["v", "entry", "opening", "statements"]);
  require(extra.statements.length >= 2 && extra.statements.length <= 64, "unread", "too few or too many statements");
  extra.statements.forEach((one) => hasOnly(one, ["index", "entry", "path"]));
  require(SIZE.test(lines[1].slice(6)), "unread", "not a proof");
  return {
    index: BigInt(lines[1].slice(6)),
    path: lines.slice(2, end).map(fromBase64),
    checkpoint: parseCheckpoint(lines.slice(end + 1).join("\n")),
    entry: encoder.encode(extra.entry),
    opening: encoder.encode(extra.opening),
    statements: extra.statements.map((one) => ({
      index: BigInt(one.index),
      path: one.path.map(fromBase64),
      entry: encoder.encode(one.entry),
      note: parseNote(one.entry),
    })),
  };
}

/** A document entry: collection, tranche, number, commitment. */
function parseEntry(bytes) {
  const lines = utf8.decode(bytes).split("\n");
  require(lines.length === 5 && lines[0] === "frelon/doc/v1" && lines[4] === "", "entry", "not a document entry");
  const [tranche, number] = lines[2].split(" ");
  return { collection: lines[1], tranche: Number(tranche), number: Number(number), commitment: fromBase64(lines[3]) };
}

/** A statement: its kind and its JSON. */
function parseStatement(note, step) {
  const [header, json, end] = note.text.split("\n");
  const kind = /^frelon\/([a-z-]+)\/v1$/.exec(header);
  require(kind && end === "", step, "not a statement");
  return { kind: kind[1], ...JSON.parse(json) };
}

/** How many different keys of a root signed. */
async function countSigners(root, note, step) {
  return new Set((await openNote(note, root.editors, step)).map((one) => hex(one.key.bytes))).size;
}

/**
 * Replays the editors' keys up to the release (docs/formats/log-entries.md, section 5): each root is signed
 * by the threshold of the one before and by its own.
 */
async function replayRoots(statements, log) {
  let root = null;
  for (const one of statements) {
    const said = parseStatement(one.note, "editors");
    require(said.kind === "root" && said.origin === log.name && said.says.log === log.text, "editors", "a root for another log");
    const version = root ? root.version : 0;
    require(said.root_version === version && said.says.version === version + 1, "editors", "a root is missing");
    const next = { version: version + 1, threshold: said.says.threshold, editors: [] };
    for (const key of said.says.editors) { next.editors.push(await parseKey(key)); }
    const keys = new Set(next.editors.map((key) => hex(key.bytes)));
    require(next.threshold >= 1 && next.threshold <= keys.size && keys.size === next.editors.length, "editors", "a root that cannot be met");
    require(!root || await countSigners(root, one.note, "editors") >= root.threshold, "editors", "the editors before did not agree");
    require(await countSigners(next, one.note, "editors") >= next.threshold, "editors", "the new editors did not sign");
    root = next;
  }
  require(root, "editors", "no editors are named");
  return root;
}

// The whole check

/**
 * Judges a document. Gives one line for each step: its name, whether it holds (`null`: could not be told),
 * and what to put into its words.
 */
async function judge(item, proofText, policyText) {
  const lines = [];
  const step = async (name, work) => {
    try {
      lines.push({ name, holds: true, values: await work() || [] });
    } catch (error) {
      if (error instanceof Broken && error.step === "unread") { throw error; }
      lines.push({ name, holds: false, values: error.values || [], reason: String(error.message) });
    }
  };
  const proof = parseProof(proofText);
  const policy = await parsePolicy(policyText);
  const [head, log] = [proof.checkpoint, policy.logs.find((key) => key.name === proof.checkpoint.origin)];
  const entry = parseEntry(proof.entry);
  await step("content", async () => {
    const opening = JSON.parse(utf8.decode(proof.opening));
    require(opening.v === 1 && opening.len === item.length, "content", "another length");
    require(opening.content === hex(await sha256(item)), "content", "another hash");
  });
  await step("entry", async () => {
    require(same(await sha256(proof.opening), entry.commitment), "entry", "another opening");
  });
  await step("inclusion", async () => {
    require(await isIncluded(proof.entry, proof.index, proof.path, head), "inclusion", "another root");
    return [String(proof.index), String(head.size)];
  });
  if (!await canVerify()) {
    lines.push({ name: "no-crypto", holds: null, values: [] });
    return lines;
  }
  await step("log", async () => {
    require(log && log.type === LOG_KEY, "log", "the policy does not name this log");
    require((await openNote(head.note, [log], "log")).length === 1, "log", "not signed by the log");
    return [log.name];
  });
  if (policy.quorum === "none") {
    lines.push({ name: "witness-none", holds: true, values: [] });
  } else {
    await step("witness", async () => {
      const good = await openNote(head.note, policy.witnesses.map((one) => one.key), "witness");
      const now = Date.now() / 1000 + 300;
      const seen = policy.witnesses.filter((one) => good.some((found) => found.key === one.key && found.at <= now));
      const values = [String(seen.length), String(policy.witnesses.length)];
      if (!isQuorum(policy, new Set(seen.map((one) => one.name)))) {
        throw Object.assign(new Broken("witness", "no quorum"), { values });
      }
      const last = Math.max(...good.filter((one) => one.at <= now).map((one) => one.at));
      return [...values, new Date(last * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC"];
    });
  }
  const release = proof.statements[proof.statements.length - 1];
  const roots = proof.statements.slice(0, -1);
  let root = null;
  await step("editors", async () => {
    require(log && release, "editors", "no statements");
    let before = -1n;
    for (const one of proof.statements) {
      require(one.index > before && await isIncluded(one.entry, one.index, one.path, head), "editors", "a statement is not in the log");
      before = one.index;
    }
    root = await replayRoots(roots, log);
    return [String(root.threshold), String(root.editors.length)];
  });
  await step("release", async () => {
    require(root, "release", "no editors");
    const said = parseStatement(release.note, "release");
    require(said.kind === "release" && said.origin === log.name && said.root_version === root.version, "release", "another statement");
    require(said.collection === entry.collection && said.says.tranche === entry.tranche, "release", "another release");
    const [first, last] = [BigInt(said.says.first_leaf), BigInt(said.says.last_leaf)];
    require(first <= proof.index && proof.index <= last && last < release.index, "release", "the document is not part of it");
    require(await countSigners(root, release.note, "release") >= root.threshold, "release", "too few signed");
  });
  return lines;
}

// The page

function words() {
  const texts = {};
  for (const one of document.querySelectorAll("#checker-words li")) { texts[one.dataset.name] = one.textContent; }
  return (name, values = []) => (texts[name] || name).replace(/%(\d)/g, (all, place) => values[place - 1] ?? all);
}

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text) { made.textContent = text; }
  if (kind) { made.className = kind; }
  return made;
}

function show(say, lines, ownPolicy) {
  const bad = lines.some((line) => line.holds === false);
  const all = lines.every((line) => line.holds === true);
  const [state, kind] = bad ? ["bad", "is-bad"] : all ? ["good", "is-yes"] : ["partly", ""];
  const box = element("section", "", `verdict ${kind}`);
  box.dataset.state = state;
  box.append(element("h3", say(state)), element("p", say(`${state}-text`)));
  const list = element("ul");
  for (const line of lines) {
    const exact = line.name === "no-crypto" || line.name === "witness-none";
    const text = say(exact ? line.name : `${line.name}-${line.holds ? "ok" : "bad"}`, line.values);
    const row = element("li", text, line.holds === null ? "is-open" : line.holds ? "is-ok" : "is-bad");
    row.dataset.step = line.name;
    list.append(row);
  }
  box.append(list, element("p", say(ownPolicy ? "own-policy" : "your-policy"), "small"), element("p", say("not"), "small"));
  document.getElementById("checker-verdict").replaceChildren(box);
}

async function run(read, ownPolicy) {
  const say = words();
  const place = document.getElementById("checker-verdict");
  if (!globalThis.crypto?.subtle) {
    place.replaceChildren(element("p", say("no-hash"), "notice"));
    return;
  }
  place.replaceChildren(element("p", say("running")));
  try {
    const [item, proof, policy] = await read();
    require(proof.length <= FILE_BYTES_MAX && policy.length <= FILE_BYTES_MAX, "unread", "too long");
    show(say, await judge(item, utf8.decode(proof), utf8.decode(policy)), ownPolicy);
  } catch (error) {
    place.replaceChildren(element("p", `${say("unread")} (${error.message})`, "notice"));
  }
}

async function fetchBytes(path) {
  const answer = await fetch(path, { cache: "no-store", credentials: "omit" });
  require(answer.ok, "unread", `${path}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function fileBytes(id) {
  const file = document.getElementById(id).files[0];
  return file ? new Uint8Array(await file.arrayBuffer()) : null;
}

const off = document.getElementById("checker-off");
const form = document.getElementById("checker-form");
const button = document.getElementById("checker-go");
if (off) { off.hidden = true; }
if (form) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const own = document.getElementById("checker-policy").files.length === 0;
    await run(async () => [
      await fileBytes("checker-item"), await fileBytes("checker-proof"),
      await fileBytes("checker-policy") ?? await fetchBytes("/policy"),
    ], own);
  });
}
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => run(() => Promise.all([
    fetchBytes(button.dataset.item), fetchBytes(button.dataset.proof), fetchBytes("/policy"),
  ]), true));
}
