import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { partOf } from "../../base/cutText.ts";
import { type ApprovalAsk, defineTool } from "../../core/ports/tool.ts";
import type { Skill } from "../../protocol/context/skill.ts";

const MOST_CHARS = 50_000;

export const skill = defineTool({
  name: "skill",
  description: "Load a skill's instructions, or read a file of it.",
  input: z.object({
    name: z.string(),
    file: z.string().optional(),
    offset: z.int().min(0).max(1e7).optional().describe("From this character"),
  }),
  effect: "read",

  async prepare({ name, file, offset = 0 }, { agent: { skills } }) {
    const found = await skills.get(name);
    return {
      // Whose words a model follows a workspace does not say alone.
      ask: found.confirmed ? undefined : askFor(found, await skills.text(found)),
      touches: [],
      async run(consent) {
        const isAllowed = !found.confirmed && consent === "person";
        if (isAllowed) await skills.confirm(found);
        if (!found.confirmed && !isAllowed) throw new AppError("forbidden", `Nobody has confirmed the skill ${name}`);
        const used = isAllowed ? { ...found, confirmed: true } : found;
        if (file !== undefined) return { text: pageOf(await skills.text(used, file), offset) };
        return { text: `The skill ${name} is loaded.`, tells: await skills.message(used) };
      },
    };
  },
});

function pageOf(text: string, offset: number): string {
  if (offset > 0 && offset >= text.length)
    throw new AppError("bad_request", `The file has ${text.length} characters; there is none at ${offset}`);
  const part = partOf(text, offset, Math.min(text.length, offset + MOST_CHARS));
  const end = offset + part.length;
  return end < text.length
    ? `${part}\n[characters ${offset}-${end} of ${text.length}; read on with offset ${end}]`
    : part;
}

function askFor({ name, path, hash, description }: Skill, text: string): ApprovalAsk {
  return {
    summary: `use the skill ${name}, as ${path} says`,
    subject: { type: "other", text: `${description}\n\n${text}` },
    reason: "the workspace brings a skill that you have not confirmed with this content",
    safe: false,
    protected: true,
    once: true,
    effects: [{ kind: "run", place: path, before: hash }],
  };
}
