import { AppError } from "../../base/appError.ts";
import type { RunEvent, RunFact } from "../../protocol/event.ts";
import type { StoredMessage } from "../../protocol/message.ts";
import type { ModelCatalog, ModelChoice } from "../models/catalog.ts";
import { type Counted, createUsageMeter } from "../models/usageMeter.ts";
import type { Reservation } from "../permission/budget.ts";
import type { ModelRequest, StopReason } from "../ports/provider.ts";
import { isOverflow, isRefusal, namedWindow } from "../ports/providerFault.ts";
import { toTranscript } from "./transcriptText.ts";

/** Whoever asks for a summary: a run, whose model writes it and whose budget pays, or somebody by hand. */
export interface CompactionWork {
  choice: ModelChoice;
  signal: AbortSignal;
  /** It is a run's, whose newest messages are its work and stay. */
  inRun: boolean;
  attended: boolean;
  write(facts: RunFact[]): Promise<RunEvent[]>;
  reserve(request: ModelRequest, choice: ModelChoice): Promise<Reservation>;
  spend(counted: Counted): void;
}

export interface Summary {
  text: string;
  counted: Counted;
}

// The rest of the window is for the instructions and the summary.
const TRANSCRIPT_SHARE = 0.7;
const MAX_HALVINGS = 8;
// A refusal of a transcript longer than this may well mean its length.
const LARGE_TOKENS = 3_000;
// The second where the first did not fit the model's output.
const WORDS = [800, 200];

const toInstructions = (words: number) =>
  `Summarise this session so that the work can go on from your summary alone. Keep: what the user wants and every standing instruction, decisions and their reasons, files touched with their present state, what matters of attached files, commands run and what they showed, what is unfinished, exact names, paths, ids and error texts that still matter. Leave out greetings and dead ends. Write in the language in which the user writes, as plain Markdown, at most ${words} words.`;

/**
 * The messages in a few words, of less and less of them where the request is too long for the model. `provider_error`
 * when none was to be had. `onBroken` stores what a request has cost that gave no summary.
 */
export async function summarise(
  messages: StoredMessage[],
  work: CompactionWork,
  models: ModelCatalog,
  onBroken: (counted: Counted) => Promise<unknown>,
): Promise<Summary> {
  const { choice } = work;
  let maxTokens = (models.window(choice) ?? Infinity) * TRANSCRIPT_SHARE;
  for (let attempt = 0; ; attempt++) {
    const transcript = toTranscript(messages, maxTokens);
    try {
      return await askForWhole(transcript, work, onBroken);
    } catch (error) {
      const sent = Math.ceil(transcript.length / 4);
      const tooLong = isOverflow(error) || (isRefusal(error) && sent > LARGE_TOKENS);
      if (!tooLong || attempt === MAX_HALVINGS) throw error;
      const named = namedWindow(error);
      if (named !== undefined) models.learnWindow(choice.model, named);
      maxTokens = Math.min(sent / 2, (named ?? Infinity) * TRANSCRIPT_SHARE);
    }
  }
}

/** Half a summary would lose what its missing half was about, so one that was cut off is asked for again, shorter. */
async function askForWhole(
  transcript: string,
  work: CompactionWork,
  onBroken: (counted: Counted) => Promise<unknown>,
): Promise<Summary> {
  const { model } = work.choice;
  for (const words of WORDS) {
    const { stop, ...summary } = await ask(`${transcript}\n\n${toInstructions(words)}`, work, onBroken);
    const isText = summary.text.trim() !== "" && stop !== "refused";
    if (isText && stop !== "length") return summary;
    await onBroken(summary.counted);
    if (stop === "refused") throw new AppError("provider_error", `${model} refused to write a summary`);
    if (stop !== "length") throw new AppError("provider_error", `${model} gave an empty summary`);
  }
  throw new AppError("provider_error", `The summary was cut off at the model's output limit, twice: ${model}`);
}

async function ask(
  text: string,
  work: CompactionWork,
  onBroken: (counted: Counted) => Promise<unknown>,
): Promise<Summary & { stop: StopReason }> {
  const { choice, signal } = work;
  const request: ModelRequest = {
    model: choice.model.slice(choice.model.indexOf("/") + 1),
    system: "You compress transcripts of an agent's work.",
    messages: [{ role: "user", text, origin: { via: "api" } }],
    tools: [],
    attended: work.attended,
  };
  const meter = createUsageMeter(request, choice);
  const reserved = await work.reserve(request, choice);
  let summary = "";
  let stop: StopReason | undefined;
  try {
    for await (const event of choice.provider.stream(request, signal)) {
      meter.see(event);
      if (event.type === "text") summary += event.text;
      else if (event.type === "notice") await work.write([{ type: "run.notice", text: event.text }]);
      else if (event.type === "end") stop = event.stop;
    }
    if (!stop)
      throw new AppError("provider_error", `${choice.model} ended its summary without saying that it was done`);
    return { text: summary, stop, counted: meter.whole() };
  } catch (error) {
    const counted = meter.broken(signal.aborted);
    await (counted ? onBroken(counted) : reserved.release());
    throw error;
  }
}
