import { expect, test } from "vitest";
import { createVault, emptyVault } from "../../../src/vscode/host/vault.ts";

test("what was put into the editor's secrets is deleted with all data, and nothing else", async () => {
  const stored = new Map([["anthropic.apiKey", "of the user"]]);
  const state = new Map<string, unknown>();
  const globalState = {
    get: (key: string, otherwise: unknown) => state.get(key) ?? otherwise,
    update: async (key: string, value: unknown) => void state.set(key, value),
  };
  const secrets = {
    get: async (name: string) => stored.get(name),
    set: async (name: string, value: string) => void stored.set(name, value),
    delete: async (name: string) => void stored.delete(name),
  };
  const context = { globalState, secrets } as unknown as Parameters<typeof emptyVault>[0];
  const vault = createVault(context, secrets);
  await vault.set("mcp.a.account", "one");
  await vault.set("mcp.a.account", "two");
  await vault.set("mcp.b.account", "three");
  await vault.delete("mcp.b.account");
  expect(await vault.get("mcp.a.account")).toBe("two");
  await emptyVault(context);
  expect([...stored.keys()]).toEqual(["anthropic.apiKey"]);
});
