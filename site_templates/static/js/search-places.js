// Where the terms of a query may stand: blocks by the lists of their pieces. A block in which nothing was found after all
// buys another list, so that few lists are read where hits are close together, and many where they are far apart.

import { gramsOf, hashFacet } from "./search-grams.js";

const IN_CODE = /^[0-9a-z]{1,18}$/; // may stand in a credit code, which has no pieces in lists
const TELLING = 4; // the class from which on one list says little,
const VAGUE = 5; // and from which on it says hardly anything
const ALONE = 2; // what is read for sections alone, from the lists of run 0; beside what is read for both runs
const FACETS = { authority: "a", severity: "v", year: "y", status: "f" };

export class Places {
  #index;
  #rank;
  #terms; // how many there are
  #pieces; // for each run, and for sections alone, that all hits have: those of which the lists are not read yet,
  #begun = []; // when the first ones are,
  #lists = [[], [], []]; // and the lists that are
  #ways; // sets of pieces of which a hit has those of one
  #listsOfWays = [];

  /**
   * @param {SearchIndex} index
   * @param {object[]} terms of a query
   * @param {[string, string][]} filters
   * @param {{inCodes: boolean, names?: string[]}} options `inCodes`: a term may also stand in a code; `names` are those of
   *   all subjects whose codes have the only one, if they are known
   */
  static async of(index, terms, filters, { inCodes, names = null }) {
    const rank = await index.rank();
    const meansCode = (field) => [...field.values()].some(([, usual]) => usual === "c");
    const isAnywhere = ({ text, field }) => (field ? meansCode(field) : inCodes) && IN_CODE.test(text);
    const texts = terms.filter((term) => !isAnywhere(term)).map(({ text }) => text);
    const values = filters.flatMap(([facet, value]) => facetPieces(index, facet, value));
    const ranked = (pieces) => [...new Set(pieces)].sort((one, other) => rank(one) - rank(other));
    const pieces = ranked([...texts.flatMap((text) => gramsOf(text)), ...values]);
    // Of those that are told of sections alone, first one of each term.
    const ofTerms = texts.map((text) => ranked(gramsOf(text, true)).filter((piece) => !pieces.includes(piece)));
    const places = new Places();
    places.#index = index;
    places.#rank = rank;
    places.#terms = terms.length;
    places.#pieces = [[...pieces], pieces, [...new Set([...ofTerms.flatMap((of) => of.slice(0, 1)), ...ofTerms.flat()])]];
    const ways = names ? [terms[0].text, ...names] : [""];
    places.#ways = ways.map((text) => gramsOf(text).filter((piece) => rank(piece) < VAGUE));
    return places;
  }

  /** The blocks of a period to look into, newest first. */
  async in(period) {
    const { run, isSections } = period;
    await (this.#begun[run] ??= this.#begin(run));
    const isAny = () => this.#slots(period)?.size !== 0;
    if (isSections && isAny()) {
      await (this.#begun[ALONE] ??= this.#more(ALONE, this.#terms));
    }
    const entries = isAny() ? await this.#index.directory(period) : [];
    return this.#left(period, [...entries].sort((one, other) => one.age - other.age));
  }

  /** Read the first lists of a run; none where all pieces seem to be in most records: the newest will tell. */
  async #begin(run) {
    const rarest = this.#rank(this.#pieces[run][0]); // of none: 0
    await this.#more(run, rarest < TELLING ? 1 : rarest < VAGUE ? 2 : 0);
    const load = (pieces) => Promise.all(pieces.map((piece) => this.#index.list(run, piece)));
    this.#listsOfWays[run] = await Promise.all(this.#ways.map(load));
  }

  /** What is left of blocks after one more list has been read; the same if there is none. */
  async narrowed(period, entries) {
    if (entries.length > 1) {
      await this.#more(period.isSections && this.#pieces[ALONE].length ? ALONE : period.run, 1);
    }
    return this.#left(period, entries);
  }

  async #more(run, count) {
    const next = this.#pieces[run].splice(0, count);
    this.#lists[run].push(...(await Promise.all(next.map((piece) => this.#index.list(run % ALONE, piece)))));
  }

  #left(period, entries) {
    const slots = this.#slots(period);
    return slots ? entries.filter(({ slot }) => slots.has(slot + 1)) : entries;
  }

  /** The slots of a period that lists leave, each and 1; null: any. */
  #slots(period) {
    const { run, isSections } = period;
    const ofWays = this.#listsOfWays[run].map((lists) => slotsIn(lists, period));
    const either = ofWays.includes(null) ? null : new Set(ofWays.flatMap((slots) => [...slots]));
    return both(slotsIn([...this.#lists[run], ...(isSections ? this.#lists[ALONE] : [])], period), either);
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

/** The slots of a period, each and 1, that all lists have; null: any. */
const slotsIn = (lists, period) => lists.map((list) => list(period)).filter((slots) => !slots.has(0)).reduce(both, null);

/** Two sets as one: what is in both; null means any. */
const both = (one, other) => (one && other ? new Set([...one].filter((slot) => other.has(slot))) : (one ?? other));
