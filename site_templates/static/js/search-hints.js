// What helps a person on: the page of a whole number, suggestions, and what may have been meant.

import { hashKey } from "./search-grams.js";
import { foldedColumn } from "./search-index.js";
import { hasEnded, numbered, subjectUrl } from "./search-hits.js";
import { element } from "./search-results.js";

const SUGGESTED = 6;
const LOOKED = 500; // hits that suggestions are taken from
const PROPOSED = 3;
const PARTS = 3; // pieces of what was typed that are looked up

/** The page that a whole credit code or document number leads to; null if there is none, or more than one. */
export async function exactAddress(index, { number }, today) {
  if (!number) {
    return null;
  }
  if (/^[0-9a-z]{18}$/.test(number)) {
    const runs = await index.blocksOf("codes", hashKey(number.slice(-4)));
    for (const block of await Promise.all(runs.flat().map((load) => load()))) {
      const row = foldedColumn(block, "c", index.fold).indexOf(number);
      const until = block.columns.u?.[row] ?? block.until;
      if (row >= 0 && !hasEnded(until, today)) {
        return subjectUrl(block.columns.c[row]);
      }
    }
  }
  const hits = await numbered(index, number, today);
  return hits.length === 1 ? hits[0].url : null;
}

/**
 * Offer what a search gives beside its hits.
 * @param {object} search with its `query` and `index`, when its hits are shown
 * @param {() => boolean} isCurrent
 * @param {(text: string) => void} choose searches for a text instead
 */
export async function offerHelp(search, isCurrent, choose) {
  if (!isCurrent()) {
    return;
  }
  suggest(search);
  if (search.done && search.hits.length === 0 && !search.query.isEmpty) {
    const found = await meant(search.index, search.query, search.today);
    if (isCurrent()) {
      offerMeant(found, choose);
    }
  }
}

/** Fill the list below the field with names and numbers that hold what was typed, those that begin with it first. */
function suggest({ hits, index, query }) {
  const [term, more] = query.terms;
  const cells = ({ subject, block, row }) => (subject ? [subject.name, subject.code] : ["s", "t"].map((name) => block.columns[name]?.[row]));
  const known = more || !term || term.field ? [] : [...new Set(hits.slice(0, LOOKED).flatMap(cells))];
  const folded = new Map(known.filter(Boolean).map((text) => [text, index.fold(text)]));
  const fitting = [...folded.keys()].filter((text) => folded.get(text).includes(term.text));
  const begins = (text) => Number(folded.get(text).startsWith(term.text));
  const sorted = fitting.sort((one, other) => begins(other) - begins(one)).slice(0, SUGGESTED);
  document.getElementById("search-suggestions")?.replaceChildren(...sorted.map((text) => new Option(text)));
}

function offerMeant(found, choose) {
  const buttons = found.map((text) => {
    const button = Object.assign(element("button", "", text), { type: "button" });
    button.addEventListener("click", () => choose(text));
    return button;
  });
  const place = document.getElementById("search-meant");
  place.replaceChildren(document.querySelector("[data-search-root]").dataset.textMeant, ...buttons);
  place.hidden = buttons.length === 0;
}

/**
 * Names that are nearly what was typed: one of its parts stands in them unchanged.
 * @returns {Promise<string[]>} as they are written
 */
async function meant(index, { terms }, today) {
  const [term] = terms;
  if (terms.length !== 1 || term.field) {
    return [];
  }
  const characters = [...term.text];
  const size = Math.max(2, Math.ceil(characters.length / PARTS));
  const most = Math.max(1, Math.floor(characters.length / 4));
  const found = new Map();
  for (let at = 0; at + 2 <= characters.length; at += size) {
    const runs = await index.blocksOf("names", characters.slice(at, at + size).join(""));
    for (const block of await Promise.all(runs.flatMap((run) => run.slice(0, 1).map((load) => load())))) {
      foldedColumn(block, "s", index.fold).forEach((text, row) => {
        const until = block.columns.u?.[row] ?? block.until;
        const away = hasEnded(until, today) ? Infinity : nearest(characters, text);
        const written = block.columns.s[row];
        if (away <= most && away < (found.get(written) ?? Infinity)) {
          found.set(written, away);
        }
      });
    }
  }
  return [...found].sort(([, one], [, other]) => one - other).slice(0, PROPOSED).map(([text]) => text);
}

/** The fewest changes of single characters that make a typed text a part of another (Sellers 1980). */
function nearest(left, text) {
  const right = [...text];
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
