import { expect, test } from "vitest";
import {
  findCycles,
  findEditorImports,
  findForbiddenImports,
  findLongFiles,
  findRawColours,
  findStrangeRooms,
  findWholeZod,
} from "./rules.ts";
import { readTree, type Tree } from "./tree.ts";

const source = readTree(["src", "webview-ui"], [".ts", ".tsx"]);
const everything = readTree(["src", "webview-ui", "test", "examples"], [".ts", ".tsx", ".mjs"]);
const styles = readTree(["webview-ui"], [".css"]);

/** Each rule with a small house that breaks it: a rule that finds nothing there would find nothing anywhere. */
const rules: { rule: (tree: Tree) => string[]; over: Tree; broken: Record<string, string>; finds: string[] }[] = [
  {
    rule: findStrangeRooms,
    over: source,
    broken: { "src/utils/x.ts": "", "src/core/x.ts": "" },
    finds: ["utils is not a room of the house"],
  },
  {
    rule: findForbiddenImports,
    over: source,
    broken: {
      "src/core/a.ts": 'import { x } from "../gateway/route.ts";\nimport { y } from "../base/id.ts";',
      "src/tools/a.ts": 'const { x } = await import("../providers/b.ts");',
      "src/store/a.ts": 'import type { X } from "../config/schema.ts";',
      "webview-ui/a.tsx":
        'import type { X } from "../src/gateway/route.ts";\nimport { y } from "../src/gateway/ws.ts";',
    },
    finds: [
      "src/core/a.ts imports src/gateway/calls/route.ts",
      "src/tools/a.ts imports src/providers/b.ts",
      "src/store/a.ts imports src/config/configSchema.ts",
      "webview-ui/a.tsx imports src/gateway/ws.ts",
    ],
  },
  {
    rule: findEditorImports,
    over: source,
    broken: {
      "src/core/a.ts": 'import type { Uri } from "vscode";',
      "src/vscode/a.ts": 'import * as vscode from "vscode";',
      "src/extension.ts": 'import * as vscode from "vscode";',
    },
    finds: ["src/core/a.ts imports vscode"],
  },
  {
    rule: findCycles,
    over: source,
    broken: {
      "src/core/a.ts": 'import { b } from "./b.ts";',
      "src/core/b.ts": 'export { c } from "./c.ts";',
      "src/core/c.ts": 'import type { A } from "./a.ts";',
    },
    finds: ["src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts"],
  },
  {
    rule: findLongFiles,
    over: everything,
    broken: { "src/core/a.ts": "x\n".repeat(401), "src/core/b.ts": "x\n".repeat(400) },
    finds: ["src/core/a.ts has 401 lines"],
  },
  {
    rule: findWholeZod,
    over: everything,
    broken: { "src/core/a.ts": 'import { z } from "zod";', "src/core/b.ts": 'import * as z from "zod";' },
    finds: ["src/core/a.ts imports { z }"],
  },
  {
    rule: findRawColours,
    over: styles,
    broken: {
      "webview-ui/a.css": [
        ".a { color: #fff; }",
        ".b { color: var(--vscode-red, inherit); white-space: pre; }",
        "  border: 1px solid red;",
        ".black { color: currentColor; } /* #000 */",
        "  background: rgb(0 0 0 / 50%);",
      ].join("\n"),
    },
    finds: [
      "webview-ui/a.css:1 { color: #fff; }",
      "webview-ui/a.css:3 border: 1px solid red;",
      "webview-ui/a.css:5 background: rgb(0 0 0 / 50%);",
    ],
  },
];

for (const { rule, over, broken, finds } of rules) {
  test(`${rule.name} finds what it is for`, () => {
    expect(rule(new Map(Object.entries(broken)))).toEqual(finds);
  });

  test(`${rule.name} finds nothing in the house`, () => {
    expect(over.size).toBeGreaterThan(0);
    expect(rule(over)).toEqual([]);
  });
}
