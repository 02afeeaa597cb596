// The list of results, what is said above it, and the button for more below it.

import { element, resultItem } from "./search-results.js";

export class ResultList {
  #texts;
  #list = document.getElementById("search-results");
  #status = document.getElementById("search-status");
  #drawn = [];

  /** @param {Object<string, string>} texts of the page */
  constructor(texts, onMore) {
    this.#texts = texts;
    this.more = Object.assign(element("button"), { type: "button", id: "search-more", hidden: true });
    this.more.addEventListener("click", onMore);
    this.#list.after(this.more);
  }

  get length() {
    return this.#drawn.length;
  }

  set busy(isBusy) {
    this.#list.setAttribute("aria-busy", String(isBusy));
  }

  /** Something is looked for; until it is found what is shown stays. */
  wait() {
    this.busy = true;
    this.#say(this.length ? this.#status.textContent : this.#texts.textLoading);
  }

  /** Show the hits so far. What is already shown in the same place stays the same element, so that focus stays too. */
  show(search, shown, isPaused) {
    const { query, index, hits, done } = search;
    const wanted = hits.slice(0, shown);
    const isOther = ({ query: own, hit }, place) => own !== query || hit.url !== wanted[place]?.url;
    const changed = this.#drawn.findIndex(isOther);
    this.#cut(changed < 0 ? this.length : changed);
    const terms = query.terms.map((term) => term.text);
    const words = { subject: this.#texts.textSubject, all: this.#texts.textAll, flag: flagText };
    for (const hit of wanted.slice(this.length)) {
      const item = resultItem(hit, terms, index.fold, words);
      this.#drawn.push({ query, hit, item });
      this.#list.append(item);
    }
    this.more.hidden = !isPaused || (done && hits.length <= shown);
    this.more.textContent = search.paused ? this.#texts.textFurther : this.#texts.textMore;
    this.busy = !isPaused;
    const ended = hits.length ? this.#texts.textCount : this.#texts.textNone;
    const under = isPaused ? this.#texts.textFound : hits.length ? this.#texts.textAtleast : this.#texts.textLoading;
    this.#say((done ? ended : under).replace("{count}", String(hits.length)));
  }

  /** Show nothing but a sentence. */
  clear(text, isError = false) {
    this.#cut(0);
    this.more.hidden = true;
    this.busy = false;
    this.#say(text, isError);
  }

  focus(place) {
    this.#drawn[place]?.item.querySelector("a").focus();
  }

  #cut(place) {
    this.#drawn.splice(place).forEach(({ item }) => item.remove());
  }

  #say(text, isError = false) {
    this.#status.classList.toggle("search-error", isError);
    if (this.#status.textContent !== text) {
      this.#status.textContent = text;
    }
  }
}

/** What a record's mark is called: as the filter calls it. */
function flagText(flag) {
  const option = [...(document.getElementById("filter-status")?.options ?? [])].find((one) => one.value === flag);
  return option && (option.dataset.label ?? option.textContent);
}
