// Hits of a search: what they are, how sections are scored, how streams of them become one.

import { foldedColumn, order } from "./search-index.js";

const [K1, B, TITLE] = [1.2, 0.75, 3]; // of BM25; what a title weighs

/** Records that are called just so, by the table of numbers. */
export async function numbered(index, number, today) {
  const parts = /^(.*?)([0-9]+)([^0-9]*)$/s.exec(number);
  if (!parts) {
    return [];
  }
  // In their natural order: the last run of digits by its length first, as in publish/derive/search/numbers.py.
  const key = parts[1] + String.fromCharCode(Math.min(parts[2].length, 31)) + parts[2] + parts[3];
  const runs = await index.blocksOf("numbers", key);
  const blocks = await Promise.all(runs.flat().map((load) => load()));
  return blocks.flatMap((block) =>
    foldedColumn(block, "t", index.fold).flatMap((title, row) =>
      title === number && !hasEnded(block.columns.u?.[row], today) ? [unitHit(index, block, row, 0)] : [],
    ),
  );
}

/** Whether what may be shown until a day, if there is one, is over on another. */
export const hasEnded = (until, today) => Boolean(until && until < today);

/** All names of a row of the table of codes; "" if some records have none. */
export const namesOf = ({ columns }, row) => [columns.s?.[row] ?? "", ...(columns.q?.[row]?.split("\n").slice(0, -1) ?? [])];

/** The page of a subject: as in publish/urls.py. */
export const subjectUrl = (code) => `/s/${code.slice(-2)}/${code}.html`;

/** A row of a block as a hit. */
export function unitHit({ datasets }, block, row, tier) {
  const dataset = datasets[block.columns.o[row]];
  const key = block.columns.k[row];
  const url = dataset.kind === "policy" ? `/policies/${key}` : `/r/${key.slice(0, 2)}/${key}.html`;
  return { block, row, tier, url, dataset, date: block.columns.d?.[row] ?? null };
}

/** Compares hits: the newest first, then by address. */
export const newer = (one, other) => ((one.date ?? "") === (other.date ?? "") ? order(one.url, other.url) : (one.date ?? "") < (other.date ?? "") ? 1 : -1);

/** The day so many days before another, both as ordinals of the proleptic Gregorian calendar, `yyyy-mm-dd`. */
export function dayBefore(newest, age) {
  return age === 0xffff ? "" : new Date((newest - age - 719163) * 86400000).toISOString().slice(0, 10);
}

/** Streams of hits, each newest first, as one. */
export async function* merged(parts) {
  const heads = await Promise.all(parts.map((part) => part.next()));
  while (heads.some((head) => !head.done)) {
    const [one, other] = heads;
    const at = other.done || (!one.done && (one.value.date ?? "") >= (other.value.date ?? "")) ? 0 : 1;
    yield heads[at].value;
    heads[at] = await parts[at].next();
  }
}

/** BM25 of a section, its title weighing more; all hits hold all terms, so how rare a term is changes nothing. */
export function scoreOf({ block, row }, terms, index) {
  const texts = block.searched.map((name) => [name, foldedColumn(block, name, index.fold)[row] ?? ""]);
  const length = texts.reduce((sum, [, text]) => sum + text.length, 0);
  const norm = K1 * (1 - B + (B * length) / (index.root.length || 1));
  return terms.reduce((sum, { text: term }) => {
    const often = texts.reduce((all, [name, text]) => all + (text.split(term).length - 1) * (name === "t" ? TITLE : 1), 0);
    return sum + (often * (K1 + 1)) / (often + norm);
  }, 0);
}
