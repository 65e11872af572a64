import type { ModelEvent, ModelRequest } from "../../../src/core/ports/provider.ts";
import { sessionsCancel, sessionsSend, sessionsSpawn, sessionsSteer, sessionsWait } from "../../../src/tools/index.ts";
import { call, type Piece, type Turn } from "../../fakes/scriptedProvider.ts";
import { add, type Bench, type BenchOptions, openBench } from "../bench.ts";

export const origin = { via: "panel" as const };
const tools = [add, sessionsCancel, sessionsSend, sessionsSpawn, sessionsSteer, sessionsWait];

/** A model that answers by session: each has its own script, a sub-agent's is named by its task. */
export function scripts(byName: Record<string, Turn[]>): Turn[] {
  const turn: Turn = (request, signal) => {
    const first = request.messages.find(({ role }) => role === "user")!.text;
    const next = byName[first]?.shift() ?? ["ok"];
    return typeof next === "function" ? next(request, signal) : next;
  };
  return Array.from({ length: 200 }, () => turn);
}

export const spawn = (task: string, more: object = {}): ModelEvent =>
  call("sessions_spawn", { task, label: task, ...more }, `spawn ${task}`);

/** What a model is shown, newest last. */
export const shown = (request: ModelRequest) => request.messages.map(({ role, text }) => `${role}: ${text}`);

export async function openSubagents(byName: Record<string, Turn[]>, options: BenchOptions = {}): Promise<Bench> {
  return openBench({ tools, turns: scripts(byName), ...options });
}

export const send = (bench: Bench, text = "go") => bench.core.sessions.send({ text, origin, sessionKey: "main" });

/** Waits until nothing of any session is left to do. */
export async function rest({ core }: Bench): Promise<void> {
  for (;;) {
    const [run] = await core.runs.list({ states: ["queued", "running"], limit: 1 });
    if (!run) return;
    await core.runs.wait(run.id, 60_000);
  }
}

export async function keyOf({ core }: Bench, title: string): Promise<string> {
  const { sessions } = await core.sessions.list({ limit: 100 });
  return sessions.find((session) => session.title === title)!.key;
}

/** The results that were brought to a session, by the task they are of. */
export async function brought({ core }: Bench, sessionKey = "main"): Promise<string[]> {
  const { messages } = await core.sessions.history(sessionKey, { limit: 200, includeTools: true });
  return messages.flatMap((one) =>
    one.role === "system" ? [one.text.replace(/^Sub-agent \S+ \("(.*?)"\) /, "$1 ").replace(/What .*?:\n\n/s, "")] : [],
  );
}

export const never: Piece = { wait: new Promise(() => {}) };
