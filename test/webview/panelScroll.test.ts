import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settled, startHarness, twoFrames, type Harness } from "./harness.ts";
import { commandApproval } from "./sceneApprovals.ts";
import { callTool, fill, say } from "./scenes.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const fromEnd = (page: Page) =>
  page.getByRole("log").evaluate((log): number => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));
const scrollBy = async (page: Page, pixels: number) => {
  await page.getByRole("log").hover();
  await page.mouse.wheel(0, pixels);
};
/** Bytes that the page holds once what it needs no more is gone. */
const heapOf = async (page: Page): Promise<number> => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize;
};
const jump = (page: Page) => page.getByRole("button", { name: "Jump to latest" });
const long = { prepare: (gateway: Parameters<typeof fill>[0]) => fill(gateway, 400) };

test("opens at the newest message and stays there while an answer grows", async () => {
  const { page, gateway, close } = await harness.open(long);
  await page.getByText("Answer 200.").waitFor();
  await expect.poll(() => fromEnd(page)).toBeLessThan(3);
  const run = gateway.submit("main", "And now?");
  for (let part = 1; part <= 12; part++)
    await gateway.emit(run.id, { type: "text.delta", text: `Part ${part}.\n\nMore lines.\n\n` });
  await page.getByText("Part 12.").waitFor();
  await expect.poll(() => fromEnd(page)).toBeLessThan(3);
  expect(await jump(page).count()).toBe(0);
  await close();
});

test("the end stays in sight however much of an answer comes at once, twenty times", async () => {
  const { page, gateway, close } = await harness.open({ width: 300, prepare: (made) => fill(made, 40) });
  await page.getByText("Answer 20.").waitFor();
  const input = page.getByRole("textbox", { name: "Message" });
  const distances: number[] = [];
  for (let answer = 1; answer <= 20; answer++) {
    await input.fill("And now?");
    await input.press("Enter");
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(answer);
    const parts = Array.from({ length: 60 }, (_, at) => `answer ${answer} has its part ${at} here `);
    const runId = `run-${20 + answer}`;
    await gateway.emit(runId, ...parts.map((text) => ({ type: "text.delta" as const, text })));
    await page.getByText(`answer ${answer} has its part 59`).waitFor();
    await settled(page);
    distances.push(await fromEnd(page));
    await gateway.emit(runId, say(parts.join("")));
    await gateway.finish(runId, { type: "done", reply: parts.join("") });
  }
  expect(distances.filter((pixels) => pixels > 2)).toEqual([]);
  expect(await jump(page).count()).toBe(0);
  await close();
});

test("the end stays in sight when what stands beneath takes a line more, or gives it back", async () => {
  const { page, close } = await harness.open({ width: 300, height: 720, ...long });
  await page.getByText("Answer 200.").waitFor();
  await expect.poll(() => fromEnd(page)).toBeLessThan(3);
  for (const height of [702, 684, 720, 500, 720]) {
    await page.setViewportSize({ width: 300, height });
    await settled(page);
    expect(await fromEnd(page)).toBeLessThan(3);
  }
  await close();
});

test("stays where one reads while an answer grows, and offers the way down", async () => {
  const { page, gateway, close } = await harness.open(long);
  await page.getByText("Answer 200.").waitFor();
  await scrollBy(page, -900);
  await jump(page).waitFor();
  await settled(page);
  const place = () =>
    page.getByText("Question 198:").evaluate((element) => Math.round(element.getBoundingClientRect().top));
  const before = await place();
  const run = gateway.submit("main", "And now?", { origin: { via: "api" } });
  for (let part = 1; part <= 12; part++) await gateway.emit(run.id, { type: "text.delta", text: `Part ${part}.\n\n` });
  await gateway.emit(run.id, say("Whole."));
  await settled(page);
  expect(await place()).toBe(before);
  await jump(page).click();
  await page.getByText("Whole.").waitFor();
  await expect.poll(() => fromEnd(page)).toBeLessThan(3);
  await jump(page).waitFor({ state: "detached" });
  await close();
});

test("an approval out of sight is announced on the way down", async () => {
  const { page, gateway, close } = await harness.open(long);
  await page.getByText("Answer 200.").waitFor();
  await scrollBy(page, -900);
  await jump(page).waitFor();
  const run = gateway.submit("main", "Test", { origin: { via: "cron", id: "nightly", rehearsal: true } });
  await gateway.emit(run.id, ...callTool("call-exec", "exec", { command: "npm test" }), {
    type: "approval.asked",
    approval: commandApproval(run.id),
  });
  await page.getByRole("button", { name: "Approval needed" }).click();
  await page.getByRole("button", { name: "Allow once" }).waitFor();
  // It says that it is no firing.
  await page.locator(".origin").getByText("Rehearsal of a job").waitFor();
  await close();
});

test("older messages are read page by page, and what is read stays in place", async () => {
  const { page, gateway, close } = await harness.open(long);
  await page.getByText("Answer 200.").waitFor();
  expect(gateway.callsOf("sessions.history")).toHaveLength(1);
  const pagesAfterScrolling = async () => {
    await scrollBy(page, -1500);
    await twoFrames(page);
    return gateway.callsOf("sessions.history").length;
  };
  await expect.poll(pagesAfterScrolling, { interval: 0 }).toBeGreaterThanOrEqual(3);
  const pages = gateway
    .callsOf("sessions.history")
    .map(({ before, limit }) => ({ before: before !== undefined, limit }));
  expect(pages.slice(0, 3)).toEqual([
    { before: false, limit: 100 },
    { before: true, limit: 100 },
    { before: true, limit: 100 },
  ]);
  // However many messages there are, only those in sight are in the page.
  expect(await page.locator(".row").count()).toBeLessThan(60);
  await close();
});

test("ten thousand messages are no more to read, to draw and to keep in mind than four hundred", async () => {
  const sizes = [];
  for (const earlier of [0, 9600]) {
    const { page, gateway, close } = await harness.open({
      prepare(made) {
        fill(made, 400);
        const main = made.messages.get("main")!;
        const older = Array.from({ length: earlier }, (_, at) => ({ ...main[at % 400]!, seq: at - earlier }));
        made.messages.set("main", [...older, ...main]);
      },
    });
    await page.getByText("Answer 200.").waitFor();
    await expect.poll(() => fromEnd(page)).toBeLessThan(3);
    await settled(page);
    const read = gateway.callsOf("sessions.history").length;
    sizes.push({ read, rows: await page.locator(".row").count(), heap: await heapOf(page) });
    await close();
  }
  const [few, many] = sizes;
  expect(many).toMatchObject({ read: few!.read, rows: few!.rows });
  expect(many!.heap / few!.heap).toBeLessThan(1.2);
});

test("a reload brings the draft, the session and the place back", async () => {
  const { page, gateway, close } = await harness.open({
    prepare(gateway) {
      gateway.addSession({ key: "other", title: "Other session" });
      fill(gateway, 100);
    },
  });
  await page.getByText("Answer 50.").waitFor();
  await scrollBy(page, -1200);
  await jump(page).waitFor();
  const topmost = () => page.evaluate("document.elementFromPoint(60, 120).closest('.row')?.textContent.slice(0, 24)");
  await settled(page);
  await expect.poll(topmost).toMatch(/Question|Answer/);
  const before = await topmost();
  await page.getByRole("textbox", { name: "Message" }).fill("Half a thought");
  await page.reload();
  await page.getByRole("log").waitFor();
  await expect.poll(topmost).toBe(before);
  expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("Half a thought");

  await gateway.say({ event: "open", sessionKey: "other" });
  await page.getByRole("button", { name: /Other session/ }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: /Other session/ }).waitFor();
  expect(gateway.told.at(-1)).toEqual({ type: "panel", event: "ready" });
  await close();
});

test("a reload in the middle of an answer goes on with it", async () => {
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Go");
  await gateway.emit(run.id, { type: "text.delta", text: "Before, " });
  await page.getByText("Before,").waitFor();
  await page.reload();
  await page.getByText("Before,").waitFor();
  await gateway.emit(run.id, { type: "text.delta", text: "and after." });
  await page.getByText("Before, and after.", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Stop (Escape)" }).waitFor();
  await close();
});

test("a gateway that comes back is asked for what was missed", async () => {
  const { page, gateway, close } = await harness.open();
  const run = gateway.submit("main", "Go");
  await gateway.emit(run.id, { type: "text.delta", text: "Half" });
  await page.getByText("Half").waitFor();
  await gateway.say({ event: "gateway", state: "stopped" });
  await page.getByRole("button", { name: "Start gateway" }).waitFor();
  gateway.loseWire();
  await gateway.emit(run.id, say("The whole answer."));
  await gateway.finish(run.id, { type: "done", reply: "The whole answer." });
  await gateway.say({ event: "gateway", state: "running" });
  await page.getByText("The whole answer.").waitFor();
  expect(await page.getByText("Half").count()).toBe(0);
  await close();
});
