import { startHarness } from "../webview/harness.ts";
import { editApproval } from "../webview/sceneApprovals.ts";
import { callTool, endTool, fill, say } from "../webview/scenes.ts";
import { longTexts } from "./longTexts.ts";
import type { Figure } from "./run.ts";
import { traceTasks } from "./taskTrace.ts";

const DELTAS = 2000;
const MESSAGES = 10_000;
const LINES = 8000;
type Harness = Awaited<ReturnType<typeof startHarness>>;

/** What the built panel takes in a browser of its own: for a long answer that streams, a long session that opens, a long change. */
export async function panel(): Promise<Figure[]> {
  const harness = await startHarness();
  const figures: Figure[] = [];
  try {
    for (const [name, text] of Object.entries(longTexts)) {
      const { allMs, longestMs, endMs } = await stream(harness, text);
      const openMs = await openText(harness, text);
      const what = `panel: reply of 100 KB in 2,000 pieces, ${name}`;
      figures.push(
        { name: `${what}: all tasks`, value: allMs, unit: "ms", aim: 1000 },
        { name: `${what}: longest task`, value: longestMs, unit: "ms", aim: 50 },
        { name: `${what}: longest at its end`, value: endMs, unit: "ms", aim: 50 },
        { name: `${what}: longest as it is opened`, value: openMs, unit: "ms", aim: 50 },
      );
    }
    const output = await showOutput(harness);
    figures.push({ name: "panel: output of 1 MB, longest task", value: output, unit: "ms", aim: 50 });
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

async function stream(harness: Harness, text: string): Promise<{ allMs: number; longestMs: number; endMs: number }> {
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Go on");
  const size = Math.ceil(text.length / DELTAS);
  const at = new Date().toISOString();
  const payloads = Array.from({ length: DELTAS }, (_, index) => ({
    ...{ type: "text.delta", text: text.slice(index * size, (index + 1) * size) },
    ...{ id: 1000 + index, seq: 1000 + index, runId: run.id, sessionKey: "main", at },
  }));
  await page.getByText("Go on").waitFor();
  await page.evaluate(`window.payloads = ${JSON.stringify(payloads)}; 0`);
  const { allMs, longestMs } = await traceTasks(page, async () => {
    await page.evaluate(`(async () => {
      for (const [index, payload] of window.payloads.entries()) {
        window.postMessage({ type: "event", event: payload.type, payload }, "*");
        // As a model would: in bursts, with room to draw between them.
        if (index % 40 === 39) await new Promise((resolve) => setTimeout(resolve));
      }
    })()`);
    await page.evaluate(SETTLED);
  });
  const end = await traceTasks(page, async () => {
    await gateway.emit(run.id, say(text));
    await page.evaluate(SETTLED);
  });
  await close();
  return { allMs, longestMs, endMs: end.longestMs };
}

/** The longest task while a session is opened whose last message is a long text. */
async function openText(harness: Harness, text: string): Promise<number> {
  const { page, gateway, close } = await harness.open({
    prepare: (made) => made.addSession({ key: "long", title: "Long" }),
  });
  const run = gateway.submit("long", "Go on");
  await gateway.emit(run.id, say(text));
  await gateway.finish(run.id, { type: "done", reply: "Done" });
  const { longestMs } = await traceTasks(page, async () => {
    await gateway.say({ event: "open", sessionKey: "long" });
    await page.locator(".assistant .block").first().waitFor();
    await page.evaluate(SETTLED);
  });
  await close();
  return longestMs;
}

/** The longest task while a tool's output comes, is opened and shown in full. */
async function showOutput(harness: Harness): Promise<number> {
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Test");
  const text = "a \u001b[31mline\u001b[0m of what a command says, neither short nor long\n".repeat(15_000);
  const { longestMs } = await traceTasks(page, async () => {
    await gateway.emit(run.id, ...callTool("c1", "exec", { command: "npm test" }), ...endTool("c1", "exec", text));
    await page.locator(".tool-toggle").click();
    await page.getByRole("button", { name: /^Show all/ }).click();
    await page.evaluate(SETTLED);
  });
  await close();
  return longestMs;
}

/** Resolves when nothing has changed for a while. */
const SETTLED = `(async () => {
  let last = performance.now();
  const observer = new MutationObserver(() => (last = performance.now()));
  observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  while (performance.now() - last < 400) await new Promise((resolve) => setTimeout(resolve, 30));
  observer.disconnect();
})()`;

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
