import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../../base/appError.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { launchLabel, toLaunchAgent } from "./launchAgent.ts";
import type { ServiceState, Supervisor } from "./service.ts";
import type { ServiceMachine } from "./serviceMachine.ts";

const IN_PROGRESS = 36;
const PAUSE_MS = 200;

/** launchd's agents of this user. */
export function launchd(machine: ServiceMachine): Supervisor {
  const folder = join(machine.home, "Library", "LaunchAgents");
  const place = (name: string) => join(folder, `${launchLabel(name)}.plist`);
  const domain = `gui/${machine.uid}`;
  const target = (name: string) => `${domain}/${launchLabel(name)}`;
  // Taking one out only begins with the answer, and another is not put in before it is over.
  const untilGone = async (name: string) => {
    for (const until = performance.now() + 4 * machine.patienceMs; performance.now() < until; await wait(PAUSE_MS))
      if ((await machine.run("launchctl", ["print", target(name)])).code !== 0) return;
  };

  return {
    title: "launchd",
    place,
    async demand() {
      if (machine.uid === 0)
        throw new AppError("unavailable", "Install it without sudo, as the user whose files the gateway works on");
    },
    async install(service) {
      await makeFolders(folder);
      // It starts nothing whose errors have no folder.
      await makeFolders(dirname(service.errors), 0o700);
      await replaceFile(place(service.name), toLaunchAgent(service), 0o644);
      const out = await machine.run("launchctl", ["bootout", target(service.name)]);
      if (out.code === 0 || out.code === IN_PROGRESS) await untilGone(service.name);
      // Somebody may have disabled it once, which outlives the file.
      await machine.run("launchctl", ["enable", target(service.name)]);
      const { code, output } = await machine.run("launchctl", ["bootstrap", domain, place(service.name)]);
      if (code !== 0)
        throw new AppError(
          "unavailable",
          `launchctl bootstrap ${domain} failed: ${output.trim()}; over ssh, log in at the screen first`,
        );
    },
    async uninstall(name) {
      const wasThere = existsSync(place(name));
      const { code } = await machine.run("launchctl", ["bootout", target(name)]);
      await rm(place(name), { force: true });
      return wasThere || code === 0;
    },
    async look(name): Promise<ServiceState> {
      const isInstalled = existsSync(place(name));
      const { code, output } = await machine.run("launchctl", ["print", target(name)]);
      const fact = (key: string) => new RegExp(`^\\s*${key} = (.+)$`, "m").exec(output)?.[1];
      const pid = Number(fact("pid") ?? 0);
      const ended = fact("last exit code");
      return {
        isInstalled,
        isRunning: pid > 0,
        ...(pid > 0 ? { pid } : {}),
        state: code === 0 ? `${fact("state")}${ended ? ` (last exit code ${ended})` : ""}` : "not loaded",
        notes: isInstalled ? ["It runs while you are logged in at the screen."] : [],
      };
    },
  };
}
