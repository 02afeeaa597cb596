// The results of a bulk check: the table, its filter, the file. The elements are those of site_templates/pages/bulk.html.

import { siteToday } from "./day.js";
import { csvOf, saveFile } from "./save.js";

const STEP = 200; // lines between two drawings

export class Results {
  #texts;
  #section;
  #heads;
  #classes; // of the columns
  #rows;
  #more;
  #save;
  #choices;
  #lines = [];
  #day = ""; // of the check
  #drawn = 0;

  constructor(texts) {
    this.#texts = texts;
    this.#section = document.getElementById("bulk-results");
    this.#rows = document.getElementById("bulk-rows");
    this.#more = document.getElementById("bulk-more");
    this.#save = document.getElementById("bulk-save");
    const heads = [...this.#section.querySelectorAll("thead th")];
    this.#heads = heads.map((head) => head.textContent);
    this.#classes = heads.map((head) => head.className);
    this.#choices = [...this.#section.querySelectorAll("input[name=shown]")];
    this.#choices.forEach((choice) => choice.addEventListener("change", () => this.#redraw()));
    this.#more.addEventListener("click", () => this.#showMore());
    this.#save.addEventListener("click", () => this.#saveShown());
    window.addEventListener("beforeprint", () => this.#draw(this.#shown().length));
  }

  /** Show what was found; null takes away what is shown. Gives how many lines have a subject. */
  show(lines) {
    this.#lines = lines ?? [];
    this.#day = siteToday();
    this.#choices.forEach((choice) => (choice.checked = choice.value === "all"));
    for (const choice of this.#choices) {
      document.getElementById(`${choice.id}-count`).textContent = String(this.#of(choice.value).length);
    }
    this.#redraw();
    this.#section.hidden = lines === null;
    return this.#of("matched").length;
  }

  #of(choice) {
    return choice === "all" ? this.#lines : this.#lines.filter(({ subjects }) => subjects.length > 0 === (choice === "matched"));
  }

  #shown() {
    return this.#of(this.#choices.find(({ checked }) => checked)?.value ?? "all");
  }

  #redraw() {
    this.#rows.replaceChildren();
    this.#drawn = 0;
    this.#draw(STEP);
  }

  #draw(count) {
    const shown = this.#shown();
    const rows = shown.slice(this.#drawn, Math.max(count, this.#drawn)).flatMap((line) => this.#tableRows(line));
    this.#rows.append(...rows);
    this.#drawn = Math.min(shown.length, Math.max(count, this.#drawn));
    this.#more.hidden = this.#drawn === shown.length;
    this.#more.textContent = filled(this.#texts.textShown, { shown: this.#drawn, count: shown.length });
    this.#save.textContent = filled(this.#texts.textSave, { count: shown.length });
    this.#save.disabled = shown.length === 0;
  }

  /** More lines; the keyboard goes on where they begin. */
  #showMore() {
    const before = this.#rows.children.length;
    this.#draw(this.#drawn + STEP);
    const first = this.#rows.children[before];
    first.tabIndex = -1;
    first.focus();
  }

  #tableRows(line) {
    return cellsOf(line, this.#resultOf(line), this.#texts.textJoin).map((cells, place) => {
      const row = element("tr", "");
      row.setAttribute("role", "row");
      row.append(...cells.map((cell, column) => this.#cell(cell, column, line.subjects[place])));
      return row;
    });
  }

  #cell(text, column, subject) {
    const cell = element(column === 1 ? "th" : "td", this.#classes[column]);
    cell.setAttribute("role", column === 1 ? "rowheader" : "cell");
    if (column === 1) {
      cell.scope = "row";
    }
    cell.dataset.label = this.#heads[column];
    if (column === 2) {
      const isFault = ![this.#texts.textMatched, this.#texts.textUnmatched].includes(text);
      cell.append(element("span", subject ? "tag" : isFault ? "tag tag-severity" : "quiet", text));
    } else if (column === 3 && subject) {
      const link = element("a", "", text);
      link.href = subject.url;
      cell.append(link);
    } else {
      cell.append(text);
    }
    return cell;
  }

  #resultOf({ fault, subjects }) {
    const faults = { check: this.#texts.textCheck, zeros: this.#texts.textZeros, person: this.#texts.textPerson };
    return faults[fault] ?? (subjects.length ? this.#texts.textMatched : this.#texts.textUnmatched);
  }

  #saveShown() {
    const day = this.#day;
    const head = [...this.#heads, this.#texts.textAddress, this.#texts.textDay];
    const rows = this.#shown().flatMap((line) =>
      cellsOf(line, this.#resultOf(line), this.#texts.textJoin).map((cells, place) => {
        const url = line.subjects[place]?.url;
        return [...cells, url ? new URL(url, document.baseURI).href : "", day];
      }),
    );
    saveFile(`${this.#texts.textName}-${day}.csv`, csvOf([head, ...rows]), "text/csv;charset=utf-8");
  }
}

/** A line as rows of text, one for each subject, at least one. */
function cellsOf({ number, text, subjects }, result, join) {
  const subject = (one) => [one.name, one.code ?? "", one.datasets.join(join)];
  const facts = subjects.length ? subjects.map(subject) : [["", "", ""]];
  return facts.map((cells) => [String(number), text, result, ...cells]);
}

/** An element with a class, if there is one, and a text. */
export function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  made.textContent = text;
  return made;
}

/** A text with its `{name}`s filled in. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
