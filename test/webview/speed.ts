import { startHarness } from "./harness.ts";
import { editApproval } from "./sceneApprovals.ts";
import { callTool, fill } from "./scenes.ts";

// Usage: node test/webview/speed.ts: how long a long answer takes to stream, and a long session to open.

const WORDS = "a line of the answer that is neither short nor long, with `code` and **weight**. ";
const code = "```ts\nexport const total = rows.reduce((sum, row) => sum + row.count, 0);\n```\n\n";
const shapes: Record<string, string> = {
  paragraphs: `${WORDS.repeat(6)}\n\n${code}`,
  "one paragraph": WORDS,
  "one code block": "export const total = rows.reduce((sum, row) => sum + row.count, 0);\n",
};

const harness = await startHarness();
console.log(`script: ${Math.round(harness.scriptBytes / 1024)} KB`);
for (const [name, unit] of Object.entries(shapes)) {
  const prefix = name === "one code block" ? "```ts\n" : "";
  const text = prefix + unit.repeat(Math.ceil(100_000 / unit.length)).slice(0, 100_000);
  console.log(`100 KB in 2,000 deltas, ${name}: ${await stream(text)} ms`);
}
console.log(`10,000 messages: open after ${await open(10_000)} ms`);
console.log(`a diff of 16,000 lines: ${await wholeDiff(8_000)}`);
await harness.close();

async function stream(text: string): Promise<number> {
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Go on");
  const size = Math.ceil(text.length / 2000);
  const at = new Date().toISOString();
  const payloads = Array.from({ length: 2000 }, (_, index) => ({
    ...{ type: "text.delta", text: text.slice(index * size, (index + 1) * size) },
    ...{ id: 1000 + index, seq: 1000 + index, runId: run.id, sessionKey: "main", at },
  }));
  await page.getByText("Go on").waitFor();
  const ms = await page.evaluate(`(async () => {
    const payloads = ${JSON.stringify(payloads)};
    const start = performance.now();
    for (const [index, payload] of payloads.entries()) {
      window.postMessage({ type: "event", event: payload.type, payload }, "*");
      // As a model would: in bursts, with room to draw between them.
      if (index % 40 === 39) await new Promise((resolve) => setTimeout(resolve));
    }
    const whole = payloads.map((payload) => payload.text).join("").replace(/[\\s\`*]|\\bts\\b/g, "").length;
    const shown = () => (document.querySelector(".assistant .markdown")?.textContent ?? "").replace(/[\\s\`*]|\\bts\\b/g, "").length;
    while (shown() < whole * 0.99) await new Promise(requestAnimationFrame);
    return performance.now() - start;
  })()`);
  await close();
  return Math.round(ms as number);
}

async function open(count: number): Promise<number> {
  const { page, close } = await harness.open({ prepare: (gateway) => fill(gateway, count) });
  await page.getByText(`Question ${count / 2}:`).waitFor();
  const ms = await page.evaluate("performance.now()");
  await close();
  return Math.round(ms as number);
}

/** From the click on "Show all" until lines are painted, until all are, and how long the page stood still meanwhile. */
async function wholeDiff(count: number): Promise<string> {
  const lines = (word: string) =>
    Array.from({ length: count }, (_, at) => `const ${word}${at} = read(${at});\n`).join("");
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Change all of it");
  await gateway.emit(run.id, ...callTool("call-edit", "write", { path: "all.ts" }));
  const subject = { type: "edit" as const, path: "all.ts", before: lines("before"), after: lines("after") };
  await gateway.emit(run.id, { type: "approval.asked", approval: { ...editApproval(run.id), subject } });
  const button = page.getByRole("button", { name: /^Show all/ });
  await button.waitFor();
  const told = await page.evaluate(`(async () => {
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const button = [...document.querySelectorAll(".diff button")].find(({ textContent }) => textContent.startsWith("Show all"));
    const start = performance.now();
    button.click();
    const stretches = [];
    for (let before = start; stretches.length < 2 || document.querySelectorAll(".diff-line").length < ${count * 2};) {
      await drawn();
      stretches.push(performance.now() - before);
      before = performance.now();
    }
    return [stretches[0], Math.max(...stretches), performance.now() - start];
  })()`);
  await close();
  const [first, longest, all] = (told as number[]).map(Math.round);
  return `painted after ${first} ms, whole after ${all} ms, never longer than ${longest} ms between two frames`;
}
