import { expect, test } from "vitest";
import { loadVerbs } from "../../src/cli/verbs/index.ts";
import type { Io } from "../../src/cli/terminal/io.ts";

// A verb only declares itself while nothing is asked of it.
const io = { env: {}, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr } as Io;

async function namesFor(word?: string): Promise<string[]> {
  return (await loadVerbs(word)).map((verb) => verb(io).name());
}

test("a command loads the verb it names and no other; where there is none, and for what has to know all, all are loaded", async () => {
  const all = await namesFor();
  expect(all.length).toBeGreaterThan(30);
  for (const word of ["sesions", "--help", "help", "constructor", "completion"])
    expect(await namesFor(word)).toEqual(all);
  for (const word of all.filter((name) => name !== "completion")) expect(await namesFor(word)).toEqual([word]);
});
