import { Worker } from "node:worker_threads";
import type { GatewayProcess } from "../bench/gatewayProcess.ts";
import { percentile } from "../bench/statistics.ts";
import { newSession, openSurvivalBench } from "./bench.ts";

export interface CrowdReport {
  clients: number;
  /** Requests by their status; "none" for those without an answer. */
  byStatus: Record<string, number>;
  /** From a request to its answer, in milliseconds, by the last word of its path. */
  ms: Record<string, Latency>;
  /** From the first request to the last answer. */
  seconds: number;
}

/** Clients that come all at once; each makes a session, sends a message, waits for the reply and reads it back. */
export async function meetCrowd(clients: number): Promise<CrowdReport> {
  const bench = await openSurvivalBench({ script: ({ text }) => ({ text: `Done: ${text}` }) });
  try {
    const gateway = await bench.start();
    await gateway.call("/api/sessions/send", { message: "to load what is loaded on first use" });
    const byStatus: Record<string, number> = {};
    const times: Record<string, number[]> = {};
    const ask = async (path: string, body?: unknown) => {
      const word = /\w+(?=$|\?)/.exec(path)![0];
      const began = performance.now();
      const answer = await gateway.ask(path, body).catch(() => undefined);
      (times[word] ??= []).push(performance.now() - began);
      const status = answer?.status ?? "none";
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      return answer?.body ?? {};
    };
    const began = performance.now();
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const { session } = (await ask("/api/sessions/create", {})) as { session?: { key: string } };
        if (!session) return;
        await ask("/api/sessions/send", { message: `hello ${client}`, sessionKey: session.key });
        await ask(`/api/sessions/history?sessionKey=${session.key}`);
      }),
    );
    return {
      clients,
      byStatus,
      ms: Object.fromEntries(Object.entries(times).map(([word, each]) => [word, toLatency(each)])),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await bench.close();
  }
}

export interface StreamReport {
  streams: number;
  /** Of GET /health with no run under way, and with the streams, in milliseconds. */
  idle: Latency;
  busy: Latency;
}

interface Latency {
  p50: number;
  p99: number;
  max: number;
}

/** Asks for /health again and again while many sessions stream, 50 pieces a second each. */
export async function probeUnderStreams(streams: number, ms: number): Promise<StreamReport> {
  const text = "A piece of text. ".repeat(2000);
  const bench = await openSurvivalBench({ script: () => ({ text, chunks: 2000, delayMs: 20 }) });
  try {
    const gateway = await bench.start();
    const keys = await Promise.all(Array.from({ length: streams }, () => newSession(gateway)));
    const idle = await probe(gateway, ms);
    await Promise.all(
      keys.map((sessionKey) =>
        gateway.call("/api/sessions/send", { message: "Go on.", sessionKey, timeoutSeconds: 0 }),
      ),
    );
    await bench.model.received(streams);
    const busy = await probe(gateway, ms);
    return { streams, idle, busy };
  } finally {
    await bench.close();
  }
}

/** From a thread of its own: this one is busy as the model. */
async function probe({ url }: GatewayProcess, ms: number): Promise<Latency> {
  const worker = new Worker(new URL("healthProbe.ts", import.meta.url), { workerData: { url, ms } });
  const times = await new Promise<number[]>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return toLatency(times);
}

function toLatency(times: number[]): Latency {
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), max: Math.max(...times) };
}
