import { AppError } from "../../base/appError.ts";
import { oncePer } from "../../base/oncePer.ts";
import type { Prompt } from "../../protocol/context/prompt.ts";
import type { Message, UserMessage } from "../../protocol/message.ts";
import type { Prompts, Skills } from "../services/namedTexts.ts";
import type { PromptFile, PromptFiles } from "../ports/context/promptFiles.ts";
import type { McpServers } from "../ports/mcpServers.ts";
import { toServerPrompt, useServerPrompt } from "./serverPrompts.ts";
import { expandPrompt, inputsOf, toTyped } from "./expandPrompt.ts";

export interface PromptsOptions {
  files?: PromptFiles | undefined;
  skills: Skills;
  servers?: Pick<McpServers, "prompts" | "getPrompt"> | undefined;
}

/** Prompts by name: those of files, skills that people may name, and what servers keep. A file's goes before a skill of the same name. */
export function createPrompts({ files = { list: async () => [] }, skills, servers }: PromptsOptions): Prompts {
  const list: Prompts["list"] = async (workspace) => {
    const own = (await files.list(workspace)).map(toPrompt);
    const named = (await skills.list(workspace)).filter(({ forPeople, problem }) => forPeople && problem === undefined);
    const others = named.filter(
      ({ name }) => !own.some((prompt) => prompt.name === name && prompt.problem === undefined),
    );
    const ofSkills = others.map(({ name, description, from, path, argumentHint, confirmed }): Prompt => {
      const hint = argumentHint === undefined ? {} : { argumentHint };
      return { name, description, kind: "skill", from, path, ...hint, inputs: [], confirmed, notes: [] };
    });
    const ofServers = (await servers?.prompts())?.map(toServerPrompt) ?? [];
    return [...own, ...ofSkills, ...ofServers].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  };
  return {
    list,
    async use(name, given, workspace) {
      const all = await list(workspace);
      const found = all.find((prompt) => prompt.name === name && prompt.problem === undefined);
      if (!found) throw missing(name, all);
      const text = toTyped(name, given);
      if (found.kind === "skill") {
        if (!found.confirmed)
          throw new AppError(
            "forbidden",
            `The skill ${name} of this workspace is used once a person has confirmed what is in ${found.path}: pincer skills confirm ${name}`,
          );
        const body = `Use the skill ${name} for this.`;
        const told = expandPrompt({ name, body, given, workspace });
        return { text, prompt: { name, text: told, kind: "skill" } };
      }
      const ofServer = (await servers?.prompts())?.find((one) => one.name === name);
      if (ofServer && found.path === toServerPrompt(ofServer).path)
        return await useServerPrompt(servers!, ofServer, given);
      const file = (await files.list(workspace)).find((one) => one.name === name && one.problem === undefined);
      if (!file) throw missing(name, all);
      return {
        text,
        prompt: { name, text: expandPrompt({ name, body: file.body, given, workspace }), kind: "prompt" },
      };
    },
  };
}

function toPrompt({ body, ...file }: PromptFile): Prompt {
  return { ...file, kind: "prompt", inputs: inputsOf(body), confirmed: true };
}

function missing(name: string, all: Prompt[]): AppError {
  const problem = all.find((prompt) => prompt.name === name)?.problem;
  if (problem !== undefined) return new AppError("bad_request", `The prompt ${name} cannot be used. ${problem}`);
  const there = all.filter((prompt) => prompt.problem === undefined).map((prompt) => prompt.name);
  return new AppError("not_found", `There is no prompt named ${name}. There are: ${there.join(", ") || "none"}.`);
}

/** A message as the model reads it: what the prompt says that it was sent by, in place of what was typed. */
export function asRead<T extends Message>(message: T): T {
  return promptOf(message) ? (withPrompt(message) as T) : message;
}

// The same each time, as what was made of it is then still good.
const withPrompt = oncePer((message: Message): Message => {
  const prompt = promptOf(message);
  return prompt ? { ...message, text: prompt.text } : message;
});

export function promptOf(message: Message): UserMessage["prompt"] {
  return message.role === "user" ? message.prompt : undefined;
}
