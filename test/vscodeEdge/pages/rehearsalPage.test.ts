import { expect, test } from "vitest";
import type { RehearsalReport } from "../../../src/protocol/written/rehearsal.ts";
import { type RehearsalWords, rehearsalPage } from "../../../src/vscode/pages/rehearsalPage.ts";

const words: RehearsalWords = {
  title: (name) => `Rehearsal of ${name}`,
  asked: "What it asked",
  nothing: "It asked nothing.",
  times: (count) => `${count} times`,
  grant: "Grant",
  granted: "Is granted",
  ungranted: "Cannot be granted",
  mayDo: "What it may do now",
  condition: "Its condition",
  holds: "holds",
  delivery: "What it would have delivered",
  write: (file) => `Write this into ${file}:`,
  goesOn: "It goes on.",
  decision: (decision) => decision ?? "not answered",
};

const report: RehearsalReport = {
  jobId: "job_1",
  name: "Night $& ly",
  runId: "run_1",
  sessionKey: "s",
  state: "finished",
  startedAt: null,
  finishedAt: null,
  outcome: { type: "done", reply: "ok" },
  notes: ["The gateway went away."],
  asked: [
    {
      number: 1,
      tool: "exec",
      exact: "echo ```\n# no heading",
      cwd: "/w",
      reason: "runs a command",
      times: 2,
      decision: "allow",
      by: "panel",
      grants: [],
      words: "No rule says it.",
      granted: false,
    },
  ],
  mayDo: "nothing unasked",
  condition: { command: "true", unmet: null },
  delivery: { mode: "announce", text: "ok", status: "not sent" },
};

test("it names the chat that its result would go to, and why that waits", () => {
  const delivery = { mode: "announce", channel: "telegram", to: "123", text: "ok", status: "queued" } as const;
  const page = rehearsalPage({ ...report, delivery: { ...delivery, why: "It is muted" } }, words);
  expect(page).toContain("## What it would have delivered\n\nannounce telegram 123\n\n> It is muted\n");
});

test("a rehearsal's page shows each command whole, in a fence that it cannot leave", () => {
  expect(rehearsalPage(report, words)).toBe(`# Rehearsal of Night $& ly

> The gateway went away.

## What it asked

### 1. exec: allow, 2 times

\`\`\`\`
echo \`\`\`
# no heading
\`\`\`\`

/w

Cannot be granted: No rule says it.

## Its condition

\`\`\`
true
\`\`\`

holds

## What it may do now

nothing unasked

## What it would have delivered

announce

\`\`\`
ok
\`\`\`
`);
});

test("of a job in a file it has the lines to write there; of one that goes on it says so", () => {
  const page = rehearsalPage(
    { ...report, state: "running", asked: [], notes: [], yaml: "    grants: []", file: "/h/openclaw.yml" },
    words,
  );
  expect(page).toContain("It goes on.\n\n## What it asked\n\nIt asked nothing.\n");
  expect(page).toContain("Write this into /h/openclaw.yml:\n\n```yaml\n    grants: []\n```\n");
});
