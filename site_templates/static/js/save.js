// A table as a file to save: CSV that Excel and WPS open rightly, as publish/render/cells.py makes it.

// What a spreadsheet takes for a formula, perhaps after blanks (OWASP, CSV Injection), or shows as another number or a date.
const FORMULA = /^[\s\u00a0\u200b\u2060\u3000\ufeff]*['=+\-@＝＋－＠]|^[\t\r\n]/u;
const NUMBER = /^\s*(?:\d{12,}|0\d+|\d+[eE]\d+|\d{1,2}[-/]\d{1,2}|[(（]\d+[)）])\s*$/u;

/** Rows of cells as CSV with a byte order mark, every cell in quotes, an apostrophe before what would run or change. */
export function csvOf(rows) {
  const quoted = (cell) => `"${safeCell(String(cell)).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("")}`;
}

export function safeCell(cell) {
  return FORMULA.test(cell) || NUMBER.test(cell) ? `'${cell}` : cell;
}

/** Have the browser save a text as a file. */
export function saveFile(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser may still be asking where to
}
