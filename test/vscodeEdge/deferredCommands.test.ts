import { expect, test } from "vitest";
import { deferredCommands } from "../../src/vscode/deferred/deferredCommands.ts";
import { commands } from "../../src/vscode/deferred/index.ts";

test("each command whose code comes later is registered, and has its code", () => {
  expect(Object.keys(deferredCommands).toSorted()).toEqual(Object.keys(commands).toSorted());
});
