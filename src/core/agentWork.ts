import { AppError } from "../base/appError.ts";
import type { Log } from "../base/log.ts";
import type { Message, StoredMessage, ToolCall } from "../protocol/message.ts";
import type { Session } from "../protocol/session.ts";
import type { Compactor } from "./compaction.ts";
import type { Journal } from "./journal.ts";
import { openCalls, readContext } from "./modelContext.ts";
import type { ModelCatalog } from "./models.ts";
import type { Agent } from "./ports/agent.ts";
import type { AgentSettings } from "./ports/settings.ts";
import type { Store } from "./ports/store.ts";
import { toSystemPrompt } from "./prompt.ts";
import { runLoop } from "./runLoop.ts";
import type { Work } from "./runs.ts";
import type { SessionBook } from "./sessionBook.ts";
import { runToolCall, type ToolCallOptions } from "./toolCalls.ts";
import type { Toolbox } from "./toolbox.ts";
import { totalTokens } from "./usage.ts";

export interface AgentWorkOptions {
  store: Store;
  book: SessionBook;
  models: ModelCatalog;
  toolbox: Toolbox;
  compactor: Compactor;
  toolCalls: Omit<ToolCallOptions, "tools">;
  settings: () => AgentSettings;
  agent: (journal: Journal, signal: AbortSignal) => Agent;
  log: Log;
}

// Compaction that does not help must not be tried for ever.
const MAX_COMPACTIONS = 3;

/** The work of one run: its session's history to the model and back, from wherever the journal says it stands. */
export function createAgentWork(options: AgentWorkOptions): Work {
  const { store, book, models } = options;
  return async (journal, signal) => {
    signal.throwIfAborted();
    const { run } = journal;
    const session = await book.get(run.sessionKey);
    const settings = options.settings();
    const messages = await readContext(store, session);
    const finished = finishedReply(messages, run.id);
    if (finished !== undefined) return finished;

    const info = await models.info(run.model);
    const agent = options.agent(journal, signal);
    const tools = options.toolbox.tools(session);
    const runTools = async (calls: ToolCall[], begun: Set<string> = new Set()): Promise<Message[]> => {
      const context = { session, journal, agent, signal };
      // All settle before any failure is passed on, so that no call outlives its run.
      const results = await Promise.allSettled(
        calls.map((call) =>
          runToolCall(call, { ...context, interrupted: begun.has(call.id) }, { ...options.toolCalls, tools }),
        ),
      );
      return results.map((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
    };

    const open = openCalls(messages);
    const caughtUp =
      open.length === 0 ? messages : [...messages, ...(await runTools(open, await begunCalls(store, run.id)))];
    let compactions = 0;
    return runLoop({
      provider: models.provider(run.model),
      model: run.model,
      price: info?.price,
      system: toSystemPrompt(session, settings),
      tools: options.toolbox.specs(session),
      messages: caughtUp,
      journal,
      signal,
      maxSteps: settings.maxSteps,
      checkBudget: async () => checkBudget(journal, await book.get(session.key), options.settings()),
      makeRoom: async (current) => {
        const now = await book.get(session.key);
        if (compactions >= MAX_COMPACTIONS || !options.compactor.isNearlyFull(current, now, info?.windowTokens))
          return current;
        compactions += 1;
        const { compacted } = await options.compactor.compact(now, { model: run.model, runId: run.id, signal });
        if (!compacted) return current;
        await journal.write([
          { type: "run.notice", text: "The older part of this session was summarised to make room." },
        ]);
        return readContext(store, await book.get(session.key));
      },
      runTools,
    });
  };
}

/** The answer was stored, and only the run's end was not. */
function finishedReply(messages: StoredMessage[], runId: string): string | undefined {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || last.runId !== runId || last.toolCalls.length > 0 || last.ended === "stopped")
    return undefined;
  return last.text;
}

async function begunCalls(store: Store, runId: string): Promise<Set<string>> {
  const events = await store.listEvents({ runId, afterId: 0, limit: 100_000 });
  return new Set(events.flatMap((event) => (event.type === "tool.started" ? [event.callId] : [])));
}

function checkBudget({ run }: Journal, session: Session, settings: AgentSettings): void {
  const dollars = run.budgetUsd ?? settings.budgetUsd;
  if (dollars !== undefined && (run.usage.costUsd ?? 0) >= dollars) {
    throw new AppError("budget_exhausted", `The run has spent its budget of $${dollars}`);
  }
  if (settings.budgetTokens !== undefined && totalTokens(session.usage) >= settings.budgetTokens) {
    throw new AppError(
      "budget_exhausted",
      `Session ${session.key} has used its budget of ${settings.budgetTokens} tokens`,
    );
  }
}
