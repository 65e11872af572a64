import type { Clock } from "../base/clock.ts";
import { PathLanes } from "../base/turns/pathLanes.ts";
import { defined } from "../base/defined.ts";
import type { OutFileStore } from "../base/files/outFileStore.ts";
import type { KeptTexts } from "../base/files/keptTexts.ts";
import { digestsOfFiles } from "./jobs/grantBinding.ts";
import type { Log } from "../base/log.ts";
import type { ModelInfo } from "../protocol/model.ts";
import type { StateFact } from "../protocol/event.ts";
import { createChannelDesk } from "./channels/createChannelDesk.ts";
import { createBoundAgent } from "./runs/boundAgent.ts";
import { createExecuteRun } from "./runs/executeRun.ts";
import { type ApprovalDeskOptions, createApprovalDesk } from "./permission/approvals.ts";
import { createBudgets } from "./permission/budget.ts";
import { createAskMore } from "./permission/askMore.ts";
import { createBudgetReport } from "./permission/budgetReport.ts";
import { warnOfBudgets } from "./permission/budgetWarnings.ts";
import { createPeople } from "./permission/people.ts";
import { createCeilings } from "./permission/ceilings.ts";
import { createHistories } from "./context/histories.ts";
import { createPrompts } from "./context/prompts.ts";
import { createSkills } from "./context/skills.ts";
import { createInstructions } from "./context/instructions.ts";
import { createCompactor } from "./context/compaction.ts";
import type { Core } from "./core.ts";
import { createActivities } from "./state/activities.ts";
import { createSharedHolds } from "./state/sharedHolds.ts";
import { createEventLog } from "./state/eventLog.ts";
import { createRelayedBus, type Relay } from "./state/relayedBus.ts";
import { openLocalBus } from "./state/localBus.ts";
import { createConditionCall } from "./jobs/conditionCall.ts";
import { createJobs, type Scheduler } from "./jobs/jobs.ts";
import type { Journal } from "./state/journal.ts";
import { createModelCatalog, type ProviderEntry } from "./models/catalog.ts";
import type { InstructionFiles } from "./ports/context/instructionFiles.ts";
import type { PromptFiles } from "./ports/context/promptFiles.ts";
import type { SkillFiles } from "./ports/context/skillFiles.ts";
import type { AgentFiles } from "./ports/context/agentFiles.ts";
import type { Checkpoints } from "./ports/checkpoints.ts";
import type { CodeKnowledge } from "./ports/codeKnowledge.ts";
import type { Browser } from "./ports/browserPort.ts";
import type { SandboxState } from "./ports/commandPolicy.ts";
import type { Hooks } from "./ports/outside/hooks.ts";
import type { Files } from "./ports/files.ts";
import type { FileBytes, Folders } from "./ports/folders.ts";
import type { McpServers } from "./ports/mcpServers.ts";
import type { AgentSettings } from "./ports/settings.ts";
import type { Store } from "./ports/store.ts";
import type { Tool } from "./ports/tool.ts";
import type { WatchFiles } from "./ports/watchedFiles.ts";
import type { Webhooks } from "./ports/outside/webhooks.ts";
import type { ChannelSettings } from "./ports/outside/channelDesk.ts";
import type { Worktrees } from "./ports/worktrees.ts";
import { createResponseCache } from "./sessions/responseCache.ts";
import type { RunQueue } from "./ports/runQueue.ts";
import { createBesideHooks } from "./runs/besideHooks.ts";
import { createRuns } from "./runs/runs.ts";
import { createSessionRepository, MAIN } from "./state/sessionRepository.ts";
import { createPlans } from "./sessions/acceptPlan.ts";
import { createCompactions } from "./sessions/compactions.ts";
import { createDeletions } from "./sessions/deletions.ts";
import { createCheckpointing, NO_CHECKPOINTS } from "./sessions/checkpointing.ts";
import { createAgents } from "./sessions/agents.ts";
import { createSessions } from "./sessions/sessions.ts";
import { NO_WORKTREES } from "./sessions/inWorktree.ts";
import { createSubagents } from "./sessions/subagents.ts";
import { createToolbox } from "./runs/calls/toolbox.ts";
import { createToolRunner } from "./runs/calls/toolRunner.ts";
import { createMoving } from "./moving/moving.ts";
import { createKeptCommands } from "./jobs/triggers/keptCommands.ts";
import { tellSessions } from "./moving/tellSessions.ts";
import { createReports } from "./sessions/reports/runReports.ts";
import { createUsageReport } from "./sessions/usageReport.ts";
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
  /** Agents that files describe; absent: none. */
  agentFiles?: AgentFiles;
  /** What the user has called at moments of a run; absent: nothing. */
  hooks?: Hooks;
  /** Folder of the user's own notes, in the state folder; absent: none are kept. */
  ownMemory?: string;
  /** Prompts in files; absent: none. */
  promptFiles?: PromptFiles;
  /** Skills in folders; absent: none. */
  skillFiles?: SkillFiles;
  /** AGENTS.md and its like; absent: none. */
  instructionFiles?: InstructionFiles;
  /** Where sub-agents get files of their own; absent: nowhere. */
  worktrees?: Worktrees;
  /** What files were before runs change them; absent: nothing is kept. */
  checkpoints?: Checkpoints;
  browser?: Browser;
  /** Where output of commands is kept that is too long to be shown; absent: nowhere. */
  outputs?: KeptTexts;
  /** What the editor of this process knows of the code in its folders; absent: there is no editor. */
  code?: CodeKnowledge;
  /** MCP servers, whose tools come beside `tools`; absent: none. */
  servers?: McpServers;
  /** Folders of this process; attached windows add theirs. */
  workspaces: () => string[];
  /** Models of this process's editor, as they are now. */
  hostModels?: () => ModelInfo[];
  /** Who this process is, for people. */
  owner?: string;
  /** Whether an editor has them open: what runs there belongs into its process. */
  editor?: boolean;
  folders: Folders;
  /** What files are that jobs may run; absent: not looked at. */
  fileBytes?: FileBytes;
  /** What keeps commands within bounds; absent: nothing does. */
  sandbox?: () => Promise<SandboxState>;
  /** Writes a rule into the user's configuration, which has it in force when this resolves; absent: nowhere. */
  keepRule?: ApprovalDeskOptions["keepRule"];
  /** Takes one out of there; absent: nowhere. */
  dropRule?: ApprovalDeskOptions["dropRule"];
  /** Where jobs may post their results; absent: nowhere. */
  webhooks?: Webhooks;
  /** Chat networks that are set up; absent: none. */
  channels?: () => ChannelSettings[];
  /** Where copies are kept of files that go out to them; absent: none can. */
  outFiles?: OutFileStore;
  /** Takes secrets out of what is told to others; absent: there are none. */
  redact?: (text: string) => string;
  /** See ChannelDeskOptions. */
  holdsSecret?: (data: Buffer) => Promise<boolean>;
  /** Watches files for jobs; absent: none are. */
  watchFiles?: WatchFiles;
  /** Tells the process that leads what this one tells, while it works beside it. */
  relay?: () => Relay | undefined;
}

export interface RunningCore extends Core {
  jobs: Scheduler;
  /** Tells of a change outside of any run. */
  tell(fact: StateFact): void;
  /** Looks what another process has put into the store. To be called when one may have, and now and then. */
  look(): void;
  /** Leads: takes up unfinished runs, those of nobody's folders too, and starts the scheduler. */
  start(): Promise<void>;
  /** Works beside the process that leads, on what runs in its own folders. May lead later. */
  work(): void;
  /** Whether it is at work on no run. */
  isIdle(): boolean;
  /** Stops working; unfinished runs stay to be resumed. Does not close the store. */
  close(): Promise<void>;
}

/** Puts the agent together over its ports. Nothing runs before `start`. */
export async function createCore(options: CoreOptions): Promise<RunningCore> {
  const { store, clock, log, settings, files, browser, folders } = options;
  const { worktrees = NO_WORKTREES, checkpoints = NO_CHECKPOINTS } = options;
  // Those of other workers are in the store before their windows have offered them.
  const open = () => [...options.workspaces(), ...options.queue.places()];
  const workspaces = createWorkspaces(open, folders, worktrees.find);
  const bus = await openLocalBus({ store, clock, log });
  const events = createEventLog(store, options.relay ? createRelayedBus(bus, options.relay) : bus);
  let leads = false;
  const sessionRepository = createSessionRepository({ store, clock, workspaces, leads: () => leads });
  const holds = createSharedHolds({ store, owner: options.queue.worker, log });
  const shared = { holds, store, clock, log, settings, events, sessionRepository, workspaces, worktrees, checkpoints };
  const models = createModelCatalog({
    ...{ entries: options.providers, settings, clock, holds },
    elsewhere: () =>
      options.queue.models().flatMap(({ owner, models }) => models.map((one) => ({ ...one, at: owner }))),
  });
  const approvals = createApprovalDesk({
    ...shared,
    ...defined({ keepRule: options.keepRule, dropRule: options.dropRule }),
    grantJob: (run, given, mayWrite) => jobs.grant(run, given, mayWrite),
    grantFiles: (rules, folder) => digestsOfFiles(rules, folder, defined({ fileBytes: options.fileBytes })),
    lapsed: (run, of) => jobs.lapsed(run, of),
    declaredIn: (run) => jobs.declaredIn(run),
  });
  const compactor = createCompactor({ ...shared, models });
  const budgets = createBudgets(shared);
  const people = createPeople(shared);
  const askMore = createAskMore({ ...shared, questions: approvals.questions, people });
  const warnings = warnOfBudgets(shared);
  const tools = () => [...options.tools, ...(options.servers?.tools() ?? [])];
  const code = options.code && withWorktrees(options.code, worktrees);
  const toolbox = createToolbox(tools, settings, (folder) => code?.has(folders.real(folder)) ?? false);
  const { hooks, ownMemory } = options;
  const commands = createKeptCommands({ ...shared, owner: options.queue.worker });
  const toolCalls = {
    ...shared,
    hooks,
    ownMemory,
    approvals,
    lanes: new PathLanes(),
    files,
    browser,
    outputs: options.outputs,
    keepCommand: commands.keep,
    code,
    realFolder: folders.real,
  };
  const waits = createWaitGraph(holds);
  const agents = createAgents(options.agentFiles);
  const agent = (journal: Journal, signal: AbortSignal) =>
    createBoundAgent(journal.run, signal, {
      ...shared,
      sessions,
      subagents,
      agents,
      skills,
      runs,
      jobs: () => jobs,
      waits,
      budgets,
    });
  const channels = createChannelDesk({
    store,
    clock,
    ...defined({
      channels: options.channels,
      redact: options.redact,
      holdsSecret: options.holdsSecret,
      files: options.outFiles,
    }),
    rules: () => options.settings().rules ?? [],
    tell: (fact) => events.tell(fact),
  });
  const { surroundings } = options;
  const histories = createHistories(store);
  const { real: realFolder } = folders;
  const instructions = createInstructions({ ...shared, files: options.instructionFiles, histories, realFolder });
  const skills = createSkills({ ...shared, files: options.skillFiles, histories });
  const execute = createExecuteRun({
    ...shared,
    histories,
    instructions,
    skills,
    models,
    toolbox,
    servers: options.servers,
    compactor,
    budgets,
    askMore,
    toolCalls,
    surroundings,
    agent,
    agents,
  });
  const beside = createBesideHooks({ ...shared, hooks, realFolder });
  const runs = createRuns({
    ...shared,
    queue: options.queue,
    ceilings: createCeilings(settings),
    work: execute,
    beside,
  });
  const compactions = createCompactions({ ...shared, runs, models, budgets, compactor });
  const sessionParts = { ...shared, runs, models, approvals, compactions, instructions, skills };
  const deletions = createDeletions(sessionParts);
  const sessions = createSessions({ ...sessionParts, deletions });
  const subagents = createSubagents(sessionParts, createActivities(events));
  const { webhooks, fileBytes, watchFiles, redact = (text) => text } = options;
  const reports = createReports({ ...sessionParts, realFolder, redact });
  const calling = { ...shared, tools, sessions, toolbox, toolCalls, agent };
  const tryCondition = createConditionCall(calling);
  const jobs = createJobs({
    ...shared,
    sessions,
    runs,
    models,
    reports,
    webhooks,
    channels,
    fileBytes,
    watchFiles,
    tryCondition,
    redact,
    received: (note, body) => beside.tell("messageReceived", note, body),
    worker: options.queue.worker,
  });

  const work = () =>
    runs.start({
      places: options.workspaces,
      editor: options.editor ?? false,
      home: (folder) => worktrees.origin(folder),
      ...defined({ models: options.hostModels, owner: options.owner }),
      rest: () => leads,
    });
  return {
    sessions,
    subagents,
    agents,
    skills,
    prompts: createPrompts({ files: options.promptFiles, skills, servers: options.servers }),
    worktrees,
    checkpoints: createCheckpointing({ ...sessionParts, realFolder }),
    plans: createPlans(sessionParts),
    runs,
    approvals,
    jobs,
    events,
    models,
    moving: createMoving({
      store,
      commit: (batch) => tellSessions(events, batch),
      between: (key, work) => runs.between(key, work),
      listed: (folder) => workspaces.find(folder),
      jobs: () => jobs.taking(),
      now: () => clock.now(),
    }),
    usage: createUsageReport({ store, clock }),
    reports,
    responses: createResponseCache({ ...shared, models }),
    tools: createToolRunner(calling),
    people,
    channels,
    budgets: createBudgetReport({ ...shared, models }),
    ...(browser ? { browser } : {}),
    ...(options.servers ? { servers: options.servers } : {}),
    sandbox: options.sandbox ?? (async () => ({ holds: false, reason: "none was put in" })),
    workspaces,
    settings,
    configuration: options.configuration,
    store,
    clock,
    log,
    tell: (fact) => events.tell(fact),
    look() {
      bus.committed([]);
      options.queue.look();
    },
    hear({ deltas, facts }) {
      for (const { source, fact, baseId } of deltas) bus.delta(source, fact, baseId);
      for (const fact of facts) bus.tell(fact);
      bus.committed([]);
    },
    async start() {
      leads = true;
      await sessionRepository.get(MAIN);
      await approvals.dropLoose();
      await deletions.start();
      work();
      await jobs.start();
    },
    work,
    isIdle: () => runs.isIdle(),
    async close() {
      await commands.close();
      warnings.dispose();
      jobs.close();
      compactions.close();
      deletions.close();
      await runs.close();
      events.close();
    },
  };
}

/** A worktree belongs to the editor that has its repository open. */
function withWorktrees(code: CodeKnowledge, worktrees: Worktrees): CodeKnowledge {
  return { ...code, has: (folder) => code.has(folder) || code.has(worktrees.origin(folder) ?? folder) };
}
