import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { openApp } from "../../src/app.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { createClient } from "../../src/protocol/client.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { emptyFolder } from "./emptyFolder.ts";
import { startGateway } from "./gatewayProcess.ts";
import type { Figure } from "./run.ts";
import { median, percentile } from "./statistics.ts";

const ROUNDS = 200;
const SESSIONS = 50;
const TURNS_EACH = 10;

/** What a turn costs beyond the bare call to the provider, and how many the gateway does at once. */
export async function turns(): Promise<Figure[]> {
  const model = await startAnthropicServer({
    script: () => ({ text: "A short answer of a dozen words, to stream in a few pieces." }),
  });
  const gateway = await startGateway({
    workspace: emptyFolder(),
    env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url },
  });
  try {
    const send = async (sessionKey: string) => {
      const began = performance.now();
      await gateway.call("/api/sessions/send", { message: "hi", sessionKey });
      return performance.now() - began;
    };
    const bare = await bareCalls(model.url);
    await send("main");
    const own: number[] = [];
    const direct: number[] = [];
    // In turn, so that the machine's moods meet both alike. A new session every 20 turns keeps histories short.
    let key = "main";
    for (let round = 0; round < ROUNDS; round++) {
      if (round % 20 === 0) key = await newSession(gateway);
      own.push(await send(key));
      direct.push(await bare());
    }
    const panel = await panelTurns(model.url);
    const keys = await Promise.all(Array.from({ length: SESSIONS }, () => newSession(gateway)));
    const began = performance.now();
    await Promise.all(
      keys.map(async (sessionKey) => {
        for (let turn = 0; turn < TURNS_EACH; turn++) await send(sessionKey);
      }),
    );
    const seconds = (performance.now() - began) / 1000;
    const long = await newSession(gateway);
    for (let turn = 0; turn < 300; turn++) await send(long);
    const late: number[] = [];
    for (let turn = 0; turn < 30; turn++) late.push(await send(long));
    return [
      { name: "bare provider call, median", value: median(direct), unit: "ms" },
      { name: "turn over REST, median", value: median(own), unit: "ms" },
      {
        name: "overhead per turn over the bare call, median",
        value: median(own.map((ms, index) => ms - direct[index]!)),
        unit: "ms",
        aim: 4,
      },
      { name: "turn over the panel's wire, median", value: panel, unit: "ms" },
      { name: "turn over REST, 95th percentile", value: percentile(own, 0.95), unit: "ms" },
      { name: `turns per second, ${SESSIONS} sessions at once`, value: (SESSIONS * TURNS_EACH) / seconds, unit: "/s" },
      { name: "turn in a session of 600 messages, median", value: median(late), unit: "ms" },
    ];
  } finally {
    await gateway.stop();
    await model.close();
  }
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

async function newSession(gateway: Awaited<ReturnType<typeof startGateway>>): Promise<string> {
  const { session } = (await gateway.call("/api/sessions/create", {})) as { session: { key: string } };
  return session.key;
}

/** The same kind of request through the vendor's SDK and nothing else, kept warm. */
async function bareCalls(baseURL: string): Promise<() => Promise<number>> {
  const client = new Anthropic({ apiKey: "sk-ant-bench", baseURL });
  const call = async () => {
    const began = performance.now();
    const stream = client.messages.stream({
      model: "claude-sonnet-5-5",
      max_tokens: 1000,
      messages: [{ role: "user", content: "hi" }],
    });
    await stream.finalMessage();
    return performance.now() - began;
  };
  await call();
  return call;
}
