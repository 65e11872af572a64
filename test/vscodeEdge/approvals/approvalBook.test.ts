import { expect, test } from "vitest";
import type { Approval } from "../../../src/protocol/approval.ts";
import type { RunFact } from "../../../src/protocol/event.ts";
import { ApprovalBook } from "../../../src/vscode/approvals/approvalBook.ts";

const approval = (id: string, runId: string): Approval => ({
  id,
  sessionKey: "main",
  runId,
  callId: id,
  tool: "exec",
  summary: "npm test",
  subject: { type: "command", command: "npm test", cwd: "/w" },
  reason: "runs a command",
  hash: id,
  offers: [],
  createdAt: "2026-11-22T12:00:00.000Z",
  expiresAt: "2026-11-22T12:05:00.000Z",
});

const event = (fact: RunFact, runId: string) => ({
  ...fact,
  id: 1,
  seq: 1,
  runId,
  sessionKey: "main",
  at: "2026-11-22T12:00:00.000Z",
});

test("what was asked waits until it is answered, or its run or session is gone", () => {
  const book = new ApprovalBook();
  book.replace([approval("a", "r1"), approval("b", "r2")]);
  expect(book.take(event({ type: "approval.asked", approval: approval("c", "r2") }, "r2"))).toBe(true);
  expect(book.list().map(({ id }) => id)).toEqual(["a", "b", "c"]);

  expect(
    book.take(event({ type: "approval.answered", approvalId: "a", callId: "a", decision: "deny", by: "panel" }, "r1")),
  ).toBe(true);
  expect(
    book.take(event({ type: "approval.answered", approvalId: "a", callId: "a", decision: "deny", by: "panel" }, "r1")),
  ).toBe(false);
  expect(book.take(event({ type: "run.finished", outcome: { type: "cancelled", reply: "" } }, "r2"))).toBe(true);
  expect(book.count).toBe(0);

  book.replace([approval("d", "r3")]);
  expect(book.take({ type: "session.deleted", sessionKey: "other", id: 1, at: "" })).toBe(false);
  expect(book.take({ type: "session.deleted", sessionKey: "main", id: 1, at: "" })).toBe(true);
  expect(book.count).toBe(0);
});
