import { mendCallResult } from "./mendCallResult.ts";
import { mendToolList } from "./mendToolList.ts";

type Result = Record<string, unknown>;

/** A result as the SDK takes it, where it would refuse all of it for a part that matters to nobody. */
export function mendAnswer(method: string, result: Result, onFault: (text: string) => void): Result {
  if (method === "tools/list") return mendToolList(result, onFault);
  if (method === "tools/call") return mendCallResult(result);
  if (method === "initialize" || method === "server/discover") return mendInfo(result);
  return result;
}

/** Who a server says that it is decides nothing. */
function mendInfo(result: Result): Result {
  const given = result["serverInfo"];
  const info = typeof given === "object" && given !== null ? (given as Result) : {};
  const { name = "unnamed", version = "" } = info;
  const isWhole = given === info && typeof info["name"] === "string" && typeof info["version"] === "string";
  if (isWhole || (given === undefined && result["protocolVersion"] === undefined)) return result;
  return { ...result, serverInfo: { name: String(name), version: String(version) } };
}
