// Folding: when two spellings are the same for a search. The table comes with the index; its home and its meaning are
// publish/derive/folding.py.

// What NFKC may join to the character before it: marks, and the vowels and finals of Hangul and half-width kana. A text
// cut only before other characters folds to the same text piece by piece as at once.
const CLUSTER = /[^][\p{M}\u1160-\u11ff\u3131-\u318e\uff9e\uff9f\uffa0-\uffdc]*/gu;

const escaped = (code) => `\\u{${code.toString(16)}}`;

/**
 * The function that folds a text by a table.
 * @param {{replace: Object<string, string>, remove: number[][]}} table
 * @param {Map<string, string>} simplified of traditional characters the simplified one; others stay. It may grow.
 * @returns {(text: string) => string}
 */
export function makeFold(table, simplified) {
  const usual = new Map(Object.entries(table.replace));
  const removed = new RegExp(`[${table.remove.map((range) => range.map(escaped).join("-")).join("")}]+`, "gu");
  const replaced = new RegExp(`[${[...usual.keys()].map((key) => escaped(key.codePointAt(0))).join("")}]`, "gu");
  const lightly = (text) =>
    text
      .normalize("NFKC")
      .toLowerCase()
      .replace(removed, "")
      .replace(replaced, (variant) => usual.get(variant));
  return (text) => lightly(text).replace(/\p{Script=Han}/gu, (one) => simplified.get(one) ?? one);
}

const STANDARD = "gb2312"; // what is meant by "standard" below

/**
 * The function that tells whether folding a text takes the table of simplified characters: whether one of its
 * characters is not in GB 2312, which has hardly any traditional ones, or is among those that it has (`misleading`);
 * but not if it is one of the site's own that are neither (`rare`), as in many names.
 */
export function makeNeedsSimplified({ misleading, rare }) {
  const decoder = new TextDecoder(STANDARD);
  const standard = new Set();
  for (let row = 0xb0; row < 0xf8; row += 1) {
    const pairs = Array.from({ length: 94 }, (_, cell) => [row, 0xa1 + cell]).flat();
    [...decoder.decode(new Uint8Array(pairs))].forEach((one) => standard.add(one));
  }
  [...misleading].forEach((one) => standard.delete(one));
  [...rare].forEach((one) => standard.add(one));
  return (text) => [...text.normalize("NFKC")].some((one) => /\p{Script=Han}/u.test(one) && !standard.has(one));
}

/**
 * Where the folded terms stand in a text, as it is written.
 * @param {string} text
 * @param {string[]} terms folded, none empty
 * @param {(text: string) => string} fold
 * @returns {number[][]} [start, end] of each stretch, in order, none touching the next
 */
export function findTerms(text, terms, fold) {
  let folded = "";
  const places = []; // of each unit of the folded text: where the piece that it comes from starts and ends
  for (const piece of text.matchAll(CLUSTER)) {
    const part = fold(piece[0]);
    const place = [piece.index, piece.index + piece[0].length];
    for (let unit = 0; unit < part.length; unit += 1) {
      places.push(place);
    }
    folded += part;
  }
  const stretches = terms.flatMap((term) => occurrences(folded, term, places));
  return joined(stretches.sort((one, other) => one[0] - other[0]));
}

function occurrences(folded, term, places) {
  const found = [];
  for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + 1)) {
    found.push([places[at][0], places[at + term.length - 1][1]]);
  }
  return found;
}

function joined(stretches) {
  const all = [];
  for (const [start, end] of stretches) {
    const last = all.at(-1);
    if (last && start <= last[1]) {
      last[1] = Math.max(last[1], end);
    } else {
      all.push([start, end]);
    }
  }
  return all;
}
