// Reads lists that people have: pasted text, files of text in the usual encodings, workbooks. Everything stays in the
// browser. What comes out is a Table: the rows that are not blank, each with its number as the file's own program shows it.

import { MOST_BYTES, MOST_COLUMNS, MOST_ROWS, TableError } from "./table-limits.js";
import { isZip, readWorkbook } from "./workbook-reader.js";

/**
 * @typedef {{number: number, cells: string[]}} Row
 * @typedef {{rows: Row[], more: boolean, sheet: string|null}} Table  `more`: rows were left out, beyond MOST_ROWS;
 *   `sheet`: the name of the sheet, if there are others that were not read
 */

const TRIED = 200; // rows by which the separator is chosen
const USUAL = 0.7; // share of usual characters in a text
const SEPARATORS = ["\t", ",", ";"];

/** The table in a File. */
export async function readFile(file) {
  if (file.size > MOST_BYTES) {
    throw new TableError("large");
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (isOleFile(bytes)) {
    throw new TableError(holdsUtf16(bytes, "EncryptedPackage") ? "encrypted" : "old");
  }
  return isZip(bytes) ? readWorkbook(bytes) : readText(decodeText(bytes));
}

/** The table in a text: one entry a line, or columns with separators, quoted where need be. */
export function readText(text) {
  const [plain, told] = separatorTold(text);
  const separator = told ?? chosenSeparator(plain);
  const rows = [];
  for (const row of records(plain, separator, told ? 2 : 1)) {
    if (row.cells.some((cell) => cell !== "")) {
      rows.push(row);
    }
    if (rows.length > MOST_ROWS) {
      break;
    }
  }
  return { rows: rows.slice(0, MOST_ROWS), more: rows.length > MOST_ROWS, sheet: null };
}

/** Bytes as text: by their mark, else as UTF-8, UTF-16 or GB 18030, the first that they are. */
export function decodeText(bytes) {
  for (const encoding of encodings(bytes)) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/\x1a+$/, "");
      if (!/[\0-\x08\x0e-\x1f\ufffe\uffff]/.test(text) && (isMarked(bytes) || !encoding.startsWith("utf-16") || isUsual(text))) {
        return text;
      }
    } catch {
      // not this one
    }
  }
  throw new TableError("foreign");
}

/** Whether most characters are usual: nearly any bytes are some text in UTF-16. */
function isUsual(text) {
  const usual = text.match(/[\t-~\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/g) ?? [];
  return usual.length >= text.length * USUAL;
}

/** Whether the mark of UTF-16 is there. */
function isMarked([first, second]) {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function encodings(bytes) {
  if (isMarked(bytes)) {
    return [bytes[0] === 0xff ? "utf-16le" : "utf-16be"];
  }
  const zeros = [0, 0]; // at even and at odd places: no other encoding of text has any
  bytes.subarray(0, 65_536).forEach((byte, place) => (zeros[place % 2] += Number(byte === 0)));
  return zeros[0] + zeros[1] > 0 ? [zeros[1] > zeros[0] ? "utf-16le" : "utf-16be"] : ["utf-8", "gb18030"];
}

/** Excel's first line `sep=;`, taken off, and what it says. */
function separatorTold(text) {
  const found = /^\ufeff?sep=([\t,;|])(?:\r\n|\r|\n)/i.exec(text);
  return found ? [text.slice(found[0].length), found[1]] : [text.replace(/^\ufeff/, ""), null];
}

/** The separator that most rows have, if half of them have it; a tab comes before a comma, a comma before a semicolon. */
function chosenSeparator(text) {
  let [best, most] = [null, 0.5];
  for (const separator of SEPARATORS) {
    const rows = [];
    for (const row of records(separator === "," ? withoutForms(text) : text, separator)) {
      if (rows.push(row.cells) === TRIED) {
        break;
      }
    }
    const written = rows.filter((cells) => cells.some((cell) => cell !== ""));
    const share = written.filter((cells) => cells.length > 1).length / (written.length || 1);
    if (share > most || (share === most && best === null)) {
      [best, most] = [separator, share];
    }
  }
  return best;
}

/** The beginning of a text without the commas of `Example Co., Ltd.`, which separate nothing. */
function withoutForms(text) {
  return text.slice(0, 65_536).replace(/,(?=\s*(?:co|ltd|limited|inc|llc|corp|plc|gmbh|s\.a)\b)/gi, "");
}

/** The rows of a text, blank ones too. A quote that is never closed is a quote, not the beginning of a cell to the end. */
function* records(text, separator, first = 1) {
  const stop = new RegExp(`[${separator ?? ""}\\r\\n]`, "g");
  let [at, number] = [0, first];
  while (at < text.length) {
    const cells = [];
    for (let isEnded = false; !isEnded; ) {
      const [cell, end] = quotedCell(text, at, separator) ?? plainCell(text, at, stop);
      if (cells.length < MOST_COLUMNS) {
        cells.push(cell.trim());
      }
      isEnded = text[end] !== separator;
      at = end + (text.startsWith("\r\n", end) ? 2 : 1);
    }
    yield { number, cells };
    number += 1;
  }
}

/** [text, end] of a cell in quotes; null if there is none here. */
function quotedCell(text, at, separator) {
  if (text[at] !== '"') {
    return null;
  }
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    if (text[end + 1] === '"') {
      end += 1;
    } else {
      const isEnd = [separator, "\r", "\n", undefined].includes(text[end + 1]);
      return isEnd ? [text.slice(at + 1, end).replaceAll('""', '"'), end + 1] : null;
    }
  }
  return null;
}

/** [text, end] of a cell without quotes, which ends where `stop` is next. */
function plainCell(text, at, stop) {
  stop.lastIndex = at;
  const end = stop.exec(text)?.index ?? text.length;
  return [text.slice(at, end), end];
}

function isOleFile(bytes) {
  return [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1].every((byte, place) => bytes[place] === byte);
}

function holdsUtf16(bytes, word) {
  const wanted = [...word].map((letter) => `${letter}\0`).join("");
  return new TextDecoder("latin1").decode(bytes).includes(wanted);
}
