import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RunEvent } from "../../src/protocol/event.ts";
import type { SlotRecord } from "../../src/protocol/job.ts";
import type { RunRecord } from "../../src/protocol/run.ts";
import type { Acknowledged } from "./outbox.ts";

export interface StoreAudit {
  resumed: number;
  /** Runs that failed because the disk was full. */
  withoutRoom: number;
  firings: number;
  findings: string[];
}

/** Reads the store of a gateway that has stopped, and says which promises of it are broken. */
export function lookOver(stateDir: string, acknowledged: Acknowledged[], ledger: string[]): StoreAudit {
  const db = new DatabaseSync(join(stateDir, "pincer.db"), { readOnly: true });
  try {
    const bodies = <T>(sql: string) =>
      db
        .prepare(sql)
        .all()
        .map((row) => JSON.parse(String(row["body"])) as T);
    const events = db
      .prepare("SELECT id, seq, run_id AS runId, session_key AS sessionKey, at, body FROM events ORDER BY id")
      .all()
      .map(({ body, ...row }) => ({ ...row, ...(JSON.parse(String(body)) as object) }) as RunEvent);
    const runs = bodies<RunRecord>("SELECT body FROM runs");
    const slots = bodies<SlotRecord>("SELECT body FROM slots WHERE body IS NOT NULL");
    const integrity = String(db.prepare("PRAGMA integrity_check").get()?.["integrity_check"]);
    const findings = [
      ...(integrity === "ok" ? [] : [`The store is damaged: ${integrity}`]),
      ...orderFindings(events),
      ...runs.flatMap((run) =>
        runFindings(
          run,
          events.filter((event) => event.runId === run.id),
        ),
      ),
      ...acknowledged.flatMap((sent) => messageFindings(sent, events, runs)),
      ...callFindings(events, runs, ledger),
      ...slotFindings(slots, runs),
    ];
    const withoutRoom = runs.filter(isWithoutRoom).length;
    return { resumed: runs.filter((run) => run.resumes).length, withoutRoom, firings: slots.length, findings };
  } finally {
    db.close();
  }
}

function orderFindings(events: RunEvent[]): string[] {
  const last = new Map<string, number>();
  return events.flatMap(({ id, seq, sessionKey }) => {
    const before = last.get(sessionKey) ?? 0;
    last.set(sessionKey, seq);
    return seq > before ? [] : [`Event ${id} of ${sessionKey} has seq ${seq} after ${before}`];
  });
}

function runFindings(run: RunRecord, events: RunEvent[]): string[] {
  const findings: string[] = [];
  const say = (text: string) => findings.push(`${run.id} (${textOf(run)}): ${text}`);
  const count = (type: RunEvent["type"]) => events.filter((event) => event.type === type).length;
  if (run.state !== "finished") say(`is ${run.state}`);
  if (run.outcome?.type !== "done" && !isWithoutRoom(run)) say(`ended as ${JSON.stringify(run.outcome)}`);
  for (const type of ["run.started", "run.finished"] as const)
    if (count(type) !== 1) say(`${type} ${count(type)} times`);
  if (events.at(-1)?.type !== "run.finished") say(`${events.at(-1)?.type} came last`);
  const first = events.find((event) => event.type !== "run.queued");
  if (first?.type !== "run.started") say(`${first?.type} came first`);
  const answers = events.filter((event) => event.type === "message" && event.message.role === "assistant");
  if (!isWithoutRoom(run) && answers.filter((event) => event.type === "message" && !callsOf(event).length).length !== 1)
    say("has not one last answer");
  return findings;
}

function isWithoutRoom({ outcome }: RunRecord): boolean {
  return (
    outcome?.type === "failed" && outcome.error.code === "unavailable" && /disk is full/.test(outcome.error.message)
  );
}

function messageFindings(
  { message, runId, sessionKey }: Acknowledged,
  events: RunEvent[],
  runs: RunRecord[],
): string[] {
  const inHistory = events.filter(
    (event) => event.type === "message" && event.message.role === "user" && event.message.text === message,
  );
  const own = runs.filter((run) => textOf(run) === message);
  if (inHistory.length === 1 && own.length === 1 && own[0]!.id === runId && inHistory[0]!.sessionKey === sessionKey)
    return [];
  return [`"${message}" (${runId}) is ${inHistory.length} times in the history and has ${own.length} runs`];
}

function callFindings(events: RunEvent[], runs: RunRecord[], ledger: string[]): string[] {
  const withoutRoom = new Set(runs.filter(isWithoutRoom).map(({ id }) => id));
  const calls = events.flatMap((event) => callsOf(event).map((call) => ({ ...call, runId: event.runId })));
  return calls.flatMap(({ id, name, input, runId }) => {
    const findings: string[] = [];
    const say = (text: string) => findings.push(`Call ${id} of ${name}: ${text}`);
    const starts = events.filter((event) => event.type === "tool.started" && event.callId === id).length;
    const results = events.flatMap((event) =>
      event.type === "message" && event.message.role === "tool" && event.message.callId === id ? [event.message] : [],
    );
    const [result] = results;
    const isUnmade = withoutRoom.has(runId) && starts === 0 && result?.text === "Not run: the run failed before.";
    if (results.length !== 1) say(`${results.length} results`);
    if (name !== "read" && starts !== 1 && !isUnmade) say(`started ${starts} times`);
    const line = /echo (\S+)/.exec(JSON.stringify(input))?.[1];
    const lines = line === undefined ? 0 : ledger.filter((item) => item === line).length;
    if (lines > 1) say(`its effect was had ${lines} times`);
    if (isUnmade && lines > 0) say("told as not run, and was");
    if (line !== undefined && result && !result.isError && lines !== 1) say("told as done, and was not");
    // A read that was under way is not made again; of what may have had an effect it is said that this is unknown.
    const cut = name === "read" ? /interrupted|went down during this call/ : /its effect is unknown/;
    const ways = withoutRoom.has(runId) ? [cut, /^The run failed before this had a result/] : [cut];
    if (result?.isError && !isUnmade && !(starts > 0 && ways.some((way) => way.test(result.text)))) say(result.text);
    return findings;
  });
}

function slotFindings(slots: SlotRecord[], runs: RunRecord[]): string[] {
  const fired = runs.filter((run) => run.origin.via === "cron");
  const claimed = slots.filter((slot) => slot.runId !== undefined).map((slot) => slot.runId);
  return [
    ...slots
      .filter((slot) => slot.status === "running")
      .map((slot) => `Slot ${slot.slot} of ${slot.jobId} never ended`),
    ...fired.filter((run) => !claimed.includes(run.id)).map((run) => `${run.id} was fired without a slot`),
    ...(new Set(claimed).size === claimed.length ? [] : ["Two slots tell of the same run"]),
    ...claimed.filter((id) => !fired.some((run) => run.id === id)).map((id) => `${id} of a slot is gone`),
  ];
}

function callsOf(event: RunEvent) {
  return event.type === "message" && event.message.role === "assistant" ? event.message.toolCalls : [];
}

function textOf({ input }: RunRecord): string {
  return input.text.slice(0, 60);
}
