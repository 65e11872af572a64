import { AppError } from "../../base/appError.ts";
import { CHANNELS } from "../../protocol/outside/channelNames.ts";
import { defined } from "../../base/defined.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { NewJob } from "../../protocol/job.ts";
import type { JobPatch } from "../../schedule/jobSchema.ts";
import type { RunRecord, SendRequest } from "../../protocol/run.ts";
import type { Jobs } from "../services/jobService.ts";
import type { Sessions } from "../services/sessionService.ts";
import type { Subagents } from "../services/subagentService.ts";
import type { Agents } from "../services/namedTexts.ts";
import type { SessionSkills } from "../context/skills.ts";
import type { Budgets } from "../permission/budget.ts";
import { inheritedGrants } from "../permission/grantLists.ts";
import type { Agent, AgentReply } from "../ports/agent.ts";
import type { EventBus } from "../ports/eventBus.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import type { AllRuns } from "./runs.ts";
import { createSessionWait, type SessionWait } from "./sessionWait.ts";
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
  log: Log;
  settings: () => AgentSettings;
}

/** A run whose tools use the agent, until `signal` aborts. */
interface Bound extends BoundAgentOptions {
  run: RunRecord;
  signal: AbortSignal;
  /** Waits for work of these sessions; undefined where that would never end. */
  whileWaiting: SessionWait;
}

/** The agent as a tool of `run` may use it: in its session's name, with its model and folder, until `signal` aborts. */
export function createBoundAgent(run: RunRecord, signal: AbortSignal, options: BoundAgentOptions): Agent {
  const { sessions, subagents, agents, skills, jobs } = options;
  const bound: Bound = { ...options, run, signal, whileWaiting: createSessionWait(run, signal, options) };
  const creator = { via: "subagent" as const, id: run.sessionKey };
  const workspace = async () => (await sessions.get(run.sessionKey)).workspace;
  return {
    listSessions: async (query) => (await sessions.list({ limit: 20, ...query })).sessions,
    history: async (key, limit) => (await sessions.history(key, { limit, includeTools: false })).messages,
    session: (key) => sessions.get(key),
    send: (message) => sendTo(bound, message),
    part: async (name) => agents.get(name, await workspace()),
    confirmPart: async (part) => agents.confirm(part, await workspace()),
    skills: {
      get: async (name) => skills.get(name, await workspace()),
      text: (skill, path) => skills.text(skill, path),
      message: (skill) => skills.toMessage(skill),
      confirm: async (skill) => skills.confirm(skill, await workspace()),
    },
    spawn: (task) => spawn(bound, task),
    wait: (wanted) => waitFor(bound, wanted),
    async steer({ sessionKey, text }) {
      await checkOwn(bound, sessionKey);
      const { id } = await subagents.steer({ sessionKey, text, ...sentBy(bound), ...rights(bound) });
      return { runId: id };
    },
    async cancel({ sessionKey, tree }) {
      await checkOwn(bound, sessionKey);
      return subagents.cancel(sessionKey, { tree, quiet: true });
    },
    chat: () => chatOf(bound),
    jobs: {
      // Whatever the model wrote: the jobs check it themselves.
      list: () => jobs().list(),
      add: async (job) => jobs().add(job as NewJob, creator),
      update: async (id, patch) => jobs().update(id, patch as JobPatch, creator),
      remove: async (id) => void (await jobs().remove(id)),
      run: async (id) => void (await jobs().run(id, { sentBy: run })),
    },
  };
}

async function sendTo(
  bound: Bound,
  { sessionKey, text, wait, timeoutMs }: Parameters<Agent["send"]>[0],
): Promise<AgentReply> {
  if (wait) await checkFree(bound, sessionKey);
  // What it may do goes with its words, and nobody is there for them in another session either.
  const sent = await bound.sessions.send({ sessionKey, text, ...sentBy(bound), ...rights(bound) });
  const reply = { runId: sent.id, sessionKey: sent.sessionKey };
  if (!wait) return reply;
  const { runs, signal } = bound;
  const record = await bound.whileWaiting([sent.sessionKey], () => runs.wait(sent.id, timeoutMs, signal));
  return record?.outcome ? { ...reply, outcome: record.outcome, usage: record.usage } : reply;
}

async function spawn(
  bound: Bound,
  { text, label, model, grants, part, form, worktree, detached, timeoutMs }: Parameters<Agent["spawn"]>[0],
): ReturnType<Agent["spawn"]> {
  const { run, sessions, agents, budgets, settings } = bound;
  const parent = await sessions.get(run.sessionKey);
  const request: SendRequest = {
    text,
    ...sentBy(bound),
    parentKey: run.sessionKey,
    label,
    model: model ?? part?.model ?? parent.model ?? run.model,
    workspace: parent.workspace ?? null,
    timeoutMs,
    ...inheritedGrants(run, settings(), grants),
    attended: run.attended,
    reports: defined({ detached }),
    ...defined({ worktree, form, job: run.job }),
  };
  const child = await sessions.send(part ? agents.as(request, part) : request);
  const room = { ...child.room, ...(await budgets.left(run)) };
  return { runId: child.id, sessionKey: child.sessionKey, room, ...defined({ worktree: child.worktree }) };
}

async function waitFor(
  bound: Bound,
  { sessionKeys, any, timeoutMs }: Parameters<Agent["wait"]>[0],
): ReturnType<Agent["wait"]> {
  const { run, signal, store } = bound;
  for (const key of sessionKeys ?? []) {
    await checkOwn(bound, key);
    await checkFree(bound, key);
  }
  const keys = sessionKeys ?? (await atWork(store, run.sessionKey));
  const waited = await bound.whileWaiting(keys, () => waitSpawned(run, { keys, any, timeoutMs, signal }, bound));
  if (!waited) throw endless(keys.join(", "));
  return waited;
}

/** The chat that its message came from. */
async function chatOf({ run, store }: Bound): ReturnType<Agent["chat"]> {
  const channel = CHANNELS.find((name) => name === run.origin.via);
  if (channel === undefined) return undefined;
  const taken = await store.listInbox({ channel, states: ["taken"], limit: MOST_TAKEN });
  const to = taken.find(({ runId }) => runId === run.id)?.place;
  return to === undefined ? undefined : { channel, to };
}

async function checkFree({ run, waits }: Bound, sessionKey: string): Promise<void> {
  if (await waits.wouldBlock(run.sessionKey, sessionKey)) throw endless(sessionKey);
}

async function checkOwn({ run, sessions }: Bound, sessionKey: string): Promise<void> {
  const { parentKey } = await sessions.get(sessionKey);
  if (parentKey !== run.sessionKey)
    throw new AppError("forbidden", `Session ${sessionKey} is no sub-agent of this one`);
}

function sentBy({ run }: Bound) {
  return { origin: { via: "subagent" as const, id: run.id }, sentBy: run };
}

function rights({ run, settings }: Bound) {
  return { ...inheritedGrants(run, settings()), ...defined({ attended: run.attended }) };
}

function endless(sessionKey: string): AppError {
  return new AppError(
    "conflict",
    `Session ${sessionKey} waits on this one, so waiting for it would never end. Go on without waiting.`,
  );
}
