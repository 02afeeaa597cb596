// Where the terms of a query may stand: blocks by the lists of their pieces. A block in which nothing was found after all
// buys another list, so that few lists are read where hits are close together, and many where they are far apart.

import { gramsOf, hashFacet } from "./search-grams.js";
import { UNLISTED, slotsOf } from "./search-index.js";

const IN_CODE = /^[0-9a-z]{1,18}$/; // may stand in a credit code, which has no pieces in lists
const TELLING = 4; // the class from which on one list says little
const FACETS = { authority: "a", severity: "v", year: "y", status: "f" };

export class Places {
  #index;
  #ranked; // pieces that all hits have, the rarest first
  #read = [0, 0]; // of each run, how many of their lists are read
  #begun = []; // of each run, when its first lists are there
  #lists = [null, null]; // and the blocks that have all of those
  #either; // lists of pieces of which a hit has those of one, as a function of the run; null: any block

  /**
   * @param {SearchIndex} index
   * @param {object[]} terms of a query
   * @param {[string, string][]} filters
   * @param {{inCodes: boolean, names?: string[]}} options `inCodes`: a term may also stand in a code; `names` are then
   *   those of all subjects whose codes have it, if they are known
   */
  static async of(index, terms, filters, { inCodes, names = null }) {
    const rank = await index.rank();
    const meansCode = (field) => [...field.values()].some(([, usual]) => usual === "c");
    const isAnywhere = ({ text, field }) => (field ? meansCode(field) : inCodes) && IN_CODE.test(text);
    const pieces = new Set(terms.filter((term) => !isAnywhere(term)).flatMap(({ text }) => gramsOf(text)));
    filters.flatMap(([facet, value]) => facetPieces(index, facet, value)).forEach((piece) => pieces.add(piece));
    const ranked = [...pieces].map((piece) => [rank(piece), piece]).sort(([one], [other]) => one - other);
    const certain = ranked.filter(([one]) => one < UNLISTED);
    const places = new Places();
    places.#index = index;
    places.#ranked = certain.length ? certain : ranked; // the others may have lists: the lists themselves will tell
    const listed = (text) => gramsOf(text).filter((piece) => rank(piece) < UNLISTED);
    const ways = names && terms.length === 1 ? [terms[0].text, ...names].map(listed) : null;
    places.#either = ways?.every((way) => way.length) ? (run) => union(index, run, ways) : null;
    return places;
  }

  /** Whether all pieces seem to stand nearly everywhere, so that no list tells where to look. */
  get isVague() {
    return (this.#ranked[0]?.[0] ?? UNLISTED) === UNLISTED;
  }

  /** The blocks of a period to look into, newest first. */
  async in(period) {
    const { run } = period;
    await (this.#begun[run] ??= this.#begin(run));
    if (this.#lists[run] !== null && !slotsOf(this.#lists[run], period).size) {
      return [];
    }
    const entries = await this.#index.directory(period);
    return this.#known(run, period, [...entries].sort((one, other) => one.age - other.age));
  }

  /** Read the first lists of a run; none where all pieces seem to stand nearly everywhere: the newest blocks will tell. */
  async #begin(run) {
    const [rarest] = this.#ranked[0] ?? [UNLISTED];
    await this.#more(run, rarest === UNLISTED ? 0 : rarest < TELLING ? 1 : 2);
    if (this.#either) {
      this.#lists[run] = both(this.#lists[run], await this.#either(run));
    }
  }

  /** What is left of blocks after one more list has been read; the same if there is none. */
  async narrowed(period, entries) {
    const { run } = period;
    if (this.#read[run] >= this.#ranked.length || entries.length < 2) {
      return entries;
    }
    await this.#more(run, 1);
    return this.#known(run, period, entries);
  }

  async #more(run, count) {
    const next = this.#ranked.slice(this.#read[run], this.#read[run] + count);
    this.#read[run] += next.length;
    const lists = await Promise.all(next.map(([, piece]) => this.#index.list(run, piece)));
    this.#lists[run] = lists.reduce(both, this.#lists[run]); // as it is now, not as it was before the lists came
  }

  #known(run, period, entries) {
    if (this.#lists[run] === null) {
      return entries;
    }
    const slots = slotsOf(this.#lists[run], period);
    return entries.filter(({ slot }) => slots.has(slot));
  }
}

/** The pieces of a filter's value; a kind or dataset that is one of several has none that all hits have. */
function facetPieces({ datasets }, facet, value) {
  if (facet !== "dataset" && facet !== "kind") {
    return [hashFacet(FACETS[facet], value)];
  }
  const matching = datasets.flatMap((one, at) => (one[facet === "kind" ? "kind" : "slug"] === value ? [at] : []));
  return matching.length === 1 ? [hashFacet("o", String(matching[0]))] : [];
}

/** The blocks of a run that have all pieces of one of several ways. */
async function union(index, run, ways) {
  const found = await Promise.all(
    ways.map(async (way) => (await Promise.all(way.map((piece) => index.list(run, piece)))).reduce(both, null)),
  );
  return [...new Set(found.flat())];
}

/** Two lists as one: what is in both; null means any. */
function both(one, other) {
  if (one === null || other === null) {
    return one ?? other;
  }
  const known = new Set(other);
  return one.filter((number) => known.has(number));
}
