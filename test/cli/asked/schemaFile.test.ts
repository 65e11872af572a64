import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bench, useClientBench } from "../clientBench.ts";
import { pincer } from "../pincer.ts";
import { ok } from "./verbsAsked.ts";

useClientBench();

const outputSchema = { type: "object", properties: { sum: { type: "integer" } }, required: ["sum"] };
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pincer-schema-"));
  file = join(folder, "sum.json");
  writeFileSync(file, JSON.stringify(outputSchema));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["sessions/send", ["send", "2+3?"]],
  ["sessions/spawn", ["spawn", "2+3?"]],
])("%s is asked with the schema of a file, and its value is printed", async (route, args) => {
  const answer = { ...ok, reply: 'It is {"sum": 5}.', result: { sum: 5 } };
  bench.gateway.answers[`POST /api/${route}`] = { json: answer };
  const { code, stdout } = await pincer([...args, "--schema", file], bench.env);
  expect({ code, value: JSON.parse(stdout) as unknown }).toEqual({ code: 0, value: { sum: 5 } });
  expect(bench.gateway.seen.at(-1)!.body).toMatchObject({ outputSchema });
  const json = await pincer([...args, "--schema", file, "--json"], bench.env);
  expect(JSON.parse(json.stdout)).toEqual(answer);
});

test("a result that could not be had fails the command, and says why", async () => {
  const error = { code: "invalid_result", message: "The reply does not fit its schema: sum: x", reply: "five" };
  bench.gateway.answers["POST /api/sessions/send"] = { status: 422, json: { error } };
  const { code, stdout, stderr } = await pincer(["send", "2+3?", "--schema", file], bench.env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("does not fit its schema");
});

test("jobs are added and changed with one", async () => {
  const job = {
    id: "job_1",
    name: "n",
    enabled: true,
    nextRunAt: null,
    schedule: { kind: "every", everyMs: 3_600_000 },
  };
  bench.gateway.answers["POST /api/cron/add"] = { json: { job } };
  bench.gateway.answers["POST /api/cron/update"] = { json: { job } };
  const add = ["cron", "add", "--name", "n", "--every", "1h", "--message", "go", "--schema", file];
  expect((await pincer(add, bench.env)).code).toBe(0);
  expect(bench.gateway.seen.at(-1)!.body).toMatchObject({ job: { outputSchema } });
  expect((await pincer(["cron", "update", "job_1", "--schema", file], bench.env)).code).toBe(0);
  expect(bench.gateway.seen.at(-1)!.body).toEqual({ id: "job_1", patch: { outputSchema } });
});

test.each([
  ["no such file", () => join(folder, "none.json"), /none\.json cannot be read/],
  ["no JSON", () => (writeFileSync(join(folder, "bad.json"), "{"), join(folder, "bad.json")), /not valid JSON/],
  [
    "no schema",
    () => (writeFileSync(join(folder, "odd.json"), '{"type": 1}'), join(folder, "odd.json")),
    /odd\.json\/type: Expected/,
  ],
])("%s is said before anything is asked", async (_name, path, words) => {
  const { code, stderr } = await pincer(["send", "x", "--schema", path()], bench.env);
  expect(code).toBe(1);
  expect(stderr).toMatch(words);
  expect(bench.gateway.seen).toEqual([]);
});
