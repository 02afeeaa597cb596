// A search under way: it looks into blocks only as far as hits are asked for, and verifies each hit in its block. So what
// is found is exact at any time, and complete when it is done.
//
// The order by relevance: what is the whole number or code (tier 0); subjects whose name or end of code has all terms,
// each of which stands for its records (1); sections of documents, by BM25, then records, newest period first (2);
// subjects with the term within their code (3). With filters, or newest first, there are only sections and records.

import { hashKey } from "./search-grams.js";
import { dayBefore, merged, namesOf, newer, numbered, scoreOf, subjectUrl, unitHit } from "./search-hits.js";
import { cellOf, foldedColumn, foldedRows } from "./search-index.js";
import { Places } from "./search-places.js";

const PAUSE = Symbol("pause");
const KEY = 12; // characters of a key of the table of names
const END = 4; // of a code, by which its block is told
const FEW = 4; // blocks that are looked into for subjects with several terms
const BUDGET = [2, 1]; // so many blocks that are looked into for a page, and hits in them, are enough,
const GOOD = [1, 4]; // and so are these
const AHEAD = 4; // blocks that are loaded at once at most
const SCORED = 8; // so many blocks of sections are looked through before they are ordered by score
const MOST_NAMES = 40; // of subjects whose codes have a term, that are looked for by their names
const CODE_PART = /^[0-9a-z]{2,18}$/;
const CODE = 18;

export class Search {
  #index;
  #query;
  #filters;
  #stream;
  #seen = new Set(); // addresses of hits
  #subjects = new Set(); // codes of those that are hits
  #looked = 0; // blocks that were looked into for the present page, which begins
  #before = 0; // after so many hits
  hits = [];
  done = false; // there are no more hits
  paused = false; // those of a tier are found; the next call looks for those of the next

  /**
   * @param {SearchIndex} index
   * @param {object} query from parseQuery
   * @param {{order?: "relevance" | "newest", filters?: Object<string, string>, today?: string}} options `filters` by
   *   facet: dataset, kind, authority, severity, year, status; `today` hides what ended before it
   */
  constructor(index, query, { order: wanted = "relevance", filters = {}, today = "" } = {}) {
    this.#index = index;
    this.#query = query;
    this.#filters = Object.entries(filters).filter(([, value]) => value);
    this.today = today;
    const isPlain = wanted === "relevance" && !this.#filters.length && query.terms.every((term) => !term.field);
    this.#stream = isPlain ? this.#relevant() : this.#units(wanted === "newest");
  }

  /** Find hits until there are so many, or all, or all of a tier, or enough for what they take. */
  async find(count, isNewPage = true) {
    this.paused = false;
    if (isNewPage) {
      [this.#looked, this.#before] = [0, this.hits.length];
    }
    const reaches = ([looked, hits]) => this.#looked >= looked && this.hits.length >= this.#before + hits;
    while (!this.done && !this.paused && this.hits.length < count && !reaches(BUDGET) && !reaches(GOOD)) {
      const { value, done } = await this.#stream.next();
      this.done = done;
      this.paused = value === PAUSE;
      if (!done && !this.paused) {
        this.#seen.add(value.url);
        this.hits.push(value);
      }
    }
    return this.hits;
  }

  async *#relevant() {
    // A page that is older than its season may not name the subjects that the last tier would: it looks into records.
    const isStale = Boolean(this.#index.root.until && this.#index.root.until < this.today);
    const isCodePart = this.#single && CODE_PART.test(this.#single) && !isStale;
    if (!this.#query.terms.some(({ text }) => CODE_PART.test(text) || text === this.#query.number)) {
      this.#index.rank().catch(() => {}); // for records, while names are asked for: it is reported when its turn comes
    }
    for (const tier of [this.#numbers(), this.#named(), this.#mentions(isCodePart), isCodePart ? this.#withinCodes() : []]) {
      const before = this.hits.length;
      yield* tier;
      if (this.hits.length > before) {
        yield PAUSE; // who found a name may not care who else mentions it, which takes longer to find
      }
    }
  }

  get #single() {
    return this.#query.terms.length === 1 ? this.#query.terms[0].text : null;
  }

  // Tier 0: whole codes and numbers.

  async *#numbers() {
    const { number } = this.#query;
    if (number?.length === CODE && CODE_PART.test(number)) {
      yield* this.#byCode(number, 0);
    }
    if (number && !this.#subjects.size) {
      yield* await numbered(this.#index, number, this.today);
    }
  }

  /** Subjects whose code ends with a term. */
  async *#byCode(term, tier) {
    const runs = await this.#index.blocksOf("codes", hashKey(term.slice(-END)));
    for (const block of await Promise.all(runs.flat().map((load) => load()))) {
      yield* this.#people(block, (_, code) => code.endsWith(term), tier);
    }
  }

  // Tier 1: subjects.

  async *#named() {
    const { terms } = this.#query;
    if (this.#single && CODE_PART.test(this.#single) && this.#single.length >= END) {
      yield* this.#byCode(this.#single, 1);
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
      const url = subjectUrl(code);
      if (!this.#ended(block.columns.u?.[row] ?? block.until) && !this.#seen.has(url)) {
        this.#subjects.add(code);
        yield { subject: { name, code }, tier, url, date: null };
      }
    }
  }

  /** Whether a record is one of those that a subject among the hits stands for. */
  #isStoodFor(block, row) {
    const code = block.columns.c?.[row];
    if (!code || !this.#subjects.has(code)) {
      return false;
    }
    const own = foldedRows(block, ["s", "c"], this.#index.fold)[row];
    return this.#query.terms.every(({ text }) => own.includes(text));
  }

  // Tier 2: sections and records.

  async *#mentions(isCodePart) {
    // Within codes a single term is found by their own table.
    const places = await Places.of(this.#index, this.#query.terms, this.#filters, { inCodes: !isCodePart });
    const isHit = (block, row) => {
      const columns = isCodePart && block.columns.c?.[row] ? block.searched.filter((name) => name !== "c") : block.searched;
      return this.#holdsAll(block, row, columns) && !this.#isStoodFor(block, row);
    };
    yield* this.#sections(places, isHit);
    yield* this.#dated(places, isHit, false, this.#index.isSmall); // in a small index the order by days costs little
  }

  /** Sections of documents: by score, if they are few, else as they stand. */
  async *#sections(places, isHit) {
    for (const period of this.#index.periodsOf(true)) {
      const found = [];
      for await (const [block, all] of this.#blocks(places, period)) {
        const hits = [...this.#verified(block, isHit)];
        if (all > SCORED) {
          yield* hits;
        } else {
          found.push(...hits);
        }
      }
      const scored = found.map((hit) => [scoreOf(hit, this.#query.terms, this.#index), hit]).sort(([one], [other]) => other - one);
      yield* scored.map(([, hit]) => hit);
    }
  }

  // Tier 3: within codes.

  async *#withinCodes() {
    const [term] = this.#query.terms;
    if (term.text.length < CODE) {
      for await (const block of this.#everyCode()) {
        yield* this.#people(block, (_, code) => code.includes(term.text), 3);
      }
    }
  }

  async *#everyCode() {
    const runs = await this.#index.blocksOf("codes", "");
    const loads = runs.flat();
    for (let next = 0; next < loads.length; next += AHEAD) {
      yield* await Promise.all(loads.slice(next, next + AHEAD).map((load) => load()));
    }
  }

  // With filters, with fields, or newest first: sections and records alone.

  async *#units(isNewest) {
    const { terms } = this.#query;
    const names = await this.#namesOfCodes();
    const places = await Places.of(this.#index, terms, this.#filters, { inCodes: true, names });
    const isHit = (block, row) => this.#holdsAll(block, row, block.searched);
    if (!isNewest) {
      yield* this.#sections(places, isHit);
    }
    const parts = [true, false].map((isSections) => this.#dated(places, isHit, isSections, isNewest));
    yield* isNewest ? merged(parts) : parts[1];
  }

  /** Names of all subjects whose code has the only term, if it is a part of a code and they are not too many; else null. */
  async #namesOfCodes() {
    const term = this.#single;
    if (!term || !CODE_PART.test(term) || term.length < END || this.#query.terms[0].field) {
      return null;
    }
    const found = new Set();
    const blocks = term.length === CODE ? this.#ends(term) : this.#everyCode();
    for await (const block of blocks) {
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

  async *#ends(term) {
    const runs = await this.#index.blocksOf("codes", hashKey(term.slice(-END)));
    yield* await Promise.all(runs.flat().map((load) => load()));
  }

  /** Sections or records; newest first to the day, if so wanted: a hit waits until no block that is left has a newer one. */
  async *#dated(places, isHit, isSections, isNewest) {
    for (const period of this.#index.periodsOf(isSections)) {
      const waiting = [];
      for await (const [block, , newest] of this.#blocks(places, period)) {
        const hits = [...this.#verified(block, isHit)];
        if (!isNewest) {
          yield* hits;
          continue;
        }
        waiting.push(...hits);
        waiting.sort(newer);
        while (waiting.length && (waiting[0].date ?? "") > newest) {
          yield waiting.shift();
        }
      }
      yield* waiting;
    }
  }

  /**
   * Blocks of a period in which a hit may be, newest first, each with how many there are, and the newest day that the
   * blocks after it may have. A few are loaded ahead, more as they turn out to hold few hits.
   */
  async *#blocks(places, period) {
    let entries = await places.in(period);
    const all = entries.length;
    const loading = new Map();
    for (let ahead = 1; entries.length; ahead = this.#looked < BUDGET[0] ? 1 : Math.min(ahead * 2, AHEAD)) {
      for (const entry of entries.slice(0, ahead)) {
        if (!loading.has(entry)) {
          const load = this.#index.block(entry);
          load.catch(() => {}); // it is reported when its turn comes
          loading.set(entry, load);
        }
      }
      const [entry, ...rest] = entries;
      const block = await loading.get(entry);
      const before = this.hits.length;
      this.#looked += 1;
      yield [block, all, rest.length ? dayBefore(period.newest, rest[0].age) : ""];
      entries = this.hits.length === before ? await places.narrowed(period, rest) : rest;
    }
  }

  /** The rows of a block that are hits, and have not been yet. */
  *#verified(block, isHit) {
    for (let row = 0; row < block.count; row += 1) {
      if (!this.#ended(block.columns.u?.[row]) && this.#passes(block, row) && isHit(block, row)) {
        const hit = unitHit(this.#index, block, row, 2);
        if (!this.#seen.has(hit.url)) {
          yield hit;
        }
      }
    }
  }

  #ended(until) {
    return Boolean(until && until < this.today);
  }

  #holdsAll(block, row, columns) {
    const { fold } = this.#index;
    return this.#query.terms.every(({ text, field }) => {
      if (field) {
        const meaning = field.get(block.columns.o[row]);
        const cell = meaning && cellOf(block, row, meaning);
        return Boolean(cell) && fold(cell).includes(text);
      }
      return foldedRows(block, columns, fold)[row].includes(text);
    });
  }

  #passes({ columns }, row) {
    const dataset = this.#index.datasets[columns.o[row]];
    const facts = {
      dataset: dataset.slug,
      kind: dataset.kind,
      authority: columns.a?.[row],
      severity: columns.v?.[row],
      year: columns.d?.[row]?.slice(0, 4),
      status: columns.f?.[row],
    };
    return this.#filters.every(([facet, value]) => facts[facet] === value);
  }
}
