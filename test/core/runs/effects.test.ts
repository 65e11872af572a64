import { array, assert, asyncProperty, constantFrom, nat, record } from "../../property.ts";
import { expect, test } from "vitest";
import * as z from "zod";
import { AppError } from "../../../src/base/appError.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import { sessionsSend } from "../../../src/tools/sessions/sessionsSendTool.ts";
import { sessionsSpawn } from "../../../src/tools/sessions/sessionsSpawnTool.ts";
import type { StoredMessage } from "../../../src/protocol/message.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { type Bench, openBench } from "../bench.ts";

const origin = { via: "api" as const };

type Act = "send" | "deep" | "broken" | "timed" | "cancel" | "abort" | "restart" | "kill" | "fork" | "reset";

/** What is done, and after how many more events. */
interface Step {
  act: Act;
  events: number;
}

/** `deep` sends on to a sub-agent and to another session; `broken` has an answer that breaks off behind its call. */
const ACTS: Act[] = [
  ...(["send", "deep", "deep", "broken", "timed", "cancel", "abort"] as const),
  ...(["restart", "kill", "kill", "fork", "fork", "reset"] as const),
];
const steps = array(record({ act: constantFrom(...ACTS), events: nat({ max: 9 }) }), { minLength: 2, maxLength: 10 });

/** How often each call had its effect, by what only that call says. */
function createEffects(side: () => string) {
  const counts = new Map<string, number>();
  let made = 0;
  const id = () => `l${(made += 1)}`;
  const tool = defineTool({
    name: "launch",
    description: "",
    input: z.object({ id: z.string() }),
    effect: "exec",
    approval: async () => undefined,
    run: async ({ id: which }, { signal }) => {
      counts.set(which, (counts.get(which) ?? 0) + 1);
      for (let turns = 0; turns < 3; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
      return { text: `launched ${which}` };
    },
  });
  const launch = () => {
    const which = id();
    return call("launch", { id: which }, `call_${which}`);
  };
  /** Calls, then a word: for as long as anybody asks. */
  const turn: Turn = ({ messages }) => {
    const asked = messages.findLast(({ role }) => role === "user")?.text ?? "";
    if (messages.at(-1)?.role === "tool") return ["done"];
    if (asked.startsWith("broken")) return [launch(), { fail: new AppError("provider_error", "broke off") }];
    if (!asked.startsWith("deep")) return [launch(), launch()];
    const [task, message] = [id(), id()];
    return [
      call("sessions_spawn", { task: `go ${task}` }, `call_${task}`),
      call("sessions_send", { sessionKey: side(), message: `go ${message}` }, `call_${message}`),
      launch(),
    ];
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
  const send = (text: string, more: { timeoutMs?: number } = {}) =>
    core.sessions.send({ text, origin, sessionKey: key, ...more });
  if (step.act === "send" || step.act === "deep" || step.act === "broken") await send(step.act);
  else if (step.act === "timed") await send("deep", { timeoutMs: 1 + step.events });
  else if (step.act === "abort") await core.sessions.abort(key);
  else if (step.act === "reset") await core.sessions.reset(key);
  else if (step.act === "fork") keys.push(await fork(bench, key, step.events));
  else if (step.act === "restart") return bench.restart(effects.turns);
  else if (step.act === "kill") return bench.kill(effects.turns);
  else {
    const [newest] = await core.runs.list({ limit: 1 });
    if (newest) await core.runs.cancel(newest.id);
  }
  return bench;
}

/** At its end, or at one of the messages that it has. */
async function fork({ core }: Bench, key: string, which: number): Promise<string> {
  const { messages } = await core.sessions.history(key, { limit: 1000, includeTools: true });
  const uptoSeq = messages[which]?.seq;
  return (await core.sessions.fork(key, uptoSeq === undefined ? {} : { uptoSeq })).key;
}

test("whatever is stopped, forked, erased, killed or restarted, here or in a sub-agent: a call has its effect once at most, and a result in the end", async () => {
  await assert(
    asyncProperty(steps, async (plan) => {
      let side = "";
      const effects = createEffects(() => side);
      const tools = [effects.tool, sessionsSpawn, sessionsSend];
      let bench = await openBench({ tools, turns: effects.turns });
      side = (await bench.core.sessions.create({})).key;
      const keys = ["main", side];
      for (const step of [{ act: "deep", events: 0 } as Step, ...plan]) {
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
      // What a call sent on became a run, or an effect of its own.
      for (const { input } of await bench.core.runs.list({ limit: 1000 })) {
        if (!input.text.startsWith("go ")) continue;
        effects.counts.set(input.text, (effects.counts.get(input.text) ?? 0) + 1);
      }
      expect([...effects.counts].filter(([, count]) => count > 1)).toEqual([]);
      await bench.core.close();
    }),
    { numRuns: 25 },
  );
});

function callsWithout(messages: StoredMessage[]): string[] {
  const ended = new Set(messages.flatMap((message) => (message.role === "tool" ? [message.callId] : [])));
  return messages
    .flatMap((message) => (message.role === "assistant" ? message.toolCalls.map(({ id }) => id) : []))
    .filter((id) => !ended.has(id));
}
