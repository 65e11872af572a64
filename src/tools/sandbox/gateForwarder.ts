import { dirname } from "node:path";

/** Where programs in the sandbox find the gate. The loopback there is their own, so that the port is free. */
export const GATE_PORT = 8118;

/** Where the gate's socket is seen in the sandbox. */
export const GATE_SOCKET = "/dev/network-gate";

/** What `ps` shows of the forwarder there. */
export const FORWARDER_NAME = "network-gate";

// It decides nothing: whoever stops it, or talks to the socket past it, has gained nothing. Its standard output closes
// when it listens, which is what the shell waits for; something else takes the number, for no connection may have it.
const FORWARDER = `process.title = "${FORWARDER_NAME}";
const net = require("net"), fs = require("fs");
const join = (from, to) => from.on("error", () => to.destroy()).on("close", () => to.destroy()).pipe(to);
net.createServer({ allowHalfOpen: true }, (one) => {
  const other = net.connect({ path: "${GATE_SOCKET}", allowHalfOpen: true });
  join(one, other), join(other, one);
}).listen(${GATE_PORT}, "127.0.0.1", () => { fs.writeSync(1, "up"); fs.closeSync(1); fs.openSync("/dev/null", "w"); });`;

/** For a shell whose first words are `forwarderWords`: starts the forwarder between its loopback and the gate, and waits for it. */
export const START_FORWARDER =
  '[ "$(ELECTRON_RUN_AS_NODE=1 "$1" -e "$2" 2>/dev/null &)" = up ] || echo "The network gate could not be started" >&2; shift 2;';

export const forwarderWords = (): string[] => [process.execPath, FORWARDER];

/** What must be seen in the sandbox for the forwarder to run: a Node is one file, an Electron all that is beside it. */
export function forwarderPlace(): string {
  return process.versions.electron === undefined ? process.execPath : dirname(process.execPath);
}
