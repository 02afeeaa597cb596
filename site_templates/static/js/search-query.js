// What a person typed, as terms. Spaces mean "and", quotes an exact phrase; an open quote is closed by the end; a word and
// a colon before a term name the field that it is to stand in.

const QUOTE = /["\uff02\u201c\u201d]/u; // straight, full-width, and the curly ones that Chinese keyboards type
const NAMED = /^([^\s"\uff02\u201c\u201d:\uff1a]+)[:\uff1a](?=\S)/u; // a field before its term
const MINIMUM = 2; // characters, all terms together: a single one is in nearly every record

// Long enough and with a digit: a credit code or document number, which may be meant as a whole.
const NUMBERED = /^(?=.*\p{Nd}).{4,}$/su;

/**
 * @param {string} text as typed
 * @param {(text: string) => string} fold
 * @param {(name: string) => (Map<number, string[]> | null)} fieldOf for a folded name what it means by dataset
 * @returns {{terms: {text: string, field: Map<number, string[]> | null}[], whole: string | null,
 *   number: string | null, isEmpty: boolean, isShort: boolean}} terms folded, each once; `whole`: the query folded, if it
 *   is one term; `number`: the same, if it looks like a credit code or document number
 */
export function parseQuery(text, fold, fieldOf = () => null) {
  const terms = [];
  let piece = ""; // that goes on
  let quoted = false;
  let field = null; // of the piece
  const close = () => {
    const folded = fold(piece);
    if (folded && !terms.some((term) => term.text === folded && term.field === field)) {
      terms.push({ text: folded, field });
    }
    [piece, field] = ["", null];
  };
  for (let at = 0; at < text.length; ) {
    const named = !quoted && !piece && !field && NAMED.exec(text.slice(at));
    const meaning = named && fieldOf(fold(named[1]));
    const one = meaning ? named[0] : String.fromCodePoint(text.codePointAt(at));
    if (meaning) {
      field = meaning;
    } else if (QUOTE.test(one)) {
      if (quoted || piece) {
        close();
      }
      quoted = !quoted;
    } else if (!quoted && /\s/u.test(one)) {
      close();
    } else {
      piece += one;
    }
    at += one.length;
  }
  close();
  const plain = text.split(QUOTE).join("");
  const isWhole = terms.every((term) => !term.field) && !/\S\s+\S/u.test(plain.trim());
  const whole = (isWhole && fold(plain)) || null;
  return {
    terms,
    whole,
    number: whole && NUMBERED.test(whole) ? whole : null,
    isEmpty: terms.length === 0,
    isShort: terms.reduce((sum, term) => sum + [...term.text].length, 0) < MINIMUM,
  };
}
