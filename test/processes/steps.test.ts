import { expect, test } from "vitest";
import { run } from "../steps/process.mjs";

/** A step whose output fits. What it may be silent for is as long as a busy machine takes until its next word, and no longer. */
async function step(silentMs: number, program: (silentMs: number) => string, fits: RegExp) {
  for (; ; silentMs *= 2) {
    const { code, output } = await run(process.execPath, ["-e", program(silentMs)], { silentMs });
    if (fits.test(output)) return { code, output, silentMs };
  }
}

test("a step that is slow and at work goes on, and one that says nothing is ended", async () => {
  // For half as long again as it may be silent.
  const counts = (silentMs: number) =>
    `let n = 0; const t = setInterval(() => (console.log(++n), n === ${(silentMs * 1.5) / 50} && clearInterval(t)), 50);`;
  const [slow, silent] = await Promise.all([
    step(3000, counts, /\n\d+\n$/),
    step(1500, () => 'console.log("one"); setInterval(() => {}, 1000)', /^one\n/),
  ]);
  expect(slow.code).toBe(0);
  expect(silent.code).toBe(1);
  expect(silent.output).toBe(`one\nended: it said nothing for ${silent.silentMs / 1000} s\n`);
});
