import type { Clock } from "../../../base/clock.ts";
import { newId } from "../../../base/id.ts";
import { describeError, type Log } from "../../../base/log.ts";
import { sleep } from "../../../base/wait.ts";
import type { CommandChange, KeepCommand, StartedCommand } from "../../ports/commandRows.ts";
import type { Store } from "../../ports/store.ts";
import type { EventLog } from "../../state/eventLog.ts";

/** The commands that run in the background of this process, as the store has them: so that no end of one is lost with a process. */
export interface KeptCommands {
  keep: KeepCommand;
  /** Those that still run end with this process, which is no end that anybody waits for. */
  close(): Promise<void>;
}

export interface KeptCommandsOptions {
  store: Store;
  events: EventLog;
  clock: Clock;
  log: Log;
  /** The worker that runs them, as its queue names it. */
  owner: string;
}

const STORE_AGAIN_MS = 5000;

export function createKeptCommands({ store, events, clock, log, owner }: KeptCommandsOptions): KeptCommands {
  const running = new Map<string, StartedCommand>();
  const life = { isClosed: false };
  const put = (change: CommandChange) => store.commit({ commands: [change] });
  const tell = ({ command, sessionKey, by, workspace }: StartedCommand, exitCode: number | null) =>
    events.tell({ type: "command.ended", command, sessionKey, by, workspace, exitCode });

  const end = async (begun: StartedCommand, exitCode: number | null): Promise<void> => {
    // One that cannot be put down is tried again; when this process is gone before, it is in doubt.
    for (; !life.isClosed; await sleep(clock, STORE_AGAIN_MS)) {
      try {
        await put({ end: { ...begun, exitCode } });
        return tell(begun, exitCode);
      } catch (error) {
        log.error("The end of a command could not be stored", { error: describeError(error) });
      }
    }
  };

  return {
    async keep(command) {
      const begun = { id: newId("cmd"), ...command };
      running.set(begun.id, begun);
      await put({ begin: begun, owner }).catch((error: unknown) => {
        log.warn("A command in the background could not be put down", { error: describeError(error) });
      });
      return {
        ended(exitCode) {
          if (!running.delete(begun.id) || life.isClosed) return;
          void end(begun, exitCode);
        },
        drop() {
          if (!running.delete(begun.id) || life.isClosed) return;
          put({ drop: begun.id }).catch((error: unknown) => {
            log.warn("A command that did not start is still put down", { error: describeError(error) });
          });
        },
      };
    },
    async close() {
      life.isClosed = true;
      const ids = [...running.keys()];
      running.clear();
      if (ids.length === 0) return;
      await store.commit({ commands: ids.map((id) => ({ drop: id })) }).catch((error: unknown) => {
        log.warn("Commands that end with this process are still put down", { error: describeError(error) });
      });
    },
  };
}
