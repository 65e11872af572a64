import type { Rule } from "../../protocol/rule.ts";
import type { Gateway } from "./windowGateway.ts";

/** The rules of this window's folders; of the gateway that leads where the window has none of its own. Without a gateway nothing is sent either. */
export async function rulesHere(gateway: Gateway): Promise<Rule[]> {
  if (!gateway.app) return [];
  const own = gateway.app.rules();
  if (own) return own;
  const { config } = await gateway.client().call("config.get", {});
  return (config as { agent?: { rules?: Rule[] } }).agent?.rules ?? [];
}
