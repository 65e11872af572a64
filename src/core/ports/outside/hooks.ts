import type { HookEnd, HookMoment } from "../../../protocol/hooks/ownHook.ts";

/** What hooks are told of: one moment of a run. */
export interface HookCall {
  moment: HookMoment;
  /** The tool it is about, where it is about one. */
  tool?: string;
  /** Real path of the session's folder; "" when it has none. */
  folder: string;
  body: Record<string, unknown>;
}

/** Commands and addresses that the user has called at moments of a run. */
export interface Hooks {
  /** Whether there is one for it. */
  has(moment: HookMoment, tool?: string): boolean;
  /**
   * Calls those that fit, one after the other, in their order; of beforeTool none after the first that does not let the call
   * pass. Never rejects: what fails, or is ended by the signal, says so.
   */
  call(call: HookCall, signal: AbortSignal): Promise<HookEnd[]>;
}
