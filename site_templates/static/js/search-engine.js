// A search under way: it looks into blocks only as far as hits are asked for, and verifies each hit in its block. So what
// is found is exact at any time, and complete when it is done.
//
// The order by relevance: what is the whole name, credit code, its end, or the whole document number (tier 0); what has all
// terms in its title, subject or code (tier 1); the rest (tier 2). In each, sections of documents come first, by BM25;
// then records, newest first. The order "newest" is by date alone.

import { both, cellOf, foldedColumn, foldedRows, searchedColumns } from "./search-index.js";

const PAUSE = Symbol("pause");
const MAIN = ["t", "s", "c"];
const AHEAD = 4; // blocks that are loaded at once at first
const MOST = 8; // and at most
const BUDGET = 6; // blocks that are looked into for a page, once it has
const ENOUGH = 4; // hits
const LONG = 2; // what a block counts whose long texts are loaded
const SCORED = 8; // so many blocks of sections are looked through before they are ordered by score
const [K1, B, TITLE] = [1.2, 0.75, 3]; // of BM25; what a title weighs

export class Search {
  #index;
  #query;
  #filters;
  #today;
  #wanted;
  #stream;
  #seen = new Set();
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
  constructor(index, query, { order = "relevance", filters = {}, today = "" } = {}) {
    this.#index = index;
    this.#query = query;
    this.#filters = Object.entries(filters).filter(([, value]) => value);
    this.#today = today;
    this.#stream = order === "newest" ? this.#newest() : this.#relevant();
  }

  /** Find hits until there are so many, or all, or all of a tier, or enough for what they take. A hit: block, row, tier, date, url, dataset. */
  async find(count, isNewPage = true) {
    this.paused = false;
    if (isNewPage) {
      [this.#looked, this.#before] = [0, this.hits.length];
    }
    const isEnough = () => this.#looked >= BUDGET && this.hits.length >= this.#before + ENOUGH;
    while (!this.done && !this.paused && this.hits.length < count && !isEnough()) {
      const { value, done } = await this.#stream.next();
      this.done = done;
      this.paused = value === PAUSE;
      if (!done && !this.paused) {
        this.hits.push(value);
      }
    }
    return this.hits;
  }

  async #prepare() {
    const { terms } = this.#query;
    this.#wanted ??= Promise.all(terms.map(({ text }) => this.#index.wanted(text)));
    return this.#wanted;
  }

  async *#relevant() {
    const { segments } = this.#index;
    const records = segments.filter((one) => !one.sections);
    for (const tier of [0, 1, 2]) {
      const before = this.hits.length;
      if (tier === 0) {
        yield* this.#exact();
      } else {
        yield* this.#sections(tier);
        yield* this.#records(records, tier);
      }
      if (tier < 2 && this.hits.length > before) {
        yield PAUSE; // who found a name may not care who else mentions it, which takes longer to find
      }
    }
  }

  async *#newest() {
    const parts = [true, false].map((sections) =>
      this.#records(this.#index.segments.filter((one) => one.sections === sections), null),
    );
    const heads = await Promise.all(parts.map((part) => part.next()));
    while (heads.some((head) => !head.done)) {
      const [one, other] = heads;
      const first = other.done || (!one.done && (one.value.date ?? "") >= (other.value.date ?? "")) ? 0 : 1;
      yield heads[first].value;
      heads[first] = await parts[first].next();
    }
  }

  /** Tier 0. */
  async *#exact() {
    const { whole, number } = this.#query;
    if (whole === null) {
      return;
    }
    const numbers = number === null ? [] : [this.#index.byNumber(number), this.#index.byCode(number)];
    const found = (await Promise.all(numbers)).filter((list) => list?.length);
    if (!found.length) {
      found.push(await this.#index.byName(whole)); // what is a number is hardly a name
    }
    const places = new Map(found.flatMap((list) => list.map((at) => [at[0].first + at[1], at])));
    const isExact = (block, row) =>
      foldedColumn(block, "s", this.#index.fold)[row] === whole ||
      foldedColumn(block, "t", this.#index.fold)[row] === number ||
      (/^[0-9a-z]{4,18}$/.test(number) && (foldedColumn(block, "c", this.#index.fold)[row] ?? "").endsWith(number));
    const sorted = [...places].sort(([one], [other]) => one - other).map(([, at]) => at);
    for await (const block of this.#blocks(sorted, false)) {
      yield* this.#verified(block, 0, isExact);
    }
  }

  /** Sections of documents: by score, if they are few, else newest first. */
  async *#sections(tier) {
    for (const segment of this.#index.segments.filter((one) => one.sections)) {
      const places = await this.#places(segment, tier);
      const blocks = this.#blocks(places.map((place) => [segment, place]), true);
      const found = [];
      for await (const block of blocks) {
        const hits = [...this.#verified(block, tier)];
        if (places.length > SCORED) {
          yield* hits;
        } else {
          found.push(...hits);
        }
      }
      yield* found
        .map((hit) => [this.#score(hit), hit])
        .sort(([one], [other]) => other - one)
        .map(([, hit]) => hit);
    }
  }

  /** Units of segments in their order. `tier` null: of any tier. */
  async *#records(segments, tier) {
    for (let next = 0, ahead = 1; next < segments.length; next += ahead, ahead = Math.min(ahead * 2, MOST)) {
      const some = segments.slice(next, next + ahead);
      const places = await Promise.all(some.map((segment) => this.#places(segment, tier)));
      const all = some.flatMap((segment, at) => places[at].map((place) => [segment, place]));
      const isWhole = tier !== 1 || this.#query.terms.some((term) => term.field);
      for await (const block of this.#blocks(all, isWhole)) {
        yield* this.#verified(block, tier);
      }
    }
  }

  /** The places of a segment to look at. */
  async #places(segment, tier) {
    const wanted = await this.#prepare();
    const mainOnly = (term) => tier === 1 && !term.field;
    const lists = wanted.map((one, at) => this.#index.places(segment, one, mainOnly(this.#query.terms[at])));
    const facets = this.#filters.map(([facet, value]) => this.#facetPlaces(segment, facet, value));
    const places = (await Promise.all([...lists, ...facets])).reduce(both, null);
    return places ?? Array.from({ length: segment.blocks }, (_, place) => place);
  }

  #facetPlaces(segment, facet, value) {
    if (facet === "dataset" || facet === "kind") {
      const matching = this.#index.datasets.map((one) => one[facet === "kind" ? "kind" : "slug"] === value);
      const numbers = matching.flatMap((matches, number) => (matches ? [String(number)] : []));
      return this.#index.facetPlaces(segment, "o", numbers);
    }
    return this.#index.facetPlaces(segment, { authority: "a", severity: "v", year: "y", status: "f" }[facet], [value]);
  }

  /** Load blocks in their order, a few ahead, with their long texts or without. */
  async *#blocks(places, isWhole) {
    const loading = [];
    let [looked, found, next] = [0, 0, 0];
    while (next < places.length || loading.length) {
      // So many as the hits so far let expect that the next few hits take.
      const likely = looked < AHEAD ? AHEAD : Math.min(MOST, Math.ceil((AHEAD * looked) / Math.max(found, 1)));
      const ahead = this.#looked < BUDGET ? Math.min(likely, BUDGET - this.#looked) : likely;
      while (next < places.length && loading.length < ahead) {
        const head = this.#index.block(...places[next]);
        const load = isWhole ? head.then((block) => this.#index.whole(block)) : head;
        load.catch(() => {}); // it is reported when its turn comes
        loading.push(load);
        next += 1;
      }
      const before = this.hits.length;
      yield await loading.shift();
      looked += 1;
      this.#looked += isWhole ? LONG : 1;
      found += this.hits.length - before;
    }
  }

  /** The rows of a block that are hits of a tier, and have not been yet. */
  *#verified(block, tier, isHit = (one, row) => this.#tier(one, row, tier)) {
    const { columns, segment, place } = block;
    for (let row = 0; row < block.count; row += 1) {
      const until = columns.u?.[row];
      const id = `${segment.place} ${place} ${row}`;
      if (!(until && until < this.#today) && this.#passes(block, row) && isHit(block, row) && !this.#seen.has(id)) {
        this.#seen.add(id);
        yield this.hit(block, row, tier);
      }
    }
  }

  hit(block, row, tier) {
    const dataset = this.#index.datasets[block.columns.o[row]];
    const key = block.columns.k[row];
    const url = block.segment.sections ? `/policies/${key}` : `/r/${key.slice(0, 2)}/${key}.html`;
    return { block, row, tier, url, dataset, date: block.columns.d?.[row] ?? null };
  }

  #tier(block, row, tier) {
    const inMain = (term) => !term.field && this.#holds(block, row, term, MAIN);
    const { terms } = this.#query;
    if (tier === 1) {
      return terms.every((term) => (term.field ? this.#holds(block, row, term) : inMain(term)));
    }
    return terms.every((term) => this.#holds(block, row, term));
  }

  #holds(block, row, term, columns = searchedColumns(block)) {
    const { fold } = this.#index;
    if (term.field) {
      const field = term.field.get(block.columns.o[row]);
      const cell = field && cellOf(block, row, field);
      return Boolean(cell) && fold(cell).includes(term.text);
    }
    return foldedRows(block, columns, fold)[row].includes(term.text);
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

  /** BM25 of a section, its title weighing more; all hits hold all terms, so how rare a term is changes nothing. */
  #score({ block, row }) {
    const texts = searchedColumns(block).map((name) => [name, foldedColumn(block, name, this.#index.fold)[row] ?? ""]);
    const length = texts.reduce((sum, [, text]) => sum + text.length, 0);
    const norm = K1 * (1 - B + (B * length) / (this.#index.root.length || 1));
    return this.#query.terms.reduce((sum, { text: term }) => {
      const often = texts.reduce((all, [name, text]) => all + (text.split(term).length - 1) * (name === "t" ? TITLE : 1), 0);
      return sum + (often * (K1 + 1)) / (often + norm);
    }, 0);
  }

  /** How many of the hits so far have each value of each facet. */
  counts() {
    const counts = { dataset: {}, kind: {}, authority: {}, severity: {}, year: {}, status: {} };
    for (const { block, row, dataset, date } of this.hits) {
      const facts = [dataset.slug, dataset.kind, ...["a", "v"].map((name) => block.columns[name]?.[row])];
      facts.push(date?.slice(0, 4), block.columns.f?.[row]);
      Object.keys(counts).forEach((facet, at) => {
        const value = facts[at];
        if (value) {
          counts[facet][value] = (counts[facet][value] ?? 0) + 1;
        }
      });
    }
    return counts;
  }
}
