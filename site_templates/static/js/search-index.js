// The files of the search index: the root, tables, lists of where to look, and blocks of what is shown. Each is loaded
// once, when it is needed. The format: docs/search.md.

import { makeFold, makeNeedsSimplified } from "./fold.js";
import { IndexBroken, IndexGone, NAME, Numbers, decode, fetchFile, hexOf, unpack } from "./search-codec.js";
import { hashKey } from "./search-grams.js";

const FORMAT = 4;
const ENTRY = 10; // bytes of a block in a directory
const SMALL = 12_000; // units of an index in which everything can be looked at
const HEAD = 3; // characters of keys that nodes tell
const SPAN = 2049; // numbers of a period in a list: 0 if it is open, a slot and 1 of a block
const SECTIONS = 32768; // the period of documents
const SEARCHED = /^([tscar]|x\d+)$/;
const MARKS = /[\u0001\u0002]/g; // for the row's own subject or reason

export class SearchIndex {
  #address;
  #get;
  #files = new Map();
  #simplified;

  constructor(root, address, get) {
    if (root.format !== FORMAT) {
      throw new IndexGone("another format");
    }
    this.#address = address;
    this.#get = get;
    this.root = root;
    this.datasets = root.datasets;
    this.#simplified = new Map(); // of the traditional characters that were met, the simplified ones
    this.fold = makeFold(root.folding, this.#simplified);
    this.#learn(root.h); // of names and titles of fields
    this.needsSimplified = makeNeedsSimplified(root.folding);
    this.isSmall = root.periods.reduce((sum, period) => sum + period[4], 0) <= SMALL;
    let first = 0; // where the directories of the first periods stand, one after the other
    this.periods = root.periods.map(([run, number, blocks, newest, units, directory]) => {
      const period = { run, number, blocks, newest, units, directory, first, isSections: number === SECTIONS };
      first += blocks * ENTRY;
      return period;
    });
  }

  /**
   * The index at an address. The root must be asked for anew, since it is what changes between releases.
   * @param {string} address of the root
   * @param {(address: string, cache: string) => Promise<Uint8Array>} [get] how a file is fetched
   */
  static async open(address, get = fetchFile) {
    const body = await unpack(await get(address, "no-cache"));
    return new SearchIndex(parsed(body), address, get);
  }

  /** The content of a file, by its name; `read` makes of it what is kept. A load that failed is tried again later. */
  #file(name, read) {
    let load = this.#files.get(name);
    if (!load) {
      const address = new URL(`${name}.gz`, this.#address).href;
      load = this.#get(address, "default").then((bytes) => unpack(bytes, name)).then(read);
      load.catch(() => this.#files.delete(name));
      this.#files.set(name, load);
    }
    return load;
  }

  /** Fold all traditional characters from now on: for a query that has one. Blocks bring those of their own. */
  async learnSimplified() {
    this.#learn(await this.#file(this.root.folding.simplified, decode));
  }

  #learn(pairs) {
    const characters = [...pairs];
    characters.forEach((one, at) => at % 2 || this.#simplified.set(one, characters[at + 1]));
  }

  /** Let go what was loaded; it is loaded again when it is needed. */
  forget() {
    this.#files.clear();
  }

  /** The filters' values: of each facet [value, count] of the whole index. */
  facets() {
    return this.#file(this.root.facets, parsed);
  }

  /** A block of rows: columns by name, and how many rows. */
  #rows(name) {
    return this.#file(name, (body) => {
      const { h, z, ...columns } = parsed(body);
      const lists = Object.values(columns).filter((one) => one !== null);
      if (!lists.length || lists.some((one) => !Array.isArray(one) || one.length !== lists[0].length)) {
        throw new IndexBroken("uneven columns");
      }
      if (z) {
        lengthen(columns);
      }
      this.#learn(h ?? "");
      return { columns, count: lists[0].length, folded: new Map() };
    });
  }

  /**
   * The blocks of a table whose keys may begin with `key`, by run, as functions that load them; [] if what keys begin
   * with is told, and none begins so.
   */
  async blocksOf(table, key) {
    const { f, n } = this.root.tables[table];
    const runs = [[], []];
    const head = [...key].slice(0, HEAD);
    for (const at of span(f, key)) {
      const node = await this.#file(n.slice(at * 2 * NAME, (at + 1) * 2 * NAME), parsed);
      if (node.p !== undefined && head.length === HEAD && !hasBit(atob(node.p), parseInt(hashKey(head.join("")), 16))) {
        continue;
      }
      node.f.forEach((fences, run) => {
        const names = span(fences, key).map((place) => node.n[run].slice(place * 2 * NAME, (place + 1) * 2 * NAME));
        runs[run].push(...names.filter((name) => !runs[run].includes(name)));
      });
    }
    // What is not told a last day outlasts the season; a page that is older than that knows nothing of it any more.
    const load = (name, run) => async () => ({ ...(await this.#rows(name)), until: run ? this.root.until : null });
    return runs.map((names, run) => names.map((name) => load(name, run)));
  }

  /** The class of a gram, names of lists, and the directories of the first periods. */
  #head() {
    return this.#file(this.root.head, (body) => {
      const numbers = new Numbers(body);
      const [size, passing, lasting, hasLasting] = [numbers.next(), numbers.next(), numbers.next(), numbers.next()];
      const names = numbers.at + size;
      const directories = names + 2 ** passing * NAME;
      return {
        rank: (hash) => (body[numbers.at + placeOf(hash, size)] >> (4 * (placeOf(hash, 2 * size) & 1))) & 15,
        name: (hash) => hexOf(body, names + first(hash, passing) * NAME),
        share: hasLasting ? 2 ** (lasting - passing) : 0,
        bits: [passing, lasting],
        directories: body.subarray(directories),
      };
    });
  }

  periodsOf(isSections) {
    return this.periods.filter((one) => one.isSections === isSections);
  }

  /** How common grams seem to be: 0 for the rarest, 5 for what is in most blocks; never rarer than they are. */
  async rank() {
    return (await this.#head()).rank;
  }

  /** What is told of a gram's blocks in a run: of a period the slots, each and 1; or 0, if any block may have it. */
  async list(run, hash) {
    const head = await this.#head();
    const own = await this.#file(head.name(hash), (body) => ({ body, lists: listsOf(body, head.share * NAME) }));
    const place = first(hash, head.bits[1]) % head.share;
    const lists = run ? await this.#file(hexOf(own.body, place * NAME), (body) => listsOf(body, 0)) : own.lists;
    return lists(hash % 2 ** (32 - head.bits[run]));
  }

  /** The blocks of a period: place, slot, and newest day as days before the period's own. */
  async directory(period) {
    period.entries ??= (async () => {
      const { blocks, directory } = period;
      const head = directory ? null : await this.#head();
      const bytes = head ? head.directories.subarray(period.first) : await this.#file(directory, (body) => body);
      const pair = (at) => bytes[at] + 256 * bytes[at + 1];
      return Array.from({ length: blocks }, (_, place) => {
        const at = place * ENTRY;
        return { period, place, slot: pair(at), age: pair(at + 2), name: hexOf(bytes, at + 4) };
      });
    })();
    period.entries.catch(() => delete period.entries);
    return period.entries;
  }

  /** A block of units. */
  async block({ period, place, name }) {
    const block = await this.#rows(name);
    if (block.columns.o?.some((one) => !this.datasets[one]) ?? true) {
      throw new IndexBroken("no such dataset");
    }
    block.searched ??= Object.keys(block.columns).filter((column) => block.columns[column] && SEARCHED.test(column));
    return Object.assign(block, { period, place });
  }
}

/** Compares by code points, as the builder does. */
export function order(one, other) {
  const shifted = (unit) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    if (one[at] !== other[at]) {
      return shifted(one.charCodeAt(at)) - shifted(other.charCodeAt(at));
    }
  }
  return one.length - other.length;
}

/** The places in sorted fences below which keys that begin with `key` may stand. */
function span(fences, key) {
  let from = fences.findLastIndex((fence) => order(fence, key) <= 0);
  from = Math.max(from, 0);
  const places = [];
  for (let at = from; at < fences.length && (at === from || fences[at].startsWith(key)); at += 1) {
    places.push(at);
  }
  return places;
}

/** Whether a hash seems to be in a sketch. */
function hasBit(bytes, hash) {
  const at = placeOf(hash, 8 * bytes.length);
  return ((bytes.charCodeAt(at >> 3) >> (at & 7)) & 1) === 1;
}

/** The place of a hash of 32 bits among so many. */
const placeOf = (hash, places) => Math.floor((hash * places) / 2 ** 32);

const first = (hash, bits) => (bits ? hash >>> (32 - bits) : 0);

/** The lists of a shard, as a function of the rest of a hash. */
function listsOf(body, at) {
  const numbers = new Numbers(body, at);
  const count = numbers.next();
  const keys = numbers.take(count, (step, before) => step + before);
  const counts = numbers.take(count);
  const lists = new Map();
  keys.forEach((key, place) => {
    let last = -1;
    lists.set(key, numbers.take(counts[place], (gap) => (last += gap + 1)));
  });
  return (rest) => byPeriod(lists.get(rest) ?? []);
}

function byPeriod(list) {
  const periods = new Map();
  list.forEach((one) => {
    const period = Math.floor(one / SPAN);
    periods.set(period, (periods.get(period) ?? new Set()).add(one % SPAN));
  });
  return ({ number }) => periods.get(number) ?? new Set();
}

/** Put the subject and the reason of each row where its texts only point to them. */
function lengthen(columns) {
  for (const [name, cells] of Object.entries(columns)) {
    if (name[0] === "x" && cells) {
      columns[name] = cells.map(
        (cell, row) => cell && cell.replace(MARKS, (mark) => columns[mark === "\u0001" ? "s" : "r"]?.[row] ?? ""),
      );
    }
  }
}

/** A cell of a field as a block has it; `field` is [stored, usual]. */
export function cellOf(block, row, [stored, usual]) {
  return (stored ? block.columns[stored]?.[row] : null) ?? (usual ? block.columns[usual]?.[row] : null) ?? null;
}

/** A column of a block folded; kept. */
export function foldedColumn(block, name, fold) {
  return kept(block, name, () => (block.columns[name] ?? []).map((cell) => (cell ? fold(cell) : "")));
}

/** Of each row of a block the folded cells of some columns, with an end of line between them, which no folded text has. */
export function foldedRows(block, names, fold) {
  return kept(block, `rows ${names}`, () => {
    const columns = names.map((name) => foldedColumn(block, name, fold));
    return Array.from({ length: block.count }, (_, row) => columns.map((cells) => cells[row] ?? "").join("\n"));
  });
}

function kept({ folded }, key, make) {
  if (!folded.has(key)) {
    folded.set(key, make());
  }
  return folded.get(key);
}

function parsed(body) {
  try {
    return JSON.parse(decode(body));
  } catch {
    throw new IndexBroken("a file of the index is not JSON");
  }
}
