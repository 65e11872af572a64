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
import { createPlainSessions } from "../context/plainSessions.ts";
import type { Histories } from "../context/histories.ts";
import { openCalls } from "../context/modelContext.ts";
import type { ModelCatalog, ModelChoice } from "../models/catalog.ts";
import type { Agents } from "../doors/namedTexts.ts";
import type { Agent } from "../ports/agent.ts";
import type { McpServers } from "../ports/mcpServers.ts";
import type { ModelRequest, ToolSpec } from "../ports/provider.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import { toSystemPrompt } from "../context/systemPrompt.ts";
import { historyFactsOf } from "./historyFacts.ts";
import { runLoop } from "./runLoop.ts";
import { createReplyCheck, formWords, toOutputShape, wasAskedAgain } from "./reply/replyCheck.ts";
import { dealCalls, type Dealt, mustCall, mustWords, withClientTools } from "./reply/clientCalls.ts";
import { takeAnswers } from "./reply/takeAnswers.ts";
import type { Work } from "./runParts.ts";
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
  settings: () => AgentSettings;
  /** The system and its shell, in a few words. */
  surroundings?: string | undefined;
  agent: (journal: Journal, signal: AbortSignal) => Agent;
  /** Whose names the model is told. */
  agents: Pick<Agents, "offered">;
  log: Log;
}

/** The work of one run: its session's history to the model and back, from wherever the journal says it stands. */
export function createExecuteRun(options: ExecuteRunOptions): Work {
  const { store, sessionRepository, histories, models } = options;
  const plain = createPlainSessions();
  return async (journal, signal) => {
    signal.throwIfAborted();
    const { run } = journal;
    const session = await (journal.session
      ? sessionRepository.settled(journal.session)
      : sessionRepository.get(run.sessionKey));
    const settings = options.settings();
    const found = await histories.context(session);
    const { form, clientTools, sampling } = run;
    const close = mustCall(clientTools, createReplyCheck(form, form !== undefined && wasAskedAgain(found, run.id)));
    const finished = finishedAnswer(found, run.id);
    const closing = finished && close(finished);
    if (closing && "failure" in closing) throw closing.failure;
    if (closing && !("again" in closing)) return { reply: finished.text, facts: [], ...closing };

    // Most turns call no tool, and need no agent to give it.
    let agent: Agent | undefined;
    const runTools = (calls: ToolCall[], before: Partial<BeforeStop> = {}): Promise<Dealt> => {
      const runOwn = async (own: ToolCall[]): Promise<Message[]> => {
        agent ??= options.agent(journal, signal);
        const toolCalls = { ...options.toolCalls, tools: options.toolbox.tools(session) };
        const places = new Set<string>();
        const tells: SystemMessage[] = [];
        const context = { session, journal, agent, signal, places, tells, ...before };
        const results = await runToolCalls(own, context, toolCalls);
        const told = await options.skills.tell(journal, session, tells.filter(isTold));
        return [...results, ...told, ...(await options.instructions.tell(journal, session, places))];
      };
      return dealCalls(calls, clientTools, { journal, runOwn });
    };

    const past = historyFactsOf(found);
    const messages: Message[] = [
      ...found,
      // Where it has answered already, what came between its calls and their results would be refused.
      ...(past.begun.has(run.id) ? [] : await namedSkill(options, journal, session)),
    ];
    messages.push(...(await takeAnswers(journal, found)));
    const open = openCalls(found, run.id);
    const dealt = open.length === 0 ? NONE : await runTools(open, await beforeStop(store, run.id));
    if (dealt.handed.length > 0) return { reply: journal.reply || lastText(found), facts: [], calls: dealt.handed };
    const caughtUp = [...messages, ...dealt.results];
    const since = messages.slice(found.length);
    const reserve = (request: ModelRequest, choice: ModelChoice): Promise<Reservation> =>
      reserveOrAsk(options, journal, signal, () => options.budgets.reserve(journal.run, request, choice));
    // A budget that cannot be held ends no run that another model can do.
    const isPassedOver = async (choice: ModelChoice): Promise<boolean> => {
      const problem = await options.budgets.problem(journal.run, choice);
      if (problem) await journal.write([{ type: "run.notice", text: `${choice.model} is passed over. ${problem}` }]);
      return problem !== undefined;
    };
    const spend = (counted: Counted) => options.budgets.spend(journal.run, counted);
    const skills = await options.skills.offered(session);
    // One that only people may name has files, too.
    const isUsed = skills.length > 0 || past.hasSkill || since.some((one) => isTold(one) && one.kind === "skill");
    const plans = options.toolCalls.approvals.plans(journal);
    const without = [...(isUsed ? [] : [SKILL_TOOL]), ...(plans ? NEVER_LOOKING : [])];
    const own = options.toolbox.specs(session, without);
    const system = toSystemPrompt({
      session,
      settings,
      files: await options.instructions.standing(session),
      surroundings: options.surroundings,
      skills: has(own, SKILL_TOOL) ? skillWords(skills) : "",
      agents: has(own, "sessions_spawn") ? await options.agents.offered(session.workspace) : [],
    });
    await options.servers?.settled(signal);
    options.toolbox.recall(session.key, [...past.tools, ...foundIn(caughtUp.slice(found.length))]);
    const specs = () => withClientTools(options.toolbox.specs(session, without), clientTools);
    const room = createFitWindow({
      store,
      histories,
      sessionRepository,
      compactor: options.compactor,
      models,
      prefixTokens: estimateRequest({ model: "", system, messages: [], tools: specs() }).inputTokens,
      journal,
      signal,
      attended: isAttended(run.origin),
      reserve,
      spend,
    });
    return runLoop({
      models: createFallbacks(run.model, models, () => options.settings().fallbacks, isPassedOver),
      system,
      // What a step finds, or a server has meanwhile, is there at the next.
      get tools() {
        return specs();
      },
      messages: plain.of(run.sessionKey, caughtUp),
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
      attended: isAttended(run.origin),
      reserve,
      spend,
      makeRoom: async (current, choice, overflow) =>
        plain.of(run.sessionKey, await room.make(current, choice, overflow)),
      window: (choice) => models.window(choice),
      joinWaiting: () => joinWaiting(store, journal),
      keepPlain: (plainer) => plain.keep(run, plainer),
      runTools,
    });
  };
}

/** What the message of a run names is told before the first step. */
async function namedSkill(
  { skills, log }: ExecuteRunOptions,
  journal: Journal,
  session: StoredSession,
): Promise<Message[]> {
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
