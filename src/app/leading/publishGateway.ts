import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/log.ts";
import {
  keepToken,
  readGatewayFile,
  removeGatewayFile,
  removeGatewayFileNow,
  writeGatewayFile,
} from "../../config/stateFolder.ts";
import type { Gateway } from "../../gateway/createGateway.ts";
import type { Leading } from "./leading.ts";

const RETRY_MS = 2_000;

/**
 * Tells others where the gateway serves and with which token: in the lease, and in gateway.json until it is closed. Rejects
 * when that cannot be told at the start; what cannot be told `again`, and what another has written over it, is tried until it can be.
 */
export async function publishGateway(leading: Leading, gateway: Gateway): Promise<{ again(): Promise<void> }> {
  const { host, lease, clock, log, closing } = leading;
  const { stateDir, version } = host;
  const started = isoTime(clock.now());
  let isOver = false;
  let isWritten = false;
  let isToldOfFault = false;
  let retry: Disposable | undefined;
  let writing = Promise.resolve();
  const write = async () => {
    if (isOver) return;
    await lease.publish(gateway.url);
    const token = gateway.tokens.value();
    await keepToken(stateDir, token);
    const { url, certificate } = gateway;
    await writeGatewayFile(stateDir, {
      url,
      pid: process.pid,
      started,
      token,
      version,
      owner: host.name,
      nonce: lease.nonce,
      ...defined({ certificate }),
    });
    leading.changes.emit();
    // What changed meanwhile nobody tells before this is done at the start, and it is served already.
    if (gateway.tokens.value() !== token || gateway.certificate !== certificate) await write();
  };
  // One after another: an older token that waits for a file must not come after a newer one.
  const writeNext = () => (writing = writing.catch(() => {}).then(write));
  const again = async (): Promise<void> => {
    retry?.dispose();
    try {
      await writeNext();
      isToldOfFault = false;
    } catch (error) {
      if (!isToldOfFault)
        log.error("Others cannot be told the gateway's address or token; it is tried again until they are", {
          error: describeError(error),
        });
      isToldOfFault = true;
      if (!isOver) retry = clock.at(clock.now() + RETRY_MS, () => void again());
    }
  };
  const isOurs = (): boolean => {
    try {
      return readGatewayFile(stateDir)?.nonce === lease.nonce;
    } catch {
      // What cannot be read is said when it cannot be removed.
      return true;
    }
  };
  // One that lost the lease may have written its own over it, as it began or went.
  const looking = lease.onBeat(() => {
    if (isWritten && !isOurs()) void again();
  });
  // Whoever is told twice to stop, or not done in time, leaves without closing.
  const leaving = () => removeGatewayFileNow(stateDir, lease.nonce);
  process.once("exit", leaving);
  closing.add("gateway.json", async () => {
    // What is on its way would put the file back.
    isOver = true;
    looking.dispose();
    retry?.dispose();
    await writing.catch(() => {});
    await removeGatewayFile(stateDir, lease.nonce).finally(() => process.off("exit", leaving));
  });
  await writeNext();
  isWritten = true;
  return { again };
}
