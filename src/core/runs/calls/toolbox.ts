import * as z from "zod";
import { BoundedMap } from "../../../base/boundedMap.ts";
import type { StoredSession } from "../../ports/storedSession.ts";
import type { ToolSpec } from "../../ports/provider.ts";
import type { AgentSettings } from "../../ports/settings.ts";
import type { Tool } from "../../ports/tool.ts";

/** The tools there are, as allowed by the settings and fitting a session. */
export interface Toolbox {
  tools(session: StoredSession): Tool[];
  /** As the model sees them: sorted by name, so that a cached prompt stays the same. */
  specs(session: StoredSession): ToolSpec[];
}

const MOST_LISTS = 20;

export function createToolbox(all: Tool[], settings: () => AgentSettings): Toolbox {
  const sorted = all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const specs = new Map<string, ToolSpec>();
  // The same array for the same tools: what is reckoned from it (its size, a provider's form of it) is reckoned once.
  const lists = new BoundedMap<string, ToolSpec[]>(MOST_LISTS);
  const tools = (session: StoredSession) => {
    const { allow, deny } = settings().tools;
    return sorted.filter(
      (tool) =>
        (!allow || allow.includes(tool.name)) &&
        !deny.includes(tool.name) &&
        (!session.tools || session.tools.includes(tool.name)) &&
        (!tool.needsWorkspace || session.workspace !== undefined),
    );
  };
  return {
    tools,
    specs(session) {
      const offered = tools(session);
      const names = offered.map(({ name }) => name).join(" ");
      const known = lists.get(names);
      if (known) return known;
      const list = offered.map((tool) => {
        const spec = specs.get(tool.name) ?? toSpec(tool);
        specs.set(tool.name, spec);
        return spec;
      });
      lists.set(names, list);
      return list;
    },
  };
}

/** A tool as models are told of it. */
export function toSpec({ name, description, input }: Pick<Tool, "name" | "description" | "input">): ToolSpec {
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
