import { defined } from "../../../base/defined.ts";
import type { Job } from "../../../protocol/job.ts";
import type { Rule } from "../../../protocol/rule.ts";
import type { Rehearsing } from "../../../protocol/run.ts";
import { coversLine, toCommandPattern } from "../../../rules/commandPattern.ts";
import { ruleSchema } from "../../../rules/ruleSchema.ts";
import { voidReason } from "../grantBinding.ts";
import type { JobParts } from "../jobParts.ts";
import { unmetCondition } from "./unmetCondition.ts";

/** A job's condition, tried as before a firing: nobody is asked. What it would need to be tried at all is proposed. */
export async function triedCondition(job: Job, parts: JobParts): Promise<NonNullable<Rehearsing["condition"]>> {
  const { command } = job.condition!;
  const unmet = await unmetCondition(job, (await voidReason(job, parts)) !== undefined, parts);
  const wasRefused = unmet?.startsWith("Its condition was not allowed") ?? false;
  const grants = wasRefused ? exactly(command) : undefined;
  return { command, ...defined({ unmet, grants }) };
}

function exactly(command: string): Rule[] {
  const rule: Rule = { allow: "exec", command: command.trim() };
  const pattern = toCommandPattern(rule.command!);
  const isSaid = typeof pattern !== "string" && !pattern.isPrefix && coversLine([pattern], command);
  return isSaid && ruleSchema.safeParse(rule).success ? [rule] : [];
}
