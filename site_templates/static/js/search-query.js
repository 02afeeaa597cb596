// What a person typed, as terms. Spaces mean "and", quotes mean an exact phrase; an open quote is closed by the end.

const QUOTES = /["\uff02\u201c\u201d]/u; // straight, full-width, and the curly ones that Chinese keyboards type
const MINIMUM = 2; // characters, all terms together: a single one is in nearly every record

// Long enough and with a digit: a credit code or document number, which may be meant as a whole.
const NUMBERED = /^(?=.*\p{Nd}).{5,}$/u;

/**
 * @param {string} text as typed
 * @param {(text: string) => string} fold
 * @returns {{terms: string[], number: string | null, isEmpty: boolean, isShort: boolean}} `terms` folded, each once;
 *   `number`: the whole folded query if it looks like a credit code or document number
 */
export function parseQuery(text, fold) {
  const pieces = text.split(QUOTES).flatMap((piece, place) => (place % 2 ? [piece] : piece.split(/\s+/u)));
  const terms = [...new Set(pieces.map(fold))].filter((term) => term !== "");
  const whole = fold(text.split(QUOTES).join(""));
  const isShort = [...whole].length < MINIMUM;
  return { terms, number: NUMBERED.test(whole) ? whole : null, isEmpty: terms.length === 0, isShort };
}
