import { expect, test } from "vitest";
import { createVault, listSecretNames } from "../../../src/vscode/host/vault.ts";

test("what was put into the editor's secrets is known where they cannot be listed, and what is gone is not", async () => {
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
    keys: () => Promise.reject(new Error("Secret storage provider does not support keys() method")),
  };
  const context = { globalState, secrets } as unknown as Parameters<typeof listSecretNames>[0];
  const vault = createVault(context, secrets);
  await vault.set("mcp.a.account", "one");
  await vault.set("mcp.a.account", "two");
  await vault.set("mcp.b.account", "three");
  await vault.delete("mcp.b.account");
  expect(await vault.get("mcp.a.account")).toBe("two");
  expect(await listSecretNames(context, ["anthropic.apiKey", "openai.apiKey"])).toEqual([
    "anthropic.apiKey",
    "mcp.a.account",
  ]);
});
