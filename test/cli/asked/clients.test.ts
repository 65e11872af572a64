import { describe, expect, test } from "vitest";
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
