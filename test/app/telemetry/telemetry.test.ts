import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startTelemetry } from "../../../src/app/telemetry/startTelemetry.ts";
import type { OtlpTarget } from "../../../src/app/telemetry/otlpWriter.ts";
import type { Log } from "../../../src/base/log.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../../core/bench.ts";

interface Received {
  path: string;
  key: string | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** A collector that takes what it is sent, or answers with another status. */
async function openCollector() {
  const received: Received[] = [];
  const state = { status: 200 };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({
        path: request.url!,
        key: request.headers["x-key"] as string | undefined,
        body: JSON.parse(body),
      });
      response.writeHead(state.status).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { received, state, endpoint: `http://127.0.0.1:${port}/` };
}

async function openTold(turns: Turn[], target: () => OtlpTarget | undefined) {
  const clock = createFakeClock();
  const lines: string[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const log = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") } as Log;
  const bench = await openBench({ turns, clock });
  const telemetry = startTelemetry({ core: bench.core, target, version: "1.2.3", clock, log });
  const run = async (more: object = {}) => {
    const sent = await bench.core.sessions.send({
      text: "secret words",
      sessionKey: "main",
      origin: { via: "cron", id: "job_1" },
      ...more,
    });
    await sent.outcome;
    // What telemetry reads of the run comes after.
    await bench.core.runs.get(sent.id);
    await new Promise((resolve) => setImmediate(resolve));
    return sent;
  };
  return { ...bench, clock, lines, telemetry, run };
}

const values = (attributes: { key: string; value: Record<string, unknown> }[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

test("runs, their model calls and their tools are told, and nothing of what was said", async () => {
  const collector = await openCollector();
  const target = { endpoint: collector.endpoint, headers: { "x-key": "k" } };
  const { run, telemetry } = await openTold([[call("add", { a: 1, b: 2 })], ["three"]], () => target);
  const { id } = await run();
  await telemetry.close();
  expect(collector.received.map(({ path, key }) => [path, key])).toEqual([
    ["/v1/traces", "k"],
    ["/v1/metrics", "k"],
  ]);
  const [{ resource, scopeSpans }] = collector.received[0]!.body.resourceSpans;
  expect(values(resource.attributes)).toEqual({ "service.name": "pincer", "service.version": "1.2.3" });
  const spans = scopeSpans[0].spans as {
    name: string;
    traceId: string;
    spanId: string;
    parentSpanId?: string;
    kind: number;
    startTimeUnixNano: string;
    endTimeUnixNano: string;
    attributes: never[];
  }[];
  expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
    ["chat m", 3],
    ["execute_tool add", 1],
    ["chat m", 3],
    ["invoke_agent pincer", 1],
  ]);
  const whole = spans.at(-1)!;
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(whole.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(spans.slice(0, -1).every(({ parentSpanId }) => parentSpanId === whole.spanId)).toBe(true);
  expect(spans.every((span) => BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano))).toBe(true);
  expect(values(whole.attributes)).toMatchObject({
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.conversation.id": "main",
    "gen_ai.usage.input_tokens": "20",
    "pincer.run.id": id,
    "pincer.job.id": "job_1",
    "pincer.outcome": "done",
  });
  expect(values(spans[0]!.attributes)).toMatchObject({
    "gen_ai.provider.name": "test",
    "gen_ai.request.model": "m",
    "gen_ai.usage.output_tokens": "5",
  });
  const metrics = collector.received[1]!.body.resourceMetrics[0].scopeMetrics[0].metrics;
  expect(metrics.map(({ name }: { name: string }) => name)).toEqual([
    "gen_ai.client.token.usage",
    "gen_ai.client.operation.duration",
  ]);
  expect(metrics[0].histogram.dataPoints).toMatchObject([
    { count: "2", sum: 20, min: 10, max: 10 },
    { count: "2", sum: 10 },
  ]);
  expect(JSON.stringify(collector.received)).not.toMatch(/secret words|three/);
});

test("a failed run is an error, and a sub-agent's run lies in the trace of who spawned it", async () => {
  const collector = await openCollector();
  const { run, core, telemetry } = await openTold([[{ fail: new Error("bug") }], ["fine"]], () => ({
    ...collector,
    headers: {},
  }));
  const { id } = await run();
  const child = await core.sessions.send({ text: "x", origin: { via: "subagent", id }, parentKey: "main" });
  await child.outcome;
  await core.runs.get(child.id);
  await new Promise((resolve) => setImmediate(resolve));
  await telemetry.close();
  const spans = collector.received[0]!.body.resourceSpans[0].scopeSpans[0].spans.filter(({ name }: { name: string }) =>
    name.startsWith("invoke"),
  );
  expect(spans[0]).toMatchObject({ status: { code: 2, message: "internal" } });
  expect(spans[1]).toMatchObject({ traceId: spans[0].traceId, parentSpanId: spans[0].spanId, status: {} });
});

test("a collector that is away is told once, holds nothing up, and is told when it is back", async () => {
  const collector = await openCollector();
  collector.state.status = 503;
  const { run, clock, lines } = await openTold([], () => ({ ...collector, headers: {} }));
  const batch = async () => {
    const before = collector.received.length;
    await clock.advance(5000);
    while (collector.received.length === before) await new Promise((resolve) => setImmediate(resolve));
  };
  for (let count = 0; count < 3; count += 1) {
    expect((await run()).id).toMatch(/^run_/);
    await batch();
  }
  collector.state.status = 200;
  await run();
  await batch();
  while (lines.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(lines).toEqual([
    "warn Telemetry could not be sent; it is tried with each batch",
    "info Telemetry is taken again",
  ]);
});

test("without a target nothing is kept or sent", async () => {
  const collector = await openCollector();
  const config: { target?: OtlpTarget } = {};
  const { run, telemetry } = await openTold([], () => config.target);
  await run();
  config.target = { endpoint: collector.endpoint, headers: {} };
  await telemetry.close();
  expect(collector.received).toEqual([]);
});
