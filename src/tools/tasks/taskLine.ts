import { basename, relative, sep } from "node:path";
import { AppError } from "../../base/appError.ts";
import type { Dialect } from "../../shell/shellLine.ts";
import { mapping, type Task } from "./taskFile.ts";

export interface TaskPlace {
  /** Absolute real path of the session's folder, where lines start. */
  workspace: string;
  dialect: Dialect;
  env: Record<string, string | undefined>;
}

/** The one line that a task stands for, with the tasks it depends on before it; `bad_request` with what keeps it from being one. */
export function taskLine(task: Task, tasks: Task[], place: TaskPlace, above: string[] = []): string {
  const { label, dependsOn } = task;
  if (above.includes(label)) throw refused(label, `it depends on itself, by ${above.join(", ")}`);
  const before = dependsOn.map((name) => {
    const found = tasks.find((one) => one.label === name);
    if (!found) throw refused(label, `it depends on ${name}, which is not there`);
    if (found.isBackground)
      throw refused(label, `it depends on ${name}, which runs in the background; start that first`);
    return taskLine(found, tasks, place, [...above, label]);
  });
  const own = ownLine(task, place);
  const lines = own === undefined ? before : [...before, own];
  if (lines.length === 0) throw refused(label, "it has no command");
  if (lines.length === 1) return lines[0]!;
  if (place.dialect !== "posix") throw refused(label, `it depends on others; run them first: ${dependsOn.join(", ")}`);
  // Each where it starts, and by its own variables.
  return lines.map((line) => (/^\(.*\)$/.test(line) ? line : `(${line})`)).join(" && ");
}

function ownLine(task: Task, place: TaskPlace): string | undefined {
  const { label, options } = task;
  if (options.shell !== undefined) throw refused(label, "it names a shell of its own");
  const fill = (text: string) => filled(text, label, place);
  const command = commandOf(task, fill, place.dialect);
  if (command === undefined) return undefined;
  const folder =
    task.type === "npm" && typeof task.path === "string" ? `\${workspaceFolder}/${task.path}` : options.cwd;
  const cwd = typeof folder === "string" ? fromHere(fill(folder), place.workspace) : "";
  const steps = [
    ...(cwd === "" || cwd === "." ? [] : [`cd ${quoted(cwd, place.dialect)}`]),
    ...Object.entries(mapping(options.env)).map(([name, value]) =>
      setting(name, fill(String(value)), label, place.dialect),
    ),
    command,
  ];
  return steps.join(place.dialect === "powershell" ? "; " : " && ");
}

function commandOf(task: Task, fill: (text: string) => string, dialect: Dialect): string | undefined {
  const { label, type, command, args, script } = task;
  if (type === "npm") {
    if (typeof script !== "string") throw refused(label, "it names no script");
    return `npm run ${plainOrQuoted(script, dialect)}`;
  }
  if (type !== "shell" && type !== "process")
    throw refused(label, `only an extension knows what a task of type ${type} runs`);
  if (command === undefined) return undefined;
  const isProgram = type === "process";
  const words = [command, ...args].map((word, at) => {
    const { value, quoting } = typeof word === "string" ? { value: word } : mapping(word);
    if (typeof value !== "string") throw refused(label, `${JSON.stringify(word)} is no word of a command`);
    const text = fill(value);
    // A line for a shell is taken as it is written, and so are its words, but for those with a blank.
    if (isProgram || quoting !== undefined) return plainOrQuoted(text, dialect);
    return at > 0 && /\s/.test(text) ? quoted(text, dialect) : text;
  });
  if (isProgram && dialect === "powershell" && words[0]?.startsWith("'")) words[0] = `& ${words[0]}`;
  return words.join(" ");
}

function filled(text: string, label: string, { workspace, env }: TaskPlace): string {
  return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name === "workspaceFolder" || name === "workspaceRoot" || name === "cwd") return workspace;
    if (name === "workspaceFolderBasename") return basename(workspace);
    if (name === "pathSeparator" || name === "/") return sep;
    if (name.startsWith("env:")) return env[name.slice(4)] ?? "";
    throw refused(label, `it needs \${${name}}, which only somebody at the editor can give`);
  });
}

function setting(name: string, value: string, label: string, dialect: Dialect): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw refused(label, `${JSON.stringify(name)} is no name of a variable`);
  if (dialect === "posix") return `export ${name}=${quoted(value, dialect)}`;
  return dialect === "powershell" ? `$env:${name} = ${quoted(value, dialect)}` : `set "${name}=${value}"`;
}

function fromHere(path: string, workspace: string): string {
  const within = relative(workspace, path);
  return path.startsWith(workspace) && !within.startsWith("..") ? within : path;
}

const plainOrQuoted = (text: string, dialect: Dialect): string =>
  /^[\w@%+=:,./-]+$/.test(text) && (dialect !== "cmd" || !text.includes("%")) ? text : quoted(text, dialect);

function quoted(text: string, dialect: Dialect): string {
  if (dialect === "posix") return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return dialect === "powershell" ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
}

function refused(label: string, why: string): AppError {
  return new AppError("bad_request", `The task ${label} cannot be run from here: ${why}. Run what it does with exec`);
}
