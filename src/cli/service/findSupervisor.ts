import { AppError } from "../../base/appError.ts";
import { launchd } from "./launchd.ts";
import type { Supervisor } from "./service.ts";
import type { ServiceMachine } from "./serviceMachine.ts";
import { systemd } from "./systemd.ts";
import { taskScheduler } from "./taskScheduler.ts";

/** What keeps services on this system. Refuses with `unavailable` where nothing does that is known here. */
export function findSupervisor(machine: ServiceMachine): Supervisor {
  const { platform } = machine;
  if (platform === "linux") return systemd(machine);
  if (platform === "darwin") return launchd(machine);
  if (platform === "win32") return taskScheduler(machine);
  throw new AppError(
    "unavailable",
    `How services are kept on ${platform} is not known here; start: pincer gateway --standby`,
  );
}
