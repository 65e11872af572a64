import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { openApp } from "../../src/app.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { createClient } from "../../src/protocol/client.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import { emptyFolder } from "./emptyFolder.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import { startLimit } from "./limitProcess.ts";
import { cpuMs } from "./processFigures.ts";
import type { Figure } from "./run.ts";
import { median, percentile } from "./statistics.ts";

const ROUNDS = 200;
const WARM_UP = 20;
const AT_ONCE = [1, 10, 50, 200];
const TURNS_AT_ONCE = 600;
const TOOL_CALLS = 5;
const ANSWER = "A short answer of a dozen words, to stream in a few pieces.";

/** What a turn costs beyond the bare call to the provider, and how many the gateway does at once. */
export async function turns(): Promise<Figure[]> {
  const model = await startAnthropicServer({
    script: ({ text, toolResults }) =>
      text === "tools" && toolResults.length === 0 ? { toolCalls: readCalls() } : { text: ANSWER },
  });
  const workspace = emptyFolder();
  writeFileSync(join(workspace, "notes.txt"), "Some notes.\n");
  const gateway = await startGateway({
    workspace,
    env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url },
  });
  const limit = await startLimit(model.url);
  try {
    const timed = async (work: () => Promise<unknown>) => {
      const began = performance.now();
      await work();
      return performance.now() - began;
    };
    const send = (sessionKey: string, message = "hi") => gateway.call("/api/sessions/send", { message, sessionKey });
    const bare = await bareCalls(model.url);
    for (let round = 0; round < WARM_UP; round++) {
      await send("main");
      await send("main", "tools");
      await limit.send();
      await bare();
    }
    const own: number[] = [];
    const overV1: number[] = [];
    const least: number[] = [];
    const direct: number[] = [];
    const withTools: number[] = [];
    // In turn, so that the machine's moods meet all alike. A new session every 20 turns keeps histories short.
    let key = "main";
    for (let round = 0; round < ROUNDS; round++) {
      if (round % 20 === 0) key = await newSession(gateway);
      own.push(await timed(() => send(key)));
      direct.push(await timed(bare));
      overV1.push(await timed(() => sendOverV1(gateway, key)));
      least.push(await timed(limit.send));
      withTools.push(await timed(() => send(key, "tools")));
    }
    const beyond = (times: number[]) => median(times.map((ms, index) => ms - direct[index]!));
    const cpuBefore = cpuMs(gateway.pid);
    for (let round = 0; round < ROUNDS; round++) await send(key);
    const cpu = (cpuMs(gateway.pid) - cpuBefore) / ROUNDS;
    const panel = await panelTurns(model.url);
    const atOnce: Figure[] = [];
    for (const sessions of AT_ONCE)
      atOnce.push({
        name: "turns a second, by sessions at once",
        x: sessions,
        value: await perSecond(gateway, sessions, send),
        unit: "/s",
      });
    const words = await firstWords(gateway, limit.url, model);
    return [
      { name: "call of the vendor's SDK alone, median", value: median(direct), unit: "ms" },
      { name: "own time of a turn over REST, median", value: beyond(own), unit: "ms", aim: 2, limit: beyond(least) },
      {
        name: "own time of a turn over the panel's wire, median",
        value: panel - median(direct),
        unit: "ms",
        aim: 1.5,
      },
      { name: "own time of a turn over /v1, median", value: beyond(overV1), unit: "ms", aim: 3 },
      {
        name: "first word of the model to the client, median",
        value: median(words.ours),
        unit: "ms",
        aim: 0.5,
        limit: median(words.least),
      },
      { name: "turn over REST, 95th percentile", value: percentile(own, 0.95), unit: "ms" },
      { name: "CPU of the gateway, a turn", value: cpu, unit: "ms", aim: 4 },
      {
        name: `own time of a call of read, ${TOOL_CALLS} in a turn, median`,
        // Two requests to the model instead of one.
        value: median(withTools.map((ms, index) => ms - own[index]! - direct[index]!)) / TOOL_CALLS,
        unit: "ms",
        aim: 1,
      },
      ...atOnce,
    ];
  } finally {
    await gateway.stop();
    await limit.stop();
    await model.close();
  }
}

async function sendOverV1(gateway: GatewayProcess, sessionKey: string): Promise<void> {
  await gateway.call("/v1/chat/completions", {
    model: `pincer/${sessionKey}`,
    messages: [{ role: "user", content: "hi" }],
  });
}

/** From the moment at which the model's server has written the first word, to that at which a stream over REST has told it. */
async function firstWords(
  gateway: GatewayProcess,
  limitUrl: string,
  model: ModelServer,
): Promise<{ ours: number[]; least: number[] }> {
  const sessionKey = await newSession(gateway);
  let written = 0;
  const pace = async (piece: string) => {
    if (written === 0 && piece.includes("text_delta")) written = performance.now();
  };
  model.script(() => ({ text: ANSWER, pace }));
  const firstWord = async (url: string) => {
    written = 0;
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${gateway.token}`,
        "content-type": "application/json",
        accept: "text/event-stream",
      },
      body: JSON.stringify({ message: "hi", sessionKey }),
    });
    let [told, heard] = ["", 0];
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      told += chunk;
      if (heard === 0 && told.includes("event: text.delta")) heard = performance.now();
    }
    return heard - written;
  };
  const [ours, least]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await firstWord(`${gateway.url}/api/sessions/send`));
    least.push(await firstWord(limitUrl));
  }
  return { ours, least };
}

function readCalls() {
  return Array.from({ length: TOOL_CALLS }, () => ({ name: "read", input: { path: "notes.txt" } }));
}

async function perSecond(
  gateway: GatewayProcess,
  sessions: number,
  send: (sessionKey: string) => Promise<unknown>,
): Promise<number> {
  const keys = await Promise.all(Array.from({ length: sessions }, () => newSession(gateway)));
  const each = Math.max(3, Math.round(TURNS_AT_ONCE / sessions));
  const began = performance.now();
  await Promise.all(
    keys.map(async (sessionKey) => {
      for (let turn = 0; turn < each; turn++) await send(sessionKey);
    }),
  );
  return (sessions * each * 1000) / (performance.now() - began);
}

/** A turn as the panel has it: the gateway in this process, no HTTP in front. Median in milliseconds. */
async function panelTurns(baseURL: string): Promise<number> {
  Object.assign(process.env, { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: baseURL });
  const workspace = emptyFolder();
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-bench-"));
  const host = {
    name: "bench",
    version: "0",
    workspaces: () => [workspace],
    stateDir,
    secret: async () => undefined,
    log: silentLog,
  };
  const app = await openApp({ host, port: 0, mode: "lead" });
  const client = createClient<Routes>(await app.connect("panel"));
  const times: number[] = [];
  let sessionKey = "main";
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 20 === 0) sessionKey = (await client.call("sessions.create", {})).session.key;
    const began = performance.now();
    await client.call("sessions.send", { message: "hi", sessionKey });
    times.push(performance.now() - began);
  }
  await app.close();
  rmSync(stateDir, { recursive: true });
  return median(times);
}

async function newSession(gateway: GatewayProcess): Promise<string> {
  const { session } = (await gateway.call("/api/sessions/create", {})) as { session: { key: string } };
  return session.key;
}

/** The same kind of request through the vendor's SDK and nothing else, kept warm. */
async function bareCalls(baseURL: string): Promise<() => Promise<unknown>> {
  const client = new Anthropic({ apiKey: "sk-ant-bench", baseURL });
  return () =>
    client.messages
      .stream({ model: "claude-sonnet-5-5", max_tokens: 1000, messages: [{ role: "user", content: "hi" }] })
      .finalMessage();
}
