// The search index in the browser: the root, shards that are loaded when they are needed, and matching.
// The format's home is publish/derive/search.py.

import { makeFold } from "./fold.js";

const FORMAT = 1;
const SEARCHED = ["title", "subject", "code", "authority", "reason"];
const SEPARATOR = "\n"; // removed by folding, so no folded text or term holds it

/** A file of the index is not there any more: a newer release has taken its place. */
export class IndexGone extends Error {}

/** The index of one release. */
export class SearchIndex {
  #address;
  #loads = new Map();

  constructor(root, address) {
    if (root.format !== FORMAT) {
      throw new IndexGone("an index of another format");
    }
    this.#address = address;
    this.fold = makeFold(root.folding);
    // By newest record; shards without a date last. Sorting is stable: else the order of the root.
    this.shards = root.shards
      .map((shard, place) => ({ ...shard, place }))
      .sort((one, other) => compareDates(one.newest, other.newest));
  }

  /** The index at an address. The root must be asked for anew, since it is what changes between releases. */
  static async open(address) {
    return new SearchIndex(await fetchJson(address, "no-cache"), address);
  }

  /** The shards of one dataset, or all if it is empty; newest first. */
  shardsOf(dataset) {
    return dataset ? this.shards.filter((shard) => shard.dataset === dataset) : this.shards;
  }

  /** Load a shard, once; a shard that failed is asked for again the next time. */
  load(shard) {
    let load = this.#loads.get(shard.url);
    if (!load) {
      load = fetchJson(new URL(shard.url, this.#address), "default").then((columns) => prepared(columns, shard, this.fold));
      load.catch(() => this.#loads.delete(shard.url));
      this.#loads.set(shard.url, load);
    }
    return load;
  }
}

/**
 * The records of a loaded shard that hold all terms and are public on a day.
 * @param {object} loaded what SearchIndex.load gave
 * @param {{terms: string[], number: string | null}} query
 * @param {string} today `yyyy-mm-dd`
 */
export function matches(loaded, query, today) {
  const { columns, texts, shard } = loaded;
  const number = query.number && SEPARATOR + query.number + SEPARATOR;
  const hits = [];
  for (let row = 0; row < texts.length; row += 1) {
    const until = columns.until?.[row];
    if (query.terms.every((term) => texts[row].includes(term)) && !(until && until < today)) {
      const exact = number !== null && texts[row].includes(number);
      hits.push({ columns, shard, row, exact, date: columns.date[row] });
    }
  }
  return hits;
}

/** The order of results: the exact code or number first, then newest first, undated last, then the index's order. */
export function compareHits(one, other) {
  return (
    other.exact - one.exact ||
    compareDates(one.date, other.date) ||
    one.shard.place - other.shard.place ||
    one.row - other.row
  );
}

function compareDates(one, other) {
  const [left, right] = [one ?? "", other ?? ""];
  return left < right ? 1 : left > right ? -1 : 0;
}

function prepared(columns, shard, fold) {
  const texts = columns.url.map((_, row) => {
    const cells = SEARCHED.map((name) => columns[name]?.[row] ?? "").concat(columns.text[row]);
    return SEPARATOR + cells.map(fold).join(SEPARATOR) + SEPARATOR;
  });
  return { columns, shard, texts };
}

async function fetchJson(address, cache) {
  const response = await fetch(address, { cache, credentials: "omit" });
  if (response.status === 404 || response.status === 410) {
    throw new IndexGone("a file of the index is gone");
  }
  if (!response.ok) {
    throw new Error(`the index answered ${response.status}`);
  }
  return response.json();
}
