import { NEVER_LOOKING, planWords } from "../permission/planning.ts";
import { isAppError } from "../../base/appError.ts";
import type { Log } from "../../base/log.ts";
import type {
  AssistantMessage,
  Message,
  Origin,
  StoredMessage,
  SystemMessage,
  ToolCall,
} from "../../protocol/message.ts";
import type { AskMore } from "../permission/askMore.ts";
import { BudgetExceeded, type Budgets, type Reservation } from "../permission/budget.ts";
import type { Compactor } from "../context/compaction.ts";
import { createFitWindow } from "../context/fitWindow.ts";
import { estimateRequest } from "../models/estimate.ts";
import type { Instructions } from "../context/instructions.ts";
import { type SessionSkills, SKILL_TOOL, skillWords } from "../context/skills.ts";
import { promptOf } from "../context/prompts.ts";
import { isTold } from "../context/told.ts";
import { createFallbacks } from "../models/fallbacks.ts";
import type { Counted } from "../models/usageMeter.ts";
import type { Journal } from "../state/journal.ts";
import { createPlainSessions, type PlainSessions } from "../context/plainSessions.ts";
import type { Histories } from "../context/histories.ts";
import { openCalls } from "../context/modelContext.ts";
import type { ModelCatalog, ModelChoice } from "../models/catalog.ts";
import type { Agents } from "../services/namedTexts.ts";
import type { Agent } from "../ports/agent.ts";
import type { McpServers } from "../ports/mcpServers.ts";
import type { ModelRequest, ToolSpec } from "../ports/provider.ts";
import type { AgentSettings, SettingsNow } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import { toSystemPrompt } from "../context/systemPrompt.ts";
import { type HistoryFacts, historyFactsOf } from "./historyFacts.ts";
import { runLoop } from "./runLoop.ts";
import { createReplyCheck, formWords, type ReplyCheck, toOutputShape, wasAskedAgain } from "./reply/replyCheck.ts";
import { dealCalls, type Dealt, mustCall, mustWords, withClientTools } from "./reply/clientCalls.ts";
import { takeAnswers } from "./reply/takeAnswers.ts";
import type { Finished, Work } from "./runParts.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import { joinWaiting } from "./joinWaiting.ts";
import { runToolCalls, type ToolCallOptions } from "./calls/toolCalls.ts";
import { foundIn } from "./calls/toolSearch.ts";
import type { Toolbox } from "./calls/toolbox.ts";

export interface ExecuteRunOptions {
  store: Store;
  sessionRepository: SessionRepository;
  histories: Histories;
  models: ModelCatalog;
  toolbox: Toolbox;
  /** Whose tools have to be known before a model is asked. */
  servers?: Pick<McpServers, "settled"> | undefined;
  compactor: Compactor;
  instructions: Instructions;
  skills: SessionSkills;
  budgets: Budgets;
  askMore: AskMore;
  toolCalls: Omit<ToolCallOptions, "tools">;
  settings: SettingsNow;
  /** The system and its shell, in a few words. */
  surroundings?: string | undefined;
  agent: (journal: Journal, signal: AbortSignal) => Agent;
  /** Whose names the model is told. */
  agents: Pick<Agents, "offered">;
  log: Log;
}

/** A run that is being worked on. */
interface AtWork {
  options: ExecuteRunOptions;
  plain: PlainSessions;
  journal: Journal;
  signal: AbortSignal;
  session: StoredSession;
  settings: AgentSettings;
  /** The history of its session as it was found. */
  found: StoredMessage[];
  /** Most turns call no tool, and need no agent to give it. */
  agent?: Agent;
}

/** What came to the history before the model is asked, of which nothing is in `found`. */
interface Since {
  told: Message[];
  /** Results of calls that were open. */
  results: Message[];
}

/** The work of one run: its session's history to the model and back, from wherever the journal says it stands. */
export function createExecuteRun(options: ExecuteRunOptions): Work {
  const plain = createPlainSessions();
  return async (journal, signal) => {
    signal.throwIfAborted();
    const { sessionRepository, histories } = options;
    const session = await (journal.session
      ? sessionRepository.settled(journal.session)
      : sessionRepository.get(journal.run.sessionKey));
    const settings = options.settings(session.workspace);
    const found = await histories.context(session);
    return executeRun({ options, plain, journal, signal, session, settings, found });
  };
}

async function executeRun(work: AtWork): Promise<Finished> {
  const { options, journal, found } = work;
  const { run } = journal;
  const { form, clientTools } = run;
  const close = mustCall(clientTools, createReplyCheck(form, form !== undefined && wasAskedAgain(found, run.id)));
  const finished = finishedAnswer(found, run.id);
  const closing = finished && close(finished);
  if (closing && "failure" in closing) throw closing.failure;
  if (closing && !("again" in closing)) return { reply: finished.text, facts: [], ...closing };

  const past = historyFactsOf(found);
  const told = [
    // Where it has answered already, what came between its calls and their results would be refused.
    ...(past.begun.has(run.id) ? [] : await namedSkill(work)),
    ...(await takeAnswers(journal, found)),
  ];
  const open = openCalls(found, run.id);
  const dealt = open.length === 0 ? NONE : await runTools(work, open, await beforeStop(options.store, run.id));
  if (dealt.handed.length > 0) return { reply: journal.reply || lastText(found), facts: [], calls: dealt.handed };
  return askModels(work, past, { told, results: dealt.results }, close);
}

/** The calls of an answer made, and what they let the model know. Those of the client are handed to it. */
function runTools(work: AtWork, calls: ToolCall[], before: Partial<BeforeStop> = {}): Promise<Dealt> {
  const { options, journal, signal, session } = work;
  const runOwn = async (own: ToolCall[]): Promise<Message[]> => {
    work.agent ??= options.agent(journal, signal);
    const toolCalls = { ...options.toolCalls, tools: options.toolbox.tools(session) };
    const places = new Set<string>();
    const tells: SystemMessage[] = [];
    const context = { session, journal, agent: work.agent, signal, places, tells, ...before };
    const results = await runToolCalls(own, context, toolCalls);
    const told = await options.skills.tell(journal, session, tells.filter(isTold));
    return [...results, ...told, ...(await options.instructions.tell(journal, session, places))];
  };
  return dealCalls(calls, journal.run.clientTools, { journal, runOwn });
}

/** The loop over what was found and what came since, to the run's end. */
async function askModels(work: AtWork, past: HistoryFacts, since: Since, close: ReplyCheck): Promise<Finished> {
  const { options, plain, journal, signal, session, settings, found } = work;
  const { store, models } = options;
  const { run } = journal;
  const { form, clientTools, sampling } = run;
  const attended = isAttended(run.origin);
  const { reserve, spend, isPassedOver } = budgeted(work);
  const { plans, system, specs } = await offered(work, past, since);
  const prefixTokens = estimateRequest({ model: "", system, messages: [], tools: specs() }).inputTokens;
  const { histories, sessionRepository, compactor } = options;
  const room = createFitWindow({
    ...{ store, histories, sessionRepository, compactor, models },
    ...{ prefixTokens, journal, signal, attended, reserve, spend },
  });
  return runLoop({
    models: createFallbacks(run.model, models, () => options.settings().fallbacks, isPassedOver),
    system,
    // What a step finds, or a server has meanwhile, is there at the next.
    get tools() {
      return specs();
    },
    messages: plain.of(run.sessionKey, [...found, ...since.told, ...since.results]),
    journal,
    beside: [
      plans && planWords(session.parentKey !== undefined),
      form && formWords(form),
      clientTools && mustWords(clientTools),
    ]
      .filter(Boolean)
      .join("\n\n"),
    effort: session.agent?.effort ?? session.effort,
    output: form && toOutputShape(form, wasAskedAgain(found, run.id)),
    sampling,
    close,
    signal,
    maxSteps: settings.maxSteps,
    attended,
    reserve,
    spend,
    makeRoom: async (current, choice, overflow) => plain.of(run.sessionKey, await room.make(current, choice, overflow)),
    window: (choice) => models.window(choice),
    joinWaiting: () => joinWaiting(store, journal),
    keepPlain: (plainer) => plain.keep(run, plainer),
    runTools: (calls) => runTools(work, calls),
  });
}

/** What the model is told of itself and may call, in this run. */
async function offered(work: AtWork, past: HistoryFacts, { told, results }: Since) {
  const { options, journal, signal, session, settings } = work;
  const { toolbox, surroundings } = options;
  const skills = await options.skills.offered(session);
  // One that only people may name has files, too.
  const isUsed = skills.length > 0 || past.hasSkill || told.some((one) => isTold(one) && one.kind === "skill");
  const plans = options.toolCalls.approvals.plans(journal);
  const without = [...(isUsed ? [] : [SKILL_TOOL]), ...(plans ? NEVER_LOOKING : [])];
  const own = toolbox.specs(session, without);
  const system = toSystemPrompt({
    session,
    settings,
    files: await options.instructions.standing(session),
    surroundings,
    skills: has(own, SKILL_TOOL) ? skillWords(skills) : "",
    agents: has(own, "sessions_spawn") ? await options.agents.offered(session.workspace) : [],
  });
  await options.servers?.settled(signal);
  toolbox.recall(session.key, [...past.tools, ...foundIn([...told, ...results])]);
  return { plans, system, specs: () => withClientTools(toolbox.specs(session, without), journal.run.clientTools) };
}

/** What its requests may cost, and have cost. */
function budgeted({ options, journal, signal }: AtWork) {
  const { budgets } = options;
  return {
    reserve: (request: ModelRequest, choice: ModelChoice): Promise<Reservation> =>
      reserveOrAsk(options, journal, signal, () => budgets.reserve(journal.run, request, choice)),
    spend: (counted: Counted) => budgets.spend(journal.run, counted),
    /** A budget that cannot be held ends no run that another model can do. */
    isPassedOver: async (choice: ModelChoice): Promise<boolean> => {
      const problem = await budgets.problem(journal.run, choice);
      if (problem) await journal.write([{ type: "run.notice", text: `${choice.model} is passed over. ${problem}` }]);
      return problem !== undefined;
    },
  };
}

/** What the message of a run names is told before the first step. */
async function namedSkill({ options: { skills, log }, journal, session }: AtWork): Promise<Message[]> {
  const named = promptOf(journal.run.input);
  if (named?.kind !== "skill") return [];
  try {
    const skill = await skills.get(named.name, session.workspace);
    return await skills.tell(journal, session, [await skills.toMessage(skill)]);
  } catch (error) {
    if (!isAppError(error)) throw error;
    log.warn("A skill that was named cannot be used", { runId: journal.run.id, error: error.message });
    await journal.write([{ type: "run.notice", text: error.message }]);
    return [];
  }
}

function has(specs: ToolSpec[], tool: string): boolean {
  return specs.some(({ name }) => name === tool);
}

/** At a ceiling somebody may be there to raise it; with no, or nobody, it is what it was. */
async function reserveOrAsk(
  { askMore }: ExecuteRunOptions,
  journal: Journal,
  signal: AbortSignal,
  reserve: () => Promise<Reservation>,
): Promise<Reservation> {
  for (;;) {
    try {
      return await reserve();
    } catch (error) {
      if (!(error instanceof BudgetExceeded) || !(await askMore.ask(error, journal, signal))) throw error;
    }
  }
}

const NONE: Dealt = { results: [], handed: [] };

function lastText(messages: StoredMessage[]): string {
  return messages.findLast(({ role }) => role === "assistant")?.text ?? "";
}

/** The answer was stored, and only the run's end was not. */
function finishedAnswer(messages: StoredMessage[], runId: string): AssistantMessage | undefined {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || last.runId !== runId || last.toolCalls.length > 0 || last.ended === "stopped")
    return undefined;
  return last;
}

/** What had become of a run's calls when its gateway went away. */
interface BeforeStop {
  /** Those it had begun: "stopped" when its gateway still saw them end, "died" when it did not. */
  begun: Map<string, "stopped" | "died">;
  /** Those that the hooks before a tool had let pass: they are not asked again. */
  passed: Set<string>;
}

async function beforeStop(store: Store, runId: string): Promise<BeforeStop> {
  const begun: BeforeStop["begun"] = new Map();
  const passed = new Set<string>();
  for (const event of await store.listEvents({ runId, afterId: 0, limit: 100_000 })) {
    if (event.type === "hook.finished" && event.moment === "beforeTool" && event.outcome === "ok")
      passed.add(event.callId);
    if (event.type === "tool.started") begun.set(event.callId, "died");
    if (event.type === "tool.finished" && begun.has(event.callId)) begun.set(event.callId, "stopped");
  }
  return { begun, passed };
}

/** Somebody waits for it in the editor. */
function isAttended({ via }: Origin): boolean {
  return via === "panel" || via === "palette";
}
