import { expect, onTestFinished, test, vi } from "vitest";
import { findProviderKey } from "../../src/app/settings/providerKey.ts";
import { call, createAppBench } from "./bench.ts";

test.each([
  ["openclaw.yml goes first", "mine", "stored", { A: "env" }, { value: "mine", source: { from: "openclaw.yml" } }],
  ["then what was stored", undefined, "stored", { A: "env" }, { value: "stored", source: { from: "stored" } }],
  ["then the environment", "", "", { A: "", B: "env" }, { value: "env", source: { from: "environment", name: "B" } }],
  ["or there is none", undefined, undefined, {}, undefined],
])("a provider's key: %s", async (_, configured, stored, env, expected) => {
  const places = { configured, stored: async () => stored, envKeys: ["A", "B"], env };
  expect(await findProviderKey(places)).toEqual(expected);
});

test("a key that openclaw.yml or the environment holds is shown nowhere else either", async () => {
  vi.stubEnv("SOME_ENGINE_API_KEY", "of-the-environment-4711");
  onTestFinished(() => void vi.unstubAllEnvs());
  const bench = createAppBench();
  bench.configure(`
providers: { local: { api: openai-chat, baseUrl: "http://127.0.0.1:9/v1", apiKey: of-the-provider-4711, models: [qwen3] } }
model: local/qwen3
fallbacks: [local/of-the-provider-4711, local/of-the-environment-4711]
`);
  const app = await bench.open();
  const { body } = await call(app, "/api/config/get");
  expect(JSON.stringify(body)).not.toMatch(/of-the-(?:provider|environment)/);
  expect(JSON.stringify(body)).toContain("local/[redacted]");
});
