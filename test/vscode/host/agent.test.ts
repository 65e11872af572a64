import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { suite, suiteSetup, test } from "mocha";
import * as vscode from "vscode";
import { call, gatewayUrl, until } from "./gateway.ts";

suite("the agent inside the editor", () => {
  suiteSetup(async () => {
    await vscode.extensions.getExtension("pincer-dev.pincer")?.activate();
    await until(() => gatewayUrl() !== undefined);
  });

  test("answers a message that comes over REST", async () => {
    const answer = await call("/api/sessions/send", { message: "2+3?", timeoutSeconds: 30 });
    assert.equal(answer["status"], "ok", JSON.stringify(answer));
    assert.equal(answer["reply"], "Echo: 2+3?");
  });

  test("works in the folder that the window has open", async () => {
    const status = await call("/api/session/status");
    assert.equal(status["workspace"], vscode.workspace.workspaceFolders?.[0]?.uri.fsPath);
  });

  test("reads what is typed and not yet saved", async () => {
    await typeInto("notes.md", "unsaved words\n");
    const answer = await call("/api/sessions/send", { message: "read notes.md", timeoutSeconds: 30 });
    assert.match(String(answer["reply"]), /unsaved words/);
  });

  test("edits an open document in place, keeps what is unsaved, and can be undone", async () => {
    const document = await typeInto("notes.md", "more unsaved words\n");
    const edit = { path: "notes.md", oldText: "second", newText: "third" };
    await call("/api/sessions/send", { message: `tool:edit ${JSON.stringify(edit)}`, timeoutSeconds: 30 });
    await until(() => document.getText().includes("third"));
    assert.match(document.getText(), /more unsaved words/);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("undo");
    assert.match(document.getText(), /second/);
    assert.match(document.getText(), /more unsaved words/);
  });

  test("collects diagnostics without a secret in them", async () => {
    const token = readFileSync(path.join(process.env.PINCER_HOME ?? "", "token"), "utf8").trim();
    await vscode.commands.executeCommand("pincer.collectDiagnostics");
    const report = () => vscode.window.activeTextEditor?.document.getText() ?? "";
    await until(() => report().startsWith("# Pincer diagnostics"));
    for (const part of ["## This window", "## Gateway", "## Configuration, without secrets", "## End of the log"])
      assert.ok(report().includes(part), part);
    assert.match(report(), /anthropic\/claude-haiku-5-5/);
    // In openclaw.yml it stands in plain words.
    for (const secret of ["test-key-of-the-fake-server", token]) assert.ok(!report().includes(secret));
  });

  test("stops and starts by command", async () => {
    const url = gatewayUrl();
    await vscode.commands.executeCommand("pincer.stopGateway");
    await assert.rejects(fetch(`${url}/health`));
    assert.equal(gatewayUrl(), undefined);
    await vscode.commands.executeCommand("pincer.startGateway");
    await until(() => gatewayUrl() !== undefined);
    assert.equal((await fetch(`${gatewayUrl()}/health`)).status, 200);
  });
});

/** Puts a line at the start of a file of the workspace, in the editor and not on disk. */
async function typeInto(name: string, line: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, "a folder is open");
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, name));
  const editor = await vscode.window.showTextDocument(document);
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), line));
  assert.equal(document.isDirty, true);
  return document;
}
