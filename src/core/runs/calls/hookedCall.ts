import type { HookEnd } from "../../../protocol/hooks/ownHook.ts";
import type { ToolCall, ToolMessage } from "../../../protocol/message.ts";
import { headOf } from "../../../base/cutText.ts";
import type { Log } from "../../../base/log.ts";
import type { Hooks } from "../../ports/outside/hooks.ts";
import type { ToolResult } from "../../ports/tool.ts";
import type { Journal } from "../../state/journal.ts";

/** A call that hooks are told of. */
export interface HookedCall {
  hooks: Hooks | undefined;
  call: ToolCall;
  journal: Journal;
  folder: string;
  signal: AbortSignal;
  log: Log;
}

// What a hook is told of a result; the rest is in the history.
const MOST_CHARS = 30_000;

/** Asks the hooks before a tool whether it may be called; undefined when it may, else what the model reads. */
export async function hooksBefore(hooked: HookedCall): Promise<ToolResult | undefined> {
  const ends = await callHooks(hooked, "beforeTool", {});
  const last = ends.at(-1);
  if (!last || last.outcome === "ok") return undefined;
  const said =
    last.outcome === "denied"
      ? `The hook ${last.hook} of the user denied this call: ${last.reason}`
      : `The hook ${last.hook} of the user, which has to allow this call, failed: ${last.reason}`;
  return {
    text: `${said}\nNothing was done. Go on without it, or say what was lacking.`,
    isError: true,
    notRun: "denied",
  };
}

/** Tells the hooks after a tool what came of it. */
export async function hooksAfter(hooked: HookedCall, { text, isError, durationMs }: ToolMessage): Promise<void> {
  const ends = await callHooks(hooked, "afterTool", { isError, text: headOf(text, MOST_CHARS), durationMs });
  for (const { hook, outcome, reason } of ends) {
    if (outcome === "ok") continue;
    await hooked.journal.write([
      { type: "run.notice", text: `The hook ${hook} after ${hooked.call.name} failed: ${reason}` },
    ]);
  }
}

async function callHooks(
  { hooks, call, journal, folder, signal, log }: HookedCall,
  moment: "beforeTool" | "afterTool",
  more: object,
): Promise<HookEnd[]> {
  if (!hooks?.has(moment, call.name)) return [];
  const { id: runId, sessionKey, origin } = journal.run;
  const body = {
    runId,
    sessionKey,
    origin,
    workspace: folder,
    tool: call.name,
    callId: call.id,
    input: call.input,
    ...more,
  };
  const ends = await hooks.call({ moment, tool: call.name, folder, body }, signal);
  // What was ended with its run says nothing.
  signal.throwIfAborted();
  await journal.write(ends.map((end) => ({ type: "hook.finished", callId: call.id, ...end })));
  for (const { hook, outcome, reason } of ends)
    if (outcome === "failed") log.warn(`The hook ${hook} (${moment} ${call.name}) failed`, { runId, error: reason });
  return ends;
}
