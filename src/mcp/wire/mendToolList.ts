import { quotedLine } from "../../base/text/visible.ts";
import { type Fields, fieldsOf } from "./answerFields.ts";

// Readers of schemas go down into them by calling themselves.
const MOST_DEPTH = 100;
const MOST_FAULTS = 20;

/**
 * A list of tools of which each can be called: what the protocol has otherwise is left out of a tool, and a tool that cannot be
 * called is left out of the list. `onFault` is told of those.
 */
export function mendToolList(result: Fields, onFault: (text: string) => void): Fields {
  const { tools } = result;
  if (!Array.isArray(tools)) return result;
  let faults = 0;
  const mended = tools.flatMap((given: unknown) => {
    const tool = mendTool(given);
    if (typeof tool !== "string") return [tool];
    faults += 1;
    if (faults <= MOST_FAULTS) onFault(tool);
    return [];
  });
  return { ...result, tools: mended };
}

/** The tool, or why it is none. */
function mendTool(given: unknown): Fields | string {
  const { name, title, description, inputSchema, annotations } = fieldsOf(given) ?? {};
  if (typeof name !== "string" || name === "") return "A tool without a name is left out";
  const schema = mendSchema(fieldsOf(inputSchema) ?? {});
  if (typeof schema === "string") return `The tool ${quotedLine(name)} is left out: ${schema}`;
  return {
    name,
    ...(typeof title === "string" ? { title } : {}),
    ...(typeof description === "string" ? { description } : {}),
    inputSchema: schema,
    ...(fieldsOf(annotations) ? { annotations: mendHints(fieldsOf(annotations)!) } : {}),
  };
}

/** The arguments of a tool are an object, said or not. */
function mendSchema({ type, properties, required, ...rest }: Fields): Fields | string {
  const types = Array.isArray(type) ? (type as unknown[]) : [type ?? "object"];
  if (!types.includes("object")) return "its input is no object";
  if (isDeep([properties, rest])) return "its schema is nested too deep";
  const needed = Array.isArray(required) ? required.filter((one) => typeof one === "string") : [];
  return {
    ...rest,
    type: "object",
    ...(fieldsOf(properties) ? { properties } : {}),
    ...(needed.length > 0 ? { required: needed } : {}),
  };
}

const HINTS = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];

function mendHints(annotations: Fields): Fields {
  const kept = Object.entries(annotations).filter(([key, value]) => {
    if (key === "title") return typeof value === "string";
    return !HINTS.includes(key) || typeof value === "boolean";
  });
  return Object.fromEntries(kept);
}

function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_DEPTH) return true;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return false;
}
