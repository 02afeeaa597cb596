// Unified social credit codes (GB 32100-2015), as in publish/disclose/identifiers.py, and numbers of persons, which are
// never looked up.

const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS = "10X98765432";

/** The code that an entry is meant to be, in capitals and without blanks and hyphens; null if it is none. */
export function codeIn(entry) {
  const code = entry.normalize("NFKC").toUpperCase().replace(/[\s'‘’\u200b\ufeff\-‐‑–—]/g, "");
  return /^[0-9A-Z]{18}$/.test(code) && code.replace(/\D/g, "").length >= 8 ? code : null;
}

export const isZeros = (code) => /^0{18}$/.test(code);

/** Whether a code of 18 characters carries its check character. Eighteen zeros do, and are refused by name. */
export function isValidCode(code) {
  const values = [...code].map((character) => ALPHABET.indexOf(character));
  let [sum, weight] = [0, 1];
  for (const value of values.slice(0, 17)) {
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return !values.includes(-1) && /^..\d{6}/.test(code) && values[17] === (31 - (sum % 31)) % 31;
}

/** Whether 18 characters can be the number of a resident's identity card (GB 11643), and no credit code. */
export function isResidentId(code) {
  const born = /^[1-9]\d{5}((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX]$/.test(code);
  const sum = ID_WEIGHTS.reduce((total, weight, place) => total + Number(code[place]) * weight, 0);
  return born && ID_CHECKS[sum % 11] === code[17] && !isValidCode(code);
}
