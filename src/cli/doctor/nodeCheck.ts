import { isTooOld, mendedNode, oldestNode } from "../terminal/nodeVersion.ts";
import { broken, type Check, type Finding, ok, warning } from "./check.ts";

export const node: Check = {
  name: "Node.js",
  async run() {
    try {
      await import("node:sqlite");
    } catch {
      const wanted = isTooOld(process.version) ? `Node.js ${oldestNode} or newer` : "a Node.js built with SQLite";
      return [broken(`${process.version} has no node:sqlite, in which sessions are kept`, `Install ${wanted}`)];
    }
    return [judgeNode(process.version)];
  },
};

/** What there is to say of a version that can run a gateway. */
export function judgeNode(version: string): Finding {
  const better = mendedNode(version);
  if (better === undefined) return ok(version);
  return warning(
    `${version} has known security faults, in TLS among others`,
    `Install Node.js ${better} or newer; where it is pinned (package.json, .nvmrc, an image), raise the pin`,
  );
}
