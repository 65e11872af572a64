import { signal } from "@preact/signals";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import type { Gateway } from "./panelRoutes.ts";
import type { FieldValue } from "../parts/fieldValue.ts";
import type { ViewMemory } from "./viewState.ts";

export type QuestionList = ReturnType<typeof createQuestionList>;

/** What MCP servers ask of the user, oldest first, and what is written into the forms so far. */
export function createQuestionList(gateway: Gateway, memory: ViewMemory) {
  const waiting = signal<McpQuestion[]>([]);
  /** What happened since the list was asked for, for each answer that is on its way. */
  const missed = new Set<GatewayEvent[]>();
  const put = (next: McpQuestion[]): void => {
    waiting.value = next;
    // What was written for a question that is over is nobody's.
    const ids = new Set(next.map(({ id }) => id));
    const kept = Object.entries(memory.state.answers).filter(([id]) => ids.has(id));
    if (kept.length < Object.keys(memory.state.answers).length) memory.update({ answers: Object.fromEntries(kept) });
  };
  const drop = (id: string) => put(waiting.value.filter((question) => question.id !== id));
  gateway.onEvent((event) => {
    if (event.type !== "mcp.asked" && event.type !== "mcp.answered") return;
    for (const events of missed) events.push(event);
    put(apply(waiting.value, event));
  });
  return {
    waiting,
    /** The user wants to answer: the first card that is there takes the keyboard. */
    isWanted: signal(false),
    /** Once the events of the gateway are followed. */
    async refresh() {
      const since: GatewayEvent[] = [];
      missed.add(since);
      try {
        const { questions } = await gateway.call("mcp.questions", {});
        put(since.reduce(apply, questions));
      } finally {
        missed.delete(since);
      }
    },
    /** Rejects as the route does: `bad_request` for what does not fit, and then it still waits. */
    async answer(id: string, answer: McpAnswer): Promise<void> {
      try {
        await gateway.call("mcp.answer", { id, ...answer });
      } catch (error) {
        if ((error as { code?: unknown }).code === "not_found") drop(id);
        throw error;
      }
      drop(id);
    },
    /** By the names of the fields, what was written into one. */
    written: (id: string) => new Map(memory.state.answers[id]),
    write(id: string, values: ReadonlyMap<string, FieldValue>) {
      memory.update({ answers: { ...memory.state.answers, [id]: [...values] } }, true);
    },
  };
}

function apply(waiting: McpQuestion[], event: GatewayEvent): McpQuestion[] {
  if (event.type === "mcp.asked") return [...waiting.filter(({ id }) => id !== event.question.id), event.question];
  if (event.type === "mcp.answered") return waiting.filter(({ id }) => id !== event.questionId);
  return waiting;
}
