import { defined } from "../../base/defined.ts";
import type { Clock } from "../../base/clock.ts";
import { cutText } from "../../base/cutText.ts";
import { isAppError } from "../../base/appError.ts";
import { visible } from "../../base/text/visible.ts";
import type { OwnHooks } from "../../config/schema/ownHookSchema.ts";
import type { HookCall, Hooks } from "../../core/ports/outside/hooks.ts";
import { fitsStars } from "../../rules/mcpTool.ts";
import type { HookEnd, HookMoment } from "../../protocol/hooks/ownHook.ts";
import { type HookSaid, runHookCommand } from "./hookCommand.ts";
import { failed, OK, toVerdict, type HookVerdict } from "./hookVerdict.ts";

type Hook = OwnHooks["beforeTool"][number];

export interface HooksOptions {
  config: () => OwnHooks;
  /** Removes secrets from what hooks are told. */
  redact: (value: unknown) => unknown;
  /** Folders whose programs are not started by a bare name. */
  workspaces: () => string[];
  post: (target: { url: string; body: unknown; timeoutMs: number; signal: AbortSignal }) => Promise<HookSaid>;
  clock: Clock;
}

const MOST_REASON = 2000;

/** The hooks of the user's openclaw.yml, as it is at each call. */
export function createHooks(options: HooksOptions): Hooks {
  const { config, redact, clock } = options;
  const fitting = (moment: HookMoment, tool?: string): { hook: Hook; name: string }[] => {
    const all: Hook[] = config()[moment];
    const named = all.map((hook, at) => ({ hook, name: hook.name ?? `${moment} ${at + 1}` }));
    return named.filter(({ hook }) => isMeant(hook, tool));
  };

  const callOne = async (hook: Hook, call: HookCall, signal: AbortSignal): Promise<HookVerdict> => {
    const body = redact({ moment: call.moment, ...call.body });
    const timeoutMs = hook.timeoutSeconds * 1000;
    try {
      const said =
        hook.url === undefined
          ? await runHookCommand(
              { ...hook, command: hook.command! },
              { ...call, body },
              options.workspaces(),
              timeoutMs,
              signal,
            )
          : await options.post({ url: hook.url, body, timeoutMs, signal });
      return call.moment === "beforeTool" ? toVerdict(said) : said.fault === undefined ? OK : failed(said.fault);
    } catch (error) {
      if (!isAppError(error)) throw error;
      return failed(error.message);
    }
  };

  return {
    has: (moment, tool) => fitting(moment, tool).length > 0,
    async call(call, signal) {
      const ends: HookEnd[] = [];
      for (const { hook, name } of fitting(call.moment, call.tool)) {
        const began = clock.now();
        const { outcome, reason } = signal.aborted ? failed("It was stopped") : await callOne(hook, call, signal);
        const shown = reason === undefined ? undefined : cutText(visible(String(redact(reason))).trim(), MOST_REASON);
        ends.push({
          moment: call.moment,
          hook: name,
          outcome,
          ...defined({ reason: shown }),
          durationMs: clock.now() - began,
        });
        if (call.moment === "beforeTool" && outcome !== "ok") break;
      }
      return ends;
    },
  };
}

function isMeant({ tools }: Hook, tool: string | undefined): boolean {
  if (!tools || tool === undefined) return true;
  return tools.some((pattern) => fitsStars(pattern, tool));
}
