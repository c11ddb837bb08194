// Checks one document against its proof and a policy, here in the browser, with WebCrypto alone.
//
// Formats: C2SP tlog-proof, signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy; RFC 6962; what
// entries, openings and proofs hold is described in docs/formats/. Nothing is sent anywhere.
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

export {
  Broken, require, fromBase64, toBase64, concat, same, hex, sha256, rootOf, isIncluded, parseKey, parseNote,
  canVerify, openNote, parseCheckpoint, parsePolicy, isQuorum, utf8, encoder, FILE_BYTES_MAX, LOG_KEY,
};
