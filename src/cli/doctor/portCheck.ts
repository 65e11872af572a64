import { createServer } from "node:net";
import { broken, type Check, ok, warning } from "./check.ts";

export const port: Check = {
  name: "Port",
  async run({ config, running }) {
    const { port: configured, host } = config.gateway;
    const wanted = configured ?? 3000;
    if (running) return [ok(`${new URL(running.url).port} is the running gateway's`)];
    const fault = await tryToListen(wanted, host);
    if (!fault) return [ok(wanted === 0 ? "any" : `${wanted} is free`)];
    if (configured === undefined && fault === "EADDRINUSE") {
      return [
        warning(
          `${wanted} is taken by another program`,
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

/** The code of the error that keeps us from listening; undefined when we may. */
function tryToListen(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
