// Reads the first sheet of an XLSX workbook: a small unzip, then the browser's own XML parser. Nothing is unpacked beyond
// its limits, however small the file that was chosen.

import { MOST_COLUMNS, MOST_PARTS, MOST_ROWS, MOST_UNPACKED, TableError } from "./table-limits.js";

const LAST = 22; // bytes of the record at the end of a zip file
const LONGEST_COMMENT = 65_535;

export const isZip = (bytes) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] <= 8;

/** The first visible sheet of a workbook, as a Table (table-reader.js). */
export async function readWorkbook(bytes) {
  const book = new Package(bytes);
  if (!book.has("xl/workbook.xml")) {
    throw new TableError(book.has("xl/workbook.bin") ? "old" : "foreign");
  }
  const sheets = elements(await book.xml("xl/workbook.xml"), "sheet");
  const sheet = sheets.find((one) => !/hidden/i.test(one.getAttribute("state") ?? "")) ?? sheets[0];
  const path = sheet && (await target(book, sheet));
  if (!path || !book.has(path)) {
    throw new TableError("broken");
  }
  const shared = book.has("xl/sharedStrings.xml") ? elements(await book.xml("xl/sharedStrings.xml"), "si").map(plainText) : [];
  const { rows, more } = rowsOf(await book.xml(path), shared);
  return { rows, more, sheet: sheets.length > 1 ? sheet.getAttribute("name") : null };
}

/** The files in a zip, by their directory, which is at its end. */
class Package {
  #bytes;
  #view;
  #files = new Map();
  #left = MOST_UNPACKED;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      this.#list();
    } catch (error) {
      throw error instanceof RangeError ? new TableError("broken") : error; // what it says lies beyond its end
    }
  }

  has(path) {
    return this.#files.has(path.toLowerCase());
  }

  /** A part as a document. Workbooks have no document types, and one could make more of it than was unpacked. */
  async xml(path) {
    const text = decodeXml(await this.#unpack(this.#files.get(path.toLowerCase())));
    const made = /<!DOCTYPE/i.test(text) ? null : new DOMParser().parseFromString(text, "application/xml");
    if (!made || made.getElementsByTagName("parsererror").length > 0) {
      throw new TableError("broken");
    }
    return made;
  }

  #list() {
    const end = this.#end();
    const count = this.#view.getUint16(end + 10, true);
    let at = this.#view.getUint32(end + 16, true);
    if (count > MOST_PARTS) { // 65,535, too, which stands for a directory of another format
      throw new TableError("large");
    }
    for (let file = 0; file < count; file += 1) {
      if (this.#view.getUint32(at, true) !== 0x02014b50) {
        throw new TableError("broken");
      }
      const [name, extra, comment] = [28, 30, 32].map((place) => this.#view.getUint16(at + place, true));
      const path = new TextDecoder().decode(this.#bytes.subarray(at + 46, at + 46 + name));
      this.#files.set(path.toLowerCase(), {
        isEncrypted: (this.#view.getUint16(at + 8, true) & 1) === 1,
        method: this.#view.getUint16(at + 10, true),
        packed: this.#view.getUint32(at + 20, true),
        size: this.#view.getUint32(at + 24, true),
        header: this.#view.getUint32(at + 42, true),
      });
      at += 46 + name + extra + comment;
    }
  }

  #end() {
    const first = Math.max(0, this.#bytes.length - LAST - LONGEST_COMMENT);
    for (let at = this.#bytes.length - LAST; at >= first; at -= 1) {
      if (this.#view.getUint32(at, true) === 0x06054b50) {
        return at;
      }
    }
    throw new TableError("broken");
  }

  async #unpack({ isEncrypted, method, packed, size, header }) {
    if (isEncrypted) {
      throw new TableError("encrypted");
    }
    if (header + 30 > this.#bytes.length || ![0, 8].includes(method)) {
      throw new TableError("broken");
    }
    const start = header + 30 + this.#view.getUint16(header + 26, true) + this.#view.getUint16(header + 28, true);
    const part = this.#bytes.subarray(start, start + packed);
    const body = await this.#collect(new Blob([part]).stream(), method);
    if (part.length !== packed || body.length !== size) {
      throw new TableError("broken");
    }
    return body;
  }

  /** All of a stream, stopped as soon as it is more than may be: what the directory says of its size is only a claim. */
  async #collect(stream, method) {
    const reader = (method === 8 ? stream.pipeThrough(new DecompressionStream("deflate-raw")) : stream).getReader();
    const pieces = [];
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new TableError("broken");
      });
      if (done) {
        return new Uint8Array(await new Blob(pieces).arrayBuffer());
      }
      pieces.push(value);
      this.#left -= value.length;
      if (this.#left < 0) {
        reader.cancel().catch(() => {});
        throw new TableError("large");
      }
    }
  }
}

function decodeXml(bytes) {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    const encoding = isWide ? (bytes[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new TableError("broken");
  }
}

/** The path of a sheet's file, which the workbook names by a reference. */
async function target(book, sheet) {
  const rels = "xl/_rels/workbook.xml.rels";
  const reference = [...sheet.attributes].find(({ localName, prefix }) => localName === "id" && prefix)?.value;
  const links = book.has(rels) ? elements(await book.xml(rels), "Relationship") : [];
  const path = links.find((link) => link.getAttribute("Id") === reference)?.getAttribute("Target");
  return path && new URL(path, "zip://book/xl/").pathname.slice(1);
}

/** Rows that are not blank, with their numbers. */
function rowsOf(sheet, shared) {
  const rows = [];
  let number = 0;
  for (const row of elements(sheet, "row")) {
    number = Number(row.getAttribute("r")) || number + 1;
    const cells = [];
    for (const cell of [...row.children].filter((child) => child.localName === "c")) {
      const place = columnNumber(cell.getAttribute("r")) ?? cells.length;
      if (place < MOST_COLUMNS) {
        cells[place] = textOf(cell, shared).trim();
      }
    }
    if (cells.some((cell) => cell)) {
      rows.push({ number, cells: Array.from(cells, (cell) => cell ?? "") });
    }
    if (rows.length > MOST_ROWS) {
      break;
    }
  }
  return { rows: rows.slice(0, MOST_ROWS), more: rows.length > MOST_ROWS };
}

/** 0 for the column of `A1`, 26 for that of `AA1`. */
function columnNumber(reference) {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(reference ?? "")?.[0];
  return letters ? [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1 : null;
}

function textOf(cell, shared) {
  const value = elements(cell, "v")[0]?.textContent ?? "";
  switch (cell.getAttribute("t")) {
    case "s":
      return shared[Number(value)] ?? "";
    case "inlineStr":
      return plainText(cell);
    case "e":
      return "";
    case "b":
    case "str":
    case "d":
      return value;
    default:
      return numberText(value);
  }
}

/** A number as a person would read it: a long one in digits, not with an exponent. */
function numberText(value) {
  const number = Number(value);
  return /e/i.test(value) && Number.isInteger(number) && Math.abs(number) < 1e21 ? BigInt(number).toString() : value;
}

/** The text of a string item, without what tells how to pronounce it. */
function plainText(item) {
  return elements(item, "t")
    .filter((text) => text.parentNode.localName !== "rPh")
    .map((text) => text.textContent)
    .join("")
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
}

function elements(parent, name) {
  return Array.from(parent.getElementsByTagNameNS("*", name));
}
