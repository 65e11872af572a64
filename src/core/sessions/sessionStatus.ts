import { defined } from "../../base/defined.ts";
import type { SessionStatus } from "../services/sessionService.ts";
import { budgetProblem } from "../permission/budget.ts";
import type { SessionParts } from "./sessionParts.ts";

/** What a session is at, and how full the window of its next run's model would be. */
export async function sessionStatus(parts: SessionParts, key: string): Promise<SessionStatus> {
  const { store, sessionRepository, models, runs } = parts;
  const session = await sessionRepository.get(key);
  const model = await models.resolve(session.model);
  const info = await models.info(model);
  const windowTokens = info?.windowTokens ?? null;
  const unfinished = await runs.unfinished(key);
  const counts = await store.countRuns(key);
  const { sessions: subagents } = await store.listSessions({ parentKey: key, limit: 50 });
  return {
    session,
    model,
    ...defined({ budgetProblem: budgetProblem(model, info, parts.settings(session.workspace)) }),
    context: {
      usedTokens: session.contextTokens,
      windowTokens,
      percent: windowTokens === null ? null : Math.round((session.contextTokens / windowTokens) * 1000) / 10,
    },
    runs: {
      ...counts,
      active: unfinished.filter((run) => run.state === "running").length,
      queued: unfinished.filter((run) => run.state === "queued").length,
    },
    subagents,
    instructions: await parts.instructions.inUse(session),
    skills: await parts.skills.inUse(session),
  };
}
