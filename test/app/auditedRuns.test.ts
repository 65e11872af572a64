import { queryObjects } from "node:v8";
import { expect, test } from "vitest";
import { auditCore, MOST_RUNS } from "../../src/app/audit/auditCore.ts";
import { defined } from "../../src/base/defined.ts";
import { Emitter } from "../../src/base/emitter.ts";
import type { AuditEntry } from "../../src/protocol/audit.ts";
import type { GatewayEvent, RunFact } from "../../src/protocol/event.ts";
import { eventOf } from "../store/samples.ts";

function follow() {
  const entries: AuditEntry[] = [];
  const events = new Emitter<GatewayEvent>((error) => {
    throw error;
  });
  const core = { events: { on: events.on.bind(events) }, runs: {} } as unknown as Parameters<typeof auditCore>[0];
  auditCore(core, { append: (entry) => entries.push(entry), withContent: () => true, redact: (value) => value });
  let id = 0;
  return {
    entries,
    tell: (runId: string, fact: RunFact) => events.emit(eventOf(`of ${runId}`, ++id, 1, fact, runId)),
  };
}

const begun = (input: unknown, { callId = "call_0", allowedBy }: { callId?: string; allowedBy?: string } = {}) =>
  ({ type: "tool.started", callId, name: "exec", input, ...defined({ allowedBy }) }) satisfies RunFact;
const ended: RunFact = { type: "tool.finished", callId: "call_0", name: "exec", isError: false, durationMs: 1 };

test("calls of two runs at once that a model gave the same id are told apart", () => {
  const { entries, tell } = follow();
  tell("one", begun({ command: "ls" }, { allowedBy: "panel" }));
  tell("two", begun({ command: "rm notes.txt" }));
  tell("one", ended);
  tell("two", ended);
  expect(entries).toEqual([
    expect.objectContaining({ runId: "one", allowedBy: "panel", content: { input: { command: "ls" } } }),
    expect.objectContaining({ runId: "two", content: { input: { command: "rm notes.txt" } } }),
  ]);
  expect(entries[1]).not.toHaveProperty("allowedBy");
});

class Given {
  readonly isGiven = true;
}

test("what a call was given that never ended goes with its run, and with the many runs after one whose end nobody told", () => {
  const { tell } = follow();
  const begin = (run: string) => tell(run, begun(new Given(), { callId: `call of ${run}`, allowedBy: "panel" }));
  for (let run = 0; run < 20_000; run++) {
    begin(`run ${run}`);
    tell(`run ${run}`, { type: "run.finished", outcome: { type: "cancelled", reply: "" } });
  }
  expect(queryObjects(Given, { format: "count" })).toBe(0);
  for (let run = 0; run < 20_000; run++) begin(`lost ${run}`);
  expect(queryObjects(Given, { format: "count" })).toBe(MOST_RUNS);
});
