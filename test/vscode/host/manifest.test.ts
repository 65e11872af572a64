import assert from "node:assert/strict";
import { suite, test } from "mocha";
import * as vscode from "vscode";

interface Manifest {
  contributes: {
    commands: { command: string }[];
    configuration: { properties: Record<string, { default: unknown }> };
    views: Record<string, { id: string }[]>;
  };
}

suite("what package.json promises", () => {
  const extension = () => {
    const found = vscode.extensions.getExtension<unknown>("pincer-dev.pincer");
    assert.ok(found, "the extension is installed");
    return found;
  };
  const contributes = () => (extension().packageJSON as Manifest).contributes;

  test("the extension activates", async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  test("activation opens no tab", async () => {
    await extension().activate();
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
    assert.deepEqual(
      tabs.filter((label) => /pincer/i.test(label)),
      [],
    );
  });

  test("every command is there", async () => {
    await extension().activate();
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = contributes().commands.filter(({ command }) => !known.has(command));
    assert.deepEqual(missing, []);
  });

  test("every setting has its default", () => {
    for (const [name, { default: expected }] of Object.entries(contributes().configuration.properties)) {
      assert.deepEqual(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, expected, name);
    }
  });

  test("every view can be focused", async () => {
    for (const { id } of Object.values(contributes().views).flat()) {
      await vscode.commands.executeCommand(`${id}.focus`);
    }
  });
});
