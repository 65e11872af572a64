import { expect, test } from "vitest";
import type { SlotRecord } from "../../../src/protocol/job.ts";
import { toSlotItem } from "../../../src/vscode/jobs/slotItem.ts";

const slot: SlotRecord = {
  ...{ jobId: "job-1", slot: "2026-11-23T09:00:00.000Z", startedAt: "2026-11-23T09:00:00.000Z" },
  ...{ status: "ok", cause: "manual" },
};

const locale = { language: "en", timeZone: "UTC" } as unknown as Parameters<typeof toSlotItem>[1];

test.each([
  [undefined, "done, by hand", undefined],
  [{ status: "pending" }, "done, by hand", undefined],
  [{ status: "delivered", channel: "telegram" }, "done, by hand", undefined],
  [{ status: "queued", channel: "telegram" }, "done, by hand, result on its way", undefined],
  [
    { status: "queued", channel: "telegram", why: "It is muted" },
    "done, by hand, result on its way",
    "It waits: It is muted",
  ],
  [
    { status: "queued", channel: "telegram", why: "away", retryAt: "2026-11-23T10:00:00.000Z" },
    "done, by hand, result on its way",
    "Tried again: ",
  ],
  [
    { status: "queued", channel: "telegram", why: "no such", givenUpAt: "2026-11-30T09:00:00.000Z" },
    "done, by hand, result on its way",
    "Given up: ",
  ],
  [{ status: "in doubt", error: "ECONNRESET" }, "done, by hand, result may not have arrived", "ECONNRESET"],
  [{ status: "refused", error: "bot was blocked" }, "done, by hand, result not delivered", "bot was blocked"],
  [{ status: "failed", error: "no chat" }, "done, by hand, result not delivered", "no chat"],
] as const)(
  "a firing whose delivery is %o reads so in the tree, with the reason in the tooltip",
  (delivery, words, why) => {
    const item = toSlotItem({ ...slot, ...(delivery ? { delivery } : {}) }, locale);
    expect(item.description).toBe(words);
    const tooltip = (item.tooltip as { value: string }).value;
    expect(tooltip.includes("\n\n")).toBe(why !== undefined);
    if (why !== undefined) expect(tooltip).toContain(why);
  },
);
