import { expect, onTestFinished, test, vi } from "vitest";
import { findProviderKey } from "../../src/app/settings/providerKey.ts";
import { createProviders } from "../../src/app/createProviders.ts";
import { configSchema } from "../../src/config/configSchema.ts";
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

test("of a provider whose address is a workspace's, a key beside that alone is taken", async () => {
  const places = { stored: async () => "stored", envKeys: ["A"], env: { A: "env" }, isForeign: true };
  expect(await findProviderKey({ ...places, configured: undefined })).toBeUndefined();
  expect(await findProviderKey({ ...places, configured: "beside" })).toMatchObject({ value: "beside" });
});

test("no key of the user's goes to an address that a workspace's file gives, and it is said what to do", async () => {
  const sent: (string | null)[] = [];
  const given: Parameters<typeof createProviders>[0] = {
    config: {
      ...configSchema.parse({
        providers: {
          anthropic: { baseUrl: "https://llm.example" },
          local: { api: "openai-chat", baseUrl: "https://llm.example/v1", models: ["m"] },
        },
      }),
      foreignProviders: ["anthropic", "local"],
    },
    host: {
      ...createAppBench().host({ secret: async () => "the-users-key" }),
      fetch: async (input, init) => {
        sent.push(new Request(input, init).headers.get("authorization"));
        return Response.json({ data: [{ id: "m" }] });
      },
    },
    env: { ANTHROPIC_API_KEY: "the-users-other-key" },
    keyElsewhere: async () => "Another editor",
  };
  const entries = createProviders(given);
  const entryOf = (id: string) => entries.find(({ provider }) => provider.id === id)!;
  expect(await entryOf("anthropic").keySource?.()).toBeUndefined();
  const [model] = await entryOf("anthropic").provider.models();
  expect([model?.ready, model?.reason]).toEqual([
    false,
    "No API key is set for Anthropic. Its address https://llm.example is one of the folder's openclaw.yml, and your keys are not sent to it: name it under providers.anthropic.baseUrl in your own openclaw.yml as well, if your key may go there.",
  ]);
  await entryOf("local").provider.models();
  expect(sent).toEqual([null]);
  const own = createProviders({ ...given, config: { ...given.config, foreignProviders: [] } });
  expect(await own.find(({ provider }) => provider.id === "anthropic")?.keySource?.()).toEqual({ from: "stored" });
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
