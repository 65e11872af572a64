import { AppError } from "../../../base/appError.ts";
import { cutText } from "../../../base/cutText.ts";
import type { ClientAnswer } from "../../../protocol/clientTools.ts";
import type { RunFact } from "../../../protocol/event.ts";
import type { Message, StoredMessage, ToolCall, ToolMessage } from "../../../protocol/message.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import { shownImages } from "../calls/shownImages.ts";
import type { Journal } from "../../state/journal.ts";

// As of the agent's own tools.
const MAX_RESULT_CHARS = 100_000;

/**
 * Puts what a client's tools gave into the history, and then what its user says. `conflict` where the session does not wait
 * for it any more, or not for this: somebody said something in between, or the model has answered it already. Given again
 * after a run that came to no answer, it is taken once.
 */
export async function takeAnswers(journal: Journal, messages: StoredMessage[]): Promise<Message[]> {
  const { run } = journal;
  if (!run.answers || messages.some(({ runId, role }) => runId === run.id && role !== "assistant")) return [];
  const { waiting, given, asked } = lastCalls(messages);
  const isAgain = waiting.length === 0 && isSame(run, given) && asked.every((message) => isSameMessage(run, message));
  const results = isAgain ? [] : answered(run, waiting);
  const isMessage = asked.length === 0 && (run.input.text !== "" || run.input.role === "user");
  const said: Message[] = isMessage ? [...results, run.input] : results;
  if (said.length > 0) await journal.write(said.map((message): RunFact => ({ type: "message", message })));
  return said;
}

/** Of the calls of a session's newest answer those without a result, none once somebody `asked` something after; the results there are. */
function lastCalls(messages: StoredMessage[]): { waiting: ToolCall[]; given: ToolMessage[]; asked: StoredMessage[] } {
  // What was stopped is no answer.
  const at = messages.findLastIndex((message) => message.role === "assistant" && message.ended !== "stopped");
  const last = messages[at];
  const after = messages.slice(at + 1);
  if (last?.role !== "assistant") return { waiting: [], given: [], asked: [] };
  const asked = after.filter(({ role }) => role === "user");
  const given = after.flatMap((message) => (message.role === "tool" ? [message] : []));
  const open = last.toolCalls.filter(({ id }) => !given.some(({ callId }) => callId === id));
  return { waiting: asked.length > 0 ? [] : open, given, asked };
}

/** Whether this is what is said after the results: a try before may have said it already. */
function isSameMessage({ input }: RunRecord, message: StoredMessage): boolean {
  const names = ({ attachments = [] }: { attachments?: { name: string }[] }) => attachments.map(({ name }) => name);
  return (
    input.role === "user" &&
    message.role === "user" &&
    message.text === input.text &&
    names(message).join("\n") === names(input).join("\n")
  );
}

/** Whether these very results are there already. */
function isSame({ answers = [] }: RunRecord, given: ToolMessage[]): boolean {
  const told = answers.map((answer) => given.find(({ callId }) => callId === answer.callId));
  return told.length > 0 && told.every((message, at) => message?.text === toText(answers[at]!).text);
}

function answered({ answers = [], sessionKey }: RunRecord, waiting: ToolCall[]): ToolMessage[] {
  const given = new Map(answers.map((answer) => [answer.callId, answer]));
  const isMeant = waiting.length > 0 && given.size === waiting.length && waiting.every(({ id }) => given.has(id));
  if (!isMeant)
    throw new AppError(
      "conflict",
      `Session ${sessionKey} does not wait for these results: they were given before, or it has gone on without them`,
    );
  return waiting.map(({ id, name }) => ({ role: "tool", callId: id, name, isError: false, ...toText(given.get(id)!) }));
}

function toText({ text, images: all }: ClientAnswer): Pick<ToolMessage, "text" | "images"> {
  const { images, lines } = shownImages(all);
  const cut = cutText(text, MAX_RESULT_CHARS, "\n[The rest was cut]");
  return { text: [cut, ...lines].join("\n"), ...(images ? { images } : {}) };
}
