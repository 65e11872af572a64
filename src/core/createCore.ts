import { AppError } from "../base/appError.ts";
import type { Clock } from "../base/clock.ts";
import { isoTime } from "../base/clock.ts";
import { newId } from "../base/id.ts";
import { PathLanes } from "../base/turns/pathLanes.ts";
import type { Log } from "../base/log.ts";
import type { StateFact } from "../protocol/event.ts";
import type { Rule } from "../protocol/rule.ts";
import type { RunRecord } from "../protocol/run.ts";
import { createBoundAgent } from "./runs/boundAgent.ts";
import { createExecuteRun } from "./runs/executeRun.ts";
import { createApprovalDesk } from "./permission/approvals.ts";
import { createBudgets } from "./permission/budget.ts";
import { createCeilings } from "./permission/ceilings.ts";
import { createCompactor } from "./context/compaction.ts";
import type { Core, ToolRunner } from "./core.ts";
import { createEventLog } from "./state/eventLog.ts";
import { openLocalBus } from "./state/localBus.ts";
import { createJobs, type Scheduler } from "./jobs/jobs.ts";
import { createLooseJournal, type Journal } from "./state/journal.ts";
import { createModelCatalog, type ProviderEntry } from "./models/catalog.ts";
import type { Browser } from "./ports/browserPort.ts";
import type { SandboxState } from "./ports/commandPolicy.ts";
import type { Files } from "./ports/files.ts";
import type { FileBytes, RealFolder } from "./ports/folders.ts";
import type { AgentSettings } from "./ports/settings.ts";
import type { Store } from "./ports/store.ts";
import type { Tool } from "./ports/tool.ts";
import type { Webhooks } from "./ports/webhooks.ts";
import { createResponseCache } from "./sessions/responseCache.ts";
import type { RunQueue } from "./ports/runQueue.ts";
import type { Work } from "./runs/runParts.ts";
import { createRuns } from "./runs/runs.ts";
import { createSessionCache, MAIN } from "./state/sessionCache.ts";
import { createCompactions } from "./sessions/compactions.ts";
import { createSessions } from "./sessions/sessions.ts";
import { runToolCalls } from "./runs/toolCalls.ts";
import { createToolbox } from "./runs/toolbox.ts";
import { createUsageReport } from "./sessions/usageReport.ts";
import { NO_USAGE } from "./models/usageSum.ts";
import { createWaitGraph } from "./runs/waitGraph.ts";
import { createWorkspaces } from "./sessions/workspaces.ts";

export interface CoreOptions {
  store: Store;
  /** The queue of the runs in that store. */
  queue: RunQueue;
  clock: Clock;
  log: Log;
  settings: () => AgentSettings;
  /** As clients may see it: without secrets. */
  configuration: () => Record<string, unknown>;
  providers: () => ProviderEntry[];
  tools: Tool[];
  /** The system and its shell in a few words, for the model. */
  surroundings?: string;
  files: Files;
  browser?: Browser;
  /** Folders of this process; attached windows add theirs. */
  workspaces: () => string[];
  realFolder: RealFolder;
  /** What files are that jobs may run; absent: not looked at. */
  fileBytes?: FileBytes;
  /** What keeps commands within bounds; absent: nothing does. */
  sandbox?: () => Promise<SandboxState>;
  /** Writes a rule into the user's configuration, which has it in force when this resolves; absent: nowhere. */
  keepRule?: (rule: Rule) => Promise<void>;
  /** Where jobs may post their results; absent: nowhere. */
  webhooks?: Webhooks;
}

export interface RunningCore extends Core {
  jobs: Scheduler;
  /** Tells of a change outside of any run. */
  tell(fact: StateFact): void;
  /** Tells what another process has stored meanwhile. To be called now and then where one may. */
  look(): void;
  /** Takes up unfinished runs and starts the scheduler. */
  start(): Promise<void>;
  /** Stops working; unfinished runs stay to be resumed. Does not close the store. */
  close(): Promise<void>;
}

/** Puts the agent together over its ports. Nothing runs before `start`. */
export async function createCore(options: CoreOptions): Promise<RunningCore> {
  const { store, clock, log, settings, files, browser } = options;
  const workspaces = createWorkspaces(options.workspaces, options.realFolder);
  const events = createEventLog(store, await openLocalBus({ store, clock, log }));
  const sessionCache = createSessionCache({ store, clock, workspaces });
  const models = createModelCatalog({ entries: options.providers, settings, clock });
  const approvals = createApprovalDesk({
    clock,
    settings,
    ...(options.keepRule ? { keepRule: options.keepRule } : {}),
    grantJob: (id, rule) => jobs.grant(id, rule),
  });
  const compactor = createCompactor({ store, sessionCache, events, models });
  const budgets = createBudgets({ store, sessionCache, settings, clock });
  const toolbox = createToolbox(options.tools, settings);
  const waits = createWaitGraph();
  const toolCalls = {
    approvals,
    lanes: new PathLanes(),
    files,
    browser,
    realFolder: options.realFolder,
    settings,
    clock,
    log,
  };

  const agent = (journal: Journal, signal: AbortSignal) =>
    createBoundAgent(journal.run, signal, { sessions, runs, jobs: () => jobs, waits, settings });
  const work: Work = createExecuteRun({
    store,
    sessionCache,
    models,
    toolbox,
    compactor,
    budgets,
    toolCalls,
    settings,
    surroundings: options.surroundings,
    agent,
    log,
  });
  const ceilings = createCeilings(settings);
  const runs = createRuns({ store, queue: options.queue, events, clock, log, ceilings, work });
  const compactions = createCompactions({ sessionCache, events, runs, models, budgets, compactor, clock });
  const sessions = createSessions({
    store,
    sessionCache,
    events,
    runs,
    models,
    approvals,
    compactions,
    settings,
    clock,
    workspaces,
  });
  const jobs = createJobs({
    store,
    clock,
    log,
    events,
    sessions,
    runs,
    models,
    workspaces,
    webhooks: options.webhooks,
    ...(options.fileBytes ? { fileBytes: options.fileBytes } : {}),
  });

  const tools: ToolRunner = {
    specs: (session) => toolbox.specs(session),
    effect: (name) => options.tools.find((tool) => tool.name === name)?.effect,
    async invoke({ sessionKey, name, input, origin, signal }) {
      const session = await sessions.get(sessionKey);
      const available = toolbox.tools(session);
      if (!available.some((tool) => tool.name === name)) throw new AppError("not_found", `Tool not available: ${name}`);
      const run: RunRecord = {
        id: newId("call"),
        sessionKey,
        state: "running",
        origin,
        input: { role: "system", kind: "event", text: `Call of ${name} by hand`, origin },
        model: session.model ?? "none",
        usage: NO_USAGE,
        createdAt: isoTime(clock.now()),
      };
      const journal = createLooseJournal(run, events);
      const [result] = await runToolCalls(
        [{ id: newId("call"), name, input }],
        { session, journal, agent: agent(journal, signal), signal },
        { ...toolCalls, tools: available },
      );
      const { text, isError, images } = result!;
      return { text, isError, ...(images ? { images } : {}) };
    },
  };

  return {
    sessions,
    runs,
    approvals,
    jobs,
    events,
    models,
    usage: createUsageReport({ store, clock }),
    responses: createResponseCache({ store, sessionCache, models, settings, clock, log }),
    tools,
    ...(browser ? { browser } : {}),
    sandbox: options.sandbox ?? (async () => ({ holds: false, reason: "none was put in" })),
    workspaces,
    settings,
    configuration: options.configuration,
    store,
    clock,
    log,
    tell: (fact) => events.tell(fact),
    look: () => events.committed([]),
    async start() {
      await sessionCache.get(MAIN);
      runs.start();
      await jobs.start();
    },
    async close() {
      jobs.close();
      compactions.close();
      await runs.close();
      events.close();
    },
  };
}
