import { AppError } from "../../base/appError.ts";
import type { Message, SystemMessage, ToolCall } from "../../protocol/message.ts";
import type { Fallbacks } from "../models/fallbacks.ts";
import { estimateRequest } from "../models/estimate.ts";
import type { Overflow } from "../context/fitWindow.ts";
import { type Plainer, toPlainHistory, withoutImages } from "../context/plainHistory.ts";
import type { ModelChoice } from "../models/catalog.ts";
import { isOverflow, isRefusal } from "../ports/providerFault.ts";
import { type Answered, type Asking, askModel, NoAnswer, toRequest } from "./askModel.ts";
import { toSetback } from "./reply/setback.ts";
import type { Closing, ReplyCheck } from "./reply/replyCheck.ts";
import type { Dealt } from "./reply/clientCalls.ts";
import type { Finished } from "./runParts.ts";

export interface RunLoop extends Asking {
  models: Fallbacks;
  /** What the model sees so far, the run's own input included. Grows as the run goes on. */
  messages: Message[];
  maxSteps: number;
  /** The messages, or fewer when the window is nearly full or, after an `overflow`, was too small for them. */
  makeRoom(messages: Message[], choice: ModelChoice, overflow?: Overflow): Promise<Message[]>;
  /** The model's window, as known or as learned. */
  window(choice: ModelChoice): number | undefined;
  /** The provider refused this history as it is, and answered what `plainer` made of it: so is it sent from now on. */
  keepPlain(plainer: Plainer): void;
  /** What has come for the run since the last step, and is in the history now. */
  joinWaiting(): Promise<Message[]>;
  /** Whether a last answer is what was asked for. */
  close: ReplyCheck;
  /** Runs the calls side by side and stores the results; those that are the client's to run are handed back. */
  runTools(calls: ToolCall[]): Promise<Dealt>;
}

// An answer that cannot be used is asked for again this often, one after the other.
const MAX_SETBACKS = 2;

/**
 * Asks the model and runs its tools until it has nothing more to call. Every step is stored before the next; the last
 * answer is left to be stored together with the run's end.
 */
export async function runLoop(loop: RunLoop): Promise<Finished> {
  let messages = loop.messages;
  let setbacks = 0;
  for (let step = 0; step < loop.maxSteps; step++) {
    loop.signal.throwIfAborted();
    messages = [...messages, ...(await loop.joinWaiting())];
    messages = await loop.makeRoom(messages, await loop.models.current());
    const asked = await askUntilAnswered(loop, messages);
    messages = [...asked.messages, asked.answer];
    // Whoever asked for so few tokens has what they asked for.
    const isCut = asked.stop === "length" && loop.sampling?.maxOutputTokens !== undefined;
    if (isCut) return { reply: asked.answer.text, facts: asked.facts };
    const setback = toSetback(asked);
    setbacks = setback ? setbacks + 1 : 0;
    if (!setback && asked.answer.toolCalls.length > 0) {
      await loop.journal.write(asked.facts);
      const { results, handed } = await loop.runTools(asked.answer.toolCalls);
      if (handed.length > 0) return { reply: asked.answer.text, facts: [], calls: handed };
      messages = [...messages, ...results];
      continue;
    }
    const closing: Closing = setback ? { again: setback } : loop.close(asked.answer);
    if ("failure" in closing || setbacks > MAX_SETBACKS) {
      await loop.journal.write(asked.facts);
      throw "failure" in closing
        ? closing.failure
        : new AppError("provider_error", `${asked.answer.model} ${setback!.failure}`);
    }
    if (!("again" in closing)) return { reply: asked.answer.text, facts: asked.facts, ...closing };
    const note: SystemMessage = { role: "system", kind: "event", text: closing.again.note };
    // With the answer in one step: whoever takes the run up knows that it was asked again.
    await loop.journal.write([
      ...asked.facts,
      { type: "message", message: note },
      { type: "run.notice", text: closing.again.notice },
    ]);
    messages = [...messages, note];
    if (!setback && loop.output) loop.output = { ...loop.output, alone: true };
  }
  throw new AppError("budget_exhausted", `The run took ${loop.maxSteps} steps, which is the limit (agent.maxSteps)`);
}

type Answer = Answered & { messages: Message[] };

// Each shortening after the first leaves at most half of what there was.
const MAX_SHORTENINGS = 8;
// Refusals that say nothing of length are taken to mean it this often.
const MAX_GUESSES = 3;
const OUTPUT_WORDS = /schema|format|json|structured|mime|grammar|tools?\b/i;
const IMAGE_WORDS = /image|vision|modal|media|picture|base64/i;

/**
 * One answer: from the next model where one does not begin to answer, from a shorter history where it was too long, from
 * a plainer one where it was refused. That one is kept only once it was answered: most refusals mean something else.
 */
async function askUntilAnswered(loop: RunLoop, given: Message[]): Promise<Answer> {
  let full = given;
  let plainer: Plainer | undefined;
  let shortenings = 0;
  for (;;) {
    const choice = await loop.models.current();
    const messages = plainer ? plainer(full) : full;
    try {
      const seen = choice.info?.images === false ? withoutImages(messages) : messages;
      const answered = await askModel(loop, seen, choice);
      if (plainer) loop.keepPlain(plainer);
      return { ...answered, messages };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      loop.signal.throwIfAborted();
      const cause = error.cause as Error;
      const reason = cause.message.replace(/\.$/, "");
      const used = estimateRequest(toRequest(loop, messages, choice.model)).inputTokens;
      if (isRefusal(cause) && IMAGE_WORDS.test(cause.message) && withoutImages(messages) !== messages) {
        plainer = withoutImages;
        await say(loop, `${reason}. Asking again without images.`);
        continue;
      }
      if (isRefusal(cause) && loop.output && OUTPUT_WORDS.test(cause.message)) {
        loop.output = undefined;
        await say(loop, `${reason}. Asking again with the schema in words alone.`);
        continue;
      }
      const guessed = shortenings < MAX_GUESSES && isRefusal(cause) && mayBeTooLong(used, loop.window(choice));
      if ((isOverflow(cause) || guessed) && shortenings < MAX_SHORTENINGS) {
        const shorter = await loop.makeRoom(messages, choice, { error: cause, used, attempt: shortenings, guessed });
        shortenings += 1;
        if (shorter === messages && !guessed) throw cause;
        if (shorter !== messages) {
          full = shorter;
          continue;
        }
      }
      if (isRefusal(cause) && plainer !== toPlainHistory && isOther(toPlainHistory(messages), messages)) {
        plainer = toPlainHistory;
        await say(loop, `${reason}. Asking again with a history of texts only.`);
        continue;
      }
      const next = await loop.models.after(cause);
      if (!next) throw cause;
      await say(loop, `${choice.model} did not answer: ${reason}. Going on with ${next.model}.`);
      // What this one refused, the next may take.
      plainer = undefined;
      full = await loop.makeRoom(full, next);
    }
  }
}

function isOther(plain: Message[], messages: Message[]): boolean {
  return JSON.stringify(plain) !== JSON.stringify(messages);
}

// A server that says no more than "bad request" to a history this long may well mean its length.
const LARGE_TOKENS = 3_000;
const NEARLY_FULL = 0.8;

function mayBeTooLong(usedTokens: number, windowTokens: number | undefined): boolean {
  return windowTokens === undefined ? usedTokens > LARGE_TOKENS : usedTokens > windowTokens * NEARLY_FULL;
}

async function say(loop: RunLoop, text: string): Promise<void> {
  await loop.journal.write([{ type: "run.notice", text }]);
}
