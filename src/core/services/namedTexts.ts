import type { AgentPart } from "../../protocol/context/agentPart.ts";
import type { Prompt, PromptArguments } from "../../protocol/context/prompt.ts";
import type { Skill } from "../../protocol/context/skill.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { StoredSession } from "../ports/storedSession.ts";

/** Agents that files describe, for sub-agents to be. */
export interface Agents {
  /** Those that cannot be used too, each with its problem. */
  list(workspace: string | undefined): Promise<AgentPart[]>;
  /** Those that can be used, confirmed or not. */
  offered(workspace: string | undefined): Promise<AgentPart[]>;
  /** not_found, with the names there are; bad_request for one that cannot be used. */
  get(name: string, workspace: string | undefined): Promise<AgentPart>;
  /** The request as one of that part makes it; `forbidden` while that is not confirmed. */
  as(request: SendRequest, part: AgentPart): SendRequest;
  /** A person's word that exactly this content may be used. `conflict` when the file is another now. */
  confirm(part: Pick<AgentPart, "name" | "hash">, workspace: string | undefined): Promise<void>;
}

/** What to do in special tasks, as folders with a SKILL.md describe it. */
export interface Skills {
  /** Those that cannot be used too, each with its problem; none where they are switched off. */
  list(workspace: string | undefined): Promise<Skill[]>;
  /** not_found, with the names there are; bad_request for one that cannot be used. */
  get(name: string, workspace: string | undefined): Promise<Skill>;
  /** What it says, for a person to look at; or the text of one of its files. */
  text(skill: Skill, path?: string): Promise<string>;
  /** A person's word that exactly this content may be used. `conflict` when it is another now. */
  confirm(skill: Pick<Skill, "name" | "hash">, workspace: string | undefined): Promise<void>;
  /** The names of those whose instructions a session's model is told now. */
  inUse(session: StoredSession): Promise<string[]>;
}

/** Messages that are kept under a name, in files and as skills. */
export interface Prompts {
  /** By name; those that cannot be used are there with their problem. */
  list(workspace: string | undefined): Promise<Prompt[]>;
  /** What is shown and what the model reads of a message that names one: not_found, bad_request for arguments, forbidden for a skill that is not confirmed. */
  use(
    name: string,
    given: PromptArguments,
    workspace: string | undefined,
  ): Promise<Required<Pick<SendRequest, "text" | "prompt">>>;
}
