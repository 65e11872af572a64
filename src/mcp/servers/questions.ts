import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import { visible, visibleLine } from "../../base/text/visible.ts";
import { cutText } from "../../base/cutText.ts";
import { onAbort } from "../../base/wait.ts";
import type { McpAnswer, McpQuestion } from "../../protocol/mcp.ts";
import { argumentFault } from "../tools/checkArguments.ts";
import { defaultsOf, toFields, toValues } from "./questionFields.ts";

/** What a server wants of a person: values, by a schema of plain fields, or that they open a page. */
export type Wanted = { message: string } & Pick<McpQuestion, "calls"> &
  ({ schema: Record<string, unknown> } | { url: string });

/** What servers ask of the user while a call of theirs is under way. */
export interface Questions {
  /** Resolves with the answer; "cancel" when nobody gives one in time, or `signal` aborts. */
  ask(server: string, wanted: Wanted, signal: AbortSignal): Promise<McpAnswer>;
  /** One of another process, which tells of it itself: can be answered here until `signal` aborts. */
  adopt(question: McpQuestion, schema: Record<string, unknown>, signal: AbortSignal): Promise<McpAnswer>;
  /** Another process has told that a question of its own waits no more. */
  drop(id: string): void;
  /** Puts what waits to who leads now, where that is another. */
  askAgain(): void;
  list(): McpQuestion[];
  /** `not_found` when it waits no more; `bad_request` for an answer that does not fit. */
  answer(id: string, answer: McpAnswer): Promise<McpQuestion>;
}

/** Puts a question where people are, and gives their answer; rejects when that place is gone. */
export type AskElsewhere = (question: McpQuestion, schema: Record<string, unknown>) => Promise<McpAnswer>;

export interface QuestionsOptions {
  clock: Clock;
  onAsked: (question: McpQuestion) => void;
  onAnswered: (question: McpQuestion, action: McpAnswer["action"]) => void;
  /** The gateway that this process works beside; undefined where it serves people itself. */
  elsewhere?: (() => AskElsewhere | undefined) | undefined;
}

interface Open {
  question: McpQuestion;
  schema: Record<string, unknown>;
  /** Told by this process. */
  isOurs: boolean;
  end(answer: McpAnswer): void;
  /** Where it was put last. */
  put?: AskElsewhere | undefined;
}

interface Waiting extends Omit<Open, "end" | "put"> {
  signal: AbortSignal;
}

const PATIENCE_MS = 300_000;
const MOST_OPEN = 20;
const LONGEST_ADDRESS = 4000;
const CANCEL: McpAnswer = { action: "cancel" };

export function createQuestions({ clock, onAsked, onAnswered, elsewhere }: QuestionsOptions): Questions {
  const open = new Map<string, Open>();

  async function wait({ question, schema, signal, isOurs }: Waiting): Promise<McpAnswer> {
    // Who asks without end is not heard.
    if (open.size >= MOST_OPEN || signal.aborted) return CANCEL;
    const answered = Promise.withResolvers<McpAnswer>();
    const asked: Open = { question, schema, isOurs, end: answered.resolve };
    open.set(question.id, asked);
    const timer = clock.at(Date.parse(question.expiresAt), () => answered.resolve(CANCEL));
    const gone = onAbort(signal, () => answered.resolve(CANCEL));
    put(asked);
    const answer = await answered.promise;
    // One that another process has put here again under its id waits on.
    if (open.get(question.id) === asked) open.delete(question.id);
    timer.dispose();
    gone.dispose();
    if (isOurs) onAnswered(question, answer.action);
    return answer;
  }

  /** Before anybody hears of it and answers there. Where that gateway goes away, it can still be answered by who leads next. */
  function put(asked: Open): void {
    asked.put = elsewhere?.();
    asked.put?.(asked.question, asked.schema).then(asked.end, () => {});
    if (asked.isOurs) onAsked(asked.question);
  }

  return {
    async ask(server, wanted, signal) {
      const question = toQuestion(server, wanted, clock.now());
      if (!question) return { action: "decline" };
      return await wait({ question, schema: "schema" in wanted ? wanted.schema : {}, signal, isOurs: true });
    },
    adopt: (question, schema, signal) => wait({ question, schema, signal, isOurs: false }),
    drop: (id) => open.get(id)?.end(CANCEL),
    askAgain() {
      const now = elsewhere?.();
      for (const asked of open.values()) if (asked.isOurs && asked.put !== now) put(asked);
    },
    list: () => [...open.values()].map(({ question }) => question),
    async answer(id, answer) {
      const found = open.get(id);
      if (!found) throw new AppError("not_found", `No question ${id} of an MCP server waits for an answer`);
      const content = answer.content ?? {};
      if (answer.action === "accept") {
        // What is left out may have a default.
        const whole = toValues(found.schema, { ...content, ...defaultsOf(found.schema), ...content });
        const fault = argumentFault(found.schema, whole);
        if (fault) throw new AppError("bad_request", `content: ${visibleLine(fault, 300)}`);
        found.end({ action: "accept", content: whole });
      } else found.end(answer);
      return found.question;
    },
  };
}

/** Undefined for a page that is none of the web: nobody is sent there. */
function toQuestion(server: string, wanted: Wanted, now: number): McpQuestion | undefined {
  const url = "url" in wanted ? URL.parse(wanted.url) : undefined;
  if (url === null) return undefined;
  if (url && (!/^https?:$/.test(url.protocol) || url.href.length > LONGEST_ADDRESS)) return undefined;
  return {
    id: newId("ask"),
    server,
    message: cutText(visible(wanted.message), 2000),
    fields: "schema" in wanted ? toFields(wanted.schema) : [],
    ...(url ? { page: { address: url.href, host: url.host } } : {}),
    ...(wanted.calls
      ? { calls: wanted.calls.map(({ sessionKey, tool }) => ({ sessionKey, tool: visibleLine(tool, 200) })) }
      : {}),
    createdAt: isoTime(now),
    expiresAt: isoTime(now + PATIENCE_MS),
  };
}
