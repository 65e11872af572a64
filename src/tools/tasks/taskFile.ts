import { AppError } from "../../base/appError.ts";
import { parseCommentedJson } from "../../base/text/commentedJson.ts";
import { visibleLine } from "../../base/text/visible.ts";

export interface TaskOptions {
  cwd?: unknown;
  env?: unknown;
  shell?: unknown;
}

/** A task as it is written, what its file and its platform say of it taken in. */
export interface Task {
  label: string;
  type: string;
  command?: unknown;
  args: unknown[];
  script?: unknown;
  path?: unknown;
  options: TaskOptions;
  isBackground: boolean;
  dependsOn: string[];
}

/** The tasks of a tasks.json; `bad_request` when it is none. */
export function readTasks(text: string, platform: NodeJS.Platform = process.platform): Task[] {
  let file: unknown;
  try {
    file = parseCommentedJson(text);
  } catch (error) {
    throw new AppError("bad_request", `tasks.json is not JSON: ${visibleLine((error as Error).message)}`);
  }
  const own = platform === "win32" ? "windows" : platform === "darwin" ? "osx" : "linux";
  const whole = { ...mapping(file), ...mapping(mapping(file)[own]) };
  const tasks = Array.isArray(whole["tasks"]) ? whole["tasks"] : [];
  return tasks.map((task: unknown) => toTask({ ...mapping(task), ...mapping(mapping(task)[own]) }, whole));
}

function toTask(task: Record<string, unknown>, whole: Record<string, unknown>): Task {
  const options = { ...mapping(whole["options"]), ...mapping(task["options"]) };
  const env = { ...mapping(mapping(whole["options"])["env"]), ...mapping(mapping(task["options"])["env"]) };
  const type = wordOf(task["type"]) ?? wordOf(whole["type"]) ?? "process";
  const command = task["command"] ?? (type === "npm" ? undefined : whole["command"]);
  const script = wordOf(task["script"]);
  return {
    label:
      wordOf(task["label"]) ?? wordOf(task["taskName"]) ?? (script === undefined ? "(no label)" : `npm: ${script}`),
    type,
    command,
    args: Array.isArray(task["args"]) ? task["args"] : [],
    script,
    path: task["path"],
    options: { ...options, env },
    isBackground: task["isBackground"] === true,
    dependsOn: toNames(task["dependsOn"]),
  };
}

function toNames(value: unknown): string[] {
  const names = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return names.map((name: unknown) => {
    if (typeof name === "string") return name;
    const { type, script } = mapping(name);
    return type === "npm" && typeof script === "string" ? `npm: ${script}` : visibleLine(JSON.stringify(name));
  });
}

const wordOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

export function mapping(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
