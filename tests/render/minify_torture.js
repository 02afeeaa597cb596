#!/usr/bin/env node
/*! A note on rights. */ // Awkward syntax that is read for certain: tests/render/test_minify.py, tests/browser/test_minify.py
export const out = [];
let a = 8, g = 2, i = 4
let b = a / g / i; // not a regex /x/
let c = (a) / g / 2; /* also none */
let d = [a][0] / g / 1
const quote = "it's // not /* a comment */ `x`", other = 'say "hi" \'//\' \
  goes on';
out.push(b, c, d, quote, other)
const re = /[/*]//g / 1;
out.push(String(re), Number.isNaN(re))
out.push(/\/\*[^\]/*]+"'`\//.source, "/* x */".replace(/\/\*.*?\*\//g, " "), /[`'"]/.test("`"))
const t = `a  ${ b /* in */ + /}`/.source.length } // no comment   /* none */ ${`nested  ${ `deep   ${ { x: 1 }.x }  ` }  ${"}"}`}
   next   line \` \${ not }`;
out.push(t)
const tag = (parts, ...values) => parts.raw.join("|") + values.join()
out.push(tag`  x\n  ${ 1 }   ${ ((a, b) => { /* block */ return { a, b }.a })(2, 3) } `)
class P {
  #x = 1
  static #count = 0;
  static async
  make() { return new P() }
  static async *gen() { yield 1; yield* [2, 3] }
  get
  y() { return this.#x }
  set y(v) { this.#x = v }
  static { P.#count ++; }
  static count() { return P . #count }
  has(o) { return #x in o }
  *[Symbol.iterator]() { yield this.#x }
  async = 1
  static = 2
  "quoted name" = 3; 12 = 4;
  in = 5
  get = 6; set;
  of
  async *more() {}
}
const p = new P
out.push(p.y, p.has(p), [...p], P.count(), typeof P.make, p . get, p["async"], p.in)
let n = 1
n
++
n
out.push(n)
n = a + + n
n = a - - n
n = a + ++n
n = a - --n
n = n++ + ++n
n = n-- - --n
out.push(n, + + 1, - -1, a+ +g, a- -g, typeof typeof 1, void 0, ! ! 1)
const g2 = (x) => /a  b/.test(x), g3 = () => `${`${/}  `/.source}  ${`  /* kept */ // kept`}`}`
out.push(g2("a  b"), g3())
const f = function () {
  return /* one
  line */ 5
}
const h = () => {
  return /* a */ /* b */ 6
}
const k = () => { return (
  // c
  7 // d
) }
out.push(f(), h(), k())
const o = { if: 1, get: 2, return: 3, async() { return 1 }, get
  z() { return 9 }, [`k${1}`]: 1, of: 4, in: 5 }
out.push(o.if / 2 / 1, o.return / 3 / 1, o?.x?.[0]?.(1), o.get ?? /x/.source, a?.5:1, o?.of, o.in /1/ 1)
const cond = a ?.5 : /:/.source ? 1 : 2
out.push(cond, 1..toString(), 1 .toString(), 1.0.toFixed(1), 0xFF .toString(), 1_000, 10n ** 2n, .5 .toFixed(1))
if (a) /re/.exec("re") ; else /no/.exec("")
for (const x of [1]) /x/ .test(x)
while (false) /y/.test("")
do /z/.test("z"); while (n < 0) out.push("after do")
function decl() { return 1 }
out.push(decl(), new (class { x = 1 })().x)
class K2 { x = 1; static = 2 }
label: for (;;) { for (;;) break label }
let label2 = 0; label2:
for (let q = 0; q < 2; q ++) { if (q) continue
label2
out.push(q) }
const un = typeof /x/, v = void /y/, yy = [/z/, /[\]/]/u, /(?<n>a)\k<n>/v]
out.push(un, v, yy.map(String).join(" "), (() => "x" in /x/g)  .length, a in /x/)
const asy = async () => { for await (const x of [1]) out.push(x); return await 1 / 2 / 1 }
out.push(await asy())
let x2 = a
;[1, 2].forEach((x) => out.push(x))
;(() => out.push("iife"))()
;`t`.length
let y1 = String
(function () {})
let let1 = (a) /* comment */ => a
n /*
*/ ++ n
n/**/;/**//re/.test(n)
var async
async
function notasync() { return 1 }
out.push(notasync())
throwIt: try { throw /* x */ new Error("e") } catch { out.push("caught") } finally { }
const big = a < !--g, arrowish = n --> 0
out.push(big, arrowish)
switch (a) { case /x/.source: break; case 8: out.push("8"); default: /d/.test("d") }
export default class extends P { constructor() { super(); new . target } }
export { b as "string name", c as default1 }
out.push(import.meta.url ? 1 : 0, typeof import/* x */(import.meta.url).then)
const 中文 = "全角　空格", \u0061bc = 1, $ = 1, _ = 2; const ünïcode = 1
out.push(中文, abc + $ /$/ _, ünïcode, "\u2028 ")
const line = "a" // nothing more
if (a) ; else ;
for (var e = 0; e < 1; e++);
out.push((a, g), ((a))/g/1, [..."ab"], {...o}.if)
