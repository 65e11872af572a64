import { AppError } from "../../base/appError.ts";
import type { McpPrompt } from "../../protocol/mcp.ts";
import type { Prompt, PromptArguments, UsedPrompt } from "../../protocol/context/prompt.ts";
import type { McpServers } from "../ports/mcpServers.ts";
import { argumentValues, toTyped } from "./expandPrompt.ts";

type Offering = Pick<McpServers, "prompts" | "getPrompt">;

/** A server's prompt as it is listed among the others. */
export function toServerPrompt({ server, name, description, arguments: all }: McpPrompt): Prompt {
  const needed = all.filter(({ required }) => required);
  const optional = all.filter(({ required }) => !required).map((one) => `[${one.name}]`);
  return {
    name,
    description,
    kind: "prompt",
    from: "user",
    path: `MCP server ${server}`,
    ...(optional.length > 0 ? { argumentHint: [...needed.map((one) => one.name), ...optional].join(" ") } : {}),
    inputs: inputsOf(needed),
    confirmed: true,
    notes: [],
  };
}

/** What it says: of the server, asked for now. */
export async function useServerPrompt(
  servers: Offering,
  prompt: McpPrompt,
  given: PromptArguments,
): Promise<{ text: string; prompt: UsedPrompt }> {
  const { name, arguments: all } = prompt;
  // Those that are needed first, so that what is typed in order reaches them.
  const inOrder = [...all.filter(({ required }) => required), ...all.filter(({ required }) => !required)];
  const { values, rest } = argumentValues(name, inputsOf(inOrder), given);
  const missing = all.filter((one) => one.required && !values.has(one.name));
  if (missing.length > 0) {
    const words = missing.map((one) => (one.description === "" ? one.name : `${one.name} (${one.description})`));
    throw new AppError("bad_request", `The prompt ${name} needs ${words.join(", ")}`);
  }
  const text = await servers.getPrompt(prompt, Object.fromEntries(values));
  return {
    text: toTyped(name, given),
    prompt: { name, kind: "prompt", text: rest === "" ? text : `${text}\n\n${rest}` },
  };
}

function inputsOf(all: McpPrompt["arguments"]): Prompt["inputs"] {
  return all.map(({ name, description }) => (description === "" ? { name } : { name, placeholder: description }));
}
