import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { newId } from "../../base/id.ts";
import { visible, visibleLine } from "../../base/text/visible.ts";
import { cutText } from "../../base/cutText.ts";
import { onAbort } from "../../base/wait.ts";
import type { McpAnswer, McpField, McpQuestion } from "../../protocol/mcp.ts";
import { argumentFault } from "../tools/checkArguments.ts";

/** What servers ask of the user while a call of theirs is under way. */
export interface Questions {
  /** Resolves with the answer; "cancel" when nobody gives one in time, or `signal` aborts. */
  ask(server: string, message: string, schema: Record<string, unknown>, signal: AbortSignal): Promise<McpAnswer>;
  list(): McpQuestion[];
  /** `not_found` when it waits no more; `bad_request` for an answer that does not fit. */
  answer(id: string, answer: McpAnswer): Promise<McpQuestion>;
}

interface Open {
  question: McpQuestion;
  schema: Record<string, unknown>;
  end(answer: McpAnswer): void;
}

const PATIENCE_MS = 300_000;
const MOST_OPEN = 20;
const MOST_FIELDS = 50;

export function createQuestions(options: {
  clock: Clock;
  onAsked: (question: McpQuestion) => void;
  onAnswered: (question: McpQuestion, action: McpAnswer["action"]) => void;
}): Questions {
  const { clock, onAsked, onAnswered } = options;
  const open = new Map<string, Open>();
  return {
    async ask(server, message, schema, signal) {
      // Who asks without end is not heard.
      if (open.size >= MOST_OPEN || signal.aborted) return { action: "cancel" };
      const now = clock.now();
      const question: McpQuestion = {
        id: newId("ask"),
        server,
        message: cutText(visible(message), 2000),
        fields: toFields(schema),
        createdAt: isoTime(now),
        expiresAt: isoTime(now + PATIENCE_MS),
      };
      const answered = Promise.withResolvers<McpAnswer>();
      open.set(question.id, { question, schema, end: answered.resolve });
      const timer = clock.at(now + PATIENCE_MS, () => answered.resolve({ action: "cancel" }));
      const gone = onAbort(signal, () => answered.resolve({ action: "cancel" }));
      onAsked(question);
      const answer = await answered.promise;
      open.delete(question.id);
      timer.dispose();
      gone.dispose();
      onAnswered(question, answer.action);
      return answer;
    },
    list: () => [...open.values()].map(({ question }) => question),
    async answer(id, answer) {
      const found = open.get(id);
      if (!found) throw new AppError("not_found", `No question ${id} of an MCP server waits for an answer`);
      const content = answer.content ?? {};
      // What is left out may have a default.
      const fault =
        answer.action === "accept"
          ? argumentFault(found.schema, { ...defaultsOf(found.schema), ...content })
          : undefined;
      if (fault) throw new AppError("bad_request", `content: ${visibleLine(fault, 300)}`);
      found.end(answer);
      return found.question;
    },
  };
}

/** The fields of a form: texts, numbers, yes or no, and choices. */
function toFields(schema: Record<string, unknown>): McpField[] {
  const required = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
  return Object.entries(propertiesOf(schema))
    .slice(0, MOST_FIELDS)
    .map(([name, property]) => {
      const { type, title, description, items } = property;
      const options = toOptions(property) ?? toOptions((items ?? {}) as Property);
      const isMany = type === "array";
      const kind = options
        ? isMany
          ? "choices"
          : "choice"
        : type === "boolean"
          ? "boolean"
          : isNumber(type)
            ? "number"
            : "text";
      return {
        name,
        kind,
        title: visibleLine(typeof title === "string" ? title : name, 100),
        required: required.includes(name),
        ...defined({
          description: typeof description === "string" ? visibleLine(description, 300) : undefined,
          options,
          default: property.default,
        }),
      } satisfies McpField;
    });
}

interface Property {
  type?: unknown;
  title?: unknown;
  description?: unknown;
  default?: unknown;
  items?: unknown;
  enum?: unknown;
  enumNames?: unknown;
  oneOf?: unknown;
  anyOf?: unknown;
}

function toOptions({ enum: values, enumNames, oneOf, anyOf }: Property): McpField["options"] {
  const named = [oneOf, anyOf].find(Array.isArray) as { const?: unknown; title?: unknown }[] | undefined;
  if (named)
    return named.map((one) => ({ value: String(one.const), title: visibleLine(String(one.title ?? one.const), 100) }));
  if (!Array.isArray(values)) return undefined;
  const names = Array.isArray(enumNames) ? enumNames : [];
  return values.map((value, at) => ({ value: String(value), title: visibleLine(String(names[at] ?? value), 100) }));
}

const isNumber = (type: unknown): boolean => type === "number" || type === "integer";

function propertiesOf({ properties }: Record<string, unknown>): Record<string, Property> {
  return (typeof properties === "object" && properties !== null ? properties : {}) as Record<string, Property>;
}

function defaultsOf(schema: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(propertiesOf(schema)).flatMap(([name, one]) =>
      one.default === undefined ? [] : [[name, one.default]],
    ),
  );
}
