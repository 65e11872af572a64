import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as kinds from "../../src/providers/index.ts";
import type { Usage } from "../../src/protocol/usage.ts";
import { collect, options, request, user } from "./collect.ts";

interface Expected {
  api: string;
  text: string;
  thinking: string;
  calls: [name: string, input: unknown, invalid?: string][];
  stop: string;
  notices?: string[];
  usage: Usage;
}

const folder = new URL("../golden/providers/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".sse"));

test.each(files)("reads %s", async (file) => {
  const recorded = readFileSync(new URL(file, folder));
  const cut = recorded.indexOf(10) + 1;
  const expected = JSON.parse(recorded.subarray(0, cut).toString("utf8")) as Expected;
  const kind = Object.values(kinds).find((candidate) => candidate.api === expected.api)!;
  // Seven bytes at a time, so that lines and characters arrive in pieces.
  const replay: typeof fetch = () =>
    Promise.resolve(
      new Response(inPieces(recorded.subarray(cut), 7), { headers: { "content-type": "text/event-stream" } }),
    );
  const got = await collect(
    kind.create(options({ fetch: replay })),
    request(kind.models[0]?.name ?? "qwen3", [user("hi")]),
  );
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
});

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
