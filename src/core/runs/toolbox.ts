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
        const spec = { name: tool.name, description: tool.description, inputSchema: toInputSchema(tool.input) };
        specs.set(tool.name, spec);
        return spec;
      }),
  };
}

function toInputSchema(input: z.ZodType): Record<string, unknown> {
  // Providers take the bare object; the dialect's name only costs tokens.
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: "input" });
  return schema;
}
