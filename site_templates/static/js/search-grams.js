// Grams: short pieces of folded texts, as hashes; the same as in publish/derive/search/grams.py and hashing.py.

const SEED = { pair: 0x243f6a88, triple: 0x85a308d3, facet: 0x03707344, text: 0x299f31d0 };

/** The hash of two numbers; `mixed` in hashing.py. */
function mix(seed, left, right) {
  let mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77) ^ seed;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

export const codesOf = (string) => [...string].map((one) => one.codePointAt(0));
const isAlphanumeric = (code) => (code >= 48 && code <= 57) || (code >= 97 && code <= 122);

/** FNV-1a over UTF-8, mixed. */
export function hashFacet(facet, value) {
  const bytes = new TextEncoder().encode(`${facet}\t${value}`);
  return mix(SEED.facet, bytes.reduce((number, byte) => Math.imul(number ^ byte, 0x01000193), 0x811c9dc5), 0);
}

/** The key of a folded text in tables that are ordered by hashes. */
export function hashKey(text) {
  const sum = codesOf(text).reduce((all, code, place) => all + mix(SEED.text, code, place), 0);
  return mix(SEED.text, sum, 0).toString(16).padStart(8, "0");
}

/**
 * The hashes of what is in every text that holds a folded term, the longest pieces first, some twice; [] if that is too
 * little to tell. Of sections every three characters are a piece.
 */
export function gramsOf(term, isOfSections = false) {
  const codes = codesOf(term);
  const [pairs, triples] = [[], []];
  for (let at = 0; at + 1 < codes.length; at += 1) {
    const pair = mix(SEED.pair, codes[at], codes[at + 1]);
    pairs.push(pair);
    if (at + 2 < codes.length && (isOfSections || codes.slice(at, at + 3).some(isAlphanumeric))) {
      triples.push(mix(SEED.triple, pair, codes[at + 2]));
    }
  }
  return [...triples, ...pairs];
}
