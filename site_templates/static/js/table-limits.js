// How much of a list is read, and what may be wrong with one.

export const MOST_BYTES = 16 * 2 ** 20; // of a file
export const MOST_ROWS = 20_000; // that are not blank
export const MOST_COLUMNS = 200;
export const MOST_UNPACKED = 48 * 2 ** 20; // bytes, of all parts of a workbook that are read
export const MOST_PARTS = 2000; // in a workbook

/**
 * A file cannot be read; `reason` is "large", "encrypted", "old" (binary workbooks), "broken" or "foreign" (neither text
 * nor a workbook).
 */
export class TableError extends Error {
  constructor(reason) {
    super(`the list cannot be read: ${reason}`);
    this.reason = reason;
  }
}
