import { expect, test } from "vitest";
import { run } from "../steps/process.mjs";

const inNode = (program: string, silentMs: number) => run(process.execPath, ["-e", program], { silentMs });

test("a step that is slow and at work goes on, and one that says nothing is ended", async () => {
  const [slow, silent] = await Promise.all([
    inNode("let n = 0; const t = setInterval(() => (console.log(++n), n === 90 && clearInterval(t)), 50);", 3000),
    inNode('console.log("one"); setInterval(() => {}, 1000)', 1500),
  ]);
  expect(slow).toMatchObject({ code: 0 });
  expect(slow.output).toMatch(/\n90\n$/);
  expect(silent).toMatchObject({ code: 1, output: "one\nended: it said nothing for 1.5 s\n" });
});
