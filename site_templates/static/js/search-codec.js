// How files of the search index are read: compressed bytes, numbers, hashes. The format: docs/search.md.

/** A file of the index is not there any more: a newer release has taken its place. */
export class IndexGone extends Error {}

/** A file of the index is not what its name says. */
export class IndexBroken extends Error {}

export const NAME = 5; // bytes of a file's name

const text = new TextDecoder("utf-8", { fatal: true });
const utf8 = new TextEncoder();

/** Bytes as text; broken ones throw. */
export const decode = (bytes) => text.decode(bytes);

/** Fetch a file of the index, by address. */
export async function fetchFile(address, cache) {
  const response = await fetch(address, { cache, credentials: "omit" });
  if (response.status === 404 || response.status === 410) {
    throw new IndexGone("a file of the index is gone");
  }
  if (!response.ok) {
    throw new Error(`the index answered ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** Unpack a file. `name`, if given, is the beginning of the hash of what is in it, and is verified where that can be. */
export async function unpack(bytes, name) {
  let body;
  try {
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    body = new Uint8Array(await new Response(plain).arrayBuffer());
  } catch {
    throw new IndexBroken("a file of the index cannot be unpacked");
  }
  if (name && globalThis.crypto?.subtle) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    if (hexOf(hash, 0) !== name) {
      throw new IndexBroken("a file of the index has another content than its name says");
    }
  }
  return body;
}

/** The file name that stands at a place in bytes. */
export function hexOf(bytes, at) {
  if (at + NAME > bytes.length) {
    throw new IndexBroken("a name is missing");
  }
  return [...bytes.subarray(at, at + NAME)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads varints: seven bits a byte, low ones first. */
export class Numbers {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  next() {
    let [value, scale, byte] = [0, 1, 128];
    while (byte >= 128) {
      byte = this.bytes[this.at++];
      if (byte === undefined || scale > 2 ** 49) {
        throw new IndexBroken("a number is cut off");
      }
      value += (byte & 127) * scale;
      scale *= 128;
    }
    return value;
  }

  /** Several numbers, each of which may take the one before into account. */
  take(count, step = (number) => number) {
    if (count > this.bytes.length) {
      throw new IndexBroken("more numbers than bytes");
    }
    let last = 0;
    return Array.from({ length: count }, () => (last = step(this.next(), last)));
  }
}

const SEED = { pair: 0x243f6a88, four: 0x85a308d3, code: 0x13198a2e, facet: 0x03707344, end: 0xa4093822, pattern: 0x299f31d0 };

/** The hash of two numbers; the same as hash_grams in publish/derive/search/grams.py. */
function mix(seed, left, right) {
  let mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77) ^ seed;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const fnv = (string) => utf8.encode(string).reduce((number, byte) => Math.imul(number ^ byte, 0x01000193), 0x811c9dc5);
const three = (seed, codes, at) => mix(seed, codes[at] | (codes[at + 1] << 8), codes[at + 2]);

export const hashFacet = (facet, value) => mix(SEED.facet, fnv(`${facet}\t${value}`), 0);
export const hashPattern = (pattern) => mix(SEED.pattern, fnv(pattern), 0);
export const hashEnd = (code) => three(SEED.end, codesOf(code.slice(-3)), 0);

const codesOf = (string) => [...string].map((one) => one.codePointAt(0));
const isPlain = (code) => (code >= 48 && code <= 57) || (code >= 97 && code <= 122);

/** The hashes of what is in every text that holds a folded term; [] if that is too little to tell. */
export function gramsOf(term) {
  const codes = codesOf(term);
  const grams = [];
  for (let at = 0; at + 1 < codes.length; at += 1) {
    const four = codes.slice(at, at + 4);
    if (four.length === 4 && four.every(isPlain)) {
      grams.push(mix(SEED.four, four[0] | (four[1] << 8), four[2] | (four[3] << 8)));
    }
    // Where four letters or digits stand together, pairs of them tell nothing more.
    if (!(isPlain(codes[at]) && isPlain(codes[at + 1])) || !/[0-9a-z]{4}/.test(term)) {
      grams.push(mix(SEED.pair, codes[at], codes[at + 1]));
    }
  }
  return [...new Set(grams)];
}

/**
 * The same for credit codes that hold a term; null if no code can, [] if that is too little to tell. The last come first:
 * a code begins with its region, which many share.
 */
export function codeGrams(term) {
  if (!/^[0-9a-z]{1,18}$/.test(term)) {
    return null;
  }
  const codes = codesOf(term);
  return [...new Set(codes.slice(2).map((_, at) => three(SEED.code, codes, at)))].reverse();
}
