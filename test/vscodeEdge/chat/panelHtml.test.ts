import { expect, test } from "vitest";
import { panelHtml } from "../../../src/vscode/chat/panelHtml.ts";

const html = panelHtml({
  script: "https://file.test/main.js",
  styles: ["https://file.test/main.css"],
  cspSource: "https://file.test",
  nonce: "n0nce",
  texts: { language: "de", texts: { Send: "Senden </script><b>" } },
  title: 'A "title" <b>',
});

function directives(): Map<string, string> {
  const content = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
  const policy = content.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  return new Map(policy.split("; ").map((line) => [line.split(" ")[0]!, line.split(" ").slice(1).join(" ")]));
}

test("nothing loads but what is named, scripts only with the nonce, and nothing connects", () => {
  expect(Object.fromEntries(directives())).toEqual({
    "default-src": "'none'",
    "img-src": "https://file.test data:",
    "font-src": "https://file.test",
    "style-src": "https://file.test",
    "script-src": "'nonce-n0nce'",
    "connect-src": "'none'",
    "form-action": "'none'",
    "base-uri": "'none'",
  });
});

test("every script carries the nonce, and no style or handler is inline", () => {
  const scripts = html.match(/<script[^>]*>/g)!;
  expect(scripts.filter((tag) => !tag.includes('type="application/json"'))).toEqual([
    '<script type="module" nonce="n0nce" src="https://file.test/main.js">',
  ]);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
});

test("the page has the editor's texts, and no text ends their element", () => {
  const [, texts] = /<script type="application\/json" id="texts">([^<]*)<\/script>/.exec(html)!;
  expect(JSON.parse(texts!)).toEqual({ language: "de", texts: { Send: "Senden </script><b>" } });
  expect(html).toContain('<html lang="de">');
});

test("text is escaped", () => {
  expect(html).toContain("A &#34;title&#34; &#60;b&#62;");
});
