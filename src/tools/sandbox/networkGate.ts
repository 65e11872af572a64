import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defined } from "../../base/defined.ts";
import { openEgressProxy } from "../../net/egressProxy.ts";
import type { NetworkGuardOptions } from "../../net/networkGuard.ts";
import { type Reach, reaches } from "../../rules/reach.ts";
import { GATE_PORT } from "./gateForwarder.ts";
import type { Gate, Sandbox } from "./sandbox.ts";

/** One command's way out: a proxy of ours that connects to the hosts it may reach, and is gone with it. */
export interface NetworkGate {
  place: Gate;
  /** An environment in which programs ask the proxy. */
  env(own: Record<string, string>): Record<string, string>;
  /** The hosts that it wanted and may not reach, with the reason. */
  refusals(): ReadonlyMap<string, string>;
  /** Ends what goes through it, too. */
  close(): Promise<void>;
}

/** Opens a gate for one command. Names are looked up here, once they are allowed, and private addresses refused. */
export async function openNetworkGate(
  reach: Reach,
  on: Sandbox["gate"],
  { allowLoopback = false, resolve }: NetworkGuardOptions,
): Promise<NetworkGate> {
  // Only its owner may enter the folder, and so use the socket.
  const folder = on === "socketFile" ? await mkdtemp(join(tmpdir(), "pincer-gate-")) : undefined;
  const socketFile = folder === undefined ? undefined : join(folder, "s");
  const proxy = await openEgressProxy({
    allowLoopback: () => allowLoopback,
    refuses: (name, port) => (reaches(reach, { name, port }) ? undefined : `${name} is not granted`),
    ...defined({ resolve, socketFile }),
  });
  const port = socketFile === undefined ? Number(new URL(proxy.url).port) : GATE_PORT;
  return {
    place: socketFile === undefined ? { port } : { socketFile },
    env: (own) => proxyEnv(own, `http://127.0.0.1:${port}`),
    refusals: () => proxy.refusals(),
    async close() {
      proxy.close();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

// Servers that a command starts itself are beside it.
const OWN = "localhost,127.0.0.1,::1";

/** In the words of curl and most others, of npm, of Yarn, of Node and of git. */
function proxyEnv(own: Record<string, string>, url: string): Record<string, string> {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
  const general = names.flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, url]);
  const rows = Number(own.GIT_CONFIG_COUNT ?? 0);
  return {
    ...own,
    ...Object.fromEntries(general),
    NO_PROXY: OWN,
    no_proxy: OWN,
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: OWN,
    YARN_HTTP_PROXY: url,
    YARN_HTTPS_PROXY: url,
    NODE_USE_ENV_PROXY: "1",
    GIT_CONFIG_COUNT: String(rows + 1),
    [`GIT_CONFIG_KEY_${rows}`]: "http.proxy",
    [`GIT_CONFIG_VALUE_${rows}`]: url,
  };
}
