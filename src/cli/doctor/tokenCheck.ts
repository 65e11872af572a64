import { join } from "node:path";
import { checkToken } from "../../net/tokenStrength.ts";
import { readOwnToken } from "../../config/stateFolder.ts";
import { bindFaults } from "../../net/bindRules.ts";
import { broken, type Check, ok } from "./check.ts";

export const token: Check = {
  name: "Token",
  async run({ stateDir, config }) {
    const given = config.gateway.token;
    const value = given ?? readOwnToken(stateDir);
    if (value === undefined) return [ok("a random one is made at the next start")];
    const { host, tls } = config.gateway;
    const [open] = bindFaults({ host, tls: tls !== undefined, tokens: [{ name: "default", value }] });
    if (open) return [broken(open, "Run: pincer token rotate")];
    const fault = checkToken(value);
    if (!fault) return [ok(given === undefined ? join(stateDir, "token") : "set in the configuration")];
    return [
      {
        level: fault.severity === "error" ? "broken" : "warning",
        text: fault.message,
        fix: "Remove gateway.token, or run: pincer token rotate",
      },
    ];
  },
};
