import type { Approval } from "../../src/protocol/approval.ts";

export function editApproval(runId: string, callId = "call-edit"): Approval {
  const before = "export function add(a: number, b: number) {\n  return a - b;\n}\n\nexport const zero = 0;\n";
  return {
    id: "approval-1",
    sessionKey: "main",
    runId,
    callId,
    tool: "edit",
    summary: "edit src/add.ts",
    subject: {
      type: "edit",
      path: "src/calculator/add.ts",
      before,
      after: before.replace("a - b", "a + b").replace("0;", "0;\nexport const one = 1;"),
    },
    reason: "writes a file",
    hash: "h",
    offers: [
      { decision: "allow", words: "this call only" },
      {
        decision: "allow_session",
        rule: { allow: "edit", path: "src/calculator/**" },
        words: "change files under src/calculator/, delete nothing, in this session",
      },
      {
        decision: "allow_always",
        rule: { allow: "edit", path: "src/calculator/**" },
        words:
          "change files under src/calculator/, delete nothing, always and in every folder: as a rule in your openclaw.yml",
      },
      { decision: "deny", words: "nothing; the model is told so" },
    ],
    createdAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 272_000).toISOString(),
  };
}

export function commandApproval(runId: string, callId = "call-exec"): Approval {
  const command = "npm test -- --reporter=dot && git commit -am 'Fix addition'";
  return {
    ...editApproval(runId, callId),
    id: "approval-2",
    tool: "exec",
    summary: command,
    subject: { type: "command", command, cwd: "/home/ada/projects/calculator" },
    reason: "runs a command",
    offers: [
      { decision: "allow", words: "this call only" },
      { decision: "deny", words: "nothing; the model is told so" },
    ],
  };
}

export function budgetApproval(runId: string): Approval {
  const text = "$5.00 more for this run? The run has a budget of $5.00, and the next request would go over it.";
  return {
    ...editApproval(runId, "budget-1"),
    id: "approval-3",
    tool: "budget",
    summary: text,
    subject: { type: "other", text },
    reason: "has used its budget",
    offers: [
      { decision: "allow", words: "$5.00 more for this run" },
      { decision: "deny", words: "nothing more: what needs it ends as its budget says" },
    ],
    raises: { record: `run ${runId}`, usd: 5 },
  };
}
