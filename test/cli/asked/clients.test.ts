import { describe, expect, test } from "vitest";
import { writeGatewayFile } from "../../../src/config/stateFolder.ts";
import { NONCE, openFakeGateway } from "../fakeGateway.ts";
import { bench, TOKEN, useClientBench } from "../clientBench.ts";
import { pincer } from "../pincer.ts";
import { jobVerbsAsked } from "./jobVerbsAsked.ts";
import { ok, usage, verbsAsked } from "./verbsAsked.ts";

useClientBench();

describe("a verb asks its route and prints the answer", () => {
  test.each([...verbsAsked, ...jobVerbsAsked])("$args", async ({ args, asks, body, answer, prints }) => {
    bench.gateway.answers[asks.split("?")[0]!] = { json: answer };
    expect(await pincer(args, bench.env)).toEqual({ code: 0, stdout: prints, stderr: "" });
    expect(bench.gateway.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(asks === "" ? [] : [asks]);
    for (const seen of bench.gateway.seen) {
      expect(seen).toMatchObject({ token: TOKEN, client: "cli" });
      expect(seen.body).toEqual(body);
    }
  });

  test("prints the answer as it came with --json", async () => {
    const answer = { ...ok, usage, durationMs: 12, later: [1] };
    bench.gateway.answers["POST /api/sessions/send"] = { json: answer };
    const { stdout } = await pincer(["send", "hi", "--json"], bench.env);
    expect(JSON.parse(stdout)).toEqual(answer);
    expect(stdout).toBe(`${JSON.stringify(answer)}\n`);
  });
});

test("a session is exported as JSON with --json, unless a format is named", async () => {
  bench.gateway.answers["GET /api/session/status"] = { json: { sessionKey: "main", title: "T", usage } };
  bench.gateway.answers["GET /api/sessions/history"] = { json: { messages: [], hasMore: false } };
  const { code, stdout } = await pincer(["sessions", "export", "main", "--json"], bench.env);
  expect({ code, said: JSON.parse(stdout) as unknown }).toEqual({
    code: 0,
    said: { session: { key: "main", title: "T", usage }, messages: [] },
  });
  const plain = await pincer(["sessions", "export", "main", "--json", "--format", "markdown"], bench.env);
  expect(plain.stdout).toContain("# T\n");
});

test("the log is followed over a restart of the gateway, with its new address and token", async () => {
  const line = (message: string) => ({ time: "2026-11-22T00:00:00Z", level: "info", message });
  const lines = (...messages: string[]) => ({ json: { lines: messages.map(line) } });
  const first = await openFakeGateway();
  const file = { url: first.url, pid: process.pid, started: "", token: TOKEN, version: "1", nonce: NONCE };
  await writeGatewayFile(bench.home, file);
  first.answers["GET /api/logs/tail"] = lines("one", "two");
  bench.gateway.answers["GET /api/logs/tail"] = lines("one", "two", "three");
  const [isShown, isNoted, goesOn] = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const following = pincer(["logs", "-f"], bench.env, {
    printed: (stdout) => {
      if (stdout.includes("two")) isShown!.resolve();
      if (stdout.includes("three")) goesOn!.resolve();
    },
    said: () => isNoted!.resolve(),
  });
  await isShown!.promise;
  await first.close();
  await isNoted!.promise;
  await writeGatewayFile(bench.home, { ...file, url: bench.gateway.url, token: "another-token-of-the-gateway" });
  await Promise.race([goesOn!.promise, following]);
  bench.gateway.answers["GET /api/logs/tail"] = {
    status: 403,
    json: { error: { code: "forbidden", message: "Enough" } },
  };
  const { code, stdout, stderr } = await following;
  expect({ code, said: stdout.match(/\w+$/gm) }).toEqual({ code: 1, said: ["one", "two", "three"] });
  expect(stderr).toMatch(/^[^\n]+ What it writes then is waited for, until Ctrl\+C\npincer: Enough\n$/);
  expect(bench.gateway.seen.at(-1)!.token).toBe("another-token-of-the-gateway");
});
