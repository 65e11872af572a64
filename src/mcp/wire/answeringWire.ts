import { AsyncLocalStorage } from "node:async_hooks";
import type { JSONRPCMessage, RequestId, Transport, TransportSendOptions } from "@modelcontextprotocol/client";
import type { Fields } from "./answerFields.ts";
import { shownJson } from "./shownJson.ts";
import { mendAnswer } from "./mendAnswer.ts";
import { createPageLimit } from "./pageLimit.ts";
import { mendQuestion } from "./mendQuestion.ts";
import { defined } from "../../base/defined.ts";
import { onAbort } from "../../base/wait.ts";

/** The code of an error that stands for an answer that did not come, or was none: its message says which. */
export const NO_ANSWER = -32099;

const NONE = "it answered with what is no answer of the protocol";
const STRAY = "its answer is to a question that it was not asked";
const CUT = "its answer ended before it had begun";

interface Question {
  method: string;
  page: number;
}

interface Answer {
  id: RequestId;
  result?: unknown;
  error?: unknown;
}

/**
 * A wire on which every question is answered in a way that the SDK takes: what it would pass over in silence, and let its
 * asker wait, is an error here, and what it would refuse as a whole for a part is mended. `onFault` is told what was left out,
 * `onMore` for a list whether it has more pages than are used.
 */
export function answeringWire(
  wire: Transport,
  onFault: (text: string) => void,
  onMore: (method: string, isMore: boolean) => void,
): Transport {
  const limit = createPageLimit(onMore);
  // What was asked and is not answered yet: the method, and of a list the page, by the id.
  const asked = new Map<RequestId, Question>();
  // By HTTP, whose answer it is that something is read in.
  const asking = new AsyncLocalStorage<RequestId>();
  const forward = (message: JSONRPCMessage) => {
    try {
      outer.onmessage?.(message);
    } catch (error) {
      outer.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const answer = (given: Answer) => {
    // Some give a number back as a text.
    const id = asked.has(given.id) ? given.id : Number(given.id);
    const question = asked.get(id);
    if (question === undefined) {
      const own = asking.getStore();
      if (own !== undefined && asked.has(own)) return unanswered(own, STRAY);
      return forward({ jsonrpc: "2.0", ...given } as JSONRPCMessage);
    }
    asked.delete(id);
    const mend = (result: Fields) => {
      const mended = mendAnswer(question.method, result, onFault);
      return limit.limited(question.method, question.page, mended);
    };
    forward({ jsonrpc: "2.0", id, ...toOutcome(given, mend) } as JSONRPCMessage);
  };
  const unanswered = (id: RequestId, why: string) => {
    if (asked.delete(id)) forward({ jsonrpc: "2.0", id, error: { code: NO_ANSWER, message: why } });
  };
  const outer: Transport = {
    // By these the SDK knows a program from an address.
    ...("pid" in wire ? { pid: wire.pid, stderr: null } : {}),
    ...defined({ hasPerRequestStream: wire.hasPerRequestStream }),
    get sessionId() {
      return wire.sessionId;
    },
    start: () => wire.start(),
    close: () => wire.close(),
    setProtocolVersion: (version) => wire.setProtocolVersion?.(version),
    setSupportedProtocolVersions: (versions) => wire.setSupportedProtocolVersions?.(versions),
    async send(message, options) {
      if (!("method" in message)) return await wire.send(message, options);
      if (message.method === "notifications/cancelled") asked.delete(cancelled(message.params));
      if (!("id" in message)) return await wire.send(message, options);
      const { id, method } = message;
      asked.set(id, { method, page: limit.pageOf(method, message.params) });
      onAbort(options?.requestSignal, () => asked.delete(id));
      const onRequestStreamEnd = () => {
        options?.onRequestStreamEnd?.();
        unanswered(id, CUT);
      };
      try {
        const how = { ...options, onRequestStreamEnd } as TransportSendOptions;
        await asking.run(id, () => wire.send(message, how));
      } catch (error) {
        // Of an answer by HTTP the SDK itself finds out that it is none.
        if (error instanceof Error && error.name === "ZodError") return unanswered(id, NONE);
        asked.delete(id);
        throw error;
      }
    },
  };
  // A transport has one listener of each kind, which is a field of it.
  Object.assign(wire, {
    onclose: () => outer.onclose?.(),
    onerror: (error: Error) => outer.onerror?.(error),
    onmessage(message: unknown) {
      for (const one of Array.isArray(message) ? (message as JSONRPCMessage[]) : [message as JSONRPCMessage])
        if ("method" in one || !("id" in one)) forward(mendQuestion(one));
        else answer(one as Answer);
    },
  });
  return outer;
}

/** The one of result and error that an answer has, as the protocol wants it. Beside the one, null says that the other is not there. */
function toOutcome(given: Answer, mend: (result: Fields) => Fields): object {
  const result = given.result ?? undefined;
  const error = given.error ?? undefined;
  const isResult = typeof result === "object" && !Array.isArray(result);
  if (isResult && error === undefined) return { result: mend(result as Fields) };
  if (typeof error !== "object" || result !== undefined) return { error: { code: NO_ANSWER, message: NONE } };
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  return {
    error: {
      ...defined({ data }),
      code: Number.isInteger(code) ? code : -32000,
      message: typeof message === "string" ? message : shownJson(error),
    },
  };
}

function cancelled(params: unknown): RequestId {
  return (params as { requestId?: RequestId } | undefined)?.requestId ?? "";
}
