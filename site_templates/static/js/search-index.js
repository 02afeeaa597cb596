// The files of the search index: the root, lists of where to look, and blocks of what is shown. Each is loaded once, when
// it is needed. The format: docs/search.md.

import { makeFold, makeNeedsSimplified } from "./fold.js";
import { IndexBroken, IndexGone, NAME, Numbers, decode, fetchFile, hexOf, unpack } from "./search-codec.js";
import { codeGrams, gramsOf, hashEnd, hashFacet, hashPattern } from "./search-grams.js";

const FORMAT = 2;
const MAIN = 0;
const OTHER = 1;
const APART = 2; // codes and facets
const RUN = 1024; // numbers of documents under one pattern in one file
const NODE = 64; // names in a node of the table of codes
const RARE_READ = 6; // grams of a term that are looked for among the rare ones, at most,
const READ_AT_ONCE = 2; // and so many at once
const COMMON_READ = 3; // lists of common ones, in each segment
const SEGMENTS_READ = 4; // segments that are asked what may have been meant
const FEW = 2; // blocks that are looked into without asking further lists
const WORTH = 0.8; // a list that leaves a greater share was not worth reading
const COLUMNS = ["t", "s", "c", "a", "r"];
const NUMBER = /^(.*?)([1-9][0-9]{0,11})([^0-9]*)$/s; // as in publish/derive/search/exact.py

export class SearchIndex {
  #address;
  #get;
  #files = new Map();

  constructor(root, address, get) {
    if (root.format !== FORMAT) {
      throw new IndexGone("an index of another format");
    }
    this.#address = address;
    this.#get = get;
    this.root = root;
    this.datasets = root.datasets;
    this.fold = makeFold(root.folding);
    this.needsSimplified = makeNeedsSimplified(root.folding.misleading);
    let first = 0;
    this.segments = root.segments.map((segment, place) => {
      first += segment.blocks;
      return { ...segment, place, first: first - segment.blocks, sections: segment.name === "policies" };
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

  /**
   * The content of a file, by its name; `read` makes of it what is kept, as `kind`: files of different kinds may have the
   * same content. A load that failed is tried again later.
   */
  file(name, kind, read) {
    const key = `${name} ${kind}`;
    let load = this.#files.get(key);
    if (!load) {
      const address = new URL(`${name}.gz`, this.#address).href;
      load = this.#get(address, "default").then((bytes) => unpack(bytes, name)).then(read);
      load.catch(() => this.#files.delete(key));
      this.#files.set(key, load);
    }
    return load;
  }

  /** Fold with the table of simplified characters from now on. */
  async learnSimplified() {
    this.fold = await this.file(this.root.folding.simplified, "simplified", (body) => {
      const characters = [...decode(body)];
      const table = new Map(characters.flatMap((one, at) => (at % 2 ? [] : [[one, characters[at + 1]]])));
      return makeFold(this.root.folding, table);
    });
  }

  /** The filters' values: of each facet [value, count] of the whole index. */
  facets() {
    return this.file(this.root.facets, "facets", parsed);
  }

  /** The sets of common and of frequent grams, and the names of the lists of rare ones. */
  #head() {
    return this.file(this.root.grams.head, "head", (body) => {
      const [common, frequent] = this.root.grams.sketches;
      const second = 2 ** common / 8;
      const names = second + 2 ** frequent / 8;
      const has = (bits, from) => (hash) => {
        const slot = bits ? hash >>> (32 - bits) : 0;
        return ((body[from + (slot >>> 3)] >> (slot & 7)) & 1) === 1;
      };
      return {
        rank: (hash) => (has(frequent, second)(hash) ? 2 : has(common, 0)(hash) ? 1 : 0),
        name: (shard) => hexOf(body, names + shard * NAME),
      };
    });
  }

  /** What the segment's directory says: of each block where it begins, and its name; the names of lists. */
  directory(segment) {
    return this.file(segment.directory, "directory", (bytes) => {
      const numbers = new Numbers(bytes);
      const count = numbers.next();
      if (count !== segment.blocks) {
        throw new IndexBroken("a directory of another segment");
      }
      const newest = count ? numbers.next() : 0;
      const falls = numbers.take(count, (fall, before) => fall + before);
      const orders = numbers.take(count);
      const units = numbers.take(count);
      const opens = numbers.take(count);
      const { at } = numbers;
      let [body, offset] = [-1, 0];
      const bodies = opens.map((open, place) => {
        [body, offset] = open ? [body + 1, 0] : [body, offset + units[place - 1]];
        return { body, offset };
      });
      return {
        days: falls.map((fall) => newest - fall),
        orders,
        units,
        head: (place) => hexOf(bytes, at + place * NAME),
        body: (place) => ({ name: hexOf(bytes, at + (count + bodies[place].body) * NAME), ...bodies[place] }),
        list: (shard) => hexOf(bytes, at + (count + body + 1 + shard) * NAME),
      };
    });
  }

  /** A block: how many units it has, and of its columns those that are shown of every hit. */
  async block(segment, place) {
    const directory = await this.directory(segment);
    const count = directory.units[place];
    const block = await this.file(directory.head(place), `head${segment.place}`, (body) => {
      const columns = columnsOf(body, count);
      if (columns.o?.length !== count || columns.k?.length !== count || columns.o.some((one) => !this.datasets[one])) {
        throw new IndexBroken("a block that is not as its directory says");
      }
      return { columns, count, segment, place, folded: new Map(), isWhole: false };
    });
    if (block.columns.h) {
      await this.learnSimplified();
    }
    return block;
  }

  /** The same block with its long texts. */
  async whole(block) {
    if (!block.isWhole) {
      const directory = await this.directory(block.segment);
      const { name, offset } = directory.body(block.place);
      const columns = await this.file(name, "body", (body) => columnsOf(body, null));
      for (const [column, cells] of Object.entries(columns)) {
        block.columns[column] = cells?.slice(offset, offset + block.count) ?? null;
        if (cells && block.columns[column].length !== block.count) {
          throw new IndexBroken("a column that is not as long as its block");
        }
      }
      block.isWhole = true;
      block.searched = null;
    }
    return block;
  }

  /**
   * Where a term may stand: `classes` has for main and for other texts a rising list of blocks of the whole index; or
   * null, if that is to be asked of each segment, by `grams`. `codes` are those of credit codes; null: it is in none.
   */
  async wanted(term) {
    const { rank } = await this.#head();
    const grams = gramsOf(term).sort((one, other) => rank(one) - rank(other));
    let classes = [null, null];
    // A gram that the sketch calls common may still be rare: the sketch is small, and so grams share bits in it.
    for (let next = 0, some = 1; next < Math.min(grams.length, RARE_READ) && classes[MAIN] === null; next += some) {
      some = next || rank(grams[0]) === 0 ? READ_AT_ONCE : 1;
      const found = await Promise.all(grams.slice(next, next + some).map((gram) => this.#rare(gram)));
      classes = found.reduce((known, lists) => known.map((list, kind) => both(list, lists[kind])), classes);
    }
    return { classes, grams, codes: codeGrams(term) };
  }

  /** For each piece of a term that is rare in main texts, or of a code, the blocks of the whole index that have it. */
  async piecesOf(term) {
    const { rank } = await this.#head();
    const grams = gramsOf(term).filter((gram) => rank(gram) < 2).slice(0, 2 * RARE_READ);
    const rare = (await Promise.all(grams.map((gram) => this.#rare(gram)))).map((lists) => lists[MAIN] ?? []);
    const codes = codeGrams(term)?.slice(0, COMMON_READ) ?? [];
    const listed = codes.flatMap((gram) =>
      this.segments.slice(0, SEGMENTS_READ).map(async (segment) =>
        (await this.#inSegment(segment, gram, APART)).map((place) => segment.first + place),
      ),
    );
    return [...rare, ...(await Promise.all(listed))];
  }

  /** Of main and of other texts the blocks that have a gram; null where it is common. */
  async #rare(gram) {
    const { name } = await this.#head();
    const { bits } = this.root.grams;
    const lists = await this.#lists(name(shardOf(gram, bits)), bits);
    return [MAIN, OTHER].map((kind) => {
      const list = lists(gram, kind) ?? [];
      return list.length || !lists.has(gram, kind) ? list : null;
    });
  }

  /**
   * The blocks of a segment in which something wanted may stand, by place in the segment; null: any.
   * @param {boolean} mainOnly in a title, a subject or a code
   */
  async places(segment, wanted, mainOnly) {
    const kinds = mainOnly ? [MAIN] : [MAIN, OTHER];
    const found = kinds.map((kind) => this.#ofClass(segment, wanted, kind));
    if (wanted.codes) {
      found.push(this.#common(segment, wanted.codes, APART));
    }
    return (await Promise.all(found)).reduce(either);
  }

  async #ofClass(segment, { classes, grams }, kind) {
    return classes[kind] ? within(segment, classes[kind]) : this.#common(segment, grams, kind);
  }

  async #common(segment, grams, kind) {
    const first = await Promise.all(grams.slice(0, COMMON_READ).map((gram) => this.#inSegment(segment, gram, kind)));
    let places = first.reduce(both, null);
    // A list is smaller than a block: more of them are read as long as each leaves clearly fewer blocks.
    for (let next = COMMON_READ, before = Infinity; next < grams.length && places.length > FEW; next += 1) {
      if (places.length > WORTH * before) {
        break;
      }
      before = places.length;
      places = both(places, await this.#inSegment(segment, grams[next], kind));
    }
    return places;
  }

  /** The blocks of a segment that have a gram. What the segment does not list is rare in the whole index, or not in it. */
  async #inSegment(segment, gram, kind) {
    const directory = await this.directory(segment);
    const lists = await this.#lists(directory.list(shardOf(gram, segment.bits)), segment.bits);
    if (kind === APART || lists.has(gram, kind)) {
      return lists(gram, kind) ?? [];
    }
    return within(segment, (await this.#rare(gram))[kind] ?? []);
  }

  /** The blocks of a segment that have one of the values of a facet. */
  async facetPlaces(segment, facet, values) {
    const lists = values.map((value) => this.#inSegment(segment, hashFacet(facet, value), APART));
    return (await Promise.all(lists)).reduce(either, []);
  }

  /** The lists of a file, as a function of hash and class: rising numbers of blocks, [] for "look in the segments". */
  #lists(name, bits) {
    return this.file(name, `lists${bits}`, (body) => {
      const numbers = new Numbers(body);
      const count = numbers.next();
      const keys = numbers.take(count, (step, before) => step + before);
      const counts = numbers.take(count);
      const places = new Map();
      keys.forEach((key, at) => places.set(key, numbers.take(counts[at], nextGap())));
      const rest = 2 ** (34 - bits);
      const keyOf = (hash, kind) => (hash * 4 + kind) % rest;
      const lists = (hash, kind) => places.get(keyOf(hash, kind));
      lists.has = (hash, kind) => places.has(keyOf(hash, kind));
      return lists;
    });
  }

  /** The blocks, as [segment, place], that hold the codes which end in a folded term; null if the table cannot tell. */
  async byCode(term) {
    if (!/^[0-9a-z]{4,18}$/.test(term)) {
      return null;
    }
    const table = await this.#codesLike(term);
    const found = table.codes.flatMap((code, at) => (code.toLowerCase().endsWith(term) ? table.units[at] : []));
    return this.#at(found);
  }

  /** A folded code as it is written, if a unit has it; else null. */
  async codeOf(term) {
    return (await this.#codesLike(term)).codes.find((code) => code.toLowerCase() === term) ?? null;
  }

  async #codesLike(term) {
    const { bits, nodes } = this.root.codes;
    const shard = shardOf(hashEnd(term), bits);
    const node = await this.file(nodes[Math.floor(shard / NODE)], "node", (body) => body);
    return this.file(hexOf(node, (shard % NODE) * NAME), "codes", codeTable);
  }

  /** The blocks that hold the documents of a folded number; null if it is none. */
  async byNumber(title) {
    const parts = NUMBER.exec(title);
    if (!parts) {
      return null;
    }
    const number = Number(parts[2]);
    return this.#exact(this.root.numbers, `${parts[1]}\0${parts[3]}\0${Math.floor(number / RUN)}`, number);
  }

  /** The blocks that hold the units of a whole folded name. */
  byName(name) {
    return this.#exact(this.root.names, name, 0);
  }

  async #exact({ bits, files }, pattern, number) {
    const hash = hashPattern(pattern);
    const names = Uint8Array.from(atob(files), (one) => one.charCodeAt(0));
    const table = await this.file(hexOf(names, shardOf(hash, bits) * NAME), "numbers", numberTable);
    return this.#at(table.get(hash % 2 ** (32 - bits))?.get(number) ?? []);
  }

  /** Blocks of units that are told by their day and eight bits of their order. */
  async #at(units) {
    const found = new Map();
    for (const [day, byte] of units) {
      const segment = this.segments.findLast((one) => !one.sections && one.newest >= day);
      if (!segment) {
        throw new IndexBroken("a day that no segment has");
      }
      const { days, orders } = await this.directory(segment);
      days.forEach((_, place) => {
        const begins = days[place] > day || (days[place] === day && orders[place] < byte * 256 + 256);
        const next = place + 1;
        const goesOn = next === days.length || days[next] < day || (days[next] === day && orders[next] >= byte * 256);
        if (begins && goesOn) {
          found.set(segment.first + place, [segment, place]);
        }
      });
    }
    return [...found].sort(([one], [other]) => one - other).map(([, block]) => block);
  }
}

/** A cell of a field as a block has it; `field` is [stored, usual]. */
export function cellOf(block, row, [stored, usual]) {
  return (stored ? block.columns[stored]?.[row] : null) ?? (usual ? block.columns[usual]?.[row] : null) ?? null;
}

/** A column of a block folded, in the present way of folding; kept. */
export function foldedColumn(block, name, fold) {
  let column = block.folded.get(name);
  if (!column || column.fold !== fold) {
    column = { fold, cells: (block.columns[name] ?? []).map((cell) => (cell ? fold(cell) : "")) };
    block.folded.set(name, column);
  }
  return column.cells;
}

/** Of each row of a block the folded cells of some columns, with an end of line between them, which no folded text has. */
export function foldedRows(block, names, fold) {
  const key = names.join();
  let rows = block.folded.get(key);
  if (!rows || rows.fold !== fold) {
    const columns = names.map((name) => foldedColumn(block, name, fold));
    const texts = Array.from({ length: block.count }, (_, row) => columns.map((cells) => cells[row] ?? "").join("\n"));
    rows = { fold, texts };
    block.folded.set(key, rows);
  }
  return rows.texts;
}

/** The columns of a block that are searched. */
export function searchedColumns(block) {
  block.searched ??= Object.keys(block.columns).filter(
    (name) => block.columns[name] !== null && (COLUMNS.includes(name) || /^x\d+$/.test(name)),
  );
  return block.searched;
}

const within = (segment, list) =>
  list.map((block) => block - segment.first).filter((place) => place >= 0 && place < segment.blocks);

const shardOf = (hash, bits) => (bits ? hash >>> (32 - bits) : 0);

/** Two lists of places as one: those in both, or in either; null means any place. */
export const both = (one, other) => {
  if (one === null || other === null) {
    return one ?? other;
  }
  const known = new Set(other);
  return one.filter((place) => known.has(place));
};
export const either = (one, other) =>
  one === null || other === null ? null : [...new Set([...one, ...other])].sort((left, right) => left - right);

/** A step that turns gaps into rising numbers: the first as it is, each next one more than the gap. */
function nextGap() {
  let first = true;
  return (gap, before) => {
    const number = first ? gap : before + gap + 1;
    first = false;
    return number;
  };
}

function parsed(body) {
  try {
    return JSON.parse(decode(body));
  } catch {
    throw new IndexBroken("a file of the index is not what it should be");
  }
}

/** Columns: lists that are as long as a block has units (null: not known here), or null; or 1, a mark. */
function columnsOf(body, count) {
  const columns = parsed(body);
  const isRight = (one) => one === null || one === 1 || (Array.isArray(one) && one.length === (count ?? one.length));
  if (!Object.values(columns).every(isRight)) {
    throw new IndexBroken("a column that is not as long as its block");
  }
  return columns;
}

function codeTable(body) {
  const end = body.indexOf(0);
  const codes = end > 0 ? decode(body.subarray(0, end)).split("\n") : [];
  const numbers = new Numbers(body, end + 1);
  const counts = numbers.take(codes.length);
  const units = counts.map((count) => {
    let day = 0;
    return Array.from({ length: count }, () => [(day += numbers.next()), numbers.next()]);
  });
  return { codes, units };
}

function numberTable(body) {
  const numbers = new Numbers(body);
  let hash = 0;
  const heads = Array.from({ length: numbers.next() }, () => [(hash += numbers.next()), numbers.next()]);
  const table = new Map();
  for (const [pattern, count] of heads) {
    let [number, day] = [0, 0];
    const found = new Map();
    for (let entry = 0; entry < count; entry += 1) {
      number += numbers.next();
      const zigzag = numbers.next();
      day += zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2;
      found.set(number, [...(found.get(number) ?? []), [day, numbers.next()]]);
    }
    table.set(pattern, found);
  }
  return table;
}
