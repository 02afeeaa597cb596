// What a person typed, as terms. Spaces mean "and", quotes an exact phrase; an open quote is closed by the end; a word and
// a colon before a term name the field that it is to stand in.

const QUOTE = /["\uff02\u201c\u201d]/u; // straight, full-width, and the curly ones that Chinese keyboards type
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
  const pieces = [];
  let open = null; // the piece that goes on
  let quoted = false;
  let field = null;
  const add = (part) => {
    if (!open) {
      open = { text: "", field };
      pieces.push(open);
    }
    open.text += part;
  };
  const close = () => {
    open = null;
    field = null;
  };
  for (let at = 0; at < text.length; ) {
    const one = String.fromCodePoint(text.codePointAt(at));
    const named = !quoted && !open && /^([^\s"\uff02\u201c\u201d:\uff1a]+)[:\uff1a](?=\S)/u.exec(text.slice(at));
    const meaning = named && !field ? fieldOf(fold(named[1])) : null;
    if (meaning) {
      field = meaning;
      at += named[0].length;
      continue;
    }
    if (QUOTE.test(one)) {
      if (quoted || open) {
        close();
      }
      quoted = !quoted;
    } else if (!quoted && /\s/u.test(one)) {
      close();
    } else {
      add(one);
    }
    at += one.length;
  }
  const terms = [];
  for (const { text: part, field: of } of pieces) {
    const folded = fold(part);
    if (folded && !terms.some((term) => term.text === folded && term.field === of)) {
      terms.push({ text: folded, field: of });
    }
  }
  const whole = fold(text.split(QUOTE).join(""));
  const isPlain = terms.every((term) => !term.field) && !/\S\s+\S/u.test(text.split(QUOTE).join("").trim());
  const length = terms.reduce((sum, term) => sum + [...term.text].length, 0);
  return {
    terms,
    whole: isPlain && whole ? whole : null,
    number: isPlain && NUMBERED.test(whole) ? whole : null,
    isEmpty: terms.length === 0,
    isShort: length < MINIMUM,
  };
}

/**
 * What a field's name means, by dataset: [stored, usual] columns of a block (see cellOf); null if it is no field's.
 * @param {object} root of the index
 */
export function makeFieldOf(root, fold) {
  return (name) => {
    const shown = Object.entries(root.aliases).find(([alias]) => fold(alias) === name)?.[1];
    const meaning = new Map();
    root.datasets.forEach(({ fields }, dataset) => {
      const own = fields.find(([field, title]) => fold(field) === name || fold(title) === name);
      if (own) {
        meaning.set(dataset, own.slice(2));
      } else if (shown) {
        meaning.set(dataset, ["", shown]);
      }
    });
    return meaning.size ? meaning : null;
  };
}
