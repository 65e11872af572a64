import { broken, type Check, ok } from "./check.ts";

export const node: Check = {
  name: "Node.js",
  async run() {
    try {
      await import("node:sqlite");
      return [ok(process.version)];
    } catch {
      return [
        broken(`${process.version} has no node:sqlite, in which sessions are kept`, "Install Node.js 22.13 or newer"),
      ];
    }
  },
};
