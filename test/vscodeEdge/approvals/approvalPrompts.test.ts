import { expect, test } from "vitest";
import { ShownSession } from "../../../src/vscode/chat/shownSession.ts";
import { ApprovalPrompts } from "../../../src/vscode/approvals/approvalPrompts.ts";
import type { Approval } from "../../../src/protocol/approval.ts";
import type { VirtualDocuments } from "../../../src/vscode/documents/virtualDocuments.ts";
import { createEdgeGateway, quiet, toGateway } from "../editor/edge.ts";
import { openScreen, screen, window } from "../editor/vscode.ts";
import { commandApproval } from "../../webview/sceneApprovals.ts";

function openPrompts(approvals: Approval[] = [], listing?: Promise<void>) {
  openScreen();
  const list = async () => {
    await listing;
    return { approvals };
  };
  const gateway = createEdgeGateway({ "approvals.list": list });
  const ours: { answer: boolean | Error } = { answer: true };
  const shown = new ShownSession();
  const notified = Promise.withResolvers<void>();
  const tabs: { input: { uri: string } }[] = [];
  const close = (gone: object[]) => gone.forEach((tab) => tabs.splice(tabs.indexOf(tab as (typeof tabs)[0]), 1));
  Object.assign(window, { tabGroups: { all: [{ tabs }], close } });
  const openText = async (name: string) => {
    const uri = `pincer-text://${tabs.length}/${name}`;
    tabs.push({ input: { uri } });
    return uri;
  };
  const prompts = new ApprovalPrompts({
    gateway: toGateway(gateway),
    documents: { openText } as unknown as VirtualDocuments,
    async isShown(sessionKey) {
      await shown.known();
      return shown.key === sessionKey;
    },
    async isOurs() {
      notified.resolve();
      if (ours.answer instanceof Error) throw ours.answer;
      return ours.answer;
    },
    log: quiet,
  });
  const ask = (id: string, sessionKey: string) =>
    gateway.tell({ type: "approval.asked", sessionKey, approval: { ...commandApproval("r"), id, sessionKey } });
  return { gateway, ours, shown, prompts, ask, tabs, notified: notified.promise };
}

const asked = () => screen.asked.map(({ text }) => text);

test("a page that is being made anew is waited for: what it asks itself is told by no notification beside it", async () => {
  const { shown, prompts, ask, notified } = openPrompts();
  shown.awaitPage();
  ask("a", "s_1");
  ask("b", "s_2");
  await Promise.resolve();
  expect(asked()).toEqual([]);
  shown.say("s_1");
  await notified;
  await expect.poll(asked).toEqual([expect.stringContaining("Pincer asks: npm test")]);
  prompts.dispose();
});

test("what was answered while that was not known is told by none", async () => {
  const { gateway, shown, prompts, ask, notified } = openPrompts();
  shown.awaitPage();
  ask("a", "s_1");
  gateway.tell({ type: "approval.answered", approvalId: "a", sessionKey: "s_1", decision: "deny", by: "cli" });
  ask("b", "s_2");
  shown.leave();
  await notified;
  await expect.poll(asked).toHaveLength(1);
  expect(prompts.count).toBe(1);
  prompts.dispose();
});

test("what is asked or answered while the list of those that wait is on its way counts", async () => {
  const listing = Promise.withResolvers<void>();
  const { gateway, prompts, ask } = openPrompts([waiting], listing.promise);
  const counts: number[] = [];
  prompts.onDidChange((count) => counts.push(count));
  gateway.announce();
  ask("b", "s_2");
  ask("c", "s_2");
  gateway.tell({ type: "approval.answered", approvalId: "a", sessionKey: "s_1", decision: "deny", by: "cli" });
  listing.resolve();
  await expect.poll(() => counts.at(-1)).toBe(2);
  await new Promise(setImmediate);
  expect(["a", "b", "c"].map((id) => prompts.isWaiting(id))).toEqual([false, true, true]);
  prompts.dispose();
});

test("what a gateway that stopped meanwhile had asked waits no more", async () => {
  const listing = Promise.withResolvers<void>();
  const { gateway, prompts, ask } = openPrompts([waiting], listing.promise);
  gateway.announce();
  ask("b", "s_2");
  gateway.become({ state: "stopped" });
  listing.resolve();
  await new Promise(setImmediate);
  expect(prompts.count).toBe(0);
  prompts.dispose();
});

test("the page of what is asked is gone once it is answered, and that of another stays", async () => {
  const { gateway, prompts, ask, tabs } = openPrompts();
  for (const id of ["a", "b"]) {
    ask(id, "s_1");
    await prompts.show({ ...commandApproval("r"), id });
  }
  const [, other] = [...tabs];
  gateway.tell({ type: "approval.answered", approvalId: "a", sessionKey: "s_1", decision: "allow", by: "panel" });
  expect(tabs).toEqual([other]);
  prompts.dispose();
});

test("what waited before the window listened is told once, and what was another window's when it is this one's", async () => {
  const { gateway, ours, shown, prompts, notified } = openPrompts([waiting]);
  shown.leave();
  ours.answer = false;
  gateway.announce();
  await notified;
  await new Promise(setImmediate);
  expect(asked()).toEqual([]);
  ours.answer = true;
  gateway.announce();
  await expect.poll(asked).toEqual([expect.stringContaining("Pincer asks: npm test")]);
  gateway.announce();
  gateway.tell({ type: "approval.asked", sessionKey: "s_1", approval: waiting });
  await new Promise(setImmediate);
  expect(asked()).toHaveLength(1);
  prompts.dispose();
});

const waiting = { ...commandApproval("r"), id: "a", sessionKey: "s_1" };
/** Nothing is asked yet, and one thing once the gateway is back. */
const isAskedOnceThen = async (gateway: ReturnType<typeof createEdgeGateway>) => {
  await new Promise(setImmediate);
  expect(asked()).toEqual([]);
  await gateway.stop();
  await gateway.start();
  await expect.poll(asked).toEqual([expect.stringContaining("Pincer asks: npm test")]);
  gateway.announce();
  await new Promise(setImmediate);
  expect(asked()).toHaveLength(1);
};

test("what waits is told once that is possible, where nobody could say whose it is at first", async () => {
  const { gateway, ours, shown, prompts, notified } = openPrompts([waiting]);
  shown.leave();
  ours.answer = new Error("The gateway went away");
  gateway.announce();
  await notified;
  ours.answer = true;
  await isAskedOnceThen(gateway);
  prompts.dispose();
});

test("what waits is told when the gateway is back, where it went away while that was not known", async () => {
  const { gateway, shown, prompts } = openPrompts([waiting]);
  shown.awaitPage();
  gateway.announce();
  await new Promise(setImmediate);
  await gateway.stop();
  shown.leave();
  await isAskedOnceThen(gateway);
  prompts.dispose();
});

test("what waits is told when the gateway is back, where notifications were not wanted before", async () => {
  const { gateway, shown, prompts } = openPrompts([waiting]);
  shown.leave();
  screen.settings["pincer.approvals.notify"] = false;
  gateway.announce();
  await new Promise(setImmediate);
  screen.settings["pincer.approvals.notify"] = true;
  await isAskedOnceThen(gateway);
  prompts.dispose();
});
