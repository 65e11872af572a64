import type { Job } from "../../protocol/job.ts";
import type { StoredMessage } from "../../protocol/message.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { RunOutcome } from "../../protocol/run.ts";
import type { StoredSession } from "./storedSession.ts";
import type { Usage } from "../../protocol/usage.ts";

/** What a tool may ask of the agent it runs in, bound to the calling run: its session, rights and signal. */
export interface Agent {
  listSessions(query: { search?: string; limit?: number }): Promise<StoredSession[]>;
  history(sessionKey: string, limit: number): Promise<StoredMessage[]>;
  session(sessionKey: string): Promise<StoredSession>;
  /** Runs `text` in another session. Waiting on one's own session, or on one that waits on it, is a `conflict`. */
  send(request: { sessionKey: string; text: string; wait: boolean; timeoutMs: number }): Promise<AgentReply>;
  /** Runs `text` in a new child session of the calling one. */
  spawn(request: {
    text: string;
    label?: string;
    model?: string;
    /** What of this run's grants it has; all when not given. */
    grants?: Rule[];
    wait: boolean;
    timeoutMs: number;
  }): Promise<AgentReply>;
  jobs: {
    list(): Promise<Job[]>;
    /** The same input as route `cron.add`; the job belongs to the calling session. */
    add(job: unknown): Promise<Job>;
    update(id: string, patch: unknown): Promise<Job>;
    remove(id: string): Promise<void>;
    run(id: string): Promise<void>;
  };
}

export interface AgentReply {
  runId: string;
  sessionKey: string;
  /** Absent while the run goes on. */
  outcome?: RunOutcome;
  usage?: Usage;
}
