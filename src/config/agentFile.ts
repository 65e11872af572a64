import { createHash } from "node:crypto";
import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defined } from "../base/defined.ts";
import { readHeaded } from "../base/input/headedText.ts";
import { parseInput } from "../base/input/parseInput.ts";
import { type AgentPart, agentName, type Effort } from "../protocol/context/agentPart.ts";
import { nameTable } from "../base/nameTable.ts";

const names = z.union([
  z.array(z.string()),
  // As in "tools: read, grep".
  z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean)),
]);

const headShape = z.looseObject({
  name: agentName.optional(),
  description: z.string().max(2000).default(""),
  tools: names.optional(),
  model: z.string().min(1).max(200).optional(),
  effort: z.unknown().optional(),
  budgetUsd: z.number().min(0).optional(),
  budgetTokens: z.int().min(0).optional(),
});

const KNOWN = new Set(Object.keys(headShape.shape));

/** What a file describes: a head of YAML between two lines of ---, and the instructions after it. bad_request says what is wrong. */
export function parseAgentFile(text: string, fileName: string): Omit<AgentPart, "from" | "path" | "confirmed"> {
  const { head, body: instructions } = readHeaded(text);
  const given = parseInput(headShape, head);
  const { name = fileName, description, tools, model, effort, budgetUsd, budgetTokens, ...rest } = given;
  if (instructions === "") throw new AppError("bad_request", "It has no instructions");
  return {
    name,
    description,
    instructions,
    hash: createHash("sha256").update(text).digest("hex"),
    ...defined({
      tools: tools?.map(toToolName),
      model: model === "inherit" ? undefined : model,
      effort: toEffort(effort),
      budgetUsd,
      budgetTokens,
    }),
    ignored: [
      ...Object.keys(rest).filter((key) => !KNOWN.has(key)),
      ...(effort !== undefined && toEffort(effort) === undefined ? ["effort"] : []),
    ],
  };
}

/** Files that other programs share know more degrees. */
function toEffort(given: unknown): Effort | undefined {
  return EFFORTS[String(given).trim().toLowerCase()];
}

const EFFORTS = nameTable<Effort>({
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
});

/** Files that other programs share name the same tools otherwise. */
function toToolName(name: string): string {
  const plain = name.trim().toLowerCase();
  return ALIASES[plain] ?? plain;
}

const ALIASES = nameTable<string>({
  bash: "exec",
  glob: "find",
  ls: "list",
  webfetch: "web_fetch",
  websearch: "web_search",
  task: "sessions_spawn",
});
