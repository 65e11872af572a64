import { startHarness } from "../webview/harness.ts";
import { editApproval } from "../webview/sceneApprovals.ts";
import { callTool, fill } from "../webview/scenes.ts";
import type { Figure } from "./run.ts";

const DELTAS = 2000;
const LETTERS = 100_000;
const MESSAGES = 10_000;
const LINES = 8000;
const WORDS = "a line of the answer that is neither short nor long, with `code` and **weight**. ";
const CODE = "export const total = rows.reduce((sum, row) => sum + row.count, 0);\n";

const shapes: Record<string, { begin?: string; unit: string }> = {
  paragraphs: { unit: `${WORDS.repeat(6)}\n\n\`\`\`ts\n${CODE}\`\`\`\n\n` },
  "one paragraph": { unit: WORDS },
  "one code block": { begin: "```ts\n", unit: CODE },
};

type Harness = Awaited<ReturnType<typeof startHarness>>;

/** What the built panel takes in a browser of its own: for a long answer that streams, a long session that opens, a long change. */
export async function panel(): Promise<Figure[]> {
  const harness = await startHarness();
  const figures: Figure[] = [];
  try {
    for (const [name, { begin = "", unit }] of Object.entries(shapes)) {
      const text = begin + unit.repeat(Math.ceil(LETTERS / unit.length)).slice(0, LETTERS);
      const { scriptMs, longestMs } = await stream(harness, text);
      const what = `panel: reply of 100 KB in 2,000 pieces, ${name}`;
      figures.push(
        { name: `${what}: script`, value: scriptMs, unit: "ms", aim: 1000 },
        { name: `${what}: longest task`, value: longestMs, unit: "ms", aim: 50 },
      );
    }
    figures.push({ name: "panel: session of 10,000 messages opens", value: await openLong(harness), unit: "ms" });
    const { firstMs, longestMs } = await showAll(harness);
    figures.push(
      { name: "panel: change of 16,000 lines, first painted", value: firstMs, unit: "ms" },
      { name: "panel: change of 16,000 lines, longest between two frames", value: longestMs, unit: "ms" },
    );
  } finally {
    await harness.close();
  }
  return figures;
}

async function stream(harness: Harness, text: string): Promise<{ scriptMs: number; longestMs: number }> {
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Go on");
  const size = Math.ceil(text.length / DELTAS);
  const at = new Date().toISOString();
  const payloads = Array.from({ length: DELTAS }, (_, index) => ({
    ...{ type: "text.delta", text: text.slice(index * size, (index + 1) * size) },
    ...{ id: 1000 + index, seq: 1000 + index, runId: run.id, sessionKey: "main", at },
  }));
  await page.getByText("Go on").waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const scriptMs = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ScriptDuration")!.value * 1000;
  };
  const before = await scriptMs();
  const longestMs = await page.evaluate(`(async () => {
    const payloads = ${JSON.stringify(payloads)};
    const tasks = [0];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: "longtask" });
    for (const [index, payload] of payloads.entries()) {
      window.postMessage({ type: "event", event: payload.type, payload }, "*");
      // As a model would: in bursts, with room to draw between them.
      if (index % 40 === 39) await new Promise((resolve) => setTimeout(resolve));
    }
    const letters = (text) => text.replace(/[\\s\`*]|\\bts\\b/g, "").length;
    const whole = letters(payloads.map(({ text }) => text).join(""));
    while (letters(document.querySelector(".assistant .markdown")?.textContent ?? "") < whole * 0.99) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    tasks.push(...observer.takeRecords().map(({ duration }) => duration));
    return Math.max(...tasks);
  })()`);
  const took = (await scriptMs()) - before;
  await session.detach();
  await close();
  return { scriptMs: took, longestMs: longestMs as number };
}

async function openLong(harness: Harness): Promise<number> {
  const { page, close } = await harness.open({ prepare: (gateway) => fill(gateway, MESSAGES) });
  await page.getByText(`Question ${MESSAGES / 2}:`).waitFor();
  const ms = await page.evaluate("performance.now()");
  await close();
  return ms as number;
}

/** From the click on "Show all" until lines are painted, and how long the page stood still until all were. */
async function showAll(harness: Harness): Promise<{ firstMs: number; longestMs: number }> {
  const lines = (word: string) =>
    Array.from({ length: LINES }, (_, at) => `const ${word}${at} = read(${at});\n`).join("");
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Change all of it");
  await gateway.emit(run.id, ...callTool("call-edit", "write", { path: "all.ts" }));
  const subject = { type: "edit" as const, path: "all.ts", before: lines("before"), after: lines("after") };
  await gateway.emit(run.id, { type: "approval.asked", approval: { ...editApproval(run.id), subject } });
  const button = page.getByRole("button", { name: /^Show all/ });
  await button.waitFor();
  const stretches = await page.evaluate(`(async () => {
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const button = [...document.querySelectorAll(".diff button")].find(({ textContent }) => textContent.startsWith("Show all"));
    const stretches = [];
    let before = performance.now();
    button.click();
    while (stretches.length < 2 || document.querySelectorAll(".diff-line").length < ${LINES * 2}) {
      await drawn();
      stretches.push(performance.now() - before);
      before = performance.now();
    }
    return stretches;
  })()`);
  await close();
  const [firstMs = 0] = stretches as number[];
  return { firstMs, longestMs: Math.max(...(stretches as number[])) };
}
