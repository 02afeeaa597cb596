// What of a table is to be looked up: where its header ends, which column holds codes or names, and its entries.

import { codeIn, isResidentId, isValidCode, isZeros } from "./credit-code.js";

export const MOST_ENTRIES = 10_000;
const SAMPLE = 1000; // rows by which a column is chosen
const TITLES = 5; // rows among which a header is looked for: many tables have a title above it
const CODE_SHARE = 0.5; // codes for each name that make a column of codes the better one

const WORDS = "name|code|company|organi[sz]ation|supplier|vendor|entity|subject|enterprise|unit";
const HEADER = new RegExp(
  "^(?:序号|编号|行号|备注|电话|地址|住所|.{0,14}(?:名称|全称|代码|姓名|信用码|代表人|负责人)|企业名?|单位名?|公司名?|机构名?|组织名?|" +
    "商户名?|店名|(?:行政)?相对人|当事人|主体|供应商|投标人|no\\.?|id|uscc|" +
    `(?:(?:${WORDS}|legal|full|registered|unified|social|credit|of|the)[ _-]*)*(?:${WORDS}))(?:[（(].{0,20}[)）])?[:：]?$`,
  "iu",
);
const NAME_HEADER = /名称|全称|企业|单位|公司|机构|组织|商户|店名|相对人|当事人|主体|供应商|投标人|name|company|organi[sz]ation|supplier|vendor|entity/iu;
const ORGANISATION =
  /(?:公司|集团|企业|厂|店|社|院|校|学|园|馆|所|局|厅|委|站|行|部|中心|协会|学会|商会|基金会|事务所|合伙|合伙）|合伙\)|场|铺|坊|吧|庄|村|会|处|室|队|户|府|联盟|工作室|经营部|ltd\.?|limited|inc\.?|llc|corp\.?|company|plc|gmbh|bureau|office|school|hospital)$/iu;
const ADDRESS = /[省市县区].*(?:路|街|道|巷|村|镇|乡).*(?:号|室|层|楼|幢|栋|组)/u;

/** The place of the header row, -1 if there is none. */
export function headerOf(rows) {
  return rows.slice(0, TITLES).findIndex(({ cells }) => cells.some((cell) => HEADER.test(cell.trim())));
}

/** The column that has most whole codes; where few rows have one, the one that looks most like names. */
export function columnOf(rows, header) {
  const sample = rows.slice(header + 1, header + 1 + SAMPLE);
  const width = Math.max(0, ...sample.map(({ cells }) => cells.length));
  const columns = Array.from({ length: width }, (_, column) => sample.map(({ cells }) => cells[column] ?? ""));
  const codes = columns.map((cells) => cells.filter(isCode).length);
  const names = columns.map((cells, column) => likeness(cells, rows[header]?.cells[column] ?? ""));
  const [code, name] = [codes, names].map((scores) => scores.indexOf(Math.max(0, ...scores)));
  const named = name >= 0 ? columns[name].filter(Boolean).length : 0;
  return Math.max(0, code >= 0 && codes[code] > 0 && codes[code] >= named * CODE_SHARE ? code : name);
}

function isCode(cell) {
  const code = codeIn(cell);
  return code !== null && !isResidentId(code);
}

function likeness(cells, title) {
  const score = (cell) => {
    if (cell.length > 100 || /^[\d\s.,:/年月日-]*$/u.test(cell) || ADDRESS.test(cell)) {
      return 0;
    }
    return ORGANISATION.test(cell) ? 2 : /\p{L}/u.test(cell) ? 0.5 : 0;
  };
  const sum = cells.reduce((total, cell) => total + score(cell), 0);
  const told = NAME_HEADER.test(title) && !/代码|code/iu.test(title);
  return sum * (told ? 2 : /地址|住所|address|备注|法定|代表人|负责人|联系人/iu.test(title) ? 0.1 : 1);
}

/**
 * What is to be looked up.
 * @returns {{entries: {number: number, text: string, code: string|null, fault: string|null}[], more: boolean, blank: number}}
 *   `fault` says why an entry is not looked up: "zeros", "person" or "check"; `blank`: rows whose cell is blank, though
 *   others are not; `more`: there are entries beyond MOST_ENTRIES
 */
export function entriesOf(rows, header, column) {
  const below = rows.slice(header + 1);
  const written = below.filter(({ cells }) => cells[column]);
  const entries = written.slice(0, MOST_ENTRIES).map(({ number, cells }) => {
    const text = cells[column].replace(/\s+/gu, " ");
    const code = codeIn(text);
    return { number, text, code, fault: code && faultOf(code) };
  });
  return { entries, more: written.length > MOST_ENTRIES, blank: below.length - written.length };
}

function faultOf(code) {
  if (isZeros(code)) {
    return "zeros";
  }
  return isValidCode(code) ? null : isResidentId(code) ? "person" : "check";
}

/** Look entries up, each once; gives them with their `subjects`. `find` is that of search-subjects.js. */
export async function lookUp(entries, find, onProgress) {
  const keyOf = ({ code, text }) => code ?? text.normalize("NFKC").toLowerCase().replace(/\s/gu, "");
  const once = new Map();
  for (const entry of entries.filter(({ fault }) => !fault)) {
    once.set(keyOf(entry), entry.code ?? entry.text);
  }
  const found = once.size ? await find([...once.values()], onProgress) : [];
  const subjects = new Map([...once.keys()].map((key, place) => [key, found[place]]));
  return entries.map((entry) => ({ ...entry, subjects: entry.fault ? [] : subjects.get(keyOf(entry)) }));
}
