import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEntities } from "../../../src/tools/web/entities.ts";
import { htmlText } from "../../../src/tools/web/htmlText.ts";

const text = (html: string): string => htmlText(html, "https://example.com/dir/");

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
])("%j", (html, expected) => {
  expect(text(html)).toBe(expected);
});

test.each([
  ["&amp;&lt;&gt;&quot;&apos;", "&<>\"'"],
  ["&#65;&#x42;&#X43;", "ABC"],
  ["caf&eacute; &Uuml;ber &ntilde; &ccedil;", "café Über ñ ç"],
  ["&mdash;&hellip;&nbsp;&euro;", "—… €"],
  ["&unknown; &", "&unknown; &"],
  ["&#0;&#xd800;&#x110000;", "\ufffd\ufffd\ufffd"],
  ["&amp;lt;", "&lt;"],
])("%s is decoded", (html, expected) => {
  expect(decodeEntities(html)).toBe(expected);
});

test("any text comes through, and quickly", () => {
  const piece = fc.constantFrom(
    "<",
    ">",
    "<p",
    "</",
    '"',
    "'",
    "=",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<a href='",
    "x",
    " ",
    "\n",
    "&",
    ";",
    "<pre>",
    "<li>",
    "</ul>",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      expect(typeof text(pieces.join(""))).toBe("string");
    }),
  );
  for (const piece of ["<", "<p ", '<p a="', "<nav>", "<!--", "<a href='x'>", "&", "<ul><li>", "<pre> ", "<title"]) {
    const before = performance.now();
    text(piece.repeat(20_000));
    expect(performance.now() - before, piece).toBeLessThan(2000);
  }
});
