// One result as an element. All that comes from the index is put in as text, never as HTML.

import { findTerms } from "./fold.js";

const SNIPPETS = 2;
const BEFORE = 30; // characters of a snippet before its first match
const LENGTH = 120;
const FACTS = ["t", "s", "c", "a"]; // shown above the snippets

/**
 * @param {object} hit from Search
 * @param {string[]} terms folded
 * @param {(text: string) => string} fold
 * @param {{subject: string, all: string, flag: (flag: string) => string | null}} words what is shown beside a subject, or a marked record
 * @returns {HTMLLIElement}
 */
export function resultItem({ subject, block, row, dataset, date, url }, terms, fold, words) {
  const mark = (text) => marked(text, findTerms(text, terms, fold));
  const fact = (nodes, name = "span") => element(name, "search-result-fact", nodes);
  const cell = (name) => block?.columns[name]?.[row] ?? null;
  const title = subject ? (subject.name ?? subject.code) : (cell("t") ?? cell("n") ?? dataset.title);
  const link = Object.assign(element("a", "search-result-title", mark(title)), { href: url });
  const item = element("li", "search-result", link);
  const flag = cell("f") && words.flag(cell("f"));
  if (flag) {
    item.append(" ", element("span", "search-result-flag", flag));
  }
  const meta = subject ? [element("span", "tag", words.subject), fact(mark(subject.code)), fact(words.all)] : [];
  if (!subject) {
    const facts = [cell("s") === cell("t") ? null : cell("s"), cell("c"), cell("t") === null ? null : cell("n"), dataset.title, cell("a")];
    meta.push(...facts.filter(Boolean).map((text) => fact(mark(text))));
    meta.push(...(date ? [Object.assign(fact(date, "time"), { dateTime: date })] : []));
  }
  item.append(element("p", "search-result-meta", meta.flatMap((part) => [" ", part]).slice(1)));
  const texts = (block?.searched ?? []).filter((name) => !FACTS.includes(name)).map(cell).filter(Boolean);
  item.append(...snippets([...new Set(texts)], terms, fold).map((text) => element("p", "search-result-text", text)));
  return item;
}

/** The texts that hold a term, cut to where it first stands; if none does, the beginning of the first text. */
function snippets(cells, terms, fold) {
  const found = cells.map((text) => [text, findTerms(text, terms, fold)]);
  const telling = found.filter(([, stretches]) => stretches.length > 0);
  const chosen = telling.length ? tellingMost(telling, terms, fold) : found;
  return chosen.slice(0, telling.length ? SNIPPETS : 1).map(([text, stretches]) => {
    const start = uncut(text, Math.max(0, (stretches[0]?.[0] ?? 0) - BEFORE));
    const end = uncut(text, Math.min(text.length, Math.max(start + LENGTH, stretches[0]?.[1] ?? 0)));
    return [start > 0 ? "…" : "", ...marked(text, stretches, start, end), end < text.length ? "…" : ""];
  });
}

/** Texts that hold a term which none before them holds come first: all terms are to be seen, not one of them twice. */
function tellingMost(found, terms, fold) {
  const unseen = new Set(terms);
  const isNew = ([text]) => {
    const folded = fold(text);
    return terms.filter((term) => folded.includes(term) && unseen.delete(term)).length > 0;
  };
  const telling = found.filter(isNew);
  return [...telling, ...found.filter((one) => !telling.includes(one))];
}

/** A place in a text that does not cut a character in two. */
function uncut(text, place) {
  return /[\udc00-\udfff]/.test(text[place] ?? "") ? place + 1 : place;
}

/** A part of a text as nodes, the stretches in it marked. */
function marked(text, stretches, start = 0, end = text.length) {
  const nodes = [];
  let done = start;
  for (const [from, to] of stretches) {
    const [left, right] = [Math.max(from, start), Math.min(to, end)];
    if (left < right) {
      nodes.push(text.slice(done, left), element("mark", "", text.slice(left, right)));
      done = right;
    }
  }
  nodes.push(text.slice(done, end));
  return nodes.filter((node) => node !== "");
}

export function element(name, className, children = []) {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  made.append(...[children].flat());
  return made;
}
