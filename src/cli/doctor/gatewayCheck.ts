import { isAppError } from "../../base/appError.ts";
import type { GatewayStatus } from "../terminal/answers.ts";
import { broken, type Check, ok, warning } from "./check.ts";

export const gateway: Check = {
  name: "Gateway",
  async run({ running, client }) {
    if (!running || !client) return [warning("none runs", "Start one with: pincer gateway")];
    try {
      const status = await client.get<GatewayStatus>("gateway.status");
      return [ok(`${status.version} at ${status.url}, process ${status.pid}`)];
    } catch (error) {
      if (!isAppError(error)) throw error;
      return [
        broken(
          `process ${running.pid} does not answer: ${error.message}`,
          "Stop it, and start it again with: pincer gateway",
        ),
      ];
    }
  },
};
