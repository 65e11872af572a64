import { globalAgent } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { collect, failure, options, request, user } from "./collect.ts";
import { defined } from "../../src/base/defined.ts";
import { createTiringFetch } from "./impatient.ts";
import { KINDS, WAYS } from "./kinds.ts";

/** However long a test stands still: Node's plain client drops what nobody uses for five seconds. */
function keepConnections(): void {
  // Its types leave it out.
  const { options } = globalAgent as typeof globalAgent & { options: { timeout?: number | undefined } };
  const { timeout } = options;
  options.timeout = undefined;
  onTestFinished(() => void (options.timeout = timeout));
}

async function openBench({ kind, model, start, path, fetch }: (typeof WAYS)[number]) {
  keepConnections();
  const server = await start({ keepMs: 600_000 });
  onTestFinished(() => server.close());
  const provider = kind.create(
    options({ baseUrl: server.url + path, timing: { maxRetries: 0 }, ...defined({ fetch }) }),
  );
  const ask = () => collect(provider, request(model, [user("hi")]));
  await ask();
  // Read to its end, so that its connection is there for the next.
  await (await globalThis.fetch(server.url)).text();
  return { server, ask, asked: () => server.requests.length - 1 };
}

test.each(WAYS)("a kept connection that the far end has closed is no try: $kind.api, $by", async (subject) => {
  const { server, ask, asked } = await openBench(subject);
  server.script(() => ({ text: "there", fault: { kind: "reset", at: "reuse" } }));
  const got = await ask();
  expect(got.text).toBe("there");
  expect(got.notices).toEqual([]);
  expect(asked()).toBe(2);
});

test.each(WAYS)("one that was opened for the request and is closed is a try: $kind.api, $by", async (subject) => {
  const { server, ask, asked } = await openBench(subject);
  server.script(() => ({ fault: { kind: "reset", at: "headers" } }));
  expect(String(await failure(ask()))).toMatch(/connection to .* broke off/);
  expect(asked()).toBe(2);
});

test.each(KINDS)("a kept connection on which no answer came in time is a try: $kind.api", async (subject) => {
  const { fetch, tire } = createTiringFetch();
  const { server, ask, asked } = await openBench({ ...subject, by: "impatient", fetch });
  tire();
  server.script(() => ({ fault: { kind: "stall", at: "headers" } }));
  expect(String(await failure(ask()))).toMatch(/did not answer in time/);
  await server.received(2);
  expect(asked()).toBe(1);
});
