import { expect, test } from "vitest";
import type { Core } from "../../../src/core/core.ts";
import type { SendRequest } from "../../../src/protocol/run.ts";
import { openBench } from "../bench.ts";
import { failWrites } from "../jobs/jobsBench.ts";

const request: SendRequest = { text: "2+3?", origin: { via: "api" } };

const ask = (core: Core) => core.responses.ask(request, 60_000, () => core.sessions.send(request));

test("an answer is kept, and the next same request has it", async () => {
  const { core, model } = await openBench({ turns: [["5"], ["again"]] });
  const first = await ask(core);
  if ("found" in first) throw new Error("It was not asked");
  await first.stored;
  expect(await ask(core)).toMatchObject({ found: { reply: "5" } });
  expect(model.requests).toHaveLength(1);
});

test("an answer whose end could not be stored at once is kept all the same", async () => {
  const { core, model, store } = await openBench({ turns: [["5"], ["again"]] });
  failWrites(store, ({ runs = [] }) => runs.some(({ patch }) => patch.state === "finished"));
  const first = await ask(core);
  if ("found" in first) throw new Error("It was not asked");
  expect(await first.run.outcome).toMatchObject({ type: "failed", error: { code: "unavailable" } });
  expect(await first.stored).toMatchObject({ reply: "5" });
  expect(await ask(core)).toMatchObject({ found: { reply: "5" } });
  expect(model.requests).toHaveLength(1);
});
