import { AppError } from "../../base/appError.ts";
import { CHANNELS } from "../../base/channelNames.ts";
import { defined } from "../../base/defined.ts";
import type { Clock } from "../../base/clock.ts";
import type { NewJob } from "../../protocol/job.ts";
import type { JobPatch } from "../../schedule/jobSchema.ts";
import type { RunRecord, SendRequest } from "../../protocol/run.ts";
import type { Jobs, Sessions, Subagents } from "../core.ts";
import type { Agents } from "../doors/namedTexts.ts";
import type { SessionSkills } from "../context/skills.ts";
import type { Budgets } from "../permission/budget.ts";
import { inheritedGrants } from "../permission/grantLists.ts";
import type { Agent, AgentReply } from "../ports/agent.ts";
import type { EventBus } from "../ports/eventBus.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import type { AllRuns } from "./runs.ts";
import { createSessionWait } from "./sessionWait.ts";
import { atWork, waitSpawned } from "./waitSpawned.ts";
import type { WaitGraph } from "./waitGraph.ts";

const MOST_TAKEN = 10_000;

export interface BoundAgentOptions {
  store: Store;
  events: EventBus;
  sessions: Sessions;
  subagents: Subagents;
  agents: Agents;
  skills: SessionSkills;
  runs: AllRuns;
  jobs: () => Jobs;
  waits: WaitGraph;
  budgets: Budgets;
  clock: Clock;
  settings: () => AgentSettings;
}

/** The agent as a tool of `run` may use it: in its session's name, with its model and folder, until `signal` aborts. */
export function createBoundAgent(run: RunRecord, signal: AbortSignal, options: BoundAgentOptions): Agent {
  const { sessions, subagents, agents, skills, runs, waits } = options;
  const origin = { via: "subagent" as const, id: run.id };
  const creator = { via: "subagent" as const, id: run.sessionKey };
  const whileWaiting = createSessionWait(run, options);

  const settle = async (
    submitted: { id: string; sessionKey: string },
    wait: boolean,
    timeoutMs: number,
  ): Promise<AgentReply> => {
    const reply = { runId: submitted.id, sessionKey: submitted.sessionKey };
    if (!wait) return reply;
    const record = await whileWaiting([submitted.sessionKey], () => runs.wait(submitted.id, timeoutMs, signal));
    return record?.outcome ? { ...reply, outcome: record.outcome, usage: record.usage } : reply;
  };

  const checkFree = async (sessionKey: string): Promise<void> => {
    if (await waits.wouldBlock(run.sessionKey, sessionKey)) throw endless(sessionKey);
  };

  const checkOwn = async (sessionKey: string): Promise<void> => {
    const { parentKey } = await sessions.get(sessionKey);
    if (parentKey !== run.sessionKey)
      throw new AppError("forbidden", `Session ${sessionKey} is no sub-agent of this one`);
  };

  const workspace = async () => (await sessions.get(run.sessionKey)).workspace;

  return {
    listSessions: async (query) => (await sessions.list({ search: query.search, limit: query.limit ?? 20 })).sessions,
    history: async (key, limit) => (await sessions.history(key, { limit, includeTools: false })).messages,
    session: (key) => sessions.get(key),
    async send({ sessionKey, text, wait, timeoutMs }) {
      if (wait) await checkFree(sessionKey);
      // What it may do goes with its words, and nobody is there for them in another session either.
      return settle(await sessions.send({ sessionKey, text, origin, sentBy: run, ...rights() }), wait, timeoutMs);
    },
    part: async (name) => agents.get(name, await workspace()),
    confirmPart: async (part) => agents.confirm(part, await workspace()),
    skills: {
      get: async (name) => skills.get(name, await workspace()),
      text: (skill, path) => skills.text(skill, path),
      message: (skill) => skills.toMessage(skill),
      confirm: async (skill) => skills.confirm(skill, await workspace()),
    },
    async spawn({ text, label, model, grants, part, form, worktree, detached, timeoutMs }) {
      const parent = await sessions.get(run.sessionKey);
      const request: SendRequest = {
        text,
        origin,
        sentBy: run,
        parentKey: run.sessionKey,
        label,
        model: model ?? part?.model ?? parent.model ?? run.model,
        workspace: parent.workspace ?? null,
        timeoutMs,
        ...inheritedGrants(run, options.settings(), grants),
        attended: run.attended,
        reports: defined({ detached }),
        ...defined({ worktree, form, job: run.job }),
      };
      const child = await sessions.send(part ? agents.as(request, part) : request);
      const left = await options.budgets.left(run);
      const room = { ...child.room, ...left };
      return { runId: child.id, sessionKey: child.sessionKey, room, ...defined({ worktree: child.worktree }) };
    },
    async wait({ sessionKeys, any, timeoutMs }) {
      for (const key of sessionKeys ?? []) {
        await checkOwn(key);
        await checkFree(key);
      }
      const keys = sessionKeys ?? (await atWork(options.store, run.sessionKey));
      const waited = await whileWaiting(keys, () => waitSpawned(run, { keys, any, timeoutMs, signal }, options));
      if (!waited) throw endless(keys.join(", "));
      return waited;
    },
    async steer({ sessionKey, text }) {
      await checkOwn(sessionKey);
      const { id } = await subagents.steer({ sessionKey, text, origin, sentBy: run, ...rights() });
      return { runId: id };
    },
    async cancel({ sessionKey, tree }) {
      await checkOwn(sessionKey);
      return subagents.cancel(sessionKey, { tree, quiet: true });
    },
    async chat() {
      const channel = CHANNELS.find((name) => name === run.origin.via);
      if (channel === undefined) return undefined;
      const taken = await options.store.listInbox({ channel, states: ["taken"], limit: MOST_TAKEN });
      const to = taken.find(({ runId }) => runId === run.id)?.place;
      return to === undefined ? undefined : { channel, to };
    },
    jobs: {
      // Whatever the model wrote: the jobs check it themselves.
      list: () => options.jobs().list(),
      add: async (job) => options.jobs().add(job as NewJob, creator),
      update: async (id, patch) => options.jobs().update(id, patch as JobPatch, creator),
      remove: async (id) => void (await options.jobs().remove(id)),
      run: async (id) => void (await options.jobs().run(id, { sentBy: run })),
    },
  };

  function rights() {
    return { ...inheritedGrants(run, options.settings()), ...defined({ attended: run.attended }) };
  }
}

function endless(sessionKey: string): AppError {
  return new AppError(
    "conflict",
    `Session ${sessionKey} waits on this one, so waiting for it would never end. Go on without waiting.`,
  );
}
