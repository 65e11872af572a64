import { expect, test } from "vitest";
import { blockPieces, readBlocks } from "../../webview-ui/markdown/markdown.ts";
import { toLinkTarget } from "../../webview-ui/markdown/links.ts";

test.each([
  ["https://example.com/a?b#c", { type: "web", url: "https://example.com/a?b#c" }],
  ["HTTP://example.com", { type: "web", url: "HTTP://example.com" }],
  ["mailto:ada@example.com", { type: "web", url: "mailto:ada@example.com" }],
  ["src/main.ts", { type: "file", path: "src/main.ts" }],
  ["./src/a%20b.ts#L12-L20", { type: "file", path: "./src/a b.ts", line: 12 }],
  ["main.ts:7:3", { type: "file", path: "main.ts", line: 7 }],
  ["/home/ada/main.ts:7", { type: "file", path: "/home/ada/main.ts", line: 7 }],
  ["C:\\work\\main.ts", { type: "file", path: "C:\\work\\main.ts" }],
  ["main.ts:10-24", { type: "file", path: "main.ts", line: 10 }],
  ["src/main.ts:10-24", { type: "file", path: "src/main.ts", line: 10 }],
  ["src/main.ts:10:3-24:1", { type: "file", path: "src/main.ts", line: 10 }],
  ["Makefile:12", { type: "file", path: "Makefile", line: 12 }],
  ["C:%5Cwork%5Cmain.ts:7", { type: "file", path: "C:\\work\\main.ts", line: 7 }],
  ["file:///C:/work/main.ts#L3", { type: "file", path: "C:/work/main.ts", line: 3 }],
  ["file:///home/ada/main.ts", { type: "file", path: "/home/ada/main.ts" }],
])("%s leads somewhere", (href, target) => {
  expect(toLinkTarget(href)).toEqual(target);
});

test.each([
  "javascript:alert(1)",
  " JaVaScript:alert(1)",
  "command:workbench.action.quit",
  "vscode://publisher.extension/path",
  "data:text/html,<script>",
  "vbscript:x",
  "//evil.example/share",
  "\\\\evil.example\\share",
  "%5c%5cevil.example%5cshare",
  "file:////evil.example/share",
  "file:///%5cevil.example/share",
  "file:///%2fevil.example/share",
  "command:quit:12",
  "localhost:3000",
  "127.0.0.1:8080",
  "tel:112",
  "javascript:alert(1):1",
  "file://evil.example/share",
  "#heading",
  "",
  "a\0b",
])("%j leads nowhere", (href) => {
  expect(toLinkTarget(href)).toBeUndefined();
});

test("a path of Windows is a file's as a message writes it", () => {
  const context = { references: {} };
  const [block] = readBlocks("[it](C:\\work\\main.ts:12)", context);
  expect(JSON.stringify(blockPieces(block!, context, false))).toContain(
    JSON.stringify({ "data-path": "C:\\work\\main.ts", "data-line": "12" }).slice(1, -1),
  );
});
