// What the tables of names and codes say of a query: the subjects that have all its terms. They are looked
// into before the many blocks of sections and records, and often instead of them. A subject may be told of twice.

import { hashKey } from "./search-grams.js";
import { hasEnded, namesOf, subjectUrl } from "./search-hits.js";
import { foldedColumn } from "./search-index.js";

const KEY = 12; // characters of a key of the table of names
const END = 4; // of a code, by which its block is told
const FEW = 4; // blocks that are looked into for subjects with several terms
const LOADED = 4; // blocks of codes that are loaded at once
const MOST_NAMES = 40; // of subjects whose codes have a term, that are looked for by their names
export const CODE_PART = /^[0-9a-z]{2,18}$/;
const CODE = 18;

export class Tables {
  #index;
  #query;
  #today;

  constructor(index, query, today) {
    this.#index = index;
    this.#query = query;
    this.#today = today;
  }

  /** The only term, if it may be a part of a code; else null. */
  get codePart() {
    const { terms } = this.#query;
    return terms.length === 1 && CODE_PART.test(terms[0].text) ? terms[0].text : null;
  }

  /** Tier 0: the subject of a whole code. */
  async *whole() {
    const { number } = this.#query;
    if (number?.length === CODE && CODE_PART.test(number)) {
      yield* this.#byCode(number, 0);
    }
  }

  /** Tier 1: subjects by the end of their code, or by name. */
  async *named() {
    const { terms } = this.#query;
    if (this.codePart?.length >= END) {
      yield* this.#byCode(this.codePart, 1);
    }
    // Terms that only names can have, all of them; else the longest one, which codes may have too.
    const longest = terms.reduce((one, { text }) => (text.length > one.length ? text : one), "");
    const named = terms.map(({ text }) => text).filter((text) => [...text].length > 1 && !CODE_PART.test(text));
    const asked = named.length ? named : [longest];
    const { nameless } = this.#index.root; // characters that are in no name
    if (asked.some((text) => [...text].length < 2 || [...text].some((one) => nameless.includes(one)))) {
      return;
    }
    const found = await Promise.all(asked.map((text) => this.#index.blocksOf("names", [...text].slice(0, KEY).join(""))));
    const [runs] = found.sort((one, other) => one.flat().length - other.flat().length); // without any, if a term is in no name
    const isHit = (name, code) => terms.every(({ text }) => name.includes(text) || code.includes(text));
    const most = Math.max(...runs.map((run) => run.length));
    for (let next = 0; next < (terms.length > 1 ? Math.min(most, FEW) : most); next += 1) {
      // What a run has left out of this table is found by other means, as are those that come after a few blocks.
      for (const block of await Promise.all(runs.flatMap((run) => (run[next] ? [run[next]()] : [])))) {
        yield* this.#people(block, isHit, 1);
      }
    }
  }

  /** Tier 3: subjects with `codePart` within their code; there is one. */
  async *withinCodes() {
    const term = this.codePart;
    if (term.length < CODE) {
      for await (const block of this.#everyCode()) {
        yield* this.#people(block, (_, code) => code.includes(term), 3);
      }
    }
  }

  /** Names of all subjects whose code has the only term, if it is a part of a code and they are not too many; else null. */
  async namesOfCodes() {
    const term = this.codePart;
    if (!term || term.length < END || this.#query.terms[0].field) {
      return null;
    }
    const found = new Set();
    for await (const block of term.length === CODE ? await this.#endingLike(term) : this.#everyCode()) {
      foldedColumn(block, "c", this.#index.fold).forEach((code, row) => {
        if (code.includes(term)) {
          namesOf(block, row).forEach((name) => found.add(this.#index.fold(name)));
        }
      });
      if (found.size > MOST_NAMES) {
        return null;
      }
    }
    return [...found];
  }

  /** Subjects whose code ends with a term. */
  async *#byCode(term, tier) {
    for (const block of await this.#endingLike(term)) {
      yield* this.#people(block, (_, code) => code.endsWith(term), tier);
    }
  }

  /** The blocks of codes in which those are that end like a term. */
  async #endingLike(term) {
    const runs = await this.#index.blocksOf("codes", hashKey(term.slice(-END)));
    return Promise.all(runs.flat().map((load) => load()));
  }

  async *#everyCode() {
    const runs = await this.#index.blocksOf("codes", "");
    const loads = runs.flat();
    for (let next = 0; next < loads.length; next += LOADED) {
      yield* await Promise.all(loads.slice(next, next + LOADED).map((load) => load()));
    }
  }

  /** Subjects of a block as hits: those called just so first, then those that begin so. */
  *#people(block, isHit, tier) {
    const { fold } = this.#index;
    const codes = foldedColumn(block, "c", fold);
    const called = foldedColumn(block, "s", fold); // [] in a block without names
    const names = codes.map((_, row) => called[row] ?? "");
    const close = (row) => (names[row] === this.#query.whole ? 0 : names[row].startsWith(this.#query.terms[0].text) ? 1 : 2);
    const rows = names.flatMap((name, row) => (codes[row] && isHit(name, codes[row]) ? [row] : []));
    for (const row of rows.sort((one, other) => close(one) - close(other) || one - other)) {
      const [name, code] = [block.columns.s?.[row], block.columns.c[row]];
      if (!hasEnded(block.columns.u?.[row] ?? block.until, this.#today)) {
        yield { subject: { name, code }, tier, url: subjectUrl(code), date: null };
      }
    }
  }
}
