import { visibleLine, visibleOnce } from "../base/text/visible.ts";
import { type Job, SEEN_NO_FILES } from "../protocol/job.ts";
import type { Rule } from "../protocol/rule.ts";
import { hasFarWords } from "../shell/farWord.ts";
import { reachWords } from "./hostPattern.ts";

/** What a job may do unasked, for people: "run exactly `npm test`; change files under src/, delete nothing". */
export function mayDoWords({ grants, grantsVoid = [] }: Pick<Job, "grants" | "grantsVoid">): string {
  if (grants === undefined) return "nothing unasked: it asks a person";
  const allowed = grants.filter(({ allow }) => allow !== undefined).map(coverWords);
  const denied = grants.filter(({ deny }) => deny !== undefined).map((rule) => `never: ${denyWords(rule)}`);
  if (allowed.length === 0) return ["nothing unasked, and nobody is asked", ...denied].join("; ");
  const words = [...allowed, ...denied].join("; ");
  if (grantsVoid.length === 0) return words;
  const changed = grantsVoid.map((name) => visibleLine(name, 80)).join(", ");
  return `nothing unasked, and nobody is asked. Void since ${changed} changed: ${words}`;
}

/** A job as it is told: with what it may do. */
export function toldJob(job: Job): Job {
  const notes = jobNotes(job);
  return { ...job, mayDo: mayDoWords(job), ...(notes.length > 0 ? { notes } : {}) };
}

/** What should be known of a job that is in order, and may still not be what was meant. */
export function jobNotes({ schedule, seen, enabled, state, lastStatus }: Job): string[] {
  const { inDoubt, lookFault } = state;
  const done = lastStatus === "missed" ? "It did not fire for that" : "It fired for that";
  const doubts = inDoubt === undefined ? [] : [`${visibleLine(inDoubt, 300)}. ${done}.`];
  if (schedule.kind !== "file" || !enabled) return doubts;
  if (lookFault !== undefined)
    return [...doubts, `Its files cannot be looked at, so it does not fire for them: ${visibleLine(lookFault, 300)}`];
  if (seen !== SEEN_NO_FILES) return doubts;
  return [
    ...doubts,
    `No file of its folder fits ${visibleLine(schedule.glob, 200)} now, so it waits for one to come. Ignored and protected files, and those in node_modules, do not count.`,
  ];
}

function denyWords({ deny, command, path, host, server, tool, channel, to }: Rule): string {
  return visibleLine(
    [deny, command ?? path ?? host ?? server ?? channel, tool ?? to].filter((part) => part !== undefined).join(" "),
    200,
  );
}

/** What a rule covers, for people: "run exactly `npm test`". */
export function coverWords(rule: Rule): string {
  const { allow, command = "", path = "", host = "" } = rule;
  const shown = (text: string) => visibleLine(text.replace(/\[(.)\]/g, "$1"), 200);
  switch (allow) {
    case "exec":
      return command.endsWith(" *")
        ? `run \`${visibleLine(visibleOnce(command.slice(0, -2)), 200)} …\` with any words after it${hasFarWords(command.split(" ", 1)[0]!) ? ", none by which it writes files or starts programs" : ""}`
        : `run exactly \`${visibleLine(visibleOnce(command), 200)}\`${host === "" ? "" : `, ${reachWords([host])}`}`;
    case "edit":
      return `change ${editWords(path, shown)}, delete nothing`;
    case "delete":
      return `delete ${shown(path)}`;
    case "web_fetch":
      return `fetch pages of ${host}`;
    case "browser":
      return `use ${host} in the browser`;
    case "mcp":
      return `call ${rule.tool ?? "any tool"} of ${rule.server}${rule.hash === undefined ? "" : ", as long as it is described as now"}${rule.readOnly ? ", which only looks" : ""}`;
    case "message":
      return `send messages to ${rule.to === "*" ? "every chat of people who may talk" : shown(rule.to ?? "")} on ${rule.channel}`;
    case "read":
      return `read ${shown(path)}`;
    case "network":
      return host === "*" ? "let commands use the network" : `let commands reach ${host}`;
    default:
      return "nothing";
  }
}

function editWords(path: string, shown: (text: string) => string): string {
  if (path === "*") return "files at the top of the folder, none below";
  if (path === "**") return "any file of the folder that is not protected";
  return path.endsWith("/**") ? `files under ${shown(path.slice(0, -2))}` : shown(path);
}
