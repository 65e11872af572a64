import * as z from "zod";
import type { StoredSession } from "../ports/storedSession.ts";
import type { ToolSpec } from "../ports/provider.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { Tool } from "../ports/tool.ts";

/** The tools there are, as allowed by the settings and fitting a session. */
export interface Toolbox {
  tools(session: StoredSession): Tool[];
  /** As the model sees them: sorted by name, so that a cached prompt stays the same. */
  specs(session: StoredSession): ToolSpec[];
}

export function createToolbox(all: Tool[], settings: () => AgentSettings): Toolbox {
  const sorted = all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const specs = new Map<string, ToolSpec>();
  const tools = (session: StoredSession) => {
    const { allow, deny } = settings().tools;
    return sorted.filter(
      (tool) =>
        (!allow || allow.includes(tool.name)) &&
        !deny.includes(tool.name) &&
        (!tool.needsWorkspace || session.workspace !== undefined),
    );
  };
  return {
    tools,
    specs: (session) =>
      tools(session).map((tool) => {
        const known = specs.get(tool.name);
        if (known) return known;
        const spec = toSpec(tool);
        specs.set(tool.name, spec);
        return spec;
      }),
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
