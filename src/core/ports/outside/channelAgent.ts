import type { Clock } from "../../../base/clock.ts";
import type { Disposable } from "../../../base/disposable.ts";
import type { Log } from "../../../base/log.ts";
import type { Approval, ApprovalDecision } from "../../../protocol/approval.ts";
import type { GatewayEvent } from "../../../protocol/event.ts";
import type { ModelInfo } from "../../../protocol/model.ts";
import type { RunRecord, SendRequest } from "../../../protocol/run.ts";
import type { Batch } from "../batch.ts";
import type { Store } from "../store.ts";
import type { StoredSession } from "../storedSession.ts";
import type { ChannelDesk } from "./channelDesk.ts";

/** The agent as a chat network sees it: what a channel may ask of it. */
export interface ChannelAgent {
  sessions: {
    /** What `kept` makes of the run is stored with it, or neither. */
    send(
      request: SendRequest,
      kept: (run: { id: string; sessionKey: string }) => Pick<Batch, "channels">,
    ): Promise<{ id: string; sessionKey: string }>;
    /** The session of that key, where it is taken, with these tools. */
    create(session: {
      key: string;
      kind: "channel";
      title: string;
      workspace?: string;
      tools?: string[];
    }): Promise<StoredSession>;
    get(key: string): Promise<StoredSession>;
    update(key: string, patch: { model: string | null }): Promise<StoredSession>;
    abort(key: string): Promise<number>;
    status(key: string): Promise<{ model: string; session: StoredSession; runs: { active: number; queued: number } }>;
  };
  runs: {
    get(id: string): Promise<RunRecord>;
    /** Ends it, and what works for it; false where it has ended. */
    cancel(id: string): Promise<boolean>;
    /** Ends these, and tells no one who waits for their results. Resolves with how many had not ended. */
    stop(runs: RunRecord[]): Promise<number>;
    /** The unfinished record when the time or the signal ends the wait. */
    wait(id: string, timeoutMs: number, signal?: AbortSignal): Promise<RunRecord>;
  };
  approvals: {
    list(sessionKey?: string): Promise<Approval[]>;
    answer(id: string, decision: ApprovalDecision, by: string): Promise<Approval>;
  };
  models: { list(): Promise<ModelInfo[]>; resolve(id: string | undefined): Promise<string> };
  events: { on(listener: (event: GatewayEvent) => void): Disposable };
  people: { come(): Disposable };
  channels: ChannelDesk;
  store: Store;
  clock: Clock;
  log: Log;
}
