import { expect, test } from "vitest";
import { findProviderKey } from "../../src/app/settings/providerKey.ts";

test.each([
  ["openclaw.yml goes first", "mine", "stored", { A: "env" }, { value: "mine", source: { from: "openclaw.yml" } }],
  ["then what was stored", undefined, "stored", { A: "env" }, { value: "stored", source: { from: "stored" } }],
  ["then the environment", "", "", { A: "", B: "env" }, { value: "env", source: { from: "environment", name: "B" } }],
  ["or there is none", undefined, undefined, {}, undefined],
])("a provider's key: %s", async (_, configured, stored, env, expected) => {
  const places = { configured, stored: async () => stored, envKeys: ["A", "B"], env };
  expect(await findProviderKey(places)).toEqual(expected);
});
