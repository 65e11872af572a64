import { PathLanes } from "../base/turns/pathLanes.ts";
import { defined } from "../base/defined.ts";
import { digestsOfFiles } from "./jobs/grantBinding.ts";
import type { StateFact } from "../protocol/event.ts";
import { createChannelDesk } from "./channels/createChannelDesk.ts";
import { createBoundAgent } from "./runs/boundAgent.ts";
import { createExecuteRun } from "./runs/executeRun.ts";
import { type ApprovalDesk, createApprovalDesk } from "./permission/approvals.ts";
import { createBudgets } from "./permission/budget.ts";
import { createAskMore } from "./permission/askMore.ts";
import { createBudgetReport } from "./permission/budgetReport.ts";
import { warnOfBudgets } from "./permission/budgetWarnings.ts";
import { createPeople } from "./permission/people.ts";
import { createTreeAdmission } from "./permission/treeAdmission.ts";
import { createHistories } from "./context/histories.ts";
import { createPrompts } from "./context/prompts.ts";
import { createSkills } from "./context/skills.ts";
import { createInstructions } from "./context/instructions.ts";
import { createCompactor } from "./context/compaction.ts";
import type { Core } from "./core.ts";
import { createActivities } from "./state/activities.ts";
import { createSharedHolds } from "./state/sharedHolds.ts";
import { createEventLog } from "./state/eventLog.ts";
import { createRelayedBus } from "./state/relayedBus.ts";
import { openLocalBus } from "./state/localBus.ts";
import { createConditionCall } from "./jobs/conditions/conditionCall.ts";
import { createJobs, type Scheduler } from "./jobs/jobs.ts";
import type { Journal } from "./state/journal.ts";
import { createModelCatalog, type ModelCatalog } from "./models/catalog.ts";
import type { CodeKnowledge } from "./ports/codeKnowledge.ts";
import type { Worktrees } from "./ports/worktrees.ts";
import { createResponseCache } from "./sessions/responseCache.ts";
import { createBesideHooks } from "./runs/besideHooks.ts";
import { type AllRuns, createRuns } from "./runs/runs.ts";
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
import type { CoreOptions } from "./coreOptions.ts";
import type { ChannelDesk } from "./ports/outside/channelDesk.ts";
import type { SessionParts } from "./sessions/sessionParts.ts";

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
  const { store, clock, log, settings, queue, browser, servers, sandbox = NO_SANDBOX } = options;
  const lead: Lead = { isOurs: false };
  const { ground, bus } = await openGround(options, lead);
  const { events, workspaces, worktrees, sessionRepository } = ground;
  const models = createModelCatalog({
    ...{ entries: options.providers, settings, clock, holds: ground.holds },
    elsewhere: () => queue.models().flatMap(({ owner, models: of }) => of.map((one) => ({ ...one, at: owner }))),
  });
  const permission = createPermission(options, ground, () => jobs);
  const context = createContext(options, ground, models);
  const calls = createCalls(options, ground, permission.approvals);
  const channels = createChannels(options, ground);
  const working = createWorking(options, { ground, models, permission, context, calls, jobs: () => jobs });
  const { sessions, subagents, runs, deletions, compactions, reports, parts, calling } = working;
  const jobs = createScheduler(options, { ground, models, channels, working });
  const { approvals, people, warnings } = permission;
  const work = () => startWork(options, runs, lead);
  return {
    sessions,
    subagents,
    agents: context.agents,
    skills: context.skills,
    prompts: createPrompts({ files: options.promptFiles, skills: context.skills, servers }),
    worktrees,
    checkpoints: createCheckpointing({ ...parts, realFolder: options.folders.real }),
    plans: createPlans(parts),
    runs,
    approvals,
    jobs,
    events,
    models,
    moving: createMoving({
      store,
      commit: (batch) => tellSessions(events, batch),
      between: (key, change) => runs.between(key, change),
      listed: (folder) => workspaces.find(folder),
      jobs: () => jobs.taking(),
      now: () => clock.now(),
    }),
    usage: createUsageReport({ store, clock }),
    reports,
    responses: createResponseCache({ ...ground, models }),
    tools: createToolRunner(calling),
    people,
    channels,
    budgets: createBudgetReport({ ...ground, models }),
    ...defined({ browser, servers }),
    sandbox,
    workspaces,
    settings,
    configuration: options.configuration,
    store,
    clock,
    log,
    tell: (fact) => events.tell(fact),
    look() {
      bus.committed([]);
      queue.look();
    },
    hear({ deltas, facts }) {
      for (const { source, fact, baseId } of deltas) bus.delta(source, fact, baseId);
      for (const fact of facts) bus.tell(fact);
      bus.committed([]);
    },
    async start() {
      lead.isOurs = true;
      await sessionRepository.get(MAIN);
      await approvals.dropLoose();
      await deletions.start();
      work();
      await jobs.start();
    },
    work,
    isIdle: () => runs.isIdle(),
    async close() {
      await calls.commands.close();
      warnings.dispose();
      jobs.close();
      compactions.close();
      deletions.close();
      await runs.close();
      events.close();
    },
  };
}

/** Whether this process leads. */
interface Lead {
  isOurs: boolean;
}

type Ground = Awaited<ReturnType<typeof openGround>>["ground"];
type Permission = ReturnType<typeof createPermission>;
type Context = ReturnType<typeof createContext>;
type Calls = ReturnType<typeof createCalls>;
type Working = ReturnType<typeof createWorking>;

const NO_SANDBOX: Core["sandbox"] = async () => ({ holds: false, reason: "none was put in" });

/** What every part stands on: the store and its events, sessions as they are stored, and where work may be done. */
async function openGround(options: CoreOptions, lead: Lead) {
  const { store, clock, log, settings, queue, folders, relay } = options;
  const { worktrees = NO_WORKTREES, checkpoints = NO_CHECKPOINTS } = options;
  // Those of other workers are in the store before their windows have offered them.
  const open = () => [...options.workspaces(), ...queue.places()];
  const workspaces = createWorkspaces(open, folders, (folder) => worktrees.nameOf(folder) !== undefined);
  const bus = await openLocalBus({ store, clock, log });
  const events = createEventLog(store, relay ? createRelayedBus(bus, relay) : bus);
  const sessionRepository = createSessionRepository({ store, clock, workspaces, leads: () => lead.isOurs });
  const holds = createSharedHolds({ store, owner: queue.worker, log });
  const ground = { holds, store, clock, log, settings, events, sessionRepository, workspaces, worktrees, checkpoints };
  return { ground, bus };
}

/** What runs may do and spend, and who is asked where that does not say. */
function createPermission(options: CoreOptions, ground: Ground, jobs: () => Scheduler) {
  const { keepRule, dropRule, fileBytes } = options;
  const approvals = createApprovalDesk({
    ...ground,
    ...defined({ keepRule, dropRule }),
    grantJob: (run, given, mayWrite) => jobs().grant(run, given, mayWrite),
    grantFiles: (rules, folder) => digestsOfFiles(rules, folder, defined({ fileBytes })),
    lapsed: (run, of) => jobs().lapsed(run, of),
    declaredIn: (run) => jobs().declaredIn(run),
  });
  const budgets = createBudgets(ground);
  const people = createPeople(ground);
  const askMore = createAskMore({ ...ground, questions: approvals.questions, people });
  return { approvals, budgets, people, askMore, warnings: warnOfBudgets(ground) };
}

/** What a model is told beside the messages, and how that is kept within its window. */
function createContext(options: CoreOptions, ground: Ground, models: ModelCatalog) {
  const { agentFiles, instructionFiles, skillFiles, folders } = options;
  const histories = createHistories(ground.store);
  return {
    histories,
    agents: createAgents(agentFiles),
    instructions: createInstructions({ ...ground, files: instructionFiles, histories, realFolder: folders.real }),
    skills: createSkills({ ...ground, files: skillFiles, histories }),
    compactor: createCompactor({ ...ground, models }),
  };
}

/** The tools, and what their calls go by. */
function createCalls(options: CoreOptions, ground: Ground, approvals: ApprovalDesk) {
  const { settings, files, browser, folders, hooks, ownMemory, outputs, queue } = options;
  const tools = () => [...options.tools, ...(options.servers?.tools() ?? [])];
  const code = options.code && withWorktrees(options.code, ground.worktrees);
  const toolbox = createToolbox(tools, settings, (folder) => code?.has(folders.real(folder)) ?? false);
  const commands = createKeptCommands({ ...ground, owner: queue.worker });
  const toolCalls = {
    ...ground,
    ...{ hooks, ownMemory, approvals, files, browser, outputs, code },
    lanes: new PathLanes(),
    keepCommand: commands.keep,
    realFolder: folders.real,
  };
  return { tools, toolbox, commands, toolCalls };
}

function createChannels({ channels, redact, holdsSecret, outFiles, settings }: CoreOptions, ground: Ground) {
  const { store, clock, events } = ground;
  return createChannelDesk({
    store,
    clock,
    ...defined({ channels, redact, holdsSecret, files: outFiles }),
    rules: () => settings().rules ?? [],
    tell: (fact) => events.tell(fact),
  });
}

/** Runs, and the sessions that they are of: sessions start runs, and a run may work with sessions. */
function createWorking(
  options: CoreOptions,
  of: {
    ground: Ground;
    models: ModelCatalog;
    permission: Permission;
    context: Context;
    calls: Calls;
    jobs: () => Scheduler;
  },
) {
  const { queue, settings, servers, surroundings, hooks, redact = (text) => text } = options;
  const { ground, models, context, calls, jobs } = of;
  const { approvals, budgets, askMore } = of.permission;
  const { histories, agents, instructions, skills, compactor } = context;
  const { tools, toolbox, toolCalls } = calls;
  const realFolder = options.folders.real;
  const waits = createWaitGraph(ground.holds);
  const agent = (journal: Journal, signal: AbortSignal) =>
    createBoundAgent(journal.run, signal, {
      ...ground,
      ...{ sessions, subagents, agents, skills, runs, jobs, waits, budgets },
    });
  const execute = createExecuteRun({
    ...ground,
    ...{ histories, instructions, skills, models, toolbox, servers, compactor },
    ...{ budgets, askMore, toolCalls, surroundings, agent, agents },
  });
  const beside = createBesideHooks({ ...ground, hooks, realFolder });
  const runs = createRuns({ ...ground, queue, tree: createTreeAdmission(settings), work: execute, beside });
  const compactions = createCompactions({ ...ground, runs, models, budgets, compactor });
  const parts: SessionParts = { ...ground, runs, models, approvals, compactions, instructions, skills };
  const deletions = createDeletions(parts);
  const sessions = createSessions({ ...parts, deletions });
  const subagents = createSubagents(parts, createActivities(ground.events));
  const reports = createReports({ ...parts, realFolder, redact });
  const calling = { ...ground, tools, sessions, toolbox, toolCalls, agent };
  return { sessions, subagents, runs, beside, compactions, deletions, reports, parts, calling };
}

function createScheduler(
  options: CoreOptions,
  of: { ground: Ground; models: ModelCatalog; channels: ChannelDesk; working: Working },
): Scheduler {
  const { webhooks, fileBytes, watchFiles, redact = (text) => text } = options;
  const { ground, models, channels } = of;
  const { sessions, runs, reports, beside, calling } = of.working;
  return createJobs({
    ...ground,
    ...{ sessions, runs, models, reports, channels, redact },
    ...defined({ webhooks, fileBytes, watchFiles }),
    tryCondition: createConditionCall(calling),
    received: (note, body) => beside.tell("messageReceived", note, body),
    worker: options.queue.worker,
  });
}

/** Takes the runs of the folders that are open here; where it leads, those of nobody's folders as well. */
function startWork(options: CoreOptions, runs: AllRuns, lead: Lead): void {
  const { workspaces, editor = false, hostModels, owner, worktrees = NO_WORKTREES } = options;
  runs.start({
    places: workspaces,
    editor,
    home: (folder) => worktrees.origin(folder),
    ...defined({ models: hostModels, owner }),
    rest: () => lead.isOurs,
  });
}

/** A worktree belongs to the editor that has its repository open. */
function withWorktrees(code: CodeKnowledge, worktrees: Worktrees): CodeKnowledge {
  return { ...code, has: (folder) => code.has(folder) || code.has(worktrees.origin(folder) ?? folder) };
}
