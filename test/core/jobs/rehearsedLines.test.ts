import { expect, test } from "vitest";
import { grantLines } from "../../../src/core/jobs/rehearsal/grantLines.ts";
import { open, rehearsed } from "./rehearsalBench.ts";

test.each([
  ["a substitution", "echo $(id)", /^No rule says what this line does|^No rule says exactly this line/],
  ["a pattern", "rm *.o", /^No rule says exactly this line/],
  ["a redirect", "npm test > out.txt", /^No rule says exactly this line/],
  ["sudo", "sudo npm test", /^No rule says exactly this line/],
  ["a shell of its own", "sh -c 'npm test'", /^No rule says exactly this line/],
  ["a line that two shells read differently", "npm test &> log", /^No rule says/],
  ["words that would be a prefix", "git log \\ *", /^No rule says/],
  ["what is protected", "cat .env", /^It is about what is protected/],
])("what %s hides is not offered", async (_, text, words) => {
  const { bench, job } = await open([text]);
  const page = await rehearsed(bench, job, { [text]: "allow" });
  expect(page.asked).toMatchObject([{ exact: text, grants: [], granted: false }]);
  expect(page.asked[0]!.words).toMatch(words);
  await expect(bench.core.jobs.takeGrants({ id: job.id, runId: page.runId, take: [1] })).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("1 cannot be granted"),
  });
});

test("of several commands in a line each is granted for itself, in its exact words", async () => {
  const text = "npm ci && npm test -- 'a b' 2>/dev/null";
  const { bench, job } = await open([text]);
  const page = await rehearsed(bench, job, { [text]: "allow_job" });
  expect(page.asked[0]!.grants).toEqual([
    { allow: "exec", command: "npm ci" },
    { allow: "exec", command: "npm test -- 'a b'" },
  ]);
  expect((await bench.core.jobs.get(job.id)).grants).toEqual(page.asked[0]!.grants);
});

test("as lines of openclaw.yml, a variable of a command stays one of the command", () => {
  expect(grantLines([{ allow: "exec", command: "echo ${HOME}" }])).toBe(
    '    grants:\n      - { allow: exec, command: "echo $${HOME}" }',
  );
});
