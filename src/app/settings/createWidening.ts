import { describeError } from "../../base/log.ts";
import type { Confirmation } from "../../config/mergeWorkspace.ts";
import type { ConfigReading } from "../../config/readConfig.ts";
import type { Host } from "../../core/ports/host.ts";
import { openConfirmed } from "./confirmed.ts";

interface Widening {
  /** What the user has agreed to. */
  hashes(): ReadonlySet<string>;
  /** Asks for the user's word on exactly what waits for it, once. */
  ask(reading: ConfigReading): void;
}

/** `onAgreed` is told of a file that may have what it asks for from now on; `fault` says why that cannot be kept for the next start. */
export function createWidening(host: Host, onAgreed: (file: string, fault: string | undefined) => void): Widening {
  const confirmed = openConfirmed(host.stateDir, host.log);
  const asked = new Set<string>();
  // What could not be kept holds until the end of this process.
  const agreed = new Set<string>();

  const ask = async ({ hash, file, changes }: Confirmation): Promise<void> => {
    const keys = changes.map((change) => change.key).join(", ");
    host.log.warn(
      `${file} asks for more than your own configuration allows: ${keys}. It has no effect until you confirm it.`,
    );
    if (!(await host.confirm?.({ file, changes }))) return;
    agreed.add(hash);
    const fault = await confirmed.add(hash).then(() => undefined, describeError);
    onAgreed(file, fault);
  };

  return {
    hashes: () => new Set([...confirmed.hashes(), ...agreed]),
    ask({ needsConfirmation }) {
      if (!needsConfirmation || asked.has(needsConfirmation.hash)) return;
      const { hash, file } = needsConfirmation;
      asked.add(hash);
      ask(needsConfirmation).catch((error: unknown) => {
        // The next change asks again.
        asked.delete(hash);
        host.log.error(`It could not be asked what ${file} may do`, { error: describeError(error) });
      });
    },
  };
}
