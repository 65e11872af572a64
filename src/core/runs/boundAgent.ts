import { AppError } from "../../base/appError.ts";
import { onAbort } from "../../base/wait.ts";
import type { NewJob } from "../../protocol/job.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { RunRecord, SendRequest } from "../../protocol/run.ts";
import type { Jobs, Runs, Sessions } from "../core.ts";
import { grantLists } from "../permission/grantLists.ts";
import type { Agent, AgentReply } from "../ports/agent.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { WaitGraph } from "./waitGraph.ts";

export interface BoundAgentOptions {
  sessions: Sessions;
  runs: Runs;
  jobs: () => Jobs;
  waits: WaitGraph;
  settings: () => AgentSettings;
}

/** The agent as a tool of `run` may use it: in its session's name, with its model and folder, until `signal` aborts. */
export function createBoundAgent(run: RunRecord, signal: AbortSignal, options: BoundAgentOptions): Agent {
  const { sessions, runs, waits } = options;
  const origin = { via: "subagent" as const, id: run.id };
  const creator = { via: "subagent" as const, id: run.sessionKey };

  const settle = async (
    submitted: { id: string; sessionKey: string; cancel(): void },
    wait: boolean,
    timeoutMs: number,
    cancelWithUs: boolean,
  ): Promise<AgentReply> => {
    const reply = { runId: submitted.id, sessionKey: submitted.sessionKey };
    if (!wait) return reply;
    const edge = waits.add(run.sessionKey, submitted.sessionKey);
    const gone = onAbort(signal, () => cancelWithUs && submitted.cancel());
    try {
      const record = await runs.wait(submitted.id, timeoutMs, signal);
      return record.outcome ? { ...reply, outcome: record.outcome, usage: record.usage } : reply;
    } finally {
      edge.dispose();
      gone.dispose();
    }
  };

  /** What a child may do: what it is given of what this run may do, or all of that. */
  const childGrants = (given: Rule[] | undefined): Pick<SendRequest, "grants" | "within"> => {
    const own = grantLists(run, options.settings());
    if (given) return { grants: given, within: own.length > 0 ? own : [[]] };
    const [grants, ...within] = own;
    return grants ? { grants, within } : {};
  };

  return {
    listSessions: async (query) => (await sessions.list({ search: query.search, limit: query.limit ?? 20 })).sessions,
    history: async (key, limit) => (await sessions.history(key, { limit, includeTools: false })).messages,
    session: (key) => sessions.get(key),
    async send({ sessionKey, text, wait, timeoutMs }) {
      if (wait && waits.wouldBlock(run.sessionKey, sessionKey)) {
        throw new AppError(
          "conflict",
          `Session ${sessionKey} waits on this one, so waiting for it would never end. Send without waiting.`,
        );
      }
      return settle(await sessions.send({ sessionKey, text, origin, sentBy: run }), wait, timeoutMs, false);
    },
    async spawn({ text, label, model, grants, wait, timeoutMs }) {
      const parent = await sessions.get(run.sessionKey);
      const child = await sessions.send({
        text,
        origin,
        sentBy: run,
        parentKey: run.sessionKey,
        label,
        model: model ?? parent.model ?? run.model,
        workspace: parent.workspace ?? null,
        timeoutMs,
        ...childGrants(grants),
        attended: run.attended,
      });
      return settle(child, wait, timeoutMs + 1000, true);
    },
    jobs: {
      // Whatever the model wrote: the jobs check it themselves.
      list: () => options.jobs().list(),
      add: async (job) => options.jobs().add(job as NewJob, creator),
      update: async (id, patch) => options.jobs().update(id, patch as Partial<NewJob>, creator),
      remove: (id) => options.jobs().remove(id),
      run: async (id) => void (await options.jobs().run(id, run)),
    },
  };
}
