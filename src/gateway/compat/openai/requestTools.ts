import * as z from "zod";
import type { ClientTool, ClientTools } from "../../../protocol/clientTools.ts";
import { badItem } from "./conversation/badItem.ts";

const functionFields = {
  name: z.string().regex(/^[\w-]{1,64}$/, "Expected letters, digits, _ and -, at most 64"),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
};

/** A tool as chat completions have it. */
export const chatToolShape = z.looseObject({ type: z.string(), function: z.looseObject(functionFields).optional() });

/** A tool as responses have it. */
export const responseToolShape = z.looseObject({
  type: z.string(),
  ...functionFields,
  name: functionFields.name.optional(),
});

const namedShape = z.looseObject({ name: z.string() });
const allowedShape = z.looseObject({
  mode: z.enum(["auto", "required"]).default("auto"),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional(), function: namedShape.optional() })),
});

/** Which tool is to be called, in the words of either API. */
export const toolChoiceShape = z
  .union([
    z.enum(["none", "auto", "required"]),
    z.looseObject({
      type: z.string(),
      name: z.string().optional(),
      function: namedShape.optional(),
      allowed_tools: allowedShape.optional(),
      mode: z.enum(["auto", "required"]).optional(),
      tools: allowedShape.shape.tools.optional(),
    }),
  ])
  .nullish();

/** A function that a client runs. */
export interface GivenTool {
  name: string;
  description?: string | null | undefined;
  parameters?: Record<string, unknown> | null | undefined;
}

const MOST_TOOLS = 128;

/** `bad_request` for tools of a kind that is not the client's to run. */
export function givenTool(
  tool: z.output<typeof chatToolShape> | z.output<typeof responseToolShape>,
  at: number,
): GivenTool {
  const inner = "function" in tool && tool.function ? (tool.function as GivenTool) : (tool as Partial<GivenTool>);
  if (tool.type !== "function" || inner.name === undefined)
    throw badItem(
      `tools.${at}`,
      `A tool of type ${JSON.stringify(tool.type.slice(0, 60))} is not taken: \`tools\` are functions that the client runs, and the agent has its own for the rest.`,
    );
  return inner as GivenTool;
}

/** Undefined where none is to be offered. */
export function toClientTools(
  given: GivenTool[],
  choice: z.output<typeof toolChoiceShape>,
  parallel: boolean | null | undefined,
): ClientTools | undefined {
  if (given.length > MOST_TOOLS)
    throw badItem("tools", `There are ${given.length} tools; ${MOST_TOOLS} are the limit.`);
  const twice = given.find(({ name }, at) => given.findIndex((other) => other.name === name) < at);
  if (twice) throw badItem("tools", `There are two tools named ${twice.name}.`);
  const tools = given.map(({ name, description, parameters }): ClientTool => ({
    name,
    description: description ?? "",
    inputSchema: parameters ?? { type: "object", properties: {} },
  }));
  const wanted = readChoice(choice, tools);
  if (wanted.must && tools.length === 0)
    throw badItem("tool_choice", "`tool_choice` asks for a call, and there are no `tools`.");
  const offered = tools.filter(({ name }) => !wanted.only || wanted.only.includes(name));
  if (offered.length === 0 || choice === "none") return undefined;
  return {
    tools: offered,
    ...(wanted.must ? { must: wanted.must } : {}),
    ...(parallel === false ? { single: true } : {}),
  };
}

function readChoice(
  choice: z.output<typeof toolChoiceShape>,
  tools: ClientTool[],
): { must?: { name?: string }; only?: string[] } {
  if (!choice || choice === "none" || choice === "auto") return {};
  if (choice === "required") return { must: {} };
  const known = (name: string | undefined): string => {
    if (name !== undefined && tools.some((tool) => tool.name === name)) return name;
    throw badItem(
      "tool_choice",
      `\`tool_choice\` names ${JSON.stringify(name ?? "")}, which is none of the \`tools\`.`,
    );
  };
  if (choice.type === "function") return { must: { name: known(choice.function?.name ?? choice.name) } };
  if (choice.type === "allowed_tools") {
    const { mode = "auto", tools: allowed = [] } = choice.allowed_tools ?? choice;
    const only = allowed.map((tool) => known(tool.function?.name ?? tool.name));
    return { only, ...(mode === "required" ? { must: {} } : {}) };
  }
  throw badItem("tool_choice", `A \`tool_choice\` of type ${JSON.stringify(choice.type.slice(0, 60))} is not taken.`);
}
