// The search page. The page gives the elements and the texts (site_templates/pages/search.html); what is searched for is
// in the address, so that it can be linked, and so that back and reload show it again.

import { IndexGone, SearchIndex, compareHits, matches } from "./search-index.js";
import { parseQuery } from "./search-query.js";
import { resultItem } from "./search-results.js";

const PAGE = 20;
const TYPING_PAUSE = 200; // ms
const DRAWING_PAUSE = 150; // ms between two drawings while shards come in
const BUSY = 50; // ms of matching before the browser may take keys and draw
const LOADS_AT_ONCE = 4;

class SearchPage {
  #root;
  #texts;
  #form;
  #input;
  #dataset;
  #list;
  #status;
  #more;
  #index = null;
  #turn = 0; // of the search under way; an older one stops when it sees a newer
  #typing = 0; // timers
  #drawing = 0;
  #shown = PAGE;
  #hits = [];
  #query = null;
  #drawn = [];
  #committed = ""; // the address of the last search that was submitted

  constructor(root) {
    this.#root = root;
    this.#texts = root.dataset;
    this.#form = root.querySelector("#search-form") ?? document.getElementById("search-form");
    this.#input = document.getElementById("q");
    this.#dataset = document.getElementById("search-dataset");
    this.#list = document.getElementById("search-results");
    this.#status = document.getElementById("search-status");
    this.#more = this.#makeMore();
  }

  start() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#input.addEventListener("input", (event) => {
      if (!event.isComposing) {
        this.#typed();
      }
    });
    // Pinyin that is being typed is no query yet; the characters chosen are.
    this.#input.addEventListener("compositionend", () => this.#typed());
    this.#dataset?.addEventListener("change", () => this.#submit());
    // Where the reader was, for when he comes back from a result by the back button.
    this.#list.addEventListener("click", (event) => {
      if (event.target.closest("a")) {
        history.replaceState({ shown: this.#shown, scroll: window.scrollY }, "");
      }
    });
    window.addEventListener("popstate", () => this.#restore());
    this.#restore();
  }

  #makeMore() {
    const more = document.createElement("button");
    more.type = "button";
    more.id = "search-more";
    more.textContent = this.#texts.textMore;
    more.hidden = true;
    more.addEventListener("click", () => this.#showMore());
    this.#list.after(more);
    return more;
  }

  /** Search for what the address says. */
  #restore() {
    const wanted = new URLSearchParams(location.search);
    this.#input.value = wanted.get("q") ?? "";
    this.#select(wanted.get("dataset") ?? "");
    this.#committed = location.href;
    clearTimeout(this.#typing);
    this.#search(history.state?.shown ?? PAGE, history.state?.scroll);
  }

  #select(dataset) {
    if (this.#dataset) {
      const known = [...this.#dataset.options].some((option) => option.value === dataset);
      this.#dataset.value = known ? dataset : "";
    }
  }

  #typed() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      history.replaceState(null, "", this.#address());
      this.#search(PAGE);
    }, TYPING_PAUSE);
  }

  /** A submitted search is a step in the history; typing only renames the present one, which is put right here. */
  #submit() {
    clearTimeout(this.#typing);
    const address = this.#address();
    if (address !== this.#committed) {
      history.replaceState(null, "", this.#committed);
      history.pushState(null, "", address);
      this.#committed = address;
    }
    this.#search(PAGE);
  }

  #address() {
    const address = new URL(location.href);
    address.search = "";
    address.hash = "";
    for (const [name, field] of [["q", this.#input], ["dataset", this.#dataset]]) {
      if (field?.value) {
        address.searchParams.set(name, field.value);
      }
    }
    return address.href;
  }

  async #search(shown, scroll) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#stopDrawing();
    this.#shown = shown;
    this.#hits = [];
    try {
      if (this.#input.value.trim() === "") {
        this.#clear("");
        return;
      }
      if (!this.#index) {
        this.#say(this.#texts.textLoading);
        this.#index = await SearchIndex.open(new URL(this.#root.dataset.index, document.baseURI));
      }
      if (turn === this.#turn) {
        await this.#run(turn, scroll);
      }
    } catch (error) {
      if (turn === this.#turn) {
        this.#fail(error);
      }
    }
  }

  async #run(turn, scroll) {
    this.#query = parseQuery(this.#input.value, this.#index.fold);
    if (this.#query.isShort) {
      this.#clear(this.#query.isEmpty ? "" : this.#texts.textShort);
      return;
    }
    this.#list.setAttribute("aria-busy", "true");
    const query = this.#query;
    const today = dayIn(document.documentElement.dataset.timeZone ?? "Asia/Shanghai");
    const waiting = [...this.#index.shardsOf(this.#dataset?.value ?? "")];
    let rested = performance.now();
    const worker = async () => {
      while (waiting.length > 0 && turn === this.#turn) {
        const loaded = await this.#index.load(waiting.shift());
        if (turn !== this.#turn) {
          return;
        }
        this.#hits.push(...matches(loaded, query, today));
        this.#drawing ||= setTimeout(() => this.#draw(false), DRAWING_PAUSE);
        if (performance.now() - rested > BUSY) {
          await new Promise((resolve) => setTimeout(resolve));
          rested = performance.now();
        }
      }
    };
    await Promise.all(Array.from({ length: LOADS_AT_ONCE }, worker));
    if (turn === this.#turn) {
      this.#draw(true);
      if (scroll) {
        window.scrollTo(0, scroll);
      }
    }
  }

  /** Show the hits so far. What is already shown in the same place stays the same element, so that focus stays too. */
  #draw(isComplete) {
    this.#stopDrawing();
    this.#hits.sort(compareHits);
    const wanted = this.#hits.slice(0, this.#shown);
    const isSame = (place) => {
      const drawn = this.#drawn[place];
      const hit = wanted[place];
      return drawn.query === this.#query && drawn.hit.shard === hit.shard && drawn.hit.row === hit.row;
    };
    let kept = 0;
    while (kept < Math.min(this.#drawn.length, wanted.length) && isSame(kept)) {
      kept += 1;
    }
    for (const { item } of this.#drawn.splice(kept)) {
      item.remove();
    }
    for (const hit of wanted.slice(kept)) {
      const item = resultItem(hit, this.#query.terms, this.#index.fold, { flag: this.#texts.textFlag });
      this.#drawn.push({ query: this.#query, hit, item });
      this.#list.append(item);
    }
    this.#more.hidden = this.#hits.length <= this.#shown;
    if (isComplete) {
      this.#list.setAttribute("aria-busy", "false");
    }
    this.#say(this.#counted(isComplete));
  }

  #stopDrawing() {
    clearTimeout(this.#drawing);
    this.#drawing = 0;
  }

  #counted(isComplete) {
    if (this.#hits.length === 0) {
      return isComplete ? this.#texts.textNone : this.#texts.textLoading;
    }
    const text = isComplete ? this.#texts.textCount : this.#texts.textAtleast;
    return text.replace("{count}", String(this.#hits.length));
  }

  #showMore() {
    const before = this.#drawn.length;
    this.#shown += PAGE;
    this.#draw(this.#list.getAttribute("aria-busy") !== "true");
    this.#drawn[before]?.item.querySelector("a").focus(); // the keyboard goes on where the new results begin
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
    this.#turn += 1; // stops the loads that are still under way
    this.#stopDrawing();
    if (error instanceof IndexGone) {
      this.#index = null; // the next search asks for the root again, which lists other shards by now
    }
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

/** Today in a time zone, `yyyy-mm-dd`. */
function dayIn(timeZone) {
  const format = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const parts = Object.fromEntries(format.formatToParts(new Date()).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}`;
}

const root = document.querySelector("[data-search-root]");
if (root) {
  new SearchPage(root).start();
}
