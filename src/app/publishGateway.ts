import { isoTime } from "../base/clock.ts";
import { keepToken, removeGatewayFile, writeGatewayFile } from "../config/stateFolder.ts";
import type { Gateway } from "../gateway/createGateway.ts";
import type { Leading } from "./leading.ts";

/** Tells others where the gateway serves and with which token: in the lease, and in gateway.json until it is closed. */
export async function publishGateway(leading: Leading, gateway: Gateway): Promise<{ again(): Promise<void> }> {
  const { host, lease, clock, closing } = leading;
  const { stateDir, version } = host;
  const started = isoTime(clock.now());
  let isOver = false;
  let writing = Promise.resolve();
  const write = async () => {
    await lease.publish(gateway.url);
    const token = gateway.tokens.value();
    await keepToken(stateDir, token);
    const certificate = gateway.certificate === undefined ? {} : { certificate: gateway.certificate };
    const { url } = gateway;
    await writeGatewayFile(stateDir, {
      url,
      pid: process.pid,
      started,
      token,
      version,
      owner: host.name,
      nonce: lease.nonce,
      ...certificate,
    });
    leading.changes.emit();
  };
  const again = () => (isOver ? writing : (writing = write()));
  closing.add("gateway.json", async () => {
    // What is on its way would put the file back.
    isOver = true;
    await writing.catch(() => {});
    await removeGatewayFile(stateDir, process.pid);
  });
  await again();
  return { again };
}
