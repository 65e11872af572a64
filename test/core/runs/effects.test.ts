import { array, assert, asyncProperty, constantFrom, nat, record } from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { StoredMessage } from "../../../src/protocol/message.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { type Bench, openBench } from "../bench.ts";

const origin = { via: "api" as const };

type Act = "send" | "cancel" | "abort" | "restart" | "fork" | "reset";

/** What is done, and after how many more events. */
interface Step {
  act: Act;
  events: number;
}

const steps = array(
  record({
    act: constantFrom<Act>("send", "send", "cancel", "abort", "restart", "fork", "reset"),
    events: nat({ max: 7 }),
  }),
  { minLength: 2, maxLength: 10 },
);

/** How often each call had its effect. */
function createEffects() {
  const counts = new Map<string, number>();
  let made = 0;
  const tool = defineTool({
    name: "launch",
    description: "",
    input: z.object({ id: z.string() }),
    effect: "exec",
    approval: async () => undefined,
    run: async ({ id }, { signal }) => {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      for (let turns = 0; turns < 3; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
      return { text: `launched ${id}` };
    },
  });
  /** Two calls, then a word: for as long as anybody asks. */
  const turn: Turn = ({ messages }) => {
    if (messages.at(-1)?.role === "tool") return ["done"];
    return [0, 1].map(() => {
      made += 1;
      return call("launch", { id: `l${made}` }, `call_${made}`);
    });
  };
  return { tool, counts, turns: Array.from({ length: 100 }, () => turn) };
}

async function until(bench: Bench, events: number): Promise<void> {
  const target = bench.events.length + events;
  for (let turns = 0; turns < 200 && bench.events.length < target; turns += 1)
    await new Promise((resolve) => setImmediate(resolve));
}

async function act(
  step: Step,
  bench: Bench,
  keys: string[],
  effects: ReturnType<typeof createEffects>,
): Promise<Bench> {
  const key = keys[step.events % keys.length]!;
  const { core } = bench;
  if (step.act === "send") await core.sessions.send({ text: "go", origin, sessionKey: key });
  else if (step.act === "abort") await core.sessions.abort(key);
  else if (step.act === "reset") await core.sessions.reset(key);
  else if (step.act === "fork") keys.push((await core.sessions.fork(key, {})).key);
  else if (step.act === "restart") return bench.restart(effects.turns);
  else {
    const [newest] = await core.runs.list({ limit: 1 });
    if (newest) await core.runs.cancel(newest.id);
  }
  return bench;
}

test("whatever is stopped, forked, erased or restarted: a call has its effect once at most, and a result in the end", async () => {
  await assert(
    asyncProperty(steps, async (plan) => {
      const effects = createEffects();
      let bench = await openBench({ tools: [effects.tool], turns: effects.turns });
      const keys = ["main"];
      for (const step of [{ act: "send", events: 0 } as Step, ...plan]) {
        bench = await act(step, bench, keys, effects);
        await until(bench, step.events);
      }
      for (const key of keys) {
        await (
          await bench.core.sessions.send({ text: "hello", origin, sessionKey: key })
        ).outcome;
        const { messages } = await bench.core.sessions.history(key, { limit: 1000, includeTools: true });
        expect(callsWithout(messages)).toEqual([]);
      }
      expect([...effects.counts].filter(([, count]) => count > 1)).toEqual([]);
    }),
    { numRuns: 40 },
  );
}, 60_000);

function callsWithout(messages: StoredMessage[]): string[] {
  const ended = new Set(messages.flatMap((message) => (message.role === "tool" ? [message.callId] : [])));
  return messages
    .flatMap((message) => (message.role === "assistant" ? message.toolCalls.map(({ id }) => id) : []))
    .filter((id) => !ended.has(id));
}
