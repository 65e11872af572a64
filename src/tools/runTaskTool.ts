import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { visibleLine } from "../base/text/visible.ts";
import { defineTool, type Prepared, type ToolContext } from "../core/ports/tool.ts";
import { childEnv } from "../processes/childEnv.ts";
import { systemShell } from "../processes/systemShell.ts";
import { exec } from "./execTool.ts";
import { readWorkspaceText } from "./files/workspaceText.ts";
import { readTasks, type Task } from "./tasks/taskFile.ts";
import { taskLine } from "./tasks/taskLine.ts";

const FILE = ".vscode/tasks.json";
const MOST_LISTED = 100;

export const runTask = defineTool({
  name: "run_task",
  description: `Run a task of ${FILE} as exec does, with access write; without task lists them.`,
  input: z.object({
    task: z.string().max(500).optional(),
    background: z.boolean().optional(),
    timeoutSeconds: z.number().positive().max(3600).optional(),
    access: z.enum(["read", "write", "network", "machine"]).optional(),
  }),
  effect: "exec",
  needsWorkspace: true,
  needsEditor: true,

  async prepare({ task: wanted, background, timeoutSeconds, access = "write" }, context) {
    const { text } = await readWorkspaceText(context, FILE);
    if (text === null) throw new AppError("not_found", `There is no ${FILE} here`);
    const tasks = readTasks(text);
    if (wanted === undefined) return { touches: [], run: async () => ({ text: listed(tasks, context) }) };
    const task = taskNamed(wanted, tasks);
    const command = lineOf(task, tasks, context);
    const isBackground = background ?? task.isBackground;
    const call = exec.input.parse({ command, access, background: isBackground, timeoutSeconds });
    return await told(await exec.prepare(call, context), task, command);
  },
});

/** As exec has it, with what the task was. */
async function told(prepared: Prepared, { label }: Task, command: string): Promise<Prepared> {
  const head = `Task ${visibleLine(label)}: ${visibleLine(command, 1000)}`;
  return {
    ...prepared,
    async run(consent) {
      const result = await prepared.run(consent);
      return { ...result, text: `${head}\n${result.text}` };
    },
  };
}

function taskNamed(wanted: string, tasks: Task[]): Task {
  const found = tasks.filter(({ label }) => label === wanted);
  const [only, ...more] = found;
  if (only && more.length === 0) return only;
  const names = tasks.slice(0, MOST_LISTED).map(({ label }) => visibleLine(label, 80));
  throw new AppError(
    only ? "conflict" : "not_found",
    only ? `${FILE} has ${found.length} tasks ${wanted}` : `There is no task ${wanted}; there are: ${names.join(", ")}`,
  );
}

function lineOf(task: Task, tasks: Task[], { workspace }: ToolContext): string {
  return taskLine(task, tasks, { workspace, dialect: systemShell.kind, env: childEnv(workspace) });
}

function listed(tasks: Task[], context: ToolContext): string {
  if (tasks.length === 0) return `${FILE} has no tasks`;
  const lines = tasks.slice(0, MOST_LISTED).map((task) => {
    const head = `${visibleLine(task.label, 80)}${task.isBackground ? " (in the background)" : ""}`;
    try {
      return `${head}: ${visibleLine(lineOf(task, tasks, context), 300)}`;
    } catch (error) {
      return `${head}: [${(error as Error).message}]`;
    }
  });
  return [...lines, ...(tasks.length > MOST_LISTED ? [`[${tasks.length - MOST_LISTED} more]`] : [])].join("\n");
}
