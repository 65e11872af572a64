import * as z from "zod";
import { BoundedMap } from "../../../base/boundedMap.ts";
import type { StoredSession } from "../../ports/storedSession.ts";
import type { ToolSpec } from "../../ports/provider.ts";
import type { SettingsNow } from "../../ports/settings.ts";
import type { Tool } from "../../ports/tool.ts";
import { createToolSearch, TOOL_SEARCH } from "./toolSearch.ts";

/** The tools there are, as allowed by the settings and fitting a session. */
export interface Toolbox {
  tools(session: StoredSession): Tool[];
  /**
   * As the model sees them: sorted by name, so that a cached prompt stays the same. Where there are many, those of servers
   * are left out that the session has not found. Without those named, which would have nothing to do.
   */
  specs(session: StoredSession, without?: string[]): ToolSpec[];
  /** Notes what a session has found, as its history says. */
  recall(sessionKey: string, tools: string[]): void;
}

const MOST_LISTS = 20;
// With more tools than this, those of servers have to be found first.
const MOST_SHOWN = 30;
// So they have to where what is told of them is longer than this: few may have much to say.
const MOST_TOLD_CHARS = 24_000;
const MOST_SESSIONS = 1000;

/** `hasEditor`: whether an editor of this process has a folder open. */
export function createToolbox(
  all: () => Tool[],
  settings: SettingsNow,
  hasEditor: (folder: string) => boolean = () => false,
): Toolbox {
  const specs = new WeakMap<Tool, { id: number; spec: ToolSpec; chars: number }>();
  let made = 0;
  // The same array for the same tools: what is reckoned from it (its size, a provider's form of it) is reckoned once.
  const lists = new BoundedMap<string, ToolSpec[]>(MOST_LISTS);
  const searches = new BoundedMap<string, Tool>(MOST_LISTS);
  const found = new BoundedMap<string, Set<string>>(MOST_SESSIONS);

  const note = (sessionKey: string, names: string[]) => {
    if (names.length === 0) return;
    found.set(sessionKey, new Set([...(found.get(sessionKey) ?? []), ...names]));
  };
  const specOf = (tool: Tool) => {
    const known = specs.get(tool);
    if (known) return known;
    const spec = toSpec(tool);
    const fresh = { id: (made += 1), spec, chars: JSON.stringify(spec).length };
    specs.set(tool, fresh);
    return fresh;
  };
  const isAllowed = (session: StoredSession) => {
    const { allow, deny } = settings(session.workspace).tools;
    return (tool: Tool) =>
      (!allow || allow.includes(tool.name)) &&
      !deny.includes(tool.name) &&
      (!session.tools || session.tools.includes(tool.name)) &&
      (tool.isOffered?.() ?? true) &&
      (!tool.needsWorkspace || session.workspace !== undefined);
  };
  // Asked for several times in a turn, and seldom others than before.
  let ordered: { of: Tool[]; tools: Tool[] } = { of: [], tools: [] };
  const inOrder = (): Tool[] => {
    const now = all();
    const isSame = now.length === ordered.of.length && now.every((tool, index) => tool === ordered.of[index]);
    if (!isSame) ordered = { of: [...now], tools: sorted(now) };
    return ordered.tools;
  };
  const tools = (session: StoredSession) => {
    const own = inOrder().filter(isAllowed(session));
    const hidden = own.filter(({ server }) => server !== undefined);
    const isShort = () => hidden.reduce((sum, tool) => sum + specOf(tool).chars, 0) <= MOST_TOLD_CHARS;
    if (hidden.length === 0 || (own.length <= MOST_SHOWN && isShort())) return own;
    const key = hidden.map((tool) => specOf(tool).id).join(" ");
    const search = searches.get(key) ?? createToolSearch(hidden, note);
    searches.set(key, search);
    return sorted([...own, search]);
  };
  return {
    tools,
    specs(session, without = []) {
      const offered = tools(session).filter(({ name }) => !without.includes(name));
      const isFound = found.get(session.key);
      const isMany = offered.some(({ name }) => name === TOOL_SEARCH);
      const inEditor = session.workspace !== undefined && hasEditor(session.workspace);
      const shown = offered.filter(
        ({ name, server, needsEditor }) =>
          (inEditor || !needsEditor) && (!isMany || server === undefined || isFound?.has(name)),
      );
      const entries = shown.map(specOf);
      const key = entries.map(({ id }) => id).join(" ");
      const known = lists.get(key) ?? entries.map(({ spec }) => spec);
      lists.set(key, known);
      return known;
    },
    recall: note,
  };
}

function sorted(tools: Tool[]): Tool[] {
  return tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A tool as models are told of it. */
export function toSpec({
  name,
  description,
  input,
  inputSchema,
}: Pick<Tool, "name" | "description" | "input" | "inputSchema">): ToolSpec {
  if (inputSchema) return { name, description, inputSchema };
  // Providers take the bare object; the dialect's name only costs tokens.
  const { $schema: _, ...schema } = z.toJSONSchema(input, {
    io: "input",
    override: ({ jsonSchema }) => trim(jsonSchema),
  });
  return { name, description, inputSchema: schema };
}

// Paid for with every request; what is out of bounds is refused all the same, in words.
const UNTOLD = [
  "minLength",
  "maxLength",
  "maxItems",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "propertyNames",
  "pattern",
];

function trim(schema: Record<string, unknown>): void {
  for (const key of UNTOLD) delete schema[key];
  if (isEmpty(schema.additionalProperties)) delete schema.additionalProperties;
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;
