// The search page. The page gives the elements and the texts (site_templates/pages/search.html); what is searched for is
// in the address, so that it can be linked, and so that back and reload show it again.

import { siteToday } from "./day.js";
import { IndexGone } from "./search-codec.js";
import { Search } from "./search-engine.js";
import { SearchIndex } from "./search-index.js";
import { ResultList } from "./search-list.js";
import { parseQuery } from "./search-query.js";

// Not needed before the first result is there.
const hints = () => import("./search-hints.js");
const fields = () => import("./search-fields.js");
const filterTools = () => import("./search-filters.js");

const PAGE = 10;
const TYPING_PAUSE = 200; // ms
const STEP = 5; // hits between two drawings
const MANY = 500; // of those that are only counted

const byId = (id) => document.getElementById(id);

class SearchPage {
  #texts = searchRoot.dataset;
  #input = byId("q");
  #filters = [...searchRoot.querySelectorAll("[data-filter]")];
  #details = byId("search-filters");
  #order = byId("search-order");
  #meant = byId("search-meant");
  #list = new ResultList(this.#texts, () => this.#showMore());
  #tools = null; // of filters, when they are there
  #opening = null;
  #turn = 0; // of searching; an older one stops when it sees a newer
  #search = null; // under way, with `query` and `index`
  #typing = 0; // timer
  #shown = PAGE;
  #committed = ""; // the address of the last search that was submitted

  start() {
    byId("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(true);
    });
    this.#input.addEventListener("input", (event) => {
      if (!event.isComposing) {
        this.#typed();
      }
    });
    // Who goes into the field means to search: what every search begins with is there when it is sent.
    this.#input.addEventListener("focus", () => this.#ready());
    // Pinyin that is being typed is no query yet; the characters chosen are.
    this.#input.addEventListener("compositionend", () => this.#typed());
    for (const field of this.#fields) {
      field.addEventListener("change", () => this.#submit(false));
    }
    this.#details?.addEventListener("toggle", () => this.#offer());
    // Where the reader was, for when he comes back from a result by the back button.
    byId("search-results").addEventListener("click", (event) => {
      if (event.target.closest("a")) {
        history.replaceState({ shown: this.#shown, scroll: window.scrollY }, "");
      }
    });
    window.addEventListener("popstate", () => this.#restore());
    this.#restore();
  }

  get #fields() {
    return [...this.#filters, this.#order].filter(Boolean);
  }

  /** Search for what the address says. `go` in it: sent from another page's search box, so a whole number leads on. */
  async #restore() {
    const wanted = new URLSearchParams(location.search);
    this.#input.value = wanted.get("q") ?? "";
    for (const field of this.#filters) {
      const value = wanted.get(field.name) ?? "";
      field.value = value;
      if (field.selectedIndex < 0) {
        await this.#offer();
        field.value = value;
      }
      if (field.selectedIndex < 0) {
        field.value = "";
      }
    }
    if (this.#order) {
      this.#order.value = wanted.get("order") === "newest" ? "newest" : "";
    }
    clearTimeout(this.#typing);
    if (wanted.has("go")) {
      history.replaceState(history.state, "", this.#address());
    }
    this.#committed = location.href;
    this.#run({ ...history.state, go: wanted.has("go") });
  }

  /** Fill in the values of filters that only the index knows. */
  async #offer() {
    try {
      const facets = await (await this.#opened()).facets();
      this.#tools ??= await filterTools();
      this.#tools.offer(this.#filters, facets);
    } catch (error) {
      this.#fail(error);
    }
    this.#count();
  }

  /** Beside each value of a filter: how many of the hits have it. */
  #count() {
    if (this.#details?.open && this.#search) {
      this.#tools?.count(this.#filters, this.#search);
    }
  }

  /** The index; it is asked for as soon as somebody types. */
  #opened() {
    const opening = (this.#opening ??= SearchIndex.open(new URL(this.#texts.index, document.baseURI).href));
    // The next search asks for the root again: it may list other files, and a broken file may be mended.
    opening.catch(() => this.#opening === opening && (this.#opening = null));
    return opening;
  }

  #ready() {
    this.#opened().catch(() => {}); // it is said when there is a query
  }

  #typed() {
    this.#ready();
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      history.replaceState(null, "", this.#address());
      this.#run({});
    }, TYPING_PAUSE);
  }

  /** A submitted search is a step in the history; typing only renames the present one, which is put right here. */
  #submit(go) {
    clearTimeout(this.#typing);
    const address = this.#address();
    if (address !== this.#committed) {
      history.replaceState(null, "", this.#committed);
      history.pushState(null, "", address);
      this.#committed = address;
    }
    this.#run({ go });
  }

  #address() {
    const address = new URL(location.pathname, location.href);
    for (const field of [this.#input, ...this.#fields]) {
      if (field.value) {
        address.searchParams.set(field.name, field.value);
      }
    }
    return address.href;
  }

  async #run({ shown = PAGE, scroll, go = false }) {
    const turn = (this.#turn += 1);
    this.#search = null;
    this.#shown = shown;
    this.#meant.hidden = true;
    this.#list.more.hidden = true;
    try {
      const text = this.#input.value;
      const filters = Object.fromEntries(this.#filters.map((field) => [field.name, field.value]));
      const isFiltered = Object.values(filters).some(Boolean);
      if (text.trim() === "" && !isFiltered) {
        this.#list.clear("");
        return;
      }
      this.#list.wait();
      const index = await this.#opened();
      if (index.needsSimplified(text)) {
        await index.learnSimplified();
      }
      const fieldOf = /[:\uff1a]/.test(text) ? (await fields()).makeFieldOf(index.root, index.fold) : undefined;
      const query = parseQuery(text, index.fold, fieldOf);
      const today = siteToday();
      if (turn !== this.#turn) {
        return;
      }
      if (query.isShort && !(query.isEmpty && isFiltered)) {
        this.#list.clear(query.isEmpty ? "" : this.#texts.textShort);
        return;
      }
      const target = go && query.number ? await (await hints()).exactAddress(index, query, today) : null;
      if (turn !== this.#turn) {
        return;
      }
      if (target) {
        location.assign(target);
        return;
      }
      const search = new Search(index, query, { order: this.#order?.value || "relevance", filters, today });
      this.#search = Object.assign(search, { query, index });
      await this.#fill(search, () => scroll && window.scrollTo(0, scroll));
    } catch (error) {
      if (turn === this.#turn) {
        this.#fail(error);
      }
    }
  }

  /** Find as many hits as are to be shown, and draw them as they come; in a small index find all, to tell how many. */
  async #fill(search, whenShown) {
    const { isSmall } = search.index;
    const isEnough = () => search.done || (!isSmall && (search.paused || search.hits.length >= this.#shown));
    const draw = (isPaused) => {
      this.#list.show(search, this.#shown, isPaused);
      this.#count();
    };
    this.#list.busy = true;
    const begun = search.hits.length;
    for (let before = -1; !isEnough() && (isSmall || search.hits.length !== before); ) {
      before = search.hits.length;
      const isNewPage = isSmall || before === begun;
      await search.find(before < this.#shown ? Math.min(this.#shown, before + STEP) : before + MANY, isNewPage);
      if (search !== this.#search) {
        return;
      }
      draw(false);
      await new Promise((resolve) => setTimeout(resolve)); // keys and drawing come first
    }
    draw(true);
    whenShown();
    const help = await hints().catch(() => null); // results stand without it
    await help?.offerHelp(search, () => search === this.#search, (text) => {
      this.#input.value = text;
      this.#submit(false);
    });
  }

  async #showMore() {
    const before = this.#list.length;
    this.#shown = before + PAGE;
    try {
      this.#search.paused = false;
      await this.#fill(this.#search, () => this.#list.focus(before)); // the keyboard goes on where new results begin
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error) {
    this.#turn += 1; // stops what is still under way
    [this.#search, this.#opening] = [null, null];
    this.#list.clear(error instanceof IndexGone ? this.#texts.textReload : this.#texts.textError, true);
  }
}

const searchRoot = document.querySelector("[data-search-root]");
if (searchRoot) {
  new SearchPage().start();
}
