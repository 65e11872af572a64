import { expect, test } from "vitest";
import { toVerdict } from "../../src/app/hooks/hookVerdict.ts";

const verdictOf = (text: string): string => {
  const { outcome, reason } = toVerdict({ text });
  return reason === undefined ? outcome : `${outcome}: ${reason}`;
};

test("what other agents call a denial is one, with its reason", () => {
  expect(verdictOf('{"permissionDecision": "deny", "permissionDecisionReason": "at the top"}')).toBe(
    "denied: at the top",
  );
  expect(verdictOf('{"permission": "deny", "reason": "r"}')).toBe("denied: r");
  expect(verdictOf('{"block": true, "blockReason": "as a plugin"}')).toBe("denied: as a plugin");
});

test("what reads like a decision against the call, and is none, lets nothing pass", () => {
  const foreign = [
    ['{"deny": 1}', '"deny": 1'],
    ['{"deny": true, "decision": "allow"}', '"deny": true'],
    ['{"allow": false}', '"allow": false'],
    ['{"approved": "no"}', '"approved": "no"'],
    ['{"ok": false}', '"ok": false'],
    ['{"Decision": "deny"}', '"Decision": "deny"'],
    ['{"status": "denied"}', '"status": "denied"'],
    ['{"verdict": 0}', '"verdict": 0'],
    ['{"result": {"action": "block"}}', '"action": "block"'],
    ['{"hookSpecificOutput": "deny"}', '"hookSpecificOutput": "deny"'],
    ['{"hookSpecificOutput": {"decision": {"behavior": "deny"}}}', '"decision": {"behavior":"deny"}'],
    ['{"continue": "false"}', '"continue": "false"'],
    ['{"level": "info"}\n{"deny": true}', '"deny": true'],
  ];
  for (const [text, found] of foreign)
    expect(verdictOf(text!)).toBe(`failed: It said ${found}, which is no decision here`);
  expect(verdictOf("false")).toBe("failed: It said false, but no decision as JSON");
  // A login stands before the address, or it is another's.
  for (const page of ["<!doctype html>\n<title>Sign in</title>", "\ufeff<HTML>\n<body>"])
    expect(verdictOf(page)).toBe("failed: It answered with a page of HTML");
});

test("a hook that would have the call changed does not have it made as it was", () => {
  const changed = "failed: It wants the call changed, and a hook changes none";
  const input = { updatedInput: { command: "ls" } };
  expect(verdictOf(JSON.stringify({ hookSpecificOutput: { permissionDecision: "allow", ...input } }))).toBe(changed);
  expect(verdictOf(JSON.stringify({ decision: "approve", ...input }))).toBe(changed);
});

test("what decides nothing lets the call pass", () => {
  for (const text of [
    "",
    "{}",
    "[]",
    "null",
    '{"continue": true, "suppressOutput": true, "systemMessage": "checked"}',
    '{"allow": true, "blocked": false, "denied": 0, "ok": true, "allowed": ["a"]}',
    '{"decision": "allow", "reason": "blocked", "message": "denied"}',
    '{"level": "info", "event": {"tool": "exec", "input": {"deny": true}}}',
    "<p>html has to be all of it",
  ])
    expect(verdictOf(text)).toBe("ok");
});
