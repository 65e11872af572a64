import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isAppError } from "../../../src/base/appError.ts";
import { defined } from "../../../src/base/defined.ts";
import { google, openai } from "../../../src/providers/index.ts";
import type { ProviderKind } from "../../../src/providers/shared/providerKind.ts";
import { toRetryAfterMs } from "../../../src/providers/shared/connection.ts";
import { startOpenaiServer } from "../../fakes/openaiServer.ts";
import { collect, failure, options, request, user } from "../collect.ts";
import { WAYS } from "../kinds.ts";

async function messageFor(kind: ProviderKind, baseUrl: string, by?: typeof fetch): Promise<string> {
  const error = await failure(
    collect(
      kind.create(options({ baseUrl, ...defined({ fetch: by }) })),
      request(kind.models[0]?.name ?? "qwen3", [user("hi")]),
    ),
  );
  if (!isAppError(error)) throw error;
  expect(error.code).toBe("provider_error");
  return error.message;
}

describe.each(WAYS)("a server that cannot be reached: $kind.api, $by", ({ kind, fetch }) => {
  test("a closed port", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await messageFor(kind, `http://127.0.0.1:${port}`, fetch)).toContain(
      `Nothing answers at http://127.0.0.1:${port}`,
    );
  });

  test("an unknown host", async () => {
    expect(await messageFor(kind, "http://no-such-host.invalid", fetch)).toContain(
      "cannot be found at http://no-such-host.invalid",
    );
  });

  test("a certificate nobody trusts", async () => {
    const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }]);
    const server = createTlsServer({ key, cert }, (_request, response) => response.end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    expect(await messageFor(kind, `https://127.0.0.1:${(server.address() as AddressInfo).port}`, fetch)).toContain(
      "is not trusted",
    );
    server.close();
  });
});

test("a spent balance is no rate limit", async () => {
  const server = await startOpenaiServer();
  const body = JSON.stringify({
    error: {
      message: "You exceeded your current quota.",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    },
  });
  server.next({ fault: { kind: "status", status: 429, body } });
  expect(await messageFor(openai, `${server.url}/v1`)).toBe(
    "OpenAI says that the balance or quota is used up (429: You exceeded your current quota)",
  );
  await server.close();
});

test.each([
  [{ "retry-after": "2" }, 2_000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after-ms": "250", "retry-after": "9" }, 250],
  [{ "retry-after": "Thu, 01 Jan 2026 00:00:10 GMT" }, 10_000],
  [{ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, 0],
  [{ "retry-after": "99999999999999" }, 86_400_000],
  [{ "retry-after": "9".repeat(400) }, 86_400_000],
  [{ "retry-after": "Fri, 31 Dec 9999 00:00:00 GMT" }, 86_400_000],
  [{ "retry-after-ms": "1e300" }, 86_400_000],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("reads %j", (headers, expected) => {
  expect(toRetryAfterMs(new Headers(headers as Record<string, string>), Date.parse("2026-01-01T00:00:00Z"))).toBe(
    expected,
  );
});

test.each(WAYS)("$kind.api, $by: what comes from the wire passes through no stream of ours", async (given) => {
  const server = await given.start({ script: () => ({ text: "A short answer." }) });
  onTestFinished(() => server.close());
  const provider = given.kind.create(options({ baseUrl: server.url + given.path, ...defined({ fetch: given.fetch }) }));
  const ask = () => collect(provider, request(given.model, [user("hi")]));
  // What is made when it is first asked is no answer's.
  await ask();
  const made = { Response: 0, ReadableStream: 0 };
  for (const name of ["Response", "ReadableStream"] as const) {
    const counted = new Proxy(globalThis[name], {
      construct(target, args, newTarget) {
        // A response without a body makes no stream.
        if (name !== "Response" || args[0] !== null) made[name] += 1;
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
    vi.stubGlobal(name, counted);
  }
  onTestFinished(() => void vi.unstubAllGlobals());
  expect((await ask()).text).toBe("A short answer.");
  // Google's SDK makes a response of each event. Two streams are fetch's own: of what is sent, and of what comes.
  const events = given.kind === google ? 3 : 0;
  expect(made).toEqual({ Response: events, ReadableStream: events + (given.by === "fetch" ? 2 : 0) });
});
