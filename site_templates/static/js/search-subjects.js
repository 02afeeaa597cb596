// Whole names and codes, looked up in tables that are ordered by hashes: who watches which files are fetched sees the
// first digits of a hash, which hundreds of subjects share, and nothing of what is looked up.

import { siteToday } from "./day.js";
import { hasEnded, namesOf, subjectUrl } from "./search-hits.js";
import { hashKey } from "./search-grams.js";
import { foldedColumn, SearchIndex } from "./search-index.js";

const AT_ONCE = 8; // entries
const ROUND = 256; // entries after which what was loaded is let go
const CODE = /^[0-9a-z]{18}$/;
const END = 4; // of a code, by which its block is told

/** @typedef {{name: string, code: string | null, url: string, datasets: string[]}} Subject `datasets` by title */

export class Subjects {
  #index;

  /** @param {string} day on which it is asked */
  constructor(index, day) {
    this.#index = index;
    this.day = day;
  }

  /** The subjects of the index at an address. */
  static async open(address) {
    return new Subjects(await SearchIndex.open(address), siteToday());
  }

  /**
   * Of each entry, a whole code or a whole name, the subjects that have public records.
   * @param {string[]} entries as typed
   * @param {(done: number, total: number) => void} [onProgress]
   * @returns {Promise<Subject[][]>}
   */
  async find(entries, onProgress = () => {}) {
    const found = entries.map(() => []);
    const wanted = await this.#keyed(entries);
    // In the order of the hashes: what is loaded for one entry serves its neighbours, and can be let go soon.
    for (let next = 0; next < wanted.length; next += AT_ONCE) {
      const some = wanted.slice(next, next + AT_ONCE);
      await Promise.all(some.map(async ({ text, key, at }) => (found[at] = await this.#one(text, key))));
      onProgress(Math.min(next + AT_ONCE, wanted.length), wanted.length);
      if ((next + AT_ONCE) % ROUND === 0) {
        this.#index.forget();
      }
    }
    return found;
  }

  async #keyed(entries) {
    if (entries.some((text) => this.#index.needsSimplified(text))) {
      await this.#index.learnSimplified();
    }
    const folded = entries.map((text, at) => ({ text: this.#index.fold(text), at }));
    const keyed = folded.map(({ text, at }) => ({ text, at, key: hashKey(CODE.test(text) ? text.slice(-END) : text) }));
    return keyed.sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  async #one(text, key) {
    const coded = CODE.test(text) ? await this.#coded(text, key, () => true) : [];
    return coded.length ? coded : this.#called(text); // a name may have 18 letters, too
  }

  /** The subjects of a whole name. */
  async #called(text) {
    const key = hashKey(text);
    const hash = parseInt(key, 16);
    const subjects = [];
    for (const block of await this.#blocks("known", key)) {
      for (const [row, one] of (block.columns.g ?? []).entries()) {
        if (one === hash && !this.#ended(block, row)) {
          subjects.push(...(await this.#named(block, row, text)));
        }
      }
    }
    return [...new Map(subjects.map((subject) => [subject.url, subject])).values()];
  }

  /** The subject of a row of the table of names, if it is called just so: a hash alone proves nothing. */
  async #named({ columns }, row, text) {
    const { fold } = this.#index;
    const code = columns.c?.[row];
    if (code) {
      const folded = fold(code);
      return this.#coded(folded, hashKey(folded.slice(-END)), (names) => names.some((name) => fold(name) === text));
    }
    const [key, name] = [columns.k[row], columns.s[row]];
    return fold(name) === text ? [{ name, code: null, url: `/r/${key.slice(0, 2)}/${key}.html`, datasets: [] }] : [];
  }

  async #coded(code, key, isRight) {
    for (const block of await this.#blocks("codes", key)) {
      const row = foldedColumn(block, "c", this.#index.fold).indexOf(code);
      if (row >= 0 && !this.#ended(block, row) && isRight(namesOf(block, row))) {
        return [this.#subject(block, row)];
      }
    }
    return [];
  }

  #subject({ columns }, row) {
    const code = columns.c[row];
    const datasets = columns.o[row].split(" ").map((place) => this.#index.datasets[Number(place)].title);
    return { name: columns.s?.[row] ?? code, code, url: subjectUrl(code), datasets };
  }

  async #blocks(table, key) {
    const runs = await this.#index.blocksOf(table, key);
    return Promise.all(runs.flat().map((load) => load()));
  }

  #ended({ columns, until }, row) {
    return hasEnded(columns.u?.[row] ?? until, this.day);
  }
}
