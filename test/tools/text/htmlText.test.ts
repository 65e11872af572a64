import * as fc from "../../property.ts";
import { threadMs } from "../../fakes/threadMs.ts";
import { expect, test } from "vitest";
import { closedTags, htmlText } from "../../../src/tools/text/htmlText.ts";
import { TextWriter } from "../../../src/tools/text/textWriter.ts";

const text = async (html: string): Promise<string> => (await htmlText(html, "https://example.com/dir/")).text;

test.each([
  ["<p>one</p><p>two</p>", "one\n\ntwo"],
  ["a<br>b<br/>c", "a\nb\nc"],
  ["<h2>Title</h2>text", "## Title\n\ntext"],
  ["  many \n  blanks\t here ", "many blanks here"],
  ["<ul><li>a<li>b</ul>", "- a\n- b"],
  ["<ol><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "1. a\n2. b\n\n  - c"],
  ['<a href="/x">there</a>', "[there](https://example.com/x)"],
  ["<a href=page.html>there</a>", "[there](https://example.com/dir/page.html)"],
  ['<a href="javascript:alert(1)">click</a>', "click"],
  ['<a href="#top">top</a>', "top"],
  ['<a href="/x"><img src="y.png"></a>', ""],
  ['<img src="x.png" alt="a cat">', "[image: a cat]"],
  ["<code>x &lt; y</code>", "`x < y`"],
  ["<pre><code>if (a) {\n    b();\n}</code></pre>", "```\nif (a) {\n    b();\n}\n```"],
  ["<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "| A | B\n| 1 | 2"],
  ["a<script>if (x < y) '</p>'</script>b", "ab"],
  ["a<style>p > b {}</style>b<!-- <p>no</p> -->c", "abc"],
  ["<head><title>t</title></head><body>b</body>", "b"],
  ["<nav>menu<nav>deep</nav>more</nav>body<footer>foot</footer>", "body"],
  ["<svg><text>x</text></svg>y", "y"],
  ["<div title='a > b'>x</div>", "x"],
  ["<p>unclosed <b>bold", "unclosed bold"],
  ["a < b and c > d", "a < b and c > d"],
  ["<script>never closed", ""],
  ["<!-- never closed", ""],
  ["", ""],
  // What is not closed swallows nothing.
  ["<head><title>t</title><p>b", "b"],
  ["<head><meta charset=utf-8><title>t</title>\n<h1>H</h1>b", "# H\n\nb"],
  ["<nav><a href='/'>Home</a><article><h1>H</h1>story</article>", "[Home](https://example.com/)\n\n# H\n\nstory"],
  ["<nav>menu<article>story</article></nav>", "story"],
  ["<footer>foot<main>story</main></footer>", "story"],
  ["<button>Go<p>story", "Go\n\nstory"],
  ["<select><option>a<option>b</select>c", "c"],
  ["<svg><p>out of it", "out of it"],
  ["<title>t<p>b", ""],
  ["<title>t</title><template><p>no</p></template>b", "b"],
  ["<iframe><p>no</p></iframe>b", "b"],
  ["<textarea>a <b>c</textarea>", "a <b>c"],
  // What a browser without scripts shows.
  ["<p>a</p><noscript>Scripts are <b>off</b></noscript>b", "a\n\nScripts are off\n\nb"],
  ["<head><noscript><style>x</style></noscript></head>b", "b"],
  ['<head><base href="https://other.org/a/"></head><a href=b>c</a>', "[c](https://other.org/a/b)"],
  ["<p>a<table><tr><td>b</table>c", "a\n\n| b\n\nc"],
  ["<a href=/1>one<a href=/2>two", "[one](https://example.com/1)[two](https://example.com/2)"],
  ["<!doctype html><![CDATA[x]]>b<?php no ?>c", "bc"],
  [
    '<title>t</title><frameset><frame><frame src="a.html" name="menu"><frame src="/b"></frameset>',
    "[menu](https://example.com/dir/a.html)\n\n[/b](https://example.com/b)",
  ],
  ["<x-a><template shadowrootmode=open><p>seen</p></template></x-a>b", "seen\n\nb"],
  ["<p>E: <math alttext='a^2'><mi>a</mi></math> is", "E: a^2 is"],
  [
    '<math><semantics><mi>a</mi><annotation encoding="application/x-tex">\\frac a b</annotation></semantics></math>',
    "\\frac a b",
  ],
  ["<math><mi>a</mi><mo>=</mo><mn>1</mn></math>", "a=1"],
  [
    "<math><mfrac><mrow><mi>a</mi><mo>+</mo><msup><mi>b</mi><mn>2</mn></msup></mrow><mi>c</mi></mfrac></math>",
    "(a+b^2)/c",
  ],
  ["<math><msubsup><mi>x</mi><mi>i</mi><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow></msubsup></math>", "x_i^(n+1)"],
  [
    "<span><span style='display: none'><math alttext='x^2'><mi>x</mi></math></span> <img aria-hidden=true alt='x^2' src=a></span> is",
    "x^2 is",
  ],
  ["<math alttext='a_1'></math><span aria-hidden=true>a1</span> and <span aria-hidden=true>b</span>", "a_1 and b"],
  ["<h2><button>Part one</button></h2>text<button>no</button>", "## Part one\n\ntext"],
  ["10<sup>6</sup> H<sub>2</sub>O <s>5</s> <del>6 </del>7<sup></sup>", "10^6 H_2O ~~5~~ ~~6~~ 7"],
  ["<strike>5</strike> <sup>a<sub>b</sub></sup>", "~~5~~ ^a_b"],
  ["<ol start=4><li>a<li>b<li value=9>c<li>d</ol>", "4. a\n5. b\n9. c\n10. d"],
  ["<pre>a\n\n\n\nb  \n c</pre>d", "```\na\n\n\n\nb\n c\n```\n\nd"],
  ["<pre>a<br><br><br><br>b</pre>", "```\na\n\n\n\nb\n```"],
])("%j", async (html, expected) => {
  expect(await text(html)).toBe(expected);
});

test.each([
  ["&amp;&lt;&gt;&quot;&apos;", "&<>\"'"],
  ["&#65;&#x42;&#X43;", "ABC"],
  ["caf&eacute; &Uuml;ber &ntilde; &ccedil;", "café Über ñ ç"],
  ["&mdash;&hellip;&nbsp;&euro;", "—… €"],
  ["&copy &frac12; &copy2026 &NotEqualTilde; &half;", "© ½ ©2026 ≂̸ ½"],
  ["&#x80; &#150;", "€ –"],
  ["&unknown; & AT&T", "&unknown; & AT&T"],
  ["&#0;&#xd800;&#x110000;", "\ufffd\ufffd\ufffd"],
  ["&amp;lt;", "&lt;"],
])("%s is decoded", async (html, expected) => {
  expect(await text(`x${html}`)).toBe(`x${expected}`);
});

test("a link's address is decoded as HTML says", async () => {
  expect(await text('<a href="/?a=1&amp;b=2&copy=3">x</a>')).toBe("[x](https://example.com/?a=1&b=2&copy=3)");
});

test.each([
  ["<title>A &amp; B\n c</title>", "A & B c"],
  ["<head><title>t</title><p>b", "t"],
  ["<p>b<svg><title>no</title></svg>", undefined],
  ["<!-- <title>no</title> --><script>'<title>no</title>'</script>b", undefined],
  ["<title> </title>", undefined],
])("the title of %j", async (html, title) => {
  expect((await htmlText(html, "https://example.com/")).title).toBe(title);
});

test("any text comes through", async () => {
  const piece = fc.constantFrom(
    ...["<", ">", "<p", "</", '"', "'", "=", "<!--", "-->", "<script>", "</script>", "<a href='", "x", " ", "\n"],
    ...["&", ";", "<pre>", "<li>", "</ul>", "<nav>", "<table>", "<td>", "<select>", "<svg>", "<b>", "</b>", "<p>"],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      expect(typeof (await text(pieces.join("")))).toBe("string");
    }),
  );
});

/** What costs a parser the square of its length, and what costs more than that. */
const tangles: [string, (at: number) => string][] = [
  ...[
    "<",
    "<p ",
    '<p a="',
    "<nav>",
    "<!--",
    "<a href='x'>",
    "&",
    "<ul><li>",
    "<pre> ",
    "<title",
    "<table>",
    "<svg>",
  ].map((piece): [string, () => string] => [piece, () => piece]),
  ["one tag of many attributes", (at) => (at === 0 ? "<p " : ` a${at}`)],
  ["many open <b>, each paragraph opens them again", (at) => (at % 2 ? "<p>" : `<b id=${at}>`)],
  ["<b> and <div> closed the wrong way round", (at) => ["<b>", "<div>", "</b>"][at % 3]!],
];

test.each(tangles)("a tangled page is read or given up, in time: %s", async (_, piece) => {
  const page = Array.from({ length: 60_000 }, (_, at) => piece(at)).join("");
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const before = process.cpuUsage();
  const { isCut } = await htmlText(page, "https://example.com/");
  isOver = true;
  const { user } = process.cpuUsage(before);
  expect(user / 1000).toBeLessThan(6000);
  // Others had their turn meanwhile.
  if (!isCut) expect(turns).toBeGreaterThan(page.length / 8192 - 2);
});

test("marks within marks take no time, however deep", () => {
  const writer = new TextWriter("https://example.com/");
  const before = threadMs();
  for (let depth = 0; depth < 160_000; depth += 1) writer.open("sup", () => undefined);
  writer.text("x");
  for (let depth = 0; depth < 160_000; depth += 1) writer.close("sup");
  expect(writer.result()).toBe(`${"^".repeat(8)}x`);
  expect(threadMs() - before).toBeLessThan(6000);
});

test("a page is given up where it takes too much, and says so", async () => {
  const page = `<p>before<p>${Array.from({ length: 3000 }, (_, at) => `<b id=${at}>`).join("")}${"<p>x".repeat(5000)}end`;
  const read = await htmlText(page, "https://example.com/");
  expect([read.isCut, read.text.startsWith("before"), read.text.endsWith("end")]).toEqual([true, true, false]);
  expect((await htmlText("<p>before", "https://example.com/")).isCut).toBe(false);
});

test("reading ends when it is no longer wanted", async () => {
  await expect(htmlText("<p>x".repeat(5000), "https://example.com/", AbortSignal.abort("enough"))).rejects.toBe(
    "enough",
  );
});

test("XHTML closes an element by itself", async () => {
  const page =
    '<html><head><title/><script src="a.js"/><meta name="b"/></head><body><a id="x"/><p>one<br/>two</p></body></html>';
  expect(await text(closedTags(page))).toBe("one\ntwo");
});
