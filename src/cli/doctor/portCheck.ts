import { createServer } from "node:net";
import { bindAddresses } from "../../net/loopback.ts";
import { broken, type Check, ok, warning } from "./check.ts";
import { nameTable } from "../../base/nameTable.ts";

export const port: Check = {
  name: "Port",
  async run({ config, running }) {
    const { port: configured, host } = config.gateway;
    const wanted = configured ?? 3000;
    if (running) return [ok(`${new URL(running.url).port} is the running gateway's`)];
    const fault = await tryToListen(wanted, host);
    if (!fault) return [ok(wanted === 0 ? "any" : `${wanted} is free`)];
    if (configured === undefined && fault in GIVES_WAY) {
      return [
        warning(
          `${wanted} is ${GIVES_WAY[fault]}`,
          "Nothing: the next free port is used. Set gateway.port to choose one",
        ),
      ];
    }
    return [
      broken(
        `${host}:${wanted} cannot be listened on (${fault})`,
        "Set gateway.port to a free port, or stop the program that has this one",
      ),
    ];
  },
};

/** The code of the error that keeps us from listening on an address of the host; undefined when we may. */
async function tryToListen(port: number, host: string): Promise<string | undefined> {
  for (const address of bindAddresses(host)) {
    const fault = await tryAddress(port, address);
    // A machine without IPv6.
    if (fault && !(address === "::1" && NO_IPV6.includes(fault))) return fault;
  }
  return undefined;
}

/** Why the default port gives way to the next. */
const GIVES_WAY = nameTable<string>({
  EADDRINUSE: "taken by another program",
  EACCES: "kept from this user by the system, as Windows does with what Hyper-V has set aside",
});

const NO_IPV6 = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

function tryAddress(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
