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
  const { waiting, given } = lastCalls(messages);
  const isAgain = waiting.length === 0 && isSame(run, given);
  const results = isAgain ? [] : answered(run, waiting);
  const isMessage = run.input.text !== "" || run.input.role === "user";
  const said: Message[] = isMessage ? [...results, run.input] : results;
  if (said.length > 0) await journal.write(said.map((message): RunFact => ({ type: "message", message })));
  return said;
}

/** The calls of a session's newest answer, while nobody said anything after: those without a result, and the results there are. */
function lastCalls(messages: StoredMessage[]): { waiting: ToolCall[]; given: ToolMessage[] } {
  // What was stopped is no answer.
  const at = messages.findLastIndex((message) => message.role === "assistant" && message.ended !== "stopped");
  const last = messages[at];
  const after = messages.slice(at + 1);
  if (last?.role !== "assistant" || after.some(({ role }) => role === "user")) return { waiting: [], given: [] };
  const given = after.flatMap((message) => (message.role === "tool" ? [message] : []));
  return { waiting: last.toolCalls.filter(({ id }) => !given.some(({ callId }) => callId === id)), given };
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
