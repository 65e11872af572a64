import assert from "node:assert/strict";
import { suite, suiteSetup, test } from "mocha";
import * as vscode from "vscode";
import { call, gatewayUrl, until } from "./gateway.ts";

suite("what the editor knows of code", () => {
  suiteSetup(async () => {
    await vscode.extensions.getExtension("pincer-dev.pincer")?.activate();
    await until(() => gatewayUrl() !== undefined);
    await write(
      "tsconfig.json",
      '{ "compilerOptions": { "strict": true, "module": "esnext" }, "include": ["*.ts"] }\n',
    );
    await write(
      "price.ts",
      "/** In cents. */\nexport function price(count: number): number {\n  return count * 250;\n}\n",
    );
    await write("shop.ts", 'import { price } from "./price";\n\nexport const total: number = price(3);\n');
    await write("style.css", "body { color: ; }\n");
    // A server that only starts is waited for no longer than anybody would.
    const symbols = () =>
      vscode.commands.executeCommand<unknown[] | undefined>("vscode.executeDocumentSymbolProvider", uriOf("price.ts"));
    await until(async () => ((await symbols()) ?? []).length > 0);
  });

  test("problems of a file are told, whether anybody has it open or not", async () => {
    assert.equal(await use("code", { action: "diagnostics", path: "shop.ts" }), "Result: No problems in shop.ts");
  });

  test("an edit that makes a type error says so in its result, though nobody has the file open", async () => {
    const reply = await use("edit", { path: "shop.ts", oldText: "price(3)", newText: 'price("3")' });
    assert.match(reply, /Changed shop\.ts at line 3\nNew problems:\nshop\.ts:3:36: error ts 2345: Argument of type/);
    const back = await use("edit", { path: "shop.ts", oldText: 'price("3")', newText: "price(3)" });
    assert.equal(back, "Result: Changed shop.ts at line 3");
  });

  test("so does one that breaks a file that is open beside it", async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uriOf("shop.ts")));
    const reply = await use("edit", {
      path: "price.ts",
      oldText: "): number {\n  return",
      newText: "): string {\n  return `` +",
    });
    assert.match(reply, /New problems:\nshop\.ts:3:14: error ts 2322: Type 'string' is not assignable/);
    const back = await use("edit", {
      path: "price.ts",
      oldText: "): string {\n  return `` +",
      newText: "): number {\n  return",
    });
    assert.equal(back, "Result: Changed price.ts at line 2");
  });

  test("and one of a file whose server only tells by itself, of what is shown", async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uriOf("style.css")));
    await until(() => vscode.languages.getDiagnostics(uriOf("style.css")).length > 0);
    await use("edit", { path: "style.css", oldText: "color: ;", newText: "color: red;" });
    await until(() => vscode.languages.getDiagnostics(uriOf("style.css")).length === 0);
    const reply = await use("edit", { path: "style.css", oldText: "red", newText: "" });
    assert.match(reply, /New problems:\nstyle\.css:1:\d+: error css/);
  });

  test("a new file is looked at, too", async () => {
    const reply = await use("write", { path: "extra.ts", content: "export const extra: string = 1;\n" });
    assert.match(reply, /Created extra\.ts \(1 lines\)\nNew problems:\nextra\.ts:1:14: error ts 2322/);
    assert.match(
      await use("code", { action: "diagnostics", path: "extra.ts" }),
      /^Result: extra\.ts:1:14: error ts 2322/,
    );
    await use("write", { path: "extra.ts", content: "export const extra = 1;\n" });
    assert.equal(await use("code", { action: "diagnostics", path: "extra.ts" }), "Result: No problems in extra.ts");
  });

  test("definition, references and symbols are found by a line and a name", async () => {
    const definition = await use("code", { action: "definition", path: "shop.ts", symbol: "price", line: 3 });
    assert.match(definition, /price \(shop\.ts:3\): 1 place\nprice\.ts:2-4\nexport function price/);
    const references = await use("code", { action: "references", path: "price.ts", symbol: "price" });
    assert.match(
      references,
      /3 places\nprice\.ts:2: export function price.*\nshop\.ts:1: import.*\nshop\.ts:3: export const total/,
    );
    assert.match(await use("code", { action: "symbols", path: "price.ts" }), /2-4 function price/);
    assert.match(await use("code", { action: "symbols", symbol: "pric" }), /price\.ts:2: function price/);
  });

  test("a rename changes every file, unsaved text included, and formatting what is crooked", async () => {
    const reply = await use("refactor", {
      action: "rename",
      path: "shop.ts",
      symbol: "price",
      line: 3,
      newName: "cost",
    });
    assert.match(reply, /Renamed price to cost in (price|shop)\.ts, (price|shop)\.ts$/);
    assert.match(await read("price.ts"), /export function cost\(/);
    assert.match(await read("shop.ts"), /import \{ cost \} from/);
    const refused = await use("refactor", { action: "rename", path: "price.ts", symbol: "return", newName: "x" });
    assert.match(refused, /^Failed: It cannot be renamed to x: /);
    await write("crooked.json", '{"a":1,\n     "b":2}');
    assert.match(await use("refactor", { action: "format", path: "crooked.json" }), /Formatted crooked\.json/);
    assert.match(await read("crooked.json"), /^\{\n\s+"a": 1,\n\s+"b": 2\n\}/);
  });

  test("a task that fails says what it printed and how it ended", async () => {
    await write(
      ".vscode/tasks.json",
      '{ "tasks": [{ "label": "check", "type": "shell", "command": "echo looked; exit 3", }] } // all',
    );
    assert.equal(
      await use("run_task", { task: "check" }),
      "Failed: Task check: echo looked; exit 3\nlooked\n[exit code 3]",
    );
  });

  test("what has no server is said in a sentence", async () => {
    assert.match(
      await use("code", { action: "definition", path: "notes.md", symbol: "first" }),
      /The editor knows no definition of first .*grep finds text/,
    );
  });
});

function uriOf(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, "a folder is open");
  return vscode.Uri.joinPath(folder.uri, name);
}

async function write(name: string, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(uriOf(name), new TextEncoder().encode(text));
}

async function read(name: string): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uriOf(name)));
}

/** What a call of a tool comes to, in a session of its own. */
async function use(tool: string, input: object): Promise<string> {
  const message = `tool:${tool} ${JSON.stringify(input)}`;
  const answer = await call("/api/sessions/send", { message, sessionKey: "main", timeoutSeconds: 50 });
  return String(answer["reply"]);
}
