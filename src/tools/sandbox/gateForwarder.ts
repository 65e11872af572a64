import { dirname } from "node:path";

/** Where programs in the sandbox find the gate. The loopback there is their own, so that the port is free. */
export const GATE_PORT = 8118;

/** Where the gate's socket is seen in the sandbox. */
export const GATE_SOCKET = "/dev/network-gate";

/** What `ps` shows of the forwarder there. */
export const FORWARDER_NAME = "network-gate";

// It decides nothing: whoever stops it, or talks to the socket past it, has gained nothing. What the shell reads closes when it
// listens, and is none of its standard streams: no connection may have one of their numbers.
const FORWARDER = `process.title = "${FORWARDER_NAME}";
const net = require("net"), fs = require("fs");
const join = (from, to) => from.on("error", () => to.destroy()).on("close", () => to.destroy()).pipe(to);
net.createServer({ allowHalfOpen: true }, (one) => {
  const other = net.connect({ path: "${GATE_SOCKET}", allowHalfOpen: true });
  join(one, other), join(other, one);
}).listen(${GATE_PORT}, "127.0.0.1", () => { fs.writeSync(3, "up"); fs.closeSync(3); });`;

/**
 * For a shell whose first words are `forwarderWords`: starts the forwarder between its loopback and the gate, and waits for it.
 * With none of the command's variables: by those Node would read certificates, or go by the gate itself.
 */
export const START_FORWARDER =
  '[ "$(env -i ELECTRON_RUN_AS_NODE=1 "$1" -e "$2" 3>&1 >/dev/null 2>&1 &)" = up ] || echo "The network gate could not be started" >&2; shift 2;';

export const forwarderWords = (): string[] => [process.execPath, FORWARDER];

/** What must be seen in the sandbox for the forwarder to run: a Node is one file, an Electron all that is beside it. */
export function forwarderPlace(): string {
  return process.versions.electron === undefined ? process.execPath : dirname(process.execPath);
}
