import assert from "node:assert/strict";
import { suite, test } from "mocha";
import * as vscode from "vscode";

suite("activation", () => {
  test("the extension activates", async () => {
    const extension = vscode.extensions.getExtension("pincer-dev.pincer");
    assert.ok(extension, "the extension is installed");
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
