// The search page. The page gives the elements and the texts (site_templates/pages/search.html); what is searched for is
// in the address, so that it can be linked, and so that back and reload show it again.

import { today } from "./day.js";
import { Search } from "./search-engine.js";
import { IndexGone } from "./search-codec.js";
import { countsOf } from "./search-hits.js";
import { SearchIndex } from "./search-index.js";
import { makeFieldOf, parseQuery } from "./search-query.js";
import { element, resultItem } from "./search-results.js";

const hints = () => import("./search-hints.js"); // seldom needed

const PAGE = 10;
const TYPING_PAUSE = 200; // ms
const STEP = 5; // hits between two drawings
const SUGGESTED = 6;
const MANY = 500; // of those that are only counted

class SearchPage {
  #root;
  #texts;
  #form;
  #input;
  #filters;
  #order;
  #list;
  #status;
  #meant;
  #more;
  #opening = null;
  #index = null;
  #search = null; // under way; an older one stops when it sees a newer
  #query = null;
  #typing = 0; // timer
  #shown = PAGE;
  #drawn = [];
  #committed = ""; // the address of the last search that was submitted

  constructor(root) {
    const named = (id) => document.getElementById(id);
    this.#root = root;
    this.#texts = root.dataset;
    this.#form = named("search-form");
    this.#input = named("q");
    this.#filters = [...root.querySelectorAll("[data-filter]")];
    this.#order = named("search-order");
    this.#list = named("search-results");
    this.#status = named("search-status");
    this.#meant = named("search-meant");
    this.#more = element("button", "", this.#texts.textMore);
    this.#more.type = "button";
    this.#more.id = "search-more";
    this.#more.hidden = true;
    this.#list.after(this.#more);
  }

  start() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(true);
    });
    this.#input.addEventListener("input", (event) => {
      if (!event.isComposing) {
        this.#typed();
      }
    });
    // Pinyin that is being typed is no query yet; the characters chosen are.
    this.#input.addEventListener("compositionend", () => this.#typed());
    for (const field of [...this.#filters, this.#order].filter(Boolean)) {
      field.addEventListener("change", () => this.#submit(false));
    }
    document.getElementById("search-filters")?.addEventListener("toggle", () => this.#offer());
    this.#more.addEventListener("click", () => this.#showMore());
    // Where the reader was, for when he comes back from a result by the back button.
    this.#list.addEventListener("click", (event) => {
      if (event.target.closest("a")) {
        history.replaceState({ shown: this.#shown, scroll: window.scrollY }, "");
      }
    });
    window.addEventListener("popstate", () => this.#restore());
    this.#restore();
  }

  /** Search for what the address says. `go` in it: sent from another page's search box, so a whole number leads on. */
  async #restore() {
    const wanted = new URLSearchParams(location.search);
    this.#input.value = wanted.get("q") ?? "";
    for (const field of this.#filters) {
      await this.#choose(field, wanted.get(field.name) ?? "");
    }
    if (this.#order) {
      this.#order.value = wanted.get("order") === "newest" ? "newest" : "";
    }
    clearTimeout(this.#typing);
    if (wanted.has("go")) {
      history.replaceState(history.state, "", this.#address());
    }
    this.#committed = location.href;
    this.#run({ shown: history.state?.shown ?? PAGE, scroll: history.state?.scroll, go: wanted.has("go") });
  }

  async #choose(field, value) {
    const known = () => [...field.options].some((option) => option.value === value);
    if (value && !known()) {
      await this.#offer();
    }
    field.value = known() ? value : "";
  }

  /** Fill in the values of filters that only the index knows. */
  async #offer() {
    try {
      const facets = await (await this.#opened()).facets();
      for (const field of this.#filters.filter((one) => one.options.length === 1)) {
        const values = { authority: facets.a, year: [...facets.y].sort(([one], [other]) => (one < other ? 1 : -1)) }[field.name];
        field.append(...(values ?? []).map(([value]) => new Option(value, value)));
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#count();
  }

  /** The index; it is asked for as soon as somebody types. */
  async #opened() {
    const opening = (this.#opening ??= SearchIndex.open(new URL(this.#root.dataset.index, document.baseURI).href));
    opening.catch(() => this.#opening === opening && this.#forget());
    this.#index = await opening;
    return this.#index;
  }

  /** The next search asks for the root again: after a new release it lists other files, and a broken file may be mended. */
  #forget() {
    [this.#opening, this.#index] = [null, null];
  }

  #typed() {
    this.#opened().catch(() => {}); // it is said when there is a query
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
    const address = new URL(location.href);
    address.search = "";
    address.hash = "";
    for (const field of [this.#input, ...this.#filters, this.#order]) {
      if (field?.value) {
        address.searchParams.set(field.name, field.value);
      }
    }
    return address.href;
  }

  async #run({ shown = PAGE, scroll, go = false }) {
    const turn = (this.#search = { hits: [] });
    const current = () => turn === this.#search || this.#search?.turn === turn;
    this.#shown = shown;
    this.#meant.hidden = true;
    this.#more.hidden = true;
    try {
      const filters = Object.fromEntries(this.#filters.map((field) => [field.name, field.value]));
      const text = this.#input.value;
      if (text.trim() === "" && !Object.values(filters).some(Boolean)) {
        this.#clear("");
        return;
      }
      this.#list.setAttribute("aria-busy", "true");
      this.#say(this.#drawn.length ? this.#status.textContent : this.#texts.textLoading);
      const index = await this.#opened();
      if (index.needsSimplified(text)) {
        await index.learnSimplified();
      }
      const query = parseQuery(text, index.fold, makeFieldOf(index.root, index.fold));
      if (!current() || this.#refused(query, filters)) {
        return;
      }
      const day = today();
      const target = go && query.number ? await (await hints()).exactAddress(index, query, day) : null;
      if (target && current()) {
        location.assign(target);
        return;
      }
      const search = new Search(index, query, { order: this.#order?.value || "relevance", filters, today: day });
      search.turn = turn;
      if (current()) {
        this.#query = query;
        this.#search = search;
        await this.#fill(search);
        if (search === this.#search && scroll) {
          window.scrollTo(0, scroll);
        }
      }
    } catch (error) {
      if (current()) {
        this.#fail(error);
      }
    }
  }

  #refused(query, filters) {
    const isFiltered = query.isEmpty && Object.values(filters).some(Boolean);
    if (query.isShort && !isFiltered) {
      this.#clear(query.isEmpty ? "" : this.#texts.textShort);
      return true;
    }
    return false;
  }

  /** Find as many hits as are to be shown, and draw them as they come; in a small index find all, to tell how many. */
  async #fill(search) {
    this.#list.setAttribute("aria-busy", "true");
    const { isSmall } = this.#index;
    const isEnough = () => search.done || (!isSmall && (search.paused || search.hits.length >= this.#shown));
    const begun = search.hits.length;
    for (let before = -1; !isEnough() && (isSmall || search.hits.length !== before); ) {
      before = search.hits.length;
      const isNewPage = isSmall || search.hits.length === begun;
      await search.find(before < this.#shown ? Math.min(this.#shown, before + STEP) : before + MANY, isNewPage);
      if (search !== this.#search) {
        return;
      }
      this.#draw(search, false);
      await new Promise((resolve) => setTimeout(resolve)); // keys and drawing come first
    }
    this.#draw(search, true);
    const index = this.#index;
    this.#suggest(search.hits);
    if (search.done && search.hits.length === 0 && !this.#query.isEmpty) {
      const found = await (await hints()).meant(index, this.#query, search.today);
      if (search === this.#search) {
        this.#offerMeant(found);
      }
    }
  }

  /** Fill the list below the field with names and numbers that hold what was typed, those that begin with it first. */
  #suggest(hits) {
    const [term, more] = this.#query.terms;
    const cells = ({ subject, block, row }) => (subject ? [subject.name, subject.code] : ["s", "t"].map((name) => block.columns[name]?.[row]));
    const known = more || !term || term.field ? [] : [...new Set(hits.slice(0, MANY).flatMap(cells))];
    const folded = new Map(known.filter(Boolean).map((text) => [text, this.#index.fold(text)]));
    const fitting = [...folded.keys()].filter((text) => folded.get(text).includes(term.text));
    const begins = (text) => Number(folded.get(text).startsWith(term.text));
    const sorted = fitting.sort((one, other) => begins(other) - begins(one)).slice(0, SUGGESTED);
    document.getElementById("search-suggestions")?.replaceChildren(...sorted.map((text) => new Option(text)));
  }

  #offerMeant(found) {
    const buttons = found.map((text) => {
      const button = element("button", "", text);
      button.type = "button";
      button.addEventListener("click", () => {
        this.#input.value = text;
        this.#submit(false);
      });
      return button;
    });
    this.#meant.replaceChildren(this.#texts.textMeant, ...buttons);
    this.#meant.hidden = buttons.length === 0;
  }

  /** Show the hits so far. What is already shown in the same place stays the same element, so that focus stays too. */
  #draw(search, isPaused) {
    const wanted = search.hits.slice(0, this.#shown);
    const isSame = ({ query, hit }, place) =>
      query === this.#query && hit.url === wanted[place]?.url;
    let kept = 0;
    while (kept < Math.min(this.#drawn.length, wanted.length) && isSame(this.#drawn[kept], kept)) {
      kept += 1;
    }
    for (const { item } of this.#drawn.splice(kept)) {
      item.remove();
    }
    const terms = this.#query.terms.map((term) => term.text);
    for (const hit of wanted.slice(kept)) {
      const item = resultItem(hit, terms, this.#index.fold, this.#words);
      this.#drawn.push({ query: this.#query, hit, item });
      this.#list.append(item);
    }
    this.#more.hidden = !isPaused || (search.done && search.hits.length <= this.#shown);
    this.#more.textContent = search.paused ? this.#texts.textFurther : this.#texts.textMore;
    this.#list.setAttribute("aria-busy", String(!isPaused));
    const count = search.hits.length;
    const ended = count ? this.#texts.textCount : this.#texts.textNone;
    const under = isPaused ? this.#texts.textFound : count ? this.#texts.textAtleast : this.#texts.textLoading;
    this.#say((search.done ? ended : under).replace("{count}", String(count)));
    this.#count();
  }

  /** Beside each value of a filter: how many of the hits have it. */
  #count() {
    if (!document.getElementById("search-filters")?.open || !(this.#search instanceof Search)) {
      return;
    }
    const counts = countsOf(this.#search.hits);
    const more = this.#search.done ? "" : "+";
    for (const field of this.#filters) {
      for (const option of [...field.options].slice(1)) {
        option.dataset.label ??= option.textContent;
        const count = counts[field.name]?.[option.value] ?? 0;
        option.textContent = `${option.dataset.label} (${count}${more})`;
      }
    }
  }

  /** What results say beside what is in the index. */
  get #words() {
    return { subject: this.#texts.textSubject, all: this.#texts.textAll, flag: (flag) => this.#flagText(flag) };
  }

  /** What a record's mark is called: as the filter calls it. */
  #flagText(flag) {
    const option = [...(document.getElementById("filter-status")?.options ?? [])].find((one) => one.value === flag);
    return option && (option.dataset.label ?? option.textContent);
  }

  async #showMore() {
    const search = this.#search;
    const before = this.#drawn.length;
    this.#shown = before + PAGE;
    try {
      search.paused = false;
      await this.#fill(search);
      this.#drawn[before]?.item.querySelector("a").focus(); // the keyboard goes on where the new results begin
    } catch (error) {
      this.#fail(error);
    }
  }

  #clear(text) {
    for (const { item } of this.#drawn.splice(0)) {
      item.remove();
    }
    this.#more.hidden = true;
    this.#list.setAttribute("aria-busy", "false");
    this.#say(text);
  }

  #fail(error) {
    this.#search = null; // stops what is still under way
    this.#forget();
    this.#clear(error instanceof IndexGone ? this.#texts.textReload : this.#texts.textError);
    this.#status.classList.add("search-error");
  }

  #say(text) {
    this.#status.classList.remove("search-error");
    if (this.#status.textContent !== text) {
      this.#status.textContent = text;
    }
  }
}

const root = document.querySelector("[data-search-root]");
if (root) {
  new SearchPage(root).start();
}
