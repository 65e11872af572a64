import { cronFault } from "../schedule/cronExpression.ts";
import { nextSlot } from "../schedule/nextSlot.ts";
import { isZone } from "../schedule/zoneTime.ts";
import { nearest } from "./nearest.ts";
import type { Finding, Path } from "./configProblem.ts";
import type { Config } from "./configSchema.ts";

/** What the schema cannot say of the jobs: whether their times and zones exist, and their names differ. */
export function checkJobs(cron: Config["cron"]): Finding[] {
  return cron.flatMap((job, index): Finding[] => {
    const path = ["cron", index];
    const findings = checkSchedule([...path, "schedule"], job.schedule);
    const first = cron.findIndex((other) => other.name === job.name);
    if (first < index)
      findings.push({
        path: [...path, "name"],
        message: `Another job is named "${job.name}"; names tell jobs of this file apart`,
      });
    if (job.delivery?.mode === "webhook" && !job.delivery.url) {
      findings.push({ path: [...path, "delivery"], message: "Delivery by webhook needs a url" });
    }
    return findings;
  });
}

function checkSchedule(path: Path, schedule: Config["cron"][number]["schedule"]): Finding[] {
  if (schedule.kind === "every") return [];
  if (schedule.kind === "at") {
    const isMoment = /^\d{4}-\d\d-\d\d(T\d\d:\d\d|$)/.test(schedule.at) && !Number.isNaN(Date.parse(schedule.at));
    if (isMoment) return [];
    return [
      { path: [...path, "at"], message: `"${schedule.at}" is not a moment in ISO 8601, as in 2026-12-24T18:00:00Z` },
    ];
  }
  const findings: Finding[] = [];
  const fault = cronFault(schedule.expr) ?? neverFires(schedule.expr);
  if (fault)
    findings.push({ path: [...path, "expr"], message: `"${schedule.expr}" is not a cron expression: ${fault}` });
  if (schedule.tz !== undefined && !isZone(schedule.tz)) {
    const suggestion = nearest(schedule.tz, Intl.supportedValuesOf("timeZone"));
    findings.push({
      path: [...path, "tz"],
      message: `"${schedule.tz}" is not a time zone${suggestion ? `; did you mean "${suggestion}"?` : ", as Europe/Berlin is"}`,
      ...(suggestion ? { suggestion } : {}),
    });
  }
  return findings;
}

function neverFires(expr: string): string | undefined {
  return nextSlot({ kind: "cron", expr, tz: "UTC" }, Date.now(), 0) === null ? "it never fires" : undefined;
}
