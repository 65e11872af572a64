import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";

/** Called by the editor in its extension host; rejects when a test failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "tdd", timeout: 60_000, color: false });
  for (const name of readdirSync(__dirname)) {
    if (name.endsWith(".test.cjs")) mocha.addFile(path.join(__dirname, name));
  }
  const counts = { numPassedTests: 0, numFailedTests: 0 };
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on("pass", () => (counts.numPassedTests += 1));
    runner.on("fail", () => (counts.numFailedTests += 1));
  });
  const report = process.env.PINCER_TEST_REPORT;
  if (report) writeFileSync(report, JSON.stringify(counts));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
