import type { AgentPart } from "../../protocol/context/agentPart.ts";
import type { Job } from "../../protocol/job.ts";
import type { Skill } from "../../protocol/context/skill.ts";
import type { StoredMessage, SystemMessage } from "../../protocol/message.ts";
import type { ReplyForm } from "../../protocol/replyForm.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { RunOutcome } from "../../protocol/run.ts";
import type { SessionKind } from "../../protocol/session.ts";
import type { StoredSession } from "./storedSession.ts";
import type { Worktree } from "../../protocol/worktree.ts";
import type { Usage } from "../../protocol/usage.ts";

/** What a tool may ask of the agent it runs in, bound to the calling run: its session, rights and signal. */
export interface Agent {
  listSessions(query: { kinds?: SessionKind[]; search?: string; limit?: number }): Promise<StoredSession[]>;
  history(sessionKey: string, limit: number): Promise<StoredMessage[]>;
  session(sessionKey: string): Promise<StoredSession>;
  /** Runs `text` in another session. Waiting on one's own session, or on one that waits on it, is a `conflict`. */
  send(request: { sessionKey: string; text: string; wait: boolean; timeoutMs: number }): Promise<AgentReply>;
  /** Runs `text` in a new child session of the calling one, which gets the result as a message. Resolves once that is stored. */
  spawn(request: {
    text: string;
    label?: string;
    model?: string;
    /** What of this run's grants it has; all when not given. */
    grants?: Rule[];
    /** The part it has, as it was looked at. */
    part?: AgentPart;
    /** What its result is to be. */
    form?: ReplyForm;
    /** Works in a git worktree of its own. */
    worktree?: boolean;
    /** Goes on when the calling run is stopped. */
    detached?: boolean;
    timeoutMs: number;
  }): Promise<Spawned>;
  /** The part that a file describes for sub-agents of this session: not_found, with the names there are. */
  part(name: string): Promise<AgentPart>;
  /** A person has allowed exactly this content. */
  confirmPart(part: AgentPart): Promise<void>;
  skills: {
    /** not_found, with the names there are. */
    get(name: string): Promise<Skill>;
    /** What it says, for a person to look at; or the text of one of its files. */
    text(skill: Skill, path?: string): Promise<string>;
    /** The message that tells its instructions; `forbidden` while it is not confirmed. */
    message(skill: Skill): Promise<SystemMessage>;
    /** A person has allowed exactly this content. */
    confirm(skill: Skill): Promise<void>;
  };
  /**
   * Waits until sub-agents of the calling session have nothing left to do: these, or all that are at work; or the first of
   * them. Ends early when a message for the calling run has come. Their results come as messages.
   */
  wait(request: { sessionKeys?: string[]; any: boolean; timeoutMs: number }): Promise<Waited>;
  /** Puts a message into the run under way of a sub-agent of the calling session, at its next step. `conflict` when none is. */
  steer(request: { sessionKey: string; text: string }): Promise<{ runId: string }>;
  /** Ends the runs of a sub-agent of the calling session, with those below it unless `tree` is false. No result of it comes then. */
  cancel(request: { sessionKey: string; tree: boolean }): Promise<number>;
  /** Where on a chat network the message came from that this run answers. */
  chat(): Promise<{ channel: string; to: string } | undefined>;
  jobs: {
    list(): Promise<Job[]>;
    /** The same input as route `cron.add`; the job belongs to the calling session. */
    add(job: unknown): Promise<Job>;
    update(id: string, patch: unknown): Promise<Job>;
    remove(id: string): Promise<void>;
    run(id: string): Promise<void>;
  };
}

export interface Spawned {
  runId: string;
  sessionKey: string;
  worktree?: Worktree;
  /** What is left of each ceiling: of the tree of runs, and of the budget where there is one. */
  room: { depth?: number; running?: number; runs?: number; usd?: number; tokens?: number };
}

export interface Waited {
  /** How the newest run of each came out. */
  ended: { sessionKey: string; outcome: RunOutcome["type"] }[];
  atWork: string[];
  /** What was waited for has come. */
  isOver: boolean;
  /** A message for the calling run has come. */
  interrupted: boolean;
}

export interface AgentReply {
  runId: string;
  sessionKey: string;
  /** Absent while the run goes on. */
  outcome?: RunOutcome;
  usage?: Usage;
}
