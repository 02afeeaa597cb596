// Runs searches with the site's own modules under Node, and says which files they fetched. Usage: node search_node.mjs
// MODULES SITE < questions.json; a question is {text, order, filters, today, count}; count null: to the last hit.
// All are asked in every round, with an index of its own. A round has by address the files (base64) that are others in
// it, or null for those that are not there.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, site] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(modules, name)).href);
const { SearchIndex } = await load("search-index.js");
const { IndexGone } = await load("search-codec.js");
const { Search } = await load("search-engine.js");
const { makeFieldOf } = await load("search-fields.js");
const { parseQuery } = await load("search-query.js");

let fetched = [];
let others = {};
const read = (path) => {
  if (!Object.hasOwn(others, path)) {
    return readFile(join(site, path));
  }
  if (others[path] === null) {
    throw Object.assign(new Error("not there"), { code: "ENOENT" });
  }
  return Buffer.from(others[path], "base64");
};
const get = async (address) => {
  try {
    const bytes = new Uint8Array(await read(new URL(address).pathname));
    fetched.push(bytes.length);
    return bytes;
  } catch (error) {
    throw error.code === "ENOENT" ? new IndexGone("gone") : error;
  }
};

const { questions, cold = false, rounds = [{}] } = JSON.parse(await readFile("/dev/stdin", "utf-8"));
let index = null;
const answers = [];
const every = rounds.flatMap((round) => questions.map((question, place) => ({ ...question, round, place })));
for (const { text, order = "relevance", filters = {}, today = "", count = null, round, place } of every) {
  others = round;
  index = place ? index : null;
  fetched = [];
  const answer = { urls: [], tiers: [], done: false, error: null };
  try {
    index = cold || !index ? await SearchIndex.open("http://site.invalid/search/index/root.gz", get) : index;
    if (index.needsSimplified(text)) {
      await index.learnSimplified();
    }
    const query = parseQuery(text, index.fold, makeFieldOf(index.root, index.fold));
    const search = new Search(index, query, { order, filters, today });
    do {
      await search.find(count ?? Infinity);
    } while (count === null && !search.done);
    answer.urls = search.hits.map((hit) => hit.url);
    answer.tiers = search.hits.map((hit) => hit.tier);
    answer.done = search.done;
  } catch (error) {
    answer.error = `${error.constructor.name}: ${error.message}`;
  }
  answers.push({ ...answer, requests: fetched.length, bytes: fetched.reduce((sum, size) => sum + size, 0) });
}
process.stdout.write(JSON.stringify(answers));
