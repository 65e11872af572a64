import * as z from "zod";
import { promptArguments, promptName, promptShape, usedPromptShape } from "../../../protocol/context/prompt.ts";
import { sessionKeyOrMain } from "../../../protocol/session.ts";
import { defineRoute } from "../../calls/route.ts";

export const promptsList = defineRoute({
  name: "prompts.list",
  verb: "GET",
  scope: "read",
  summary:
    "Messages that are kept under a name: files of prompts, yours and those of the session's folder, and skills that people may name.",
  input: z.strictObject({ sessionKey: sessionKeyOrMain }),
  output: z.strictObject({ count: z.int(), prompts: z.array(promptShape) }),
  async handle(core, { sessionKey }) {
    const { workspace } = await core.sessions.get(sessionKey);
    const prompts = await core.prompts.list(workspace);
    return { count: prompts.length, prompts };
  },
});

export const promptsExpand = defineRoute({
  name: "prompts.expand",
  verb: "POST",
  scope: "read",
  summary: "What a model would read of a message that is sent by the name of a prompt. Nothing is sent.",
  input: z.strictObject({ prompt: promptName, arguments: promptArguments.optional(), sessionKey: sessionKeyOrMain }),
  output: usedPromptShape.extend({ typed: z.string().describe("What the history shows.") }),
  async handle(core, { prompt: name, sessionKey, ...given }) {
    const { workspace } = await core.sessions.get(sessionKey);
    const { text, prompt } = await core.prompts.use(name, given.arguments ?? "", workspace);
    return { ...prompt, typed: text };
  },
});
