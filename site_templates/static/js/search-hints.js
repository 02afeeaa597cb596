// What helps a person on: the page of a whole number, names that go on as typed, and what may have been meant.

import { Search } from "./search-engine.js";
import { foldedColumn } from "./search-index.js";

const SUGGESTED = 6;
const PROPOSED = 3;
const LOOKED = 3; // blocks that are looked into for what may have been meant

/** The page that a whole credit code or document number leads to; null if there is none, or more than one. */
export async function exactAddress(index, query, today) {
  const { number } = query;
  if (!number) {
    return null;
  }
  const code = /^[0-9a-z]{18}$/.test(number) ? await index.codeOf(number) : null;
  if (code) {
    return `/s/${code.slice(-2)}/${code}.html`;
  }
  const search = new Search(index, query, { today });
  await search.find(2);
  const exact = search.hits.filter((hit) => hit.tier === 0);
  const isTitle = exact.length === 1 && foldedColumn(exact[0].block, "t", index.fold)[exact[0].row] === number;
  return isTitle ? exact[0].url : null;
}

/** Fill a datalist with titles and subjects that hold what was typed, those that begin with it first. */
export function suggestions(hits, query, fold, list) {
  const [term] = query.terms;
  if (!list || query.terms.length !== 1 || term.field) {
    list?.replaceChildren();
    return;
  }
  const texts = hits.flatMap((hit) => ["s", "t", "c"].map((name) => hit.block.columns[name]?.[hit.row]));
  const known = [...new Set(texts.filter((text) => text && fold(text).includes(term.text)))];
  const begins = (text) => Number(fold(text).startsWith(term.text));
  const sorted = known.sort((one, other) => begins(other) - begins(one)).slice(0, SUGGESTED);
  list.replaceChildren(...sorted.map((text) => new Option(text)));
}

/**
 * Texts of the index that are nearly what was typed.
 * @returns {Promise<string[]>} as they are written
 */
export async function meant(index, query) {
  if (query.terms.length !== 1 || query.terms[0].field) {
    return [];
  }
  const typed = query.terms[0].text;
  const blocks = await likely(index, typed);
  const most = Math.max(1, Math.floor([...typed].length / 4));
  const found = new Map();
  for (const block of blocks) {
    for (const name of ["s", "t", "c"]) {
      foldedColumn(block, name, index.fold).forEach((text, row) => {
        const written = block.columns[name]?.[row];
        const away = written ? nearest(typed, text) : Infinity;
        if (away <= most && away < (found.get(written) ?? Infinity)) {
          found.set(written, away);
        }
      });
    }
  }
  return [...found].sort(([, one], [, other]) => one - other).slice(0, PROPOSED).map(([text]) => text);
}

/** The blocks that hold most of a term's pieces. */
async function likely(index, typed) {
  const votes = new Map();
  for (const list of await index.piecesOf(typed)) {
    list.forEach((block) => votes.set(block, (votes.get(block) ?? 0) + 1));
  }
  const best = [...votes].sort(([one, left], [other, right]) => right - left || one - other).slice(0, LOOKED);
  return Promise.all(best.map(([block]) => {
    const segment = index.segments.findLast((one) => one.first <= block);
    return index.block(segment, block - segment.first);
  }));
}

/** The fewest changes of single characters that make a typed text a part of another (Sellers 1980). */
function nearest(typed, text) {
  const [left, right] = [[...typed], [...text]];
  let row = new Array(right.length + 1).fill(0);
  left.forEach((one, at) => {
    const next = [at + 1];
    right.forEach((other, place) => {
      next.push(Math.min(row[place] + Number(one !== other), row[place + 1] + 1, next[place] + 1));
    });
    row = next;
  });
  return Math.min(...row);
}
