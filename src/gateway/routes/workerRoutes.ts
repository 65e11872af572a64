import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defineRoute } from "../calls/route.ts";
import { deltaShape, stateFactShape } from "../../protocol/event.ts";
import { mcpAnswerShape, mcpQuestionShape } from "../../protocol/mcp.ts";
import { sessionKey } from "../../protocol/session.ts";

const MOST = 10_000;

export const workersTell = defineRoute({
  name: "workers.tell",
  verb: "POST",
  http: "none",
  // Whoever may say what the agent does.
  scope: "admin",
  summary:
    "Tells everybody what a window that works beside this gateway tells; what it has stored is read from the store.",
  input: z.strictObject({
    deltas: z
      .array(z.strictObject({ sessionKey, runId: z.string().max(200), baseId: z.int().min(0), fact: deltaShape }))
      .max(MOST),
    facts: z.array(stateFactShape).max(MOST),
  }),
  output: z.strictObject({}),
  async handle(core, { deltas, facts }) {
    core.hear({
      deltas: deltas.map(({ sessionKey, runId, ...delta }) => ({ ...delta, source: { sessionKey, runId } })),
      facts,
    });
    return {};
  },
});

export const workersAsk = defineRoute({
  name: "workers.ask",
  verb: "POST",
  http: "none",
  scope: "admin",
  summary:
    "Lets people answer here what an MCP server of a window asks that works beside this gateway; answers as they do. The window tells of the question itself.",
  input: z.strictObject({ question: mcpQuestionShape, schema: z.record(z.string(), z.unknown()) }),
  output: mcpAnswerShape,
  async handle({ servers }, { question, schema }, { signal }) {
    if (!servers) throw new AppError("unavailable", "This gateway has no MCP servers");
    return await servers.adoptQuestion(question, schema, signal);
  },
});
