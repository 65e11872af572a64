import { AppError, isAppError } from "../../../base/appError.ts";
import type { ClientTools } from "../../../protocol/clientTools.ts";
import type { Message, ToolCall, ToolMessage } from "../../../protocol/message.ts";
import { schemaFaults } from "../../../schema/matchSchema.ts";
import { readSchema, type ReadSchema } from "../../../schema/readSchema.ts";
import type { ToolSpec } from "../../ports/provider.ts";
import type { Journal } from "../../state/journal.ts";
import type { Closing, ReplyCheck } from "./replyCheck.ts";

/** What the calls of one answer came to. */
export interface Dealt {
  results: Message[];
  /** What the client is to answer before the session goes on. */
  handed: ToolCall[];
}

/** The tools of a run: the agent's own and its client's, whose names go before. */
export function withClientTools(specs: ToolSpec[], clientTools: ClientTools | undefined): ToolSpec[] {
  if (!clientTools) return specs;
  const names = new Set(clientTools.tools.map(({ name }) => name));
  return [...specs.filter(({ name }) => !names.has(name)), ...clientTools.tools].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** What a model is told of its client's tools where one of them must be called. */
export function mustWords({ must, tools }: ClientTools): string | undefined {
  return must && `[Your answer is to end with a call of ${must.name ?? tools.map(({ name }) => name).join(" or ")}.]`;
}

/** Before a run may end otherwise, its client's tool is asked for once more. */
export function mustCall(clientTools: ClientTools | undefined, close: ReplyCheck): ReplyCheck {
  const must = clientTools && mustWords(clientTools);
  if (must === undefined) return close;
  let asked = false;
  return ({ text }): Closing => {
    if (asked) return { failure: new AppError("invalid_result", `The model called no tool: ${must}`, { reply: text }) };
    asked = true;
    const note = `That was to end with a call, and there was none. Make it now. ${must}`;
    return { again: { note, notice: "The answer was to end with a call of the client's tool. Asking once more." } };
  };
}

/** Runs the agent's own calls, answers what is wrong with those for the client, and hands over the rest. */
export async function dealCalls(
  calls: ToolCall[],
  clientTools: ClientTools | undefined,
  { journal, runOwn }: { journal: Journal; runOwn: (calls: ToolCall[]) => Promise<Message[]> },
): Promise<Dealt> {
  if (!clientTools) return { results: await runOwn(calls), handed: [] };
  const isClients = ({ name }: ToolCall) => clientTools.tools.some((tool) => tool.name === name);
  const [theirs, own] = [calls.filter(isClients), calls.filter((call) => !isClients(call))];
  const results: Message[] = own.length > 0 ? await runOwn(own) : [];
  const handed: ToolCall[] = [];
  for (const call of theirs) {
    const problem = inputProblem(call, clientTools) ?? (clientTools.single && handed.length > 0 ? ONE_ONLY : undefined);
    if (problem === undefined) handed.push(call);
    else results.push(await answerCall(journal, call, problem));
  }
  return { results, handed };
}

const ONE_ONLY = "Not made: one call at a time is taken. Make it again when the others have been answered.";

/** What is wrong with what a client's tool would be called with, for the model to read. */
function inputProblem({ name, input }: ToolCall, { tools }: ClientTools): string | undefined {
  if (typeof input === "string") return `The input of ${name} is not valid JSON of an object. Make the call again.`;
  const schema = readable(tools.find((tool) => tool.name === name)!.inputSchema);
  const faults = schema ? schemaFaults(schema, input) : [];
  if (faults.length === 0) return undefined;
  return `The input of ${name} is not valid:\n${faults.map(({ path, message }) => `${path}: ${message}`).join("\n")}`;
}

/** A schema that is not understood here is the client's own to check. */
function readable(schema: Record<string, unknown>): ReadSchema | undefined {
  try {
    return readSchema(schema);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

async function answerCall(journal: Journal, { id, name }: ToolCall, text: string): Promise<Message> {
  const message: ToolMessage = { role: "tool", callId: id, name, text, isError: true };
  await journal.write([{ type: "message", message }]);
  return message;
}
