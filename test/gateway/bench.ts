import { connect } from "node:net";
import { onTestFinished } from "vitest";
import { silentLog } from "../../src/base/log.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/createGateway.ts";
import { openBench, type Bench, type BenchOptions } from "../core/bench.ts";

export const TOKEN = "T0ken-of-the-tests-0123456789abcdefghijklmnopq";

/** What a client without types sees of an answer. `checkAnswer` compares it with the schema. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

/** A gateway on a free port over a real core, with clients of several kinds. */
export interface GatewayBench extends Bench {
  gateway: Gateway;
  get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /** Sends bytes as they are and resolves with everything that came back until the other side closed, or `until` was seen. */
  raw: (bytes: string | Buffer, until?: RegExp) => Promise<string>;
  /** The same, and says that no more bytes will come. */
  rawToEnd: (bytes: string | Buffer) => Promise<string>;
  auth: Record<string, string>;
}

export interface GatewayBenchOptions extends BenchOptions {
  gateway?: Partial<GatewayOptions>;
  /** A core that is there already. */
  over?: Bench;
}

export async function openGatewayBench(options: GatewayBenchOptions = {}): Promise<GatewayBench> {
  const bench = options.over ?? (await openBench(options));
  const gateway = await createGateway({
    core: bench.core,
    host: "127.0.0.1",
    port: 0,
    stateDir: bench.folder,
    tokens: [{ name: "default", value: TOKEN, scope: "admin" }],
    log: silentLog,
    clock: bench.core.clock,
    version: "0.0.0-test",
    ...options.gateway,
  });
  onTestFinished(() => gateway.close());
  const auth = { Authorization: `Bearer ${TOKEN}` };
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(gateway.url + path, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return {
    ...bench,
    gateway,
    auth,
    get: (path, headers) => send(path, { headers: { ...auth, ...headers } }),
    post: (path, body, headers) =>
      send(path, {
        method: "POST",
        headers: { ...auth, "Content-Type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    raw: (bytes, until) => exchange(gateway.port, bytes, { until }),
    rawToEnd: (bytes) => exchange(gateway.port, bytes, { end: true }),
  };
}

function exchange(port: number, bytes: string | Buffer, options: { until?: RegExp; end?: true }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => (options.end ? socket.end(bytes) : socket.write(bytes)));
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (options.until?.test(text)) socket.destroy();
    });
    socket.on("close", () => resolve(text));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // Whatever was answered before the other side hung up counts.
      if (text === "") reject(error);
    });
  });
}

/** A raw request with our Host and token; `lines` replace or add to them. */
export function request(bench: GatewayBench, start: string, lines: string[] = [], body = ""): string {
  const host = lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: 127.0.0.1:${bench.gateway.port}`];
  const auth = lines.some((line) => /^authorization:/i.test(line)) ? [] : [`Authorization: Bearer ${TOKEN}`];
  return `${start} HTTP/1.1\r\n${[...host, ...auth, ...lines].join("\r\n")}\r\n\r\n${body}`;
}
