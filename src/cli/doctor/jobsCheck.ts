import { isAppError } from "../../base/appError.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Job } from "../../protocol/job.ts";
import { type Check, type Finding, ok, warning } from "./check.ts";

/** Jobs that may not do what is meant: the gateway knows, which watches their files and what their grants are bound to. */
export const jobs: Check = {
  name: "Jobs",
  async run({ client }) {
    try {
      const answer = await client?.get("cron.list");
      if (!answer) return [];
      const findings = answer.jobs.flatMap(toFindings);
      const on = answer.jobs.filter(({ enabled }) => enabled).length;
      return findings.length > 0 || answer.count === 0 ? findings : [ok(`${on} of ${answer.count} on`)];
    } catch (error) {
      if (isAppError(error)) return [];
      throw error;
    }
  },
};

function toFindings({ id, name, enabled, notes = [], grantsVoid }: Job): Finding[] {
  if (!enabled) return [];
  const shown = visibleLine(name, 80);
  const found = notes.map((note) => warning(`${shown}: ${note}`, `pincer cron update ${id}, where another is meant`));
  if (!grantsVoid) return found;
  const since = grantsVoid.map((part) => visibleLine(part, 80)).join(", ");
  const fix = `Look at what changed, then give them again: pincer cron rehearse ${id}`;
  return [...found, warning(`${shown}: its grants are void since ${since} changed`, fix)];
}
