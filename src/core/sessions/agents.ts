import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { AgentPart } from "../../protocol/context/agentPart.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { Agents } from "../services/namedTexts.ts";
import type { AgentFiles } from "../ports/context/agentFiles.ts";
import type { StoredSession } from "../ports/storedSession.ts";

export function createAgents(files: AgentFiles = NONE): Agents {
  const get: Agents["get"] = async (name, workspace) => {
    const all = await files.list(workspace);
    const found = all.find((part) => part.name === name && part.problem === undefined);
    if (found) return found;
    const broken = all.find((part) => part.name === name);
    if (broken)
      throw new AppError("bad_request", `The agent ${name} cannot be used. ${broken.path}: ${broken.problem}`);
    const usable = all.filter(({ problem }) => problem === undefined);
    const there = usable.map((part) => part.name).join(", ") || "none";
    throw new AppError("not_found", `There is no agent named ${name}. There are: ${there}.`);
  };
  return {
    list: (workspace) => files.list(workspace),
    offered: async (workspace) => (await files.list(workspace)).filter(({ problem }) => problem === undefined),
    get,
    as: asAgent,
    async confirm({ name, hash }, workspace) {
      if ((await get(name, workspace)).hash !== hash)
        throw new AppError("conflict", `The agent ${name} has changed since it was looked at`);
      await files.confirm(hash);
    },
  };
}

const NONE: AgentFiles = { list: async () => [], confirm: async () => {} };

/** What an agent's part makes of a request to spawn: what the request says itself goes before, and budgets only get lower. */
function asAgent(request: SendRequest, part: AgentPart): SendRequest {
  if (!part.confirmed) {
    throw new AppError(
      "forbidden",
      `The agent ${part.name} of this workspace is used once a person has confirmed what ${part.path} says: pincer agents confirm ${part.name}`,
    );
  }
  const { name, instructions, tools, effort } = part;
  return {
    ...request,
    ...defined({
      model: request.model ?? part.model,
      budgetUsd: lower(request.budgetUsd, part.budgetUsd),
      budgetTokens: lower(request.budgetTokens, part.budgetTokens),
      tools,
    }),
    agent: { name, instructions, ...defined({ effort }) },
  };
}

function lower(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** The tools of a new child: none that its parent has not. */
export function childTools(parent: StoredSession | undefined, wanted: string[] | undefined): string[] | undefined {
  const own = parent?.tools;
  return own && wanted ? wanted.filter((name) => own.includes(name)) : (wanted ?? own);
}
