import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { AppError } from "../../base/appError.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import type { ServiceState, Supervisor } from "./service.ts";
import type { Ran, ServiceMachine } from "./serviceMachine.ts";
import { toSystemdUnit } from "./systemdUnit.ts";

/** systemd's instance of this user. */
export function systemd(machine: ServiceMachine): Supervisor {
  const { env, home, user } = machine;
  const config = env["XDG_CONFIG_HOME"];
  const folder = join(config && isAbsolute(config) ? config : join(home, ".config"), "systemd", "user");
  const place = (name: string) => join(folder, `${name}.service`);
  const systemctl = (...args: string[]) => machine.run("systemctl", ["--user", ...args]);
  const must = async (...args: string[]) => {
    const ran = await systemctl(...args);
    if (ran.code !== 0)
      throw new AppError("unavailable", `systemctl --user ${args.join(" ")} failed: ${oneLine(ran.output)}`);
  };
  const notes = () =>
    existsSync(`/var/lib/systemd/linger/${user}`)
      ? ["It runs whether you are logged in or not."]
      : [
          `It runs while you are logged in; to have it run from the start of the machine: loginctl enable-linger ${user}`,
        ];

  return {
    title: "systemd",
    place,
    async demand() {
      if (machine.uid === 0)
        throw new AppError(
          "unavailable",
          "A gateway that runs as root could change all of this machine; install it as the user whose files it works on",
        );
      refuseSilence(await systemctl("show-environment"), machine);
    },
    async install(service) {
      await makeFolders(folder);
      await replaceFile(place(service.name), toSystemdUnit(service), 0o644);
      await must("daemon-reload");
      await must("enable", `${service.name}.service`);
      await must("restart", `${service.name}.service`);
    },
    async uninstall(name) {
      const wasThere = existsSync(place(name));
      if (!wasThere) return false;
      // Without a systemd to tell, its file is all there is.
      const answers = (await systemctl("show-environment")).code === 0;
      if (answers) await must("disable", "--now", `${name}.service`);
      await rm(place(name), { force: true });
      if (answers) await must("daemon-reload");
      else await rm(join(dirname(place(name)), "default.target.wants", `${name}.service`), { force: true });
      return true;
    },
    async look(name): Promise<ServiceState> {
      const isInstalled = existsSync(place(name));
      const shown = await systemctl("show", `${name}.service`, "--property=ActiveState,SubState,Result,MainPID");
      const facts = new Map(shown.output.split("\n").map((line) => line.split("=") as [string, string]));
      const pid = Number(facts.get("MainPID") ?? 0);
      if (shown.code !== 0)
        return { isInstalled, isRunning: false, state: `not known: ${oneLine(shown.output)}`, notes: [] };
      const result = facts.get("Result") ?? "success";
      const why = result === "success" ? "" : `, last ended by ${result}`;
      return {
        isInstalled,
        isRunning: facts.get("ActiveState") === "active",
        ...(pid > 0 ? { pid } : {}),
        state: `${facts.get("ActiveState")} (${facts.get("SubState")}${why})`,
        notes: isInstalled ? notes() : [],
      };
    },
  };
}

function refuseSilence({ code, output }: Ran, { env }: ServiceMachine): void {
  if (code === 0) return;
  const instead = "start it in another way, as by a line of crontab: @reboot pincer gateway --standby";
  if (code === 127) throw new AppError("unavailable", `There is no systemd here to keep a service; ${instead}`);
  const mend = env["WSL_DISTRO_NAME"]
    ? "under WSL, put [boot] systemd=true into /etc/wsl.conf and run: wsl --shutdown"
    : `log in at the machine or over ssh and not by su or sudo, or ${instead}`;
  throw new AppError("unavailable", `No systemd answers for this user (${oneLine(output)}); ${mend}`);
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, "; ");
}
