import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type AppError, isAppError } from "../../src/base/appError.ts";
import type { ModelEvent } from "../../src/core/ports/provider.ts";
import { isOverflow, isRefusal, mayFallBack, namedWindow } from "../../src/core/ports/providerFault.ts";
import * as kinds from "../../src/providers/index.ts";
import type { Usage } from "../../src/protocol/usage.ts";
import { collect, noSignal, options, request, user } from "./collect.ts";

interface Recorded {
  /** What is odd about it. */
  kind: string;
  api: string;
  text: string;
  /** Of the response; 200 and an event stream by default. */
  status?: number;
  contentType?: string;
}

interface Answer extends Recorded {
  thinking: string;
  calls: [name: string, input: unknown, invalid?: string][];
  stop: string;
  notices?: string[];
  /** Null where nothing was told. */
  usage: Usage | null;
}

interface Failure extends Recorded {
  /** Pattern of the message. */
  fails: string;
  fault: Fault;
  /** The window that it names, in tokens. */
  limit?: number;
}

type Fault = "outage" | "limit" | "key" | "balance" | "refusal" | "overflow" | "other";

const folder = new URL("../golden/providers/", import.meta.url);
const all = readdirSync(folder)
  .filter((name) => !name.endsWith(".md"))
  .map((file) => {
    const recorded = readFileSync(new URL(file, folder));
    const cut = recorded.indexOf(10) + 1;
    const expected = JSON.parse(recorded.subarray(0, cut).toString("utf8")) as Answer | Failure;
    return { file, expected, body: recorded.subarray(cut) };
  });

function open({ expected, body }: (typeof all)[number]) {
  const kind = Object.values(kinds).find((candidate) => candidate.api === expected.api)!;
  const init = {
    status: expected.status ?? 200,
    headers: { "content-type": expected.contentType ?? "text/event-stream" },
  };
  // Seven bytes at a time, so that lines and characters arrive in pieces.
  const replay: typeof fetch = () =>
    Promise.resolve(new Response(init.status === 204 ? null : inPieces(body, 7), init));
  return { provider: kind.create(options({ fetch: replay })), model: kind.models[0]?.name ?? "qwen3" };
}

test("there are many, and each names its kind", () => {
  expect(all.length).toBeGreaterThanOrEqual(60);
  expect(all.filter(({ expected }) => !expected.kind)).toEqual([]);
  expect(new Set(all.map(({ expected }) => expected.api)).size).toBe(4);
});

describe("answers", () => {
  test.each(all.filter(({ expected }) => !("fails" in expected)))("reads $file: $expected.kind", async (item) => {
    const { kind: _kind, status: _status, contentType: _type, ...expected } = item.expected as Answer;
    const { provider, model } = open(item);
    const got = await collect(provider, request(model, [user("hi")]));
    expect({
      api: expected.api,
      text: got.text,
      thinking: got.thinking,
      calls: got.calls.map((call) =>
        call.invalid === undefined ? [call.name, call.input] : [call.name, call.input, call.invalid],
      ),
      stop: got.end.stop,
      ...(got.notices.length > 0 ? { notices: got.notices } : {}),
      usage: got.end.usage,
    }).toEqual(expected);
    expect(got.calls.every((call) => call.id !== "")).toBe(true);
    expect(new Set(got.calls.map((call) => call.id)).size).toBe(got.calls.length);
  });
});

describe("failures", () => {
  test.each(all.filter(({ expected }) => "fails" in expected))("tells $file: $expected.kind", async (item) => {
    const expected = item.expected as Failure;
    const { provider, model } = open(item);
    const { text, error } = await untilFailure(provider.stream(request(model, [user("hi")]), noSignal));
    expect(error.message).toMatch(new RegExp(expected.fails));
    expect([text, toFault(error), namedWindow(error)]).toEqual([expected.text, expected.fault, expected.limit]);
    // No page's markup reaches a reader.
    expect(error.message).not.toMatch(/<\/?(html|body|head|h1|center)/i);
  });
});

async function untilFailure(stream: AsyncIterable<ModelEvent>): Promise<{ text: string; error: AppError }> {
  let text = "";
  try {
    for await (const event of stream) if (event.type === "text") text += event.text;
  } catch (error) {
    if (isAppError(error)) return { text, error };
    throw error;
  }
  throw new Error(`Expected a failure, got ${JSON.stringify(text)}`);
}

function toFault(error: AppError): Fault {
  const fits = (test: (given: unknown) => boolean) => test(error);
  if (fits(isOverflow)) return "overflow";
  if (fits(isRefusal)) return "refusal";
  if (error.code === "rate_limited") return "limit";
  if (fits(mayFallBack)) return "outage";
  if (error.message.includes("refused the API key")) return "key";
  return error.message.includes("balance or quota") ? "balance" : "other";
}

function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(target) {
      if (at >= bytes.length) return target.close();
      target.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}
