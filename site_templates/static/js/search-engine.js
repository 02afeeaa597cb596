// A search under way: it looks into blocks only as far as hits are asked for, and verifies each hit in its block. So what
// is found is exact at any time, and complete when it is done.
//
// The order by relevance: what is the whole number or code (tier 0); subjects whose name or end of code has all terms,
// each of which stands for its records (1); sections of documents, by BM25, then records, newest period first (2);
// subjects with the term within their code (3). With filters, or newest first, there are only sections and records.

import { dayBefore, hasEnded, merged, newer, numbered, scoreOf, subjectUrl, unitHit } from "./search-hits.js";
import { cellOf, foldedRows } from "./search-index.js";
import { Places } from "./search-places.js";
import { CODE_PART, Tables } from "./search-tables.js";

const PAUSE = Symbol("pause");
const BUDGET = [2, 1]; // so many blocks that are looked into for a page, and hits in them, are enough,
const GOOD = [1, 4]; // and so are these
const AHEAD = 4; // blocks that are loaded at once at most
const SCORED = 8; // so many blocks of sections are looked through before they are ordered by score

export class Search {
  #index;
  #query;
  #filters;
  #tables;
  #stream;
  #seen = new Set(); // addresses of hits
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
    this.#tables = new Tables(index, query, today);
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
      if (!done && !this.paused && !this.#seen.has(value.url)) {
        this.#seen.add(value.url);
        this.hits.push(value);
      }
    }
    return this.hits;
  }

  async *#relevant() {
    // A page that is older than its season may not name the subjects that the last tier would: it looks into records.
    const isStale = hasEnded(this.#index.root.until, this.today);
    const tables = this.#tables;
    const isCodePart = tables.codePart && !isStale;
    if (!this.#query.terms.some(({ text }) => CODE_PART.test(text) || text === this.#query.number)) {
      this.#index.rank().catch(() => {}); // for records, while names are asked for: it is reported when its turn comes
    }
    const withinCodes = isCodePart ? tables.withinCodes() : [];
    for (const tier of [tables.whole(), this.#numbers(), tables.named(), this.#mentions(isCodePart), withinCodes]) {
      const before = this.hits.length;
      yield* tier;
      if (this.hits.length > before) {
        yield PAUSE; // who found a name may not care who else mentions it, which takes longer to find
      }
    }
  }

  /** Tier 0 where no code is meant: whole numbers. */
  async *#numbers() {
    const { number } = this.#query;
    if (number && !this.hits.length) {
      yield* await numbered(this.#index, number, this.today);
    }
  }

  /** Tier 2: sections and records. */
  async *#mentions(isCodePart) {
    // Within codes a single term is found by their own table.
    const places = await Places.of(this.#index, this.#query.terms, this.#filters, { inCodes: !isCodePart });
    const isHit = (block, row) => {
      const code = block.columns.c?.[row];
      const columns = isCodePart && code ? block.searched.filter((name) => name !== "c") : block.searched;
      // A subject among the hits stands for those of its records that have all terms in its name and code.
      const isStoodFor = () => code && this.#seen.has(subjectUrl(code)) && this.#holdsAll(block, row, ["s", "c"]);
      return this.#holdsAll(block, row, columns) && !isStoodFor();
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

  // With filters, with fields, or newest first: sections and records alone.

  async *#units(isNewest) {
    const { terms } = this.#query;
    const names = await this.#tables.namesOfCodes();
    const places = await Places.of(this.#index, terms, this.#filters, { inCodes: true, names });
    const isHit = (block, row) => this.#holdsAll(block, row, block.searched);
    if (!isNewest) {
      yield* this.#sections(places, isHit);
    }
    const parts = [true, false].map((isSections) => this.#dated(places, isHit, isSections, isNewest));
    yield* isNewest ? merged(parts) : parts[1];
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

  /** The rows of a block that are hits. */
  *#verified(block, isHit) {
    for (let row = 0; row < block.count; row += 1) {
      if (!hasEnded(block.columns.u?.[row], this.today) && this.#passes(block, row) && isHit(block, row)) {
        yield unitHit(this.#index, block, row, 2);
      }
    }
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
