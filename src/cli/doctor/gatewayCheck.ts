import { isAppError } from "../../base/appError.ts";
import { broken, type Check, ok, warning } from "./check.ts";

const FIX = "Stop it, and start it again with: pincer gateway";

export const gateway: Check = {
  name: "Gateway",
  async run({ running, client }) {
    if (!running) return [warning("none runs", "Start one with: pincer gateway")];
    if (!client) return [broken(`process ${running.pid} left nothing to know it by`, FIX)];
    try {
      const status = await client.get("gateway.status");
      return [ok(`${status.version} at ${status.url}, process ${status.pid}`)];
    } catch (error) {
      if (!isAppError(error)) throw error;
      return [broken(`process ${running.pid} does not answer: ${error.message}`, FIX)];
    }
  },
};
