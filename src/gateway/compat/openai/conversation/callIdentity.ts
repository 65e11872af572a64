import { isAppError } from "../../../../base/appError.ts";
import type { Core } from "../../../../core/core.ts";
import type { Origin, ToolCall } from "../../../../protocol/message.ts";
import type { RunRecord } from "../../../../protocol/run.ts";

// What clients are told names the run, so that a call finds back to its session after any restart.

/** A call as its client knows it. */
export function toCallId(runId: string, index: number): string {
  return `call_${tail(runId)}_${index}`;
}

/** The item that a call is in an answer of the newer API. */
export function toCallItemId(runId: string, index: number): string {
  return `fc_${tail(runId)}_${index}`;
}

/** The item that an answer's text is. */
export function toMessageItemId(runId: string): string {
  return `msg_${tail(runId)}`;
}

export interface KnownCall {
  run: RunRecord;
  call: ToolCall;
}

/** What runs are looked up in. */
export interface KnownRuns {
  runs: Pick<Core["runs"], "get">;
}

/** The runs of a core for one request, which may name the same one thousands of times: each is read once. */
export function readOnce(core: Core): KnownRuns {
  const read = new Map<string, Promise<RunRecord>>();
  return {
    runs: {
      get(id) {
        const run = read.get(id) ?? core.runs.get(id);
        read.set(id, run);
        return run;
      },
    },
  };
}

/** The call that a client was given under this id, where it was this token's client. */
export async function findCall(core: KnownRuns, id: string, origin: Origin): Promise<KnownCall | undefined> {
  const [, runId, index] = /^(?:call|fc)_([a-z0-9]+)_(\d{1,4})$/.exec(id) ?? [];
  const run = runId === undefined ? undefined : await findRun(core, `run_${runId}`, origin);
  const call = run?.outcome?.type === "done" ? run.outcome.calls?.[Number(index)] : undefined;
  return run && call ? { run, call } : undefined;
}

/** The run whose text a client was given under this id, where it was this token's client. */
export async function findMessage(core: KnownRuns, id: string, origin: Origin): Promise<RunRecord | undefined> {
  const [, runId] = /^msg_([a-z0-9]+)$/.exec(id) ?? [];
  return runId === undefined ? undefined : findRun(core, `run_${runId}`, origin);
}

async function findRun(core: KnownRuns, id: string, origin: Origin): Promise<RunRecord | undefined> {
  try {
    const run = await core.runs.get(id);
    return run.origin.via === "openai" && run.origin.id === origin.id ? run : undefined;
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return undefined;
    throw error;
  }
}

function tail(runId: string): string {
  return runId.replace(/^run_/, "");
}

/** The arguments of a call as clients read them. */
export function toArguments({ input }: ToolCall): string {
  return typeof input === "string" ? input : JSON.stringify(input ?? {});
}

const PIECE_CHARS = 200;

/** Arguments as streams tell them. One piece would do, and would hide it when a client cannot put pieces together. */
export function inPieces(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${PIECE_CHARS}}`, "gu")) ?? [];
}
