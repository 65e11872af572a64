import { text } from "node:stream/consumers";
import { Command } from "commander";
import { AppError, toErrorBody } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import type { Output } from "../../../client/routeClient.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import { readSchemaFile, toPrinted } from "../../terminal/schemaFile.ts";
import { toSeconds } from "../../terminal/durations.ts";
import { watchQuestions } from "../../terminal/watchQuestions.ts";

interface SpawnOptions {
  parallel?: boolean;
  timeout: number;
  label?: string;
  model?: string;
  agent?: string;
  worktree?: boolean;
  schema?: string;
  wait: boolean;
}

export const spawn: Verb = (io) => {
  const command = new Command("spawn")
    .description("run tasks, each in a new session, and print their replies")
    .argument("<task...>", 'the tasks; quote each; "-" reads one from stdin')
    .option("-p, --parallel", "run them side by side")
    .option("-t, --timeout <seconds>", "limit of each run; passing it cancels the run", toSeconds, 300)
    .option("-l, --label <title>", "title of the new sessions")
    .option("-m, --model <id>", "model of the new sessions")
    .option("-a, --agent <name>", "the part of the new sessions, as a file describes it")
    .option("-w, --worktree", "each in a git worktree of its own, on a new branch")
    .option("--schema <file>", "JSON Schema that each reply is to fit; what is printed is the value")
    .option("--no-wait", "print the runs' ids and leave");
  return asClient<SpawnOptions, [string[]]>(io, command, async (call, given) => {
    const { client, printer, options } = call;
    const fromStdin = given.includes("-") ? await text(io.stdin) : "";
    const tasks = given.map((task) => (task === "-" ? fromStdin : task));
    const outputSchema = await readSchemaFile(options.schema);
    const start = (task: string) =>
      client.post("sessions.spawn", {
        task,
        runTimeoutSeconds: options.timeout,
        wait: options.wait,
        ...defined({ label: options.label, model: options.model, agent: options.agent, worktree: options.worktree }),
        ...defined({ outputSchema }),
      });
    const show = (task: string, reply: Output<"sessions.spawn">) =>
      printer.result(reply, () => {
        if (tasks.length > 1) printer.line(`== ${task} (${reply.sessionKey})`);
        printer.line(toPrinted(reply) ?? reply.runId);
        const { worktree } = reply;
        if (worktree) printer.note([`On ${worktree.branch}, in ${worktree.path}`, ...worktree.notes].join("\n"));
      });
    const starting = options.parallel ? tasks.map(start) : undefined;
    // Each failure is told in its turn.
    for (const one of starting ?? []) one.catch(() => {});
    const failures: unknown[] = [];
    // Their sessions are not known before they end.
    const watching = options.wait ? watchQuestions(call, { told: new Set() }) : undefined;
    try {
      for (const [index, task] of tasks.entries()) {
        try {
          show(task, await (starting?.[index] ?? start(task)));
        } catch (error) {
          if (tasks.length === 1) throw error;
          failures.push(error);
          printer.note(`== ${task} failed: ${describe(error)}`);
          if (printer.json) printer.result({ task, error: toErrorBody(error) }, () => {});
        }
      }
    } finally {
      watching?.dispose();
    }
    if (failures.length > 0)
      throw new AppError("unavailable", `${failures.length} of ${tasks.length} tasks failed`, { cause: failures[0] });
  });
};

function describe(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
