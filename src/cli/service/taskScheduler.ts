import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, win32 } from "node:path";
import { AppError } from "../../base/appError.ts";
import { systemRoot } from "../../base/findProgram.ts";
import { toScheduledTask } from "./scheduledTask.ts";
import type { ServiceState, Supervisor } from "./service.ts";
import type { ServiceMachine } from "./serviceMachine.ts";

const POWERSHELL = "WindowsPowerShell\\v1.0\\powershell";

/** Windows' Task Scheduler, with a task of this user that needs no administrator. */
export function taskScheduler(machine: ServiceMachine): Supervisor {
  const { env, platform, user } = machine;
  const system = win32.join(systemRoot({ platform, env, isProgram: () => true }), "System32");
  const owner = env["USERDOMAIN"] ? `${env["USERDOMAIN"]}\\${user}` : user;
  const place = (name: string) => `\\Pincer\\${name}`;
  const schtasks = (...args: string[]) => machine.run("schtasks", args);
  const must = async (...args: string[]) => {
    const { code, output } = await schtasks(...args);
    if (code !== 0) throw new AppError("unavailable", `schtasks ${args[0]} failed: ${output.trim()}`);
  };
  const isThere = async (name: string) => (await schtasks("/query", "/tn", place(name))).code === 0;

  return {
    title: "Task Scheduler",
    place,
    async demand() {
      // It cannot be asked whether it answers: one damaged task of another program makes listing all of them fail.
      const { code, output } = await schtasks("/?");
      if (code !== 0) throw new AppError("unavailable", `The Task Scheduler cannot be used: ${output.trim()}`);
    },
    async install(service) {
      const [program] = service.words;
      const outside = /\.(cmd|bat)$/i.test(program ?? "")
        ? service.words.find((word) => word.includes("%"))
        : undefined;
      if (outside !== undefined)
        throw new AppError(
          "unavailable",
          `cmd.exe cannot be given ${outside}: a % in a name means something else to it`,
        );
      const folder = await mkdtemp(join(tmpdir(), "pincer-task-"));
      try {
        const file = join(folder, "task.xml");
        // schtasks reads no other encoding reliably.
        await writeFile(file, `\uFEFF${toScheduledTask(service, { user: owner, system })}`, "utf16le");
        if (await isThere(service.name)) await schtasks("/end", "/tn", place(service.name));
        await must("/create", "/tn", place(service.name), "/xml", file, "/f");
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      await must("/run", "/tn", place(service.name));
    },
    async uninstall(name) {
      if (!(await isThere(name))) return false;
      await schtasks("/end", "/tn", place(name));
      await must("/delete", "/tn", place(name), "/f");
      return true;
    },
    async look(name): Promise<ServiceState> {
      if (!(await isThere(name))) return { isInstalled: false, isRunning: false, state: "none", notes: [] };
      // schtasks says it in the user's language, and this in English.
      const asked = `(Get-ScheduledTask -TaskPath '\\Pincer\\' -TaskName '${name}').State.ToString()`;
      const { code, output } = await machine.run(POWERSHELL, ["-NoProfile", "-NonInteractive", "-Command", asked]);
      const state = (code === 0 && output.trim()) || "not known";
      return { isInstalled: true, isRunning: state === "Running", state, notes: ["It runs while you are logged on."] };
    },
  };
}
