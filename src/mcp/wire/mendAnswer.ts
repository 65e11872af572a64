import { type Fields, fieldsOf, withoutNulls } from "./answerFields.ts";
import { mendCallResult } from "./mendCallResult.ts";
import { mendContents, mendMessages, mendOffers } from "./mendOffers.ts";
import { mendInputRequests } from "./mendQuestion.ts";
import { mendToolList } from "./mendToolList.ts";

/** A result as the SDK takes it, where it would refuse all of it for a part that matters to nobody. */
export function mendAnswer(method: string, given: Fields, onFault: (text: string) => void): Fields {
  const result = withoutNulls(given);
  // What it wants to be told first has nothing else yet.
  if (result["resultType"] === "input_required") return mendInputRequests(result);
  switch (method) {
    case "tools/list":
      return mendToolList(result, onFault);
    case "tools/call":
      return mendCallResult(result);
    case "prompts/list":
      return mendOffers(result, "prompts", onFault);
    case "resources/list":
      return mendOffers(result, "resources", onFault);
    case "resources/templates/list":
      return mendOffers(result, "resourceTemplates", onFault);
    case "resources/read":
      return mendContents(result);
    case "prompts/get":
      return mendMessages(result);
    case "initialize":
    case "server/discover":
      return mendInfo(result);
    default:
      return result;
  }
}

/** Who a server says that it is decides nothing, and what it says that it can do is there or not. */
function mendInfo(result: Fields): Fields {
  const info = fieldsOf(result["serverInfo"]);
  const { name = "unnamed", version = "" } = info ?? {};
  const isWhole = info && typeof name === "string" && typeof version === "string" && "version" in info;
  const isOld = result["protocolVersion"] !== undefined;
  return {
    ...result,
    ...(isWhole || (info === undefined && !isOld)
      ? {}
      : { serverInfo: { name: String(name), version: String(version) } }),
    ...(isOld || result["capabilities"] !== undefined
      ? { capabilities: mendCapabilities(result["capabilities"]) }
      : {}),
  };
}

function mendCapabilities(given: unknown): Fields {
  return Object.fromEntries(
    Object.entries(fieldsOf(given) ?? {}).flatMap(([name, value]) => {
      const fields = value === true ? {} : fieldsOf(value);
      if (!fields) return [];
      const kept = Object.entries(fields).filter(([, one]) => one !== null && typeof one !== "string");
      return [[name, Object.fromEntries(kept)]];
    }),
  );
}
