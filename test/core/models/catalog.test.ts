import { expect, test } from "vitest";
import { createModelCatalog, type ProviderEntry } from "../../../src/core/models/catalog.ts";
import type { AgentSettings } from "../../../src/core/ports/settings.ts";
import type { ModelInfo } from "../../../src/protocol/model.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";

/** A provider whose list can be changed, and that counts how often it was asked. */
function entry(id: string, more: { ready?: boolean; listsFromServer?: true } = {}) {
  const state = { ready: more.ready ?? true, asked: 0, hangs: false, empty: false };
  const info = (): ModelInfo => ({ id: `${id}/m`, provider: id, name: "m", ready: state.ready });
  const models = async () => {
    state.asked += 1;
    if (state.hangs) await new Promise(() => {});
    return state.empty ? [] : [info()];
  };
  const given: ProviderEntry = {
    provider: { id, models, async *stream() {}, ...(more.listsFromServer ? { listsFromServer: true } : {}) },
    matches: (name) => name.startsWith(`${id}-`),
  };
  return { ...given, state };
}

function catalog(entries: ProviderEntry[], settings: Partial<AgentSettings> = {}) {
  const clock = createFakeClock();
  const models = createModelCatalog({
    entries: () => entries,
    settings: () => ({ prices: {}, ...settings }) as AgentSettings,
    clock,
  });
  return { clock, models };
}

test("a key that was set a moment ago shows at once", async () => {
  const claude = entry("claude", { ready: false });
  const { models } = catalog([claude]);
  await expect(models.resolve(undefined)).rejects.toMatchObject({ code: "unavailable" });
  claude.state.ready = true;
  expect(await models.list()).toMatchObject([{ id: "claude/m", ready: true }]);
  expect(await models.resolve(undefined)).toBe("claude/m");
});

test("a server is asked again after half a minute, when told to, or when it was of no use", async () => {
  const local = entry("local", { listsFromServer: true });
  const { clock, models } = catalog([local]);
  await models.list();
  await models.list();
  expect(local.state.asked).toBe(1);
  await models.list({ refresh: true });
  expect(local.state.asked).toBe(2);
  await clock.advance(30_000);
  local.state.ready = false;
  await models.list();
  await models.list();
  expect(local.state.asked).toBe(4);
});

test("a caller that goes away does not spoil the list for the others", async () => {
  const local = entry("local", { listsFromServer: true });
  const { models } = catalog([local]);
  const stop = new AbortController();
  stop.abort();
  await expect(models.list({ signal: stop.signal })).rejects.toThrow();
  expect(await models.list()).toMatchObject([{ ready: true }]);
});

test("a server that hangs is not waited for when a model before it is ready", async () => {
  const [claude, local] = [entry("claude"), entry("local", { listsFromServer: true })];
  local.state.hangs = true;
  const { models } = catalog([claude, local]);
  expect(await models.resolve(undefined)).toBe("claude/m");
  expect(await models.resolve("claude-new")).toBe("claude/claude-new");
});

test("the ready ones come first, and a configured price goes before a known one", async () => {
  const price = {
    inputPerMTok: 1,
    outputPerMTok: 2,
    longPrompt: { aboveTokens: 9, inputPerMTok: 3, outputPerMTok: 4 },
  };
  const { models } = catalog([entry("a", { ready: false }), entry("b")], { prices: { "b/m": price } });
  expect((await models.list()).map((model) => model.id)).toEqual(["b/m", "a/m"]);
  expect(await models.choice("b/m")).toMatchObject({ model: "b/m", info: { price } });
});

test.each([{}, { listsFromServer: true as const }])(
  "a model of whoever lists nothing is taken as it is (%j)",
  async (more) => {
    const [claude, local] = [entry("claude"), entry("local", more)];
    const { models } = catalog([claude, local], { model: "local/qwen3" });
    await expect(models.resolve(undefined)).rejects.toMatchObject({ code: "bad_request" });
    local.state.empty = true;
    await models.list({ refresh: true });
    expect(await models.resolve(undefined)).toBe("local/qwen3");
    expect(await models.choice("local/qwen3")).toMatchObject({ model: "local/qwen3", provider: { id: "local" } });
    // Which server is meant is not known, so that only time can tell.
    await expect(models.resolve("qwen3")).rejects.toMatchObject({
      code: "unavailable",
      message:
        'No model "qwen3" is known, and local lists none for now: "local/qwen3" would be one of its. Ready now: claude/m.',
    });
    for (const id of ["claude/none", "none/qwen3", "local/"])
      await expect(models.resolve(id)).rejects.toMatchObject({ code: "bad_request" });
  },
);
