import { AppError } from "../../../base/appError.ts";
import type { RunFact } from "../../../protocol/event.ts";
import type { Message, StoredMessage, ToolCall, ToolMessage } from "../../../protocol/message.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import { shownImages } from "../calls/shownImages.ts";
import type { Journal } from "../../state/journal.ts";

/**
 * Puts what a client's tools gave into the history, and then what its user says. `conflict` where the session does not wait
 * for it any more, or not for this: another message came in between, or the same was answered before.
 */
export async function takeAnswers(journal: Journal, messages: StoredMessage[]): Promise<Message[]> {
  const { run } = journal;
  if (!run.answers || messages.some(({ runId, role }) => runId === run.id && role !== "assistant")) return [];
  const results = answered(run, waitingCalls(messages));
  const said: Message[] = run.input.text === "" ? results : [...results, run.input];
  await journal.write(said.map((message): RunFact => ({ type: "message", message })));
  return said;
}

/** The calls that a session waits with for its client: those of its newest answer, while nobody said anything after. */
function waitingCalls(messages: StoredMessage[]): ToolCall[] {
  const at = messages.findLastIndex(({ role }) => role === "assistant");
  const last = messages[at];
  const after = messages.slice(at + 1);
  if (last?.role !== "assistant" || after.some(({ role }) => role === "user")) return [];
  const done = new Set(after.map((message) => message.role === "tool" && message.callId));
  return last.toolCalls.filter(({ id }) => !done.has(id));
}

function answered({ answers = [], sessionKey }: RunRecord, waiting: ToolCall[]): ToolMessage[] {
  const given = new Map(answers.map((answer) => [answer.callId, answer]));
  const isMeant = waiting.length > 0 && given.size === waiting.length && waiting.every(({ id }) => given.has(id));
  if (!isMeant)
    throw new AppError(
      "conflict",
      `Session ${sessionKey} does not wait for these results: they were given before, or it has gone on without them`,
    );
  return waiting.map(({ id, name }) => {
    const { text, images: all } = given.get(id)!;
    const { images, lines } = shownImages(all);
    return {
      role: "tool",
      callId: id,
      name,
      text: [text, ...lines].join("\n"),
      isError: false,
      ...(images ? { images } : {}),
    };
  });
}
