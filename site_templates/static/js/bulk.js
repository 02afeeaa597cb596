// The bulk check: a list, pasted or in a file, is compared with what is public. The page gives the elements and the texts
// (site_templates/pages/bulk.html). The list stays here: the lookup fetches pieces of the index, never sends a name.

import { siteToday } from "./day.js";
import { columnOf, entriesOf, headerOf, lookUp, MOST_ENTRIES } from "./bulk-list.js";
import { element, filled, Results } from "./bulk-results.js";
import { IndexGone } from "./search-codec.js";
import { TableError } from "./table-limits.js";
import { readFile, readText } from "./table-reader.js";

const TYPING_PAUSE = 300; // ms
const TOLD = 10; // times that progress is told in words
const LONGEST_TITLE = 20; // characters of a column's title in the list of columns

class BulkPage {
  #root;
  #texts;
  #form;
  #text;
  #file;
  #choice;
  #column;
  #header;
  #status;
  #progress;
  #results;
  #table = null;
  #source = []; // sentences about where the list is from
  #titles = -1; // place of the header row that was found
  #turn = 0; // of reading and checking; what an older one finds is not shown
  #typing = 0; // timer
  #subjects = null;

  constructor(root) {
    const named = (id) => document.getElementById(`bulk-${id}`);
    this.#root = root;
    this.#texts = root.dataset;
    [this.#form, this.#text, this.#file] = ["form", "text", "file"].map(named);
    [this.#choice, this.#column, this.#header] = ["choice", "column", "header"].map(named);
    [this.#status, this.#progress] = ["status", "progress"].map(named);
    this.#results = new Results(this.#texts);
  }

  start() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#check();
    });
    this.#text.addEventListener("input", () => this.#typed());
    this.#file.addEventListener("change", () => this.#readFile(this.#file.files[0]));
    for (const field of [this.#column, this.#header]) {
      field.addEventListener("change", () => {
        this.#begin();
        this.#say(this.#source);
      });
    }
    this.#form.addEventListener("reset", () => {
      this.#begin();
      this.#take(null);
    });
    this.#dropped();
    this.#form.hidden = false;
  }

  #dropped() {
    const isFile = (event) => [...event.dataTransfer.types].includes("Files");
    const mark = (event, isOver) => {
      if (isFile(event)) {
        event.preventDefault();
        this.#form.classList.toggle("drop", isOver);
      }
    };
    this.#form.addEventListener("dragover", (event) => mark(event, true));
    this.#form.addEventListener("dragleave", (event) => mark(event, false));
    this.#form.addEventListener("drop", (event) => {
      mark(event, false);
      if (isFile(event)) {
        this.#file.value = "";
        this.#readFile(event.dataTransfer.files[0]);
      }
    });
  }

  #typed() {
    this.#begin();
    this.#take(null);
    this.#file.value = "";
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#readTyped(), TYPING_PAUSE);
  }

  #readTyped() {
    clearTimeout(this.#typing);
    this.#typing = 0;
    const table = readText(this.#text.value);
    this.#take(table, table.rows.length ? [filled(this.#texts.textRead, { count: table.rows.length })] : []);
  }

  /** Read a file; it takes the place of what was typed. */
  async #readFile(file) {
    if (!file) {
      return;
    }
    const turn = this.#begin();
    clearTimeout(this.#typing);
    this.#typing = 0;
    this.#take(null, [this.#texts.textReading]);
    this.#text.value = "";
    const read = await readFile(file).catch((error) => error);
    if (turn !== this.#turn) {
      return;
    }
    if (read instanceof Error) {
      this.#say([this.#reason(read)], true);
      return;
    }
    const told = filled(this.#texts.textFile, { name: file.name, count: read.rows.length });
    this.#take(read, read.sheet === null ? [told] : [told, filled(this.#texts.textSheet, { name: read.sheet })]);
  }

  #reason(error) {
    const reasons = {
      large: this.#texts.textLarge,
      encrypted: this.#texts.textEncrypted,
      old: this.#texts.textOld,
      foreign: this.#texts.textForeign,
    };
    return (error instanceof TableError && reasons[error.reason]) || this.#texts.textBroken;
  }

  /** Something begins that outdates what is under way and what is shown. */
  #begin() {
    this.#turn += 1;
    this.#progress.hidden = true;
    this.#results.show(null);
    return this.#turn;
  }

  /** Take a table, choose its column, and say where it is from. */
  #take(table, source = []) {
    this.#table = table?.rows.length ? table : null;
    this.#source = table && !this.#table ? [this.#texts.textEmpty] : source;
    this.#choice.hidden = this.#table === null;
    if (this.#table) {
      this.#titles = headerOf(table.rows);
      const last = table.rows[Math.max(0, this.#titles)].number;
      document.getElementById("bulk-header-label").textContent = filled(this.#texts.textHeader, { count: last });
      this.#header.checked = this.#titles >= 0;
      this.#column.replaceChildren(...this.#columns().map(([title, column]) => new Option(title, column)));
      this.#column.value = String(columnOf(table.rows, this.#titles));
    }
    this.#say(this.#source);
  }

  /** [title, place] of each column that has something in it. */
  #columns() {
    const { rows } = this.#table;
    const width = Math.max(...rows.map(({ cells }) => cells.length));
    const below = rows.slice(this.#titles + 1);
    return Array.from({ length: width }, (_, column) => {
      const first = below.find(({ cells }) => cells[column])?.cells[column];
      const title = rows[this.#titles]?.cells[column] || first;
      return title && [`${columnLetters(column)} · ${title.slice(0, LONGEST_TITLE)}`, column];
    }).filter(Boolean);
  }

  async #check() {
    if (this.#typing) {
      this.#readTyped();
    }
    const turn = this.#begin();
    const header = this.#header.checked ? Math.max(0, this.#titles) : -1;
    const { entries, more, blank } = entriesOf(this.#table?.rows ?? [], header, Number(this.#column.value));
    if (entries.length === 0) {
      this.#say([this.#texts.textEmpty], true);
      this.#text.focus();
      return;
    }
    this.#tell(0, entries.length);
    try {
      const lines = await lookUp(entries, this.#find, (done, total) => turn === this.#turn && this.#tell(done, total));
      if (turn === this.#turn) {
        this.#show(lines, { isCut: more || this.#table.more, blank });
      }
    } catch (error) {
      if (turn === this.#turn) {
        this.#fail(error);
      }
    }
  }

  /** The lookup, loaded when it is needed. */
  #find = async (entries, onProgress) => {
    const { Subjects } = await import("./search-subjects.js");
    if (this.#subjects?.day !== siteToday()) {
      this.#subjects = null; // a page that stays open over midnight
    }
    this.#subjects ??= await Subjects.open(new URL(this.#root.dataset.index, document.baseURI).href);
    return this.#subjects.find(entries, onProgress);
  };

  #show(lines, { isCut, blank }) {
    this.#progress.hidden = true;
    const isWaited = [document.body, this.#form.querySelector("[type=submit]")].includes(document.activeElement);
    const matched = this.#results.show(lines);
    const unasked = lines.filter(({ fault }) => fault).length;
    const told = { lines: lines.length, matched, unmatched: lines.length - matched };
    this.#say([
      filled(this.#texts.textDone, told),
      ...(unasked ? [filled(this.#texts.textUnasked, { count: unasked })] : []),
      ...(blank ? [filled(this.#texts.textBlank, { count: blank })] : []),
      ...(isCut ? [filled(this.#texts.textMost, { count: MOST_ENTRIES.toLocaleString("en") })] : []),
    ]);
    if (isWaited) {
      document.getElementById("bulk-heading").focus();
    }
  }

  #tell(done, total) {
    const before = this.#progress.hidden ? -1 : Math.floor((this.#progress.value * TOLD) / this.#progress.max);
    this.#progress.max = total;
    this.#progress.value = done;
    this.#progress.hidden = false;
    if (Math.floor((done * TOLD) / total) !== before) {
      this.#say([filled(this.#texts.textChecking, { done, total })]);
    }
  }

  #fail(error) {
    this.#subjects = null; // the next check asks for the root again
    this.#progress.hidden = true;
    this.#say([error instanceof IndexGone ? this.#texts.textReload : this.#texts.textError], true);
  }

  #say(sentences, isError = false) {
    this.#status.classList.toggle("search-error", isError);
    this.#status.replaceChildren(...sentences.map((sentence) => element("p", "", sentence)));
  }
}

/** A for 0, AA for 26: as spreadsheets call columns. */
function columnLetters(column) {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnLetters(Math.floor(column / 26) - 1) + last;
}

const bulkRoot = document.querySelector("[data-bulk-root]");
if (bulkRoot) {
  new BulkPage(bulkRoot).start();
}
