// Grams: short pieces of folded texts, as hashes; the same as in publish/derive/search/grams.py.

const utf8 = new TextEncoder();
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
