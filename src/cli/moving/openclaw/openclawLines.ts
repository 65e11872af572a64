import { createHash } from "node:crypto";
import { isAppError } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import { writeMovedLine } from "../../../base/input/writeMovedLine.ts";
import { quotedLine, visibleLine } from "../../../base/text/visible.ts";
import type { MovedLine, MovedSession } from "../../../protocol/written/movedLine.ts";
import { addUsage } from "../../../protocol/usage.ts";
import type { FileLine } from "../fileLines.ts";
import { findTranscript, type OpenclawFolder, readJson } from "./openclawFiles.ts";
import { record, text, toJob } from "./jobTakenOver.ts";
import { readTranscript, toIso, type Transcript } from "./openclawMessages.ts";

/** What is said of a folder besides its lines. */
export interface OpenclawNotes {
  /** What is left out, or is another thing here, one line each. */
  leftOut: string[];
  jobs: number;
  sessions: number;
}

/** The sessions and jobs of OpenClaw's folder as the lines of an export; one session at a time is held. */
export async function* openclawLines(folder: OpenclawFolder, notes: OpenclawNotes): AsyncGenerator<FileLine> {
  let line = 0;
  const toLine = (moved: MovedLine): FileLine => ({ line: (line += 1), text: writeMovedLine(moved) });
  const found: FoundEntry[] = [];
  for (const { agent, folder: of } of folder.agents) {
    const entries = Object.entries(await readEntries(`${of}/sessions.json`, notes));
    found.push(...entries.map(([key, entry]) => ({ agent, folder: of, key, entry: record(entry) })));
  }
  const begun = beginnings(found);
  for (const one of found) for (const moved of await sessionOf(one, begun, notes)) yield toLine(moved);
  if (folder.jobs === undefined) return;
  const jobs = await readList(folder.jobs, notes);
  for (const given of jobs) {
    const taken = toJob(given, toKey);
    if ("refused" in taken) {
      notes.leftOut.push(taken.refused);
      continue;
    }
    notes.jobs += 1;
    notes.leftOut.push(...taken.leftOut);
    const targetCreatedAt = await begun(taken.job.sessionTarget);
    yield toLine({ ...taken.job, ...defined({ targetCreatedAt }) });
  }
}

/** The main session of the main agent is ours; the others keep their names, as far as keys may have them. */
function toKey(key: string): string {
  if (key === "main" || key === "agent:main:main") return "main";
  const plain = key.replace(/[^\w:.@+=-]/g, "_").replaceAll("..", "_");
  const isWhole = plain === key && /^\w/.test(key) && key.length <= 200;
  return isWhole ? key : `openclaw-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
}

interface FoundEntry {
  agent: string;
  folder: string;
  key: string;
  entry: Record<string, unknown>;
}

/** When the session of a key of ours began, by its transcript; undefined where there is none. */
type Beginnings = (to: string) => Promise<string | undefined>;

/** Each is looked up once, and only those that another session or a job names. */
function beginnings(found: FoundEntry[]): Beginnings {
  const known = new Map<string, Promise<string | undefined>>();
  const look = async (to: string) => {
    const one = found.find(({ key }) => toKey(key) === to);
    const path = one && (await transcriptOf(one));
    if (path === undefined) return undefined;
    return readTranscript(path).then(beganAt, (error: unknown) => {
      if (isAppError(error)) return undefined;
      throw error;
    });
  };
  return (to) => {
    const time = known.get(to) ?? look(to);
    known.set(to, time);
    return time;
  };
}

function beganAt({ startedAt, messages }: Transcript): string | undefined {
  return startedAt ?? messages[0]?.at;
}

async function transcriptOf({ folder, entry }: FoundEntry): Promise<string | undefined> {
  const id = text(entry["sessionId"]);
  return id === undefined ? undefined : findTranscript(folder, id, entry["sessionFile"]);
}

async function sessionOf(one: FoundEntry, begun: Beginnings, notes: OpenclawNotes): Promise<MovedLine[]> {
  const { agent, key, entry } = one;
  const shown = quotedLine(key);
  const path = await transcriptOf(one);
  if (path === undefined) {
    notes.leftOut.push(`Session ${shown} of agent ${quotedLine(agent)}: its transcript is not in the folder`);
    return [];
  }
  let transcript: Transcript;
  try {
    transcript = await readTranscript(path);
  } catch (error) {
    if (!isAppError(error)) throw error;
    notes.leftOut.push(`Session ${shown}: ${error.message}`);
    return [];
  }
  const { messages, broken, leftOut } = transcript;
  if (broken > 0) notes.leftOut.push(`Session ${shown}: ${broken} broken lines`);
  if (leftOut > 0) notes.leftOut.push(`Session ${shown}: ${leftOut} entries that nobody said`);
  if (messages.length === 0) {
    notes.leftOut.push(`Session ${shown}: nothing is said in it`);
    return [];
  }
  notes.sessions += 1;
  const createdAt = beganAt(transcript)!;
  const updatedAt = toIso(entry["updatedAt"]) ?? messages.at(-1)!.at;
  const title = text(entry["label"]) ?? text(entry["displayName"]) ?? text(entry["subject"]);
  const spawnedBy = text(entry["spawnedBy"]);
  const parentKey = spawnedBy === undefined ? undefined : toKey(spawnedBy);
  const parentCreatedAt = parentKey === undefined ? undefined : await begun(parentKey);
  const to = toKey(key);
  const session: MovedSession = {
    type: "session",
    key: to,
    kind: to === "main" ? "main" : "isolated",
    ...(title === undefined ? {} : { title: visibleLine(title, 80), named: true }),
    ...defined({ parentKey, parentCreatedAt }),
    ...(transcript.cwd === undefined ? {} : { workspace: transcript.cwd.slice(0, 4096) }),
    begunBy: runOf(messages[0]!),
    createdAt,
    updatedAt,
    usage: sumOf(messages),
  };
  if (to !== key && to !== "main") notes.leftOut.push(`Session ${shown}: its key is ${to} here`);
  return [
    session,
    ...messages.map((one, n): MovedLine => ({
      type: "message",
      sessionKey: to,
      n,
      at: one.at,
      runId: runOf(one),
      message: one.message,
    })),
  ];
}

/** Each entry is a run of its own, so that a session whose branch has changed is known by it. */
function runOf({ id }: Transcript["messages"][number]): string {
  return `openclaw-${id.replace(/[^\w-]/g, "_").slice(0, 80)}`;
}

function sumOf(messages: Transcript["messages"]): MovedSession["usage"] {
  return messages.reduce<MovedSession["usage"]>(
    (sum, { message }) => (message.role === "assistant" && message.usage ? addUsage(sum, message.usage) : sum),
    { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
  );
}

async function readEntries(path: string, notes: OpenclawNotes): Promise<Record<string, unknown>> {
  return record(await tolerant(path, notes));
}

async function readList(path: string, notes: OpenclawNotes): Promise<unknown[]> {
  const store = await tolerant(path, notes);
  if (Array.isArray(store)) return store;
  const { jobs } = record(store);
  return Array.isArray(jobs) ? jobs : Object.values(record(jobs));
}

async function tolerant(path: string, notes: OpenclawNotes): Promise<unknown> {
  try {
    return await readJson(path);
  } catch (error) {
    if (!isAppError(error)) throw error;
    notes.leftOut.push(error.message);
    return undefined;
  }
}
