import { expect, test } from "vitest";
import {
  findBareHomes,
  findBareStarts,
  findCycles,
  findEditorImports,
  findEndlessFolders,
  findForbiddenImports,
  findFullFolders,
  findLongFiles,
  findRawColours,
  findSameNames,
  findStrangeRooms,
  findUrlPaths,
  findWholeZod,
  findZodInPanel,
} from "./rules.ts";
import { findLongFunctions } from "./longFunctions.ts";
import { readTree, type Tree } from "./tree.ts";

const source = readTree(["src", "webview-ui"], [".ts", ".tsx"]);
const everything = readTree(["src", "webview-ui", "test", "examples"], [".ts", ".tsx", ".mjs"]);
const styles = readTree(["webview-ui"], [".css"]);

/** Each rule with a small house that breaks it: a rule that finds nothing there would find nothing anywhere. */
const rules: { rule: (tree: Tree) => string[]; over: Tree; broken: Record<string, string>; finds: string[] }[] = [
  {
    rule: findStrangeRooms,
    over: source,
    broken: { "src/utils/x.ts": "", "src/core/runs/x.ts": "", "src/core/x.ts": "" },
    finds: ["src/utils/x.ts is in no room of the house", "src/core/x.ts is in no room of the house"],
  },
  {
    rule: findForbiddenImports,
    over: source,
    broken: {
      "src/core/runs/a.ts": 'import { x } from "../../gateway/calls/route.ts";\nimport { y } from "../../base/id.ts";',
      "src/core/state/a.ts": 'import { x } from "../runs/a.ts";\nimport { y } from "../models/usageSum.ts";',
      "src/gateway/auth/a.ts": 'import { x } from "../http/body.ts";\nimport { y } from "../calls/route.ts";',
      "src/tools/a.ts": 'const { x } = await import("../providers/b.ts");\nimport { y } from "./text/b.ts";',
      "src/store/a.ts": 'import type { X } from "../core/core.ts";',
      "webview-ui/panel/a.tsx":
        'import type { X } from "../../src/gateway/calls/route.ts";\nimport { y } from "../../src/gateway/ws/b.ts";',
    },
    finds: [
      "src/core/runs/a.ts imports src/gateway/calls/route.ts",
      "src/core/state/a.ts imports src/core/runs/a.ts",
      "src/gateway/auth/a.ts imports src/gateway/http/body.ts",
      "src/tools/a.ts imports src/providers/b.ts",
      "src/store/a.ts imports src/core/core.ts",
      "webview-ui/panel/a.tsx imports src/gateway/ws/b.ts",
    ],
  },
  {
    rule: findFullFolders,
    over: source,
    broken: Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`src/core/runs/${at}.ts`, ""])),
    finds: ["src/core/runs has 26 entries"],
  },
  {
    rule: findSameNames,
    over: new Map([...source].filter(([file]) => file.startsWith("src/"))),
    broken: { "src/tools/a.ts": "", "src/store/a.ts": "", "src/tools/index.ts": "", "src/store/index.ts": "" },
    finds: ["src/tools/a.ts and src/store/a.ts"],
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
    rule: findLongFunctions,
    over: source,
    broken: {
      "src/core/a.ts": `function createA() {\n${"  const b = () => {};\n".repeat(99)}}`,
      "src/core/b.ts": `const createB = () => ({\n${"  c: () => {},\n".repeat(98)}});\nfunction d() {}`,
      "webview-ui/c.tsx": `const C = () => <br />;\n\nonce(() => {${"\n".repeat(100)}});`,
    },
    finds: ["src/core/a.ts:1 createA has 101 lines", "webview-ui/c.tsx:3 once has 101 lines"],
  },
  {
    rule: findBareStarts,
    over: source,
    broken: { "src/a.ts": 'spawn("git", args);', "src/b.ts": "execFile(git, args); pattern.exec(text)" },
    finds: ["src/a.ts starts a program by its name"],
  },
  {
    rule: findBareHomes,
    over: source,
    broken: {
      "src/a.ts": 'import { homedir } from "node:os";',
      "src/b.ts": "const home = homeFolder();",
      "src/c.ts": 'const home = env.HOME ?? "/root";',
    },
    finds: ["src/a.ts takes what may be no home folder", "src/c.ts takes what may be no home folder"],
  },
  {
    rule: findEndlessFolders,
    over: source,
    broken: {
      "src/a.ts": "await mkdir(dirname(path), { recursive: true, mode: 0o700 });",
      "src/b.ts": "mkdirSync(path, { recursive: true });",
      "src/c.ts": "await mkdir(path, { mode: 0o700 }); rm(path, { recursive: true });",
    },
    finds: ["src/a.ts makes folders without makeFolders", "src/b.ts makes folders without makeFolders"],
  },
  {
    rule: findUrlPaths,
    over: everything,
    broken: {
      "test/a.ts": ["const here = new URL('..', import.meta", "url).pathname;"].join("."),
      "test/b.ts": 'const { pathname } = new URL(request.url ?? "/", origin);',
    },
    finds: ["test/a.ts takes a URL's pathname for a path"],
  },
  {
    rule: findWholeZod,
    over: everything,
    broken: { "src/core/a.ts": 'import { z } from "zod";', "src/core/b.ts": 'import * as z from "zod";' },
    finds: ["src/core/a.ts imports { z }"],
  },
  {
    rule: findZodInPanel,
    over: source,
    broken: {
      "webview-ui/a.ts": 'import type { A } from "../src/protocol/a.ts";\nimport { b } from "../src/protocol/b.ts";',
      "src/protocol/a.ts": 'import * as z from "zod";',
      "src/protocol/b.ts": 'import { c } from "./c.ts";',
      "src/protocol/c.ts": 'import * as z from "zod";',
    },
    finds: ["src/protocol/c.ts"],
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
