import type * as vscode from "vscode";
import { AppError, isAppError } from "../../base/appError.ts";
import { newId } from "../../base/id.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { onAbort, race, within } from "../../base/wait.ts";
import { defined } from "../../base/defined.ts";
import type { ModelEvent, ModelRequest, Provider, ToolSpec } from "../../core/ports/provider.ts";
import { isOutage, outage, overflow } from "../../core/ports/providerFault.ts";
import type { Attachment, ToolMessage } from "../../protocol/message.ts";
import { inputOf, notShown, toExchanges, type UserPart } from "../../providers/shared/exchanges.ts";
import { IMAGE_LIMITS, isImage } from "../../providers/shared/imageLimits.ts";
import { readOverflow } from "../../providers/shared/overflowWords.ts";
import { parseInput } from "../../providers/shared/toolInput.ts";
import type { Presence } from "./presence.ts";
import type { Usage } from "../../protocol/usage.ts";
import { wellFormed } from "../../providers/shared/wellFormed.ts";

/** The part of the editor's API that reaches its language models. */
export type LanguageModelApi = Pick<
  typeof vscode,
  | "l10n"
  | "lm"
  | "CancellationTokenSource"
  | "LanguageModelChatMessage"
  | "LanguageModelDataPart"
  | "LanguageModelError"
  | "LanguageModelTextPart"
  | "LanguageModelToolCallPart"
  | "LanguageModelToolResultPart"
>;

type Access = Pick<vscode.LanguageModelAccessInformation, "canSendRequest">;

/** Whoever says nothing for so long will not go on. */
const SILENCE_MS = 120_000;
const COUNT_MS = 5_000;

/**
 * The models that the editor offers, as provider "vscode". The editor asks the user's consent at the first request,
 * which only what a user does may bring up: other requests need it to be given already, and are `unavailable` else.
 */
export function createLanguageModels(
  api: LanguageModelApi,
  access: Access,
  presence: Pick<Presence, "ask">,
  clock: Clock = systemClock,
): Provider {
  return {
    id: "vscode",
    async models() {
      // An extension that offers models may fail at it, and a window that is away has none.
      const chats = await presence.ask(() => api.lm.selectChatModels()).catch(() => []);
      return chats.map((chat) => {
        const denied = access.canSendRequest(chat) === false;
        return {
          id: `vscode/${chat.id}`,
          provider: "vscode",
          name: chat.id,
          windowTokens: chat.maxInputTokens,
          ready: !denied,
          ...(denied ? { reason: notAllowed(chat.id).message } : {}),
        };
      });
    },
    async *stream(request, signal) {
      signal.throwIfAborted();
      const source = new api.CancellationTokenSource();
      // A cancelled request of the editor may take its time: nobody waits for it.
      const gone = onAbort(signal, () => source.cancel());
      let asked: Asked | undefined;
      try {
        const [chat] = await race(
          presence.ask(() => api.lm.selectChatModels({ id: request.model })),
          signal,
        );
        if (!chat) throw new AppError("unavailable", `VS Code offers no model ${request.model} at present`);
        if (!request.attended && access.canSendRequest(chat) !== true) throw notAllowed(request.model);
        asked = { chat, presence, clock, isAllowed: access.canSendRequest(chat) === true, isTaken: false };
        yield* ask(api, asked, request, source.token, signal);
      } catch (error) {
        signal.throwIfAborted();
        const failure = toError(api, error, request.model);
        // A window that went away is told as one that gives no answer.
        const isGone = isAppError(failure) && failure.code === "unavailable";
        if (asked?.isTaken && (isGone || isOutage(failure))) yield { type: "taken" };
        throw failure;
      } finally {
        gone.dispose();
        source.cancel();
        source.dispose();
      }
    },
  };
}

interface Asked {
  chat: vscode.LanguageModelChat;
  presence: Pick<Presence, "ask">;
  clock: Clock;
  /** Without it the editor asks the user first, who may take any time. */
  isAllowed: boolean;
  /** Its model was asked for sure: its answer has begun, or kept us waiting for too long. */
  isTaken: boolean;
}

async function* ask(
  api: LanguageModelApi,
  asked: Asked,
  request: ModelRequest,
  token: vscode.CancellationToken,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const { chat, presence, isAllowed } = asked;
  const messages = toChatMessages(api, request);
  const options = {
    justification: api.l10n.t("Pincer answers with this model."),
    tools: request.tools.map(toChatTool),
  };
  yield { type: "sent" };
  const sending = presence.ask(() => chat.sendRequest(messages, options, token));
  const response = await (isAllowed ? unlessSilent(asked, sending, signal) : race(sending, signal));
  asked.isTaken = true;
  const parts = response.stream[Symbol.asyncIterator]();
  let said = "";
  let calls = 0;
  for (;;) {
    const next = presence.ask(() => parts.next());
    const { done, value } = await unlessSilent(asked, next, signal);
    if (done) break;
    if (value instanceof api.LanguageModelTextPart) {
      said += value.value;
      yield { type: "text", text: value.value };
    } else if (value instanceof api.LanguageModelToolCallPart) {
      calls += 1;
      said += JSON.stringify(value.input);
      const { input, invalid } = parseInput(value.input);
      const told = { id: value.callId || newId("call"), name: value.name, input };
      yield { type: "toolCall", ...told, ...defined({ invalid }) };
    }
  }
  const usage = await countUsage(asked, [toText(request), said], token, signal);
  signal.throwIfAborted();
  yield { type: "end", usage, stop: calls > 0 ? "tool_calls" : "done" };
}

/**
 * The editor does not say what was used; its models' own tokenizers come near it. Null where they do not count: an answer that is
 * there needs none.
 */
async function countUsage(
  { chat, presence, clock }: Asked,
  texts: [asked: string, said: string],
  token: vscode.CancellationToken,
  signal: AbortSignal,
): Promise<Usage | null> {
  const counting = Promise.all(texts.map((text) => presence.ask(() => chat.countTokens(text, token))));
  const counts = await within(
    clock,
    COUNT_MS,
    counting.catch(() => undefined),
    signal,
  );
  if (!counts) return null;
  const [inputTokens = 0, outputTokens = 0] = counts;
  return { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null, estimated: true };
}

async function unlessSilent<T>(asked: Asked, promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { clock, chat } = asked;
  const silent = Promise.withResolvers<never>();
  const words = `${chat.id} of VS Code was silent for ${SILENCE_MS / 1000} s`;
  const timer = clock.at(clock.now() + SILENCE_MS, () => {
    asked.isTaken = true;
    silent.reject(outage(words));
  });
  try {
    return await race(Promise.race([promise, silent.promise]), signal);
  } finally {
    timer.dispose();
  }
}

/** The history as the editor's models take it: they know users and assistants only. */
export function toChatMessages(
  api: LanguageModelApi,
  { system, messages }: Pick<ModelRequest, "system" | "messages">,
): vscode.LanguageModelChatMessage[] {
  const { LanguageModelChatMessage: ChatMessage, LanguageModelTextPart: Text } = api;
  const turns = toExchanges(wellFormed(messages), IMAGE_LIMITS.vscode).flatMap((turn) => {
    if (turn.role === "user") return [ChatMessage.User(turn.parts.map((part) => toPart(api, part)))];
    const { message, results } = turn;
    const answer = ChatMessage.Assistant([
      ...(message.text ? [new Text(message.text)] : []),
      ...message.toolCalls.map((call) => new api.LanguageModelToolCallPart(call.id, call.name, inputOf(call))),
    ]);
    if (results.length === 0) return [answer];
    return [answer, ChatMessage.User(results.map((result) => toResultPart(api, result)))];
  });
  return [ChatMessage.User([new Text(wellFormed(system))]), ...turns];
}

function toPart(api: LanguageModelApi, part: UserPart) {
  if (part.type === "text") return new api.LanguageModelTextPart(part.text);
  return isImage(part.attachment)
    ? toImage(api, part.attachment)
    : new api.LanguageModelTextPart(notShown(part.attachment));
}

function toResultPart(api: LanguageModelApi, { callId, text, isError, images = [] }: ToolMessage) {
  return new api.LanguageModelToolResultPart(callId, [
    new api.LanguageModelTextPart(isError ? `[error] ${text}` : text),
    ...images.filter(isImage).map((image) => toImage(api, image)),
  ]);
}

function toImage(api: LanguageModelApi, { data, mediaType }: Attachment): vscode.LanguageModelDataPart {
  return api.LanguageModelDataPart.image(Buffer.from(data, "base64"), mediaType);
}

function toChatTool({ name, description, inputSchema }: ToolSpec): vscode.LanguageModelChatTool {
  return { name, description, inputSchema };
}

function toText({ system, tools, messages }: ModelRequest): string {
  const calls = messages.map((message) => (message.role === "assistant" ? JSON.stringify(message.toolCalls) : ""));
  return [system, JSON.stringify(tools), ...messages.map((message, index) => message.text + calls[index])].join("\n");
}

function notAllowed(model: string): AppError {
  return new AppError(
    "unavailable",
    `VS Code has not been allowed to let Pincer use ${model}. Send a message with this model in the Pincer panel once, and allow it there.`,
  );
}

// The editor's own words, which name no vendor.
const TOO_LONG = /(token|context) (limit|window|length)|too (long|large)|too many tokens/i;

function toError(api: LanguageModelApi, error: unknown, model: string): unknown {
  if (isAppError(error) || !(error instanceof Error)) return error;
  const sentence = error.message || "no reason was given";
  if (error instanceof api.LanguageModelError) {
    if (error.code === api.LanguageModelError.NoPermissions().code) return notAllowed(model);
    if (error.code === api.LanguageModelError.Blocked().code)
      return new AppError("rate_limited", `VS Code blocks requests to ${model}: ${sentence}`, { cause: error });
    if (error.code === api.LanguageModelError.NotFound().code)
      return new AppError("unavailable", `VS Code offers no model ${model} any more`, { cause: error });
  }
  const tooLong = readOverflow(sentence) ?? (TOO_LONG.test(sentence) ? {} : undefined);
  if (tooLong) {
    const message = `The history no longer fits into the context window of ${model}: ${sentence}`;
    return overflow(message, error, tooLong.limitTokens);
  }
  return outage(`${model} of VS Code failed: ${sentence}`, { cause: error });
}
