import { expect, test } from "vitest";
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
  "file://evil.example/share",
  "#heading",
  "",
  "a\0b",
])("%j leads nowhere", (href) => {
  expect(toLinkTarget(href)).toBeUndefined();
});
